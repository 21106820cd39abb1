"""How the scores of a rule are spread, counted against every score that stands."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from firstcall.access.models import Profile, User
from firstcall.access.profiles import Standard
from firstcall.access.viewer import PRODUCT
from firstcall.access.viewing import viewer_of
from firstcall.jobs.doing import do_job
from firstcall.moments import now
from firstcall.records.actions import create_records, delete_records
from firstcall.records.models import Field, Module, Record
from firstcall.scorekeeping.actions import write_rule
from firstcall.scorekeeping.distributing import BRACKETS, distribution
from firstcall.scorekeeping.estimating import estimate
from firstcall.scorekeeping.models import StoredRule, StoredScore
from firstcall.scorekeeping.switching import activate, deactivate
from tests.scorekeeping.company import KINDS, START

pytestmark = pytest.mark.django_db
RULE = """
name: Size
module: leads
applies_to: [{field: employees, empty: false}]
criteria:
  - name: Size
    field: employees
    table: [%s]
grades: {Hot: 40, Warm: 0}
"""


@pytest.fixture
def module() -> Module:
    module = Module.objects.create(name="leads", label="Leads", is_people=True)
    for name, kind in KINDS.items():
        Field.objects.create(module=module, name=name, label=name, kind=kind)
    return module


def scored(module: Module, points: list[str]) -> StoredRule:
    """A record for each of the points."""
    worth = dict(enumerate(dict.fromkeys(points)))
    numbers = {value: number for number, value in worth.items()}
    rows = ", ".join(f"{{is: {number}, points: {value}}}" for number, value in worth.items())
    create_records(module, [{"employees": numbers[value]} for value in points], at=START)
    switched = activate(write_rule(RULE % rows, at=START), at=START)
    assert switched.job is not None
    do_job(switched.job.pk, now=now)
    return StoredRule.objects.get()


def test_every_score_lies_in_one_bracket_and_under_one_grade(module: Module) -> None:
    picked = random.Random(7)
    points = [str(Decimal(picked.randint(-9_000, 12_000)) / 100) for _ in range(60)]
    rule = scored(module, points)
    found = distribution(rule, viewer=PRODUCT)
    totals = [score.total for score in StoredScore.objects.all()]
    assert found.scored == len(totals) == 60
    for bracket in found.brackets:
        assert bracket.count == sum(bracket.low <= total < bracket.high for total in totals)
    assert [one.high for one in found.brackets[:-1]] == [one.low for one in found.brackets[1:]]
    assert BRACKETS / 3 <= len(found.brackets) <= BRACKETS + 2
    grades = Counter(score.grade for score in StoredScore.objects.all())
    assert found.grades == {"Hot": grades["Hot"], "Warm": grades["Warm"], None: grades[None]}
    assert list(found.grades) == ["Hot", "Warm", None]


@pytest.mark.parametrize("points", [["5"], ["-0.01", "0"], ["0", "0", "1000000"], ["-1000000", "1000000"]])
def test_however_wide_or_narrow_the_scores_lie(module: Module, points: list[str]) -> None:
    found = distribution(scored(module, points), viewer=PRODUCT)
    assert sum(bracket.count for bracket in found.brackets) == len(points)
    assert found.brackets[0].count
    assert found.brackets[-1].count


def test_none_are_spread_nowhere(module: Module) -> None:
    write_rule(RULE % "{points: 1}", at=START)
    found = distribution(StoredRule.objects.get(), viewer=PRODUCT)
    assert (found.scored, found.grades, found.brackets) == (0, {}, ())


def test_what_is_deleted_or_not_seen_is_not_counted(module: Module) -> None:
    rule = scored(module, ["50", "50", "1"])
    profile = Profile.objects.standard(Standard.REPRESENTATIVE)
    charlie = User.objects.create_user("charlie@example.com", "a long password", profile=profile)
    hot, _other, warm = Record.objects.order_by("pk")
    Record.objects.filter(pk=warm.pk).update(owner=charlie)
    delete_records(module, [hot.pk], at=START)
    assert distribution(rule, viewer=PRODUCT).grades == {"Hot": 1, "Warm": 1}
    assert distribution(rule, viewer=viewer_of(charlie)).grades == {"Hot": 0, "Warm": 1}


def test_a_rule_that_was_stopped_keeps_the_order_of_its_grades(module: Module) -> None:
    rule = scored(module, ["1", "50"])
    deactivate(rule, at=START)
    stopped = StoredRule.objects.get()
    assert list(distribution(stopped, viewer=PRODUCT).grades) == ["Hot", "Warm"]


def test_an_estimate_goes_by_what_the_last_sweeps_took(module: Module) -> None:
    assert estimate(module).takes is None
    scored(module, ["1", "50"])
    found = estimate(module)
    assert found.records == 2
    assert found.takes is not None
    assert estimate(module, changed_since=START + timedelta(days=1)).records == 0
    assert estimate(module, changed_since=START).records == 2
