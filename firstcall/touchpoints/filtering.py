"""Conditions on what records did, for filters: how often in a window, how long ago. They mean what they mean in a rule.

What a list of a million records takes hangs on where it begins: with the records in the order of the list, which is quick
where many of them meet the condition, or with the touchpoints of the window, which is quick where few do."""

from __future__ import annotations

import json

from django.db import connection

from firstcall.records.measures import tell_touchpoints
from firstcall.records.statements import server_major
from firstcall.scoring.columns import Storage
from firstcall.scoring.compiling.gathering import sql_of_test
from firstcall.scoring.compiling.postgres import Postgres
from firstcall.scoring.compiling.readings import Reading
from firstcall.scoring.measuring import passes
from firstcall.scoring.operators import Compare, Is, Operator
from firstcall.scoring.rules import DaysSinceMeasure, Measured, PropertyTest, Test, TouchpointMeasure, Window
from firstcall.scoring.times import DAY
from firstcall.scoring.values import Operand, Value

# The index by record holds what stands here but for properties.
_FROM = "FROM touchpoints_touchpoint AS t WHERE t.record_id = records_record.id AND t.revoked_at IS NULL"
_LIVING = "FROM touchpoints_touchpoint AS t WHERE t.record_id IS NOT NULL AND t.revoked_at IS NULL"
_ONE, _NONE = Compare(">=", Operand(1)), Is((Operand(0),))
MOST_GROUPED = 500_000
"""Touchpoints of a window that are counted by record before anything else; of more, those of one record after another."""


@tell_touchpoints
def touchpoints_sql(measured: Measured, as_of: str) -> str:
    """Of a count, or of `days_since`; filters let nothing else through."""
    match measured.measure:
        case TouchpointMeasure(types, where, window):
            matches = _matches(types, where, window, as_of)
            if _is_only(measured.tests, _ONE):
                return f"EXISTS (SELECT 1 {_FROM} AND {matches})"
            if _is_only(measured.tests, _NONE):
                return f"NOT EXISTS (SELECT 1 {_FROM} AND {matches})"
            if not passes(measured.tests, Value(0), 0) and _are_few(_matches(types, (), window, as_of)):
                holds = _holds(measured.tests, "COUNT(*)", as_of)
                counted = f"SELECT t.record_id {_LIVING} AND {matches} GROUP BY t.record_id HAVING {holds}"
                return f"records_record.id IN ({counted})"
            return _holds(measured.tests, f"(SELECT COUNT(*) {_FROM} AND {matches})", as_of)
        case DaysSinceMeasure(types, where):
            newest = f"(SELECT MAX(t.occurred_at) {_FROM} AND {_matches(types, where, Window(), as_of)})"
            passed = f"{as_of} - COALESCE({newest}, records_record.created_at)"
            days = f"(SELECT CASE WHEN passed >= 0 THEN passed / {DAY} END FROM (SELECT {passed} AS passed) AS since)"
            return _holds(measured.tests, days, as_of)
    raise AssertionError(measured)


def _is_only(tests: tuple[Test, ...], operator: Operator) -> bool:
    """Whether that is all that is tested: then nothing is counted."""
    return len(tests) == 1 and not tests[0].negated and tests[0].operator == operator


def _are_few(matches: str) -> bool:
    """As the database estimates it, without looking."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT 1 {_LIVING} AND {matches}")
        [[told]] = cursor.fetchall()
    plan = json.loads(told) if isinstance(told, str) else told
    return bool(plan[0]["Plan"]["Plan Rows"] < MOST_GROUPED)


def _holds(tests: tuple[Test, ...], x: str, as_of: str) -> str:
    reading = Reading(Postgres(server_major()), x, Storage.INTEGER)
    return " AND ".join(f"({sql_of_test(test, reading, as_of)})" for test in tests)


def _matches(types: tuple[str, ...], where: tuple[PropertyTest, ...], window: Window, as_of: str) -> str:
    dialect = Postgres(server_major())
    any_type = " OR ".join(_is_of(type) for type in types)
    conditions = [f"({any_type})", f"t.occurred_at <= {as_of}"]
    if window.in_last is not None:
        conditions.append(f"t.occurred_at > {as_of} - {window.in_last}")
    if window.older_than is not None:
        conditions.append(f"t.occurred_at <= {as_of} - {window.older_than}")
    if window.start is not None:
        conditions.append(f"t.occurred_at >= {window.start}")
    if window.end is not None:
        conditions.append(f"t.occurred_at < {window.end}")
    for test in where:
        held = Reading(dialect, f"(t.properties -> {dialect.literal(test.property)})", Storage.JSON)
        conditions += [f"({sql_of_test(each, held, as_of)})" for each in test.tests]
    return " AND ".join(conditions)


def _is_of(type: str) -> str:
    """Types are small letters, digits and _; of a channel all that lies between its `.` and what follows that sign."""
    literal = Postgres(server_major()).literal
    if type == "*":
        return "TRUE"
    if type.endswith(".*"):
        channel = type.removesuffix("*")
        return f"(t.type >= {literal(channel)} AND t.type < {literal(channel[:-1] + '/')})"
    return f"t.type = {literal(type)}"
