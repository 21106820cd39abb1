"""What people read of a rule and of a score: its sentences, its reasons, and what was missed by how much."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from firstcall.scoring.measuring import Amount, passes
from firstcall.scoring.numbers import format_scaled, scale_decimal
from firstcall.scoring.operators import Between, Compare, written
from firstcall.scoring.phrasing import (
    asks_for_one,
    condition_sentence,
    measure_phrase,
    predicates,
    sentence,
    signed,
    touchpoints_phrase,
)
from firstcall.scoring.rules import (
    Aggregate,
    Criterion,
    DaysSinceMeasure,
    Each,
    FieldMeasure,
    Measure,
    Measured,
    Points,
    Table,
    Test,
    TouchpointMeasure,
)
from firstcall.scoring.scores import Line
from firstcall.scoring.times import format_moment, moment_of
from firstcall.scoring.values import Value

__all__ = ["condition_sentence", "missed", "reason", "sentence", "shown"]


def reason(criterion: Criterion, line: Line) -> str:
    """The criterion and what it moved, short enough for a list: `Looked at the prices +25`."""
    return f"{criterion.name} {signed(line.points)}"


def missed(criterion: Criterion, line: Line) -> str | None:
    """Why the criterion earned nothing and by how much, where its rule and the measured value tell."""
    if line.points != 0 or not isinstance(criterion.condition, Measured):
        return None
    measure, value = criterion.condition.measure, line.value
    match criterion.worth:
        case (Points() | Each()) as worth if worth.decay is not None:
            return _faded(measure, value)
        case Points():
            failing = _failing(criterion.condition.tests, measure, value)
            return None if failing is None else _missed_test(failing, measure, value)
        case Each(points, every) if points != 0:
            return _missed_step(measure, value, every)
        case Table():
            return _missed_rows(criterion.worth, measure, value)
    return None


def shown(value: object) -> str:
    """A measured value as people read it.

    >>> shown("Intern"), shown(True), shown(None), shown(["a", 2])
    ('“Intern”', 'true', 'missing', '“a”, 2')
    """
    match value:
        case None:
            return "missing"
        case bool():
            return "true" if value else "false"
        case str():
            return f"“{value}”"
        case list() | tuple():
            return ", ".join(map(shown, value)) or "an empty list"
        case date():
            return format_moment(moment_of(value)).removesuffix("T00:00:00Z")
        case int() | float() | Decimal() if Decimal(str(value)).is_finite():
            return format_scaled(scale_decimal(Decimal(str(value)), 6), 6)
    return str(value)


def _is_none(value: object) -> bool:
    return value is None or value == 0


def _faded(measure: Measure, value: object) -> str | None:
    if isinstance(measure, FieldMeasure):
        return None
    return f"no {touchpoints_phrase(measure)}" if _is_none(value) else "its points have faded away"


def _failing(tests: Sequence[Test], measure: Measure, value: object) -> Test | None:
    """The first test that the value fails; one of time, which needs an `as_of`, where no other fails."""
    timed = [test for test in tests if test.operator.turns]
    plain = [test for test in tests if not test.operator.turns]
    read = _as_measured(measure, value)
    failing = [test for test in plain if not passes([test], read, as_of=0)] + timed
    return failing[0] if failing else None


def _as_measured(measure: Measure, value: object) -> Value:
    outside = isinstance(measure, FieldMeasure) or (
        isinstance(measure, TouchpointMeasure) and measure.aggregate is Aggregate.LATEST
    )
    return Value(value) if outside or value is None else Amount(value)


def _missed_test(test: Test, measure: Measure, value: object) -> str:
    operator = test.operator
    if isinstance(measure, DaysSinceMeasure) and isinstance(operator, Compare):
        return _missed_days(operator, measure, value)
    if isinstance(measure, TouchpointMeasure) and measure.aggregate is Aggregate.COUNT:
        if asks_for_one([test]):
            return f"no {touchpoints_phrase(measure)}"
        if isinstance(operator, Compare) and operator.sign == ">=":
            return f"{shown(value)} of {written(operator.operand)} needed"
    if isinstance(operator, Compare | Between) and not test.negated:
        needed = operator.phrase(negated=False).removeprefix("is ")
        return f"needs {needed}, has {'nothing' if value is None else shown(value)}"
    return f"{measure_phrase(measure)} is {shown(value)}; counts when it {predicates([test])}"


def _missed_days(operator: Compare, measure: DaysSinceMeasure, value: object) -> str:
    noun = touchpoints_phrase(measure)
    if value is None:
        return f"no {noun} and no creation date to count from"
    words = {">=": "from", ">": "above", "<=": "up to", "<": "below"}
    days = "1 day" if value == 1 else f"{shown(value)} days"
    return f"{days} without {noun}; counts {words[operator.sign]} {written(operator.operand)}"


def _missed_step(measure: Measure, value: object, every: int) -> str | None:
    if isinstance(measure, FieldMeasure):
        return None
    counts = isinstance(measure, TouchpointMeasure) and measure.aggregate is Aggregate.COUNT
    if counts and value == 0:
        return f"no {touchpoints_phrase(measure)}"
    number = _as_measured(measure, value).number
    if number is not None and number >= every:
        return None
    has = "nothing" if value is None else shown(value)
    return f"has {has}; counts from {format_scaled(every, 6)}"


def _missed_rows(table: Table, measure: Measure, value: object) -> str | None:
    """Only where no row can have held: a row worth 0 may have."""
    if any(row.points == 0 for row in table.rows) or any(
        test.operator.turns for row in table.rows for test in row.tests
    ):
        return None
    return f"{measure_phrase(measure)} is {shown(value)}: no row of its table counts it"
