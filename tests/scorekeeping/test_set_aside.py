"""One broken or slow rule does not stop the others, and says why it was set aside."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection

from firstcall.records.actions import create_record
from firstcall.records.kinds import FieldKind, value_sql
from firstcall.records.models import DirtyRecord, Field, Module, Record
from firstcall.scorekeeping.keeper import keep
from firstcall.scorekeeping.models import Activation, StoredRule, StoredScore
from firstcall.scorekeeping.switching import activate
from tests.scorekeeping.company import START, found_company, lead, sweep_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def module() -> Module:
    return found_company()[0]


def fit() -> StoredRule:
    return StoredRule.objects.get(name="Fit")


def kept(limit: float = 5) -> int:
    total = 0
    while done := keep(now=lambda: START, limit=limit):
        total += done
    return total


type SlowFor = Callable[[int], None]


@pytest.fixture
def slow_for(monkeypatch: pytest.MonkeyPatch) -> SlowFor:
    """The rule Fit reads `met_at`, each value of which takes a minute where so many records or more are scored."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION pg_temp.slowly(x text, slow boolean) RETURNS text STABLE LANGUAGE sql AS"
            " $$ SELECT CASE WHEN slow AND pg_sleep(60) IS NULL THEN NULL ELSE x END $$"
        )

    def make_slow(count: int) -> None:
        def slow_sql(kind: FieldKind, name: str) -> str:
            # $2 of a compiled statement are the ids of the records.
            slow = f"pg_temp.slowly(r.values ->> '{name}', cardinality($2) >= {count})"
            sql = value_sql(kind, name)
            return sql.replace(f"r.values ->> '{name}'", slow) if name == "met_at" else sql

        monkeypatch.setattr("firstcall.scorekeeping.relations.value_sql", slow_sql)

    return make_slow


def test_a_rule_that_takes_too_long_is_set_aside_and_the_others_go_on(
    module: Module, slow_for: SlowFor
) -> None:
    slow_for(1)
    records = [create_record(module, lead(met_at="2026-08-31T12:00:00Z"), at=START) for _ in range(8)]
    kept(limit=0.5)
    assert fit().active is None
    assert fit().set_aside_why.startswith("It takes too long: ")
    assert fit().set_aside_why.endswith("not done within 0.5 seconds.")
    assert fit().set_aside_at == START
    assert Activation.objects.get(rule=fit(), version=None).why == fit().set_aside_why
    scored = StoredScore.objects.values_list("rule__name", flat=True)
    assert sorted(scored) == ["Interest"] * len(records)
    assert not DirtyRecord.objects.exists()


def test_a_rule_that_is_slow_for_many_records_is_tried_in_parts(module: Module, slow_for: SlowFor) -> None:
    slow_for(2)
    for _ in range(2):
        create_record(module, lead(met_at="2026-08-31T12:00:00Z"), at=START)
    assert kept(limit=1) == 2
    assert fit().active is not None
    assert StoredScore.objects.filter(rule=fit()).count() == 2


def test_a_rule_whose_field_is_gone_is_set_aside(module: Module) -> None:
    Field.objects.get(module=module, name="employees").delete()
    create_record(module, {"job_title": "Director"}, at=START)
    kept()
    assert fit().active is None
    says = "It does not fit the fields as they are by now: The records have no field `employees`."
    assert fit().set_aside_why == says
    assert StoredScore.objects.get().rule.name == "Interest"


def test_a_sweep_sets_a_broken_rule_aside_and_ends(module: Module) -> None:
    record = create_record(module, lead(), at=START)
    kept()
    Record.objects.filter(pk=record.pk).update(values={**record.values, "employees": "many"})
    job = activate(fit().newest, at=START).job
    assert sweep_all(START) == 1
    assert job is not None
    job.refresh_from_db()
    assert job.message == "No rule that was to be scored by is active any more."
    assert fit().set_aside_why == 'The database says: invalid input syntax for type numeric: "many".'


def test_switching_it_on_again_takes_the_reason_away(module: Module) -> None:
    record = create_record(module, lead(), at=START)
    Record.objects.filter(pk=record.pk).update(values={**record.values, "employees": "many"})
    kept()
    assert fit().set_aside_why
    Record.objects.filter(pk=record.pk).update(values=record.values)
    activate(fit().newest, at=START)
    sweep_all(START)
    assert (fit().set_aside_at, fit().set_aside_why) == (None, "")
    assert StoredScore.objects.get(rule=fit()).total == 33_00
