"""What a look at the past costs: of millions of touchpoints those of one record are read."""

from __future__ import annotations

import pytest
from django.db import connection

from firstcall.records.actions import create_record
from firstcall.records.statements import run
from firstcall.scorekeeping import replay
from firstcall.scorekeeping.models import StoredRule
from tests.scorekeeping.company import START, found_company


@pytest.mark.django_db
def test_the_past_of_a_record_is_found_by_indexes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[str] = []

    def explained(sql: str, *given: object, prepared: bool) -> object:
        if "touchpoints_touchpoint" in sql:
            plans.extend(str(row[0]) for row in run(f"EXPLAIN {sql}", *given).fetchall())
        return run(sql, *given, prepared=prepared)

    module, _ = found_company()
    record = create_record(module, {"employees": 5}, at=START)
    with connection.cursor() as cursor:
        # Tables as small as these are otherwise read as a whole.
        cursor.execute("SET LOCAL enable_seqscan = off")
    monkeypatch.setattr(replay, "run", explained)
    assert replay.score_as_of(record, StoredRule.objects.get(name="Interest"), START) is not None
    assert plans
    assert [line for line in plans if "Seq Scan on touchpoints_touchpoint" in line] == []
