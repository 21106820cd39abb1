"""Who deletes a record or a rule while it is scored: the scores go too. No constraint of the database sees to that."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from firstcall.records.actions import create_record, erase_records
from firstcall.records.models import Field, Module, Record
from firstcall.scorekeeping.actions import create_rule, delete_rule
from firstcall.scorekeeping.keeper import keep_all
from firstcall.scorekeeping.models import ScoreChange, StoredRule, StoredScore
from firstcall.scorekeeping.switching import activate
from tests.scorekeeping.company import START
from tests.serving import until

TEXT = "name: Size\nmodule: leads\ncriteria:\n  - {name: Large, field: employees, gte: 100, points: 20}\n"


@pytest.fixture
def rule(transactional_db: None) -> StoredRule:
    module = Module.objects.create(name="leads", label="Leads", is_people=True)
    Field.objects.create(module=module, name="employees", label="Employees", kind="number")
    rule = create_rule(TEXT, at=START)
    activate(rule.newest, at=START)
    return rule


def test_a_record_that_is_erased(rule: StoredRule) -> None:
    record = create_record(rule.module, {"employees": 200}, at=START)
    while_it_is_scored(lambda: erase_records([record.pk], at=START))
    assert not Record.objects.exists()
    assert not ScoreChange.objects.exists()
    assert not StoredScore.objects.exists()


def test_a_rule_that_is_deleted(rule: StoredRule) -> None:
    create_record(rule.module, {"employees": 200}, at=START)
    while_it_is_scored(lambda: delete_rule(rule, at=START))
    assert not StoredRule.objects.exists()
    assert not ScoreChange.objects.exists()
    assert not StoredScore.objects.exists()


def while_it_is_scored(delete: Callable[[], object]) -> None:
    """The scores are there, and not yet committed, when the deletion begins."""
    deleter = threading.Thread(target=_closing, args=(delete,))
    with transaction.atomic():
        assert keep_all(now=lambda: START) == 1
        assert StoredScore.objects.count() == ScoreChange.objects.count() == 1
        deleter.start()
        until(_somebody_waits)
    deleter.join()


def _closing(act: Callable[[], object]) -> None:
    try:
        act()
    finally:
        connection.close()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        (waits,) = cursor.fetchone()
    return bool(waits)
