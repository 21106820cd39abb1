"""What people read of a rule and of a score: its sentences, its reasons, and what was missed by how much."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from firstcall.scoring.measuring import Amount, passes
from firstcall.scoring.numbers import format_scaled, scale_decimal
from firstcall.scoring.operators import Between, Compare, format_day, operand_phrase
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
from firstcall.scoring.saying import Forms, Pattern, number, quoted, said
from firstcall.scoring.scores import Line
from firstcall.scoring.times import moment_of
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
            return said("missing")
        case bool():
            return said("true") if value else said("false")
        case str():
            return quoted(value)
        case list() | tuple():
            return ", ".join(map(shown, value)) or said("an empty list")
        case date():
            return format_day(moment_of(value))
        case int() | float() | Decimal() if Decimal(str(value)).is_finite():
            return number(format_scaled(scale_decimal(Decimal(str(value)), 6), 6))
    return str(value)


def _is_none(value: object) -> bool:
    return value is None or value == 0


def _faded(measure: Measure, value: object) -> str | None:
    if isinstance(measure, FieldMeasure):
        return None
    return _no(measure) if _is_none(value) else said("its points have faded away")


def _no(measure: TouchpointMeasure | DaysSinceMeasure) -> str:
    return said("no {touchpoint}", touchpoint=touchpoints_phrase(measure))


def shown_or_nothing(value: object) -> str:
    """What is there, after `has`."""
    return said("nothing") if value is None else shown(value)


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
            return _no(measure)
        if isinstance(operator, Compare) and operator.sign == ">=":
            needed = operand_phrase(operator.operand)
            return said("{value} of {needed} needed", value=shown(value), needed=needed)
    if isinstance(operator, Compare | Between) and not test.negated:
        return said("needs {needed}, has {value}", needed=operator.needed, value=shown_or_nothing(value))
    subject, counting = measure_phrase(measure), predicates([test])
    if value is None:
        return said("{measure} is missing; counts when it {predicates}", measure=subject, predicates=counting)
    return said(
        "{measure} is {value}; counts when it {predicates}",
        measure=subject,
        value=shown(value),
        predicates=counting,
    )


_DAYS = Forms("{count} day", "{count} days")
_WITHOUT = {
    ">=": Pattern("{days} without {touchpoint}; counts from {value}"),
    ">": Pattern("{days} without {touchpoint}; counts above {value}"),
    "<=": Pattern("{days} without {touchpoint}; counts up to {value}"),
    "<": Pattern("{days} without {touchpoint}; counts below {value}"),
}


def _missed_days(operator: Compare, measure: DaysSinceMeasure, value: object) -> str:
    noun = touchpoints_phrase(measure)
    if value is None:
        return said("no {touchpoint} and no creation date to count from", touchpoint=noun)
    days = _DAYS(1 if value == 1 else 2, count=shown(value))
    return _WITHOUT[operator.sign](days=days, touchpoint=noun, value=operand_phrase(operator.operand))


def _missed_step(measure: Measure, value: object, every: int) -> str | None:
    if isinstance(measure, FieldMeasure):
        return None
    counts = isinstance(measure, TouchpointMeasure) and measure.aggregate is Aggregate.COUNT
    if counts and value == 0:
        return _no(measure)
    measured = _as_measured(measure, value).number
    if measured is not None and measured >= every:
        return None
    size = number(format_scaled(every, 6))
    return said("has {value}; counts from {size}", value=shown_or_nothing(value), size=size)


def _missed_rows(table: Table, measure: Measure, value: object) -> str | None:
    """Only where no row can have held: a row worth 0 may have."""
    if any(row.points == 0 for row in table.rows) or any(
        test.operator.turns for row in table.rows for test in row.tests
    ):
        return None
    subject = measure_phrase(measure)
    if value is None:
        return said("{measure} is missing: no row of its table counts it", measure=subject)
    return said("{measure} is {value}: no row of its table counts it", measure=subject, value=shown(value))
