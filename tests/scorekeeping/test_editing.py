"""Several people editing or deleting one rule at the same moment: one of them does it, the others are told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from firstcall.access.errors import HiddenError
from firstcall.records.models import Field, Module
from firstcall.scorekeeping.actions import create_rule, delete_rule, edit_rule
from firstcall.scorekeeping.errors import EditedMeanwhileError, InvalidRuleError
from firstcall.scorekeeping.models import RuleVersion, StoredRule
from firstcall.scorekeeping.score_fields import map_score_fields
from firstcall.scorekeeping.switching import activate, deactivate, plan
from tests.scorekeeping.company import START

TEXT = "name: Size\nmodule: leads\ncriteria:\n  - {name: Large, field: employees, gte: 100, points: 20}\n"


@pytest.fixture
def module(transactional_db: None) -> Module:
    module = Module.objects.create(name="leads", label="Leads", is_people=True)
    Field.objects.create(module=module, name="employees", label="Employees", kind="number")
    return module


def at_once(count: int, act: object) -> list[object]:
    """What each of so many threads that begin together returns or raises."""
    begin, outcomes = threading.Barrier(count), list[object]()

    def run(number: int) -> None:
        begin.wait()
        try:
            outcomes.append(act(number))  # type: ignore[operator]
        except (EditedMeanwhileError, InvalidRuleError, HiddenError) as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_of_many_edits_of_one_version_one_is_stored_and_all_others_are_told(module: Module) -> None:
    rule = create_rule(TEXT, at=START)
    outcomes = at_once(
        6,
        lambda number: edit_rule(
            rule, TEXT.replace("points: 20", f"points: {number + 30}"), at=START, expected=1
        ),
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, EditedMeanwhileError)]
    assert len(refused) == 5
    assert {error.newest.number for error in refused} == {2}
    assert [version.number for version in rule.versions.order_by("number")] == [1, 2]


def test_of_many_new_rules_of_one_name_one_is_stored(module: Module) -> None:
    outcomes = at_once(4, lambda number: create_rule(TEXT, at=START))
    refused = [outcome for outcome in outcomes if isinstance(outcome, InvalidRuleError)]
    assert [error.problems[0].code for error in refused] == ["name-taken"] * 3
    assert StoredRule.objects.count() == 1


@pytest.mark.parametrize("scores", [False, True])
def test_of_many_who_delete_one_rule_one_does_and_all_others_are_told(module: Module, scores: bool) -> None:
    rule = create_rule(TEXT, at=START)
    if scores:
        activate(rule.newest, at=START)
    outcomes = at_once(6, lambda number: delete_rule(StoredRule.objects.get(pk=rule.pk), at=START))
    assert sorted(str(outcome) for outcome in outcomes) == ["None"] + ["There is no such rule."] * 5
    assert not StoredRule.objects.exists()


@pytest.mark.parametrize(
    "act",
    [
        lambda version: edit_rule(version.rule, TEXT + "# more\n", at=START),
        lambda version: activate(version, at=START),
        lambda version: deactivate(version.rule, at=START),
        lambda version: plan(version, at=START + timedelta(days=1), now=START),
        lambda version: map_score_fields(version.rule, {}),
        lambda version: delete_rule(version.rule, at=START),
    ],
)
def test_a_rule_that_is_gone_by_now_is_missing(module: Module, act: Callable[[RuleVersion], object]) -> None:
    version = create_rule(TEXT, at=START).newest
    assert version.rule.pk
    StoredRule.objects.all().delete()
    with pytest.raises(HiddenError, match="There is no such rule"):
        act(version)
