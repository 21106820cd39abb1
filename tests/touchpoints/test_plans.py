"""The statements of intake are planned once a connection: the plan must be good for tables that are still empty."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from firstcall.records.statements import run
from firstcall.touchpoints import adding, people_rows
from firstcall.touchpoints.slots import known_slots

_TABLES = ("touchpoints_identity", "touchpoints_person", "records_record")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("statement", "given"),
    [
        (lambda: people_rows._LOAD, "'{a}', '{user_id}', '{b}'"),
        (
            lambda: adding._add_sql(known_slots()),
            "1, 1, '{m}', '{1}', '{1}', '{NULL}', '{a.b}', '{1}', '{{}}', 1",
        ),
    ],
)
def test_no_table_that_grows_is_read_as_a_whole(statement: Callable[[], str], given: str) -> None:
    run(f"PREPARE asked AS {statement()}")
    plan = [str(line) for (line,) in run(f"EXPLAIN EXECUTE asked({given})").fetchall()]
    assert [line for line in plan if "Index" in line and any(table in line for table in _TABLES)]
    assert not [line for line in plan if "Seq Scan" in line and any(table in line for table in _TABLES)]
