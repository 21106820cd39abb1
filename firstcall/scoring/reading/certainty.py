"""What can be known of tests without any record: which never hold, always hold, or follow from each other."""

from __future__ import annotations

import math
from typing import NamedTuple

from firstcall.scoring.numbers import MILLION
from firstcall.scoring.operators import (
    After,
    Before,
    Between,
    Compare,
    Empty,
    InLast,
    InNext,
    Is,
    OlderThan,
    Operator,
)
from firstcall.scoring.reading.parts import NUMBERS
from firstcall.scoring.rules import Test
from firstcall.scoring.values import Operand

# Measures that are whole numbers from 0 up; the days may be missing, the counts never are.
_WHOLE = NUMBERS - {"sum", "max", "min"}

type End = int | float  # infinite at most: every finite end is whole
type Interval = tuple[End, End]


class Reach(NamedTuple):
    """The values that meet a test, as closed intervals of one reading of the value."""

    reading: str
    intervals: tuple[Interval, ...]


def never_holds(test: Test, measured: str | None) -> bool:
    """Whether no value of the measure meets the test."""
    return _always(test.operator, measured) if test.negated else _never(test.operator, measured)


def always_holds(test: Test, measured: str | None) -> bool:
    """Whether every value of the measure meets the test."""
    return _never(test.operator, measured) if test.negated else _always(test.operator, measured)


def exclude_each_other(tests: tuple[Test, ...], measured: str | None) -> bool:
    """Whether the tests cannot hold together."""
    positive = [test.operator for test in tests if not test.negated]
    negated = [test.operator for test in tests if test.negated]
    if any(_implies(operator, other) for operator in positive for other in negated):
        return True
    if any(isinstance(operator, Empty) for operator in positive) and len(positive) > 1:
        return True
    reaches = [
        reach.intervals for operator in positive if (reach := _reach(operator)) and reach[0] == "number"
    ]
    return measured in NUMBERS and len(reaches) > 1 and not _possible(_intersect(reaches), measured)


def implies(test: Test, other: Test) -> bool:
    """Whether every value that meets the test surely meets the other."""
    match test.negated, other.negated:
        case False, False:
            return _implies(test.operator, other.operator)
        case True, True:
            return _implies(other.operator, test.operator)
        case False, True:
            return isinstance(other.operator, Empty) and not isinstance(test.operator, Empty)
    return False


def _implies(operator: Operator, other: Operator) -> bool:
    if operator == other:
        return True
    if isinstance(operator, Is) and isinstance(other, Is):
        return {*operator.operands} <= {*other.operands}
    reach, wider = _reach(operator), _reach(other)
    if reach is None or wider is None or reach.reading != wider.reading:
        return False
    return all(
        any(low >= least and high <= most for least, most in wider.intervals) for low, high in reach.intervals
    )


def _never(operator: Operator, measured: str | None) -> bool:
    reach = _reach(operator)
    return measured in _WHOLE and reach is not None and not _possible(reach.intervals, measured)


def _always(operator: Operator, measured: str | None) -> bool:
    reach = _reach(operator)
    if measured not in _WHOLE or measured == "days_since" or reach is None:
        return False
    return any(low <= 0 and high == math.inf for low, high in reach.intervals)


def _possible(intervals: tuple[Interval, ...], measured: str | None) -> bool:
    """Whether a value of the measure lies in any of the intervals, in millionths."""
    if measured not in _WHOLE:
        return any(low <= high for low, high in intervals)
    return any(_next_whole(max(low, 0)) <= high for low, high in intervals)


def _next_whole(millionths: End) -> End:
    if isinstance(millionths, float):
        return millionths
    return -(-millionths // MILLION) * MILLION


def _intersect(reaches: list[tuple[Interval, ...]]) -> tuple[Interval, ...]:
    kept, *rest = reaches
    for intervals in rest:
        kept = tuple((max(a, c), min(b, d)) for a, b in kept for c, d in intervals)
    return kept


def _reach(operator: Operator) -> Reach | None:
    """The values that meet the operator; None where they are no intervals."""
    match operator:
        case Compare(sign, operand):
            return _compared(sign, operand)
        case Between(low, high):
            least, most = _compared(">=", low), _compared("<=", high)
            return Reach(least.reading, ((least.intervals[0][0], most.intervals[0][1]),))
        case Is(operands) if all(not isinstance(operand.raw, str | bool) for operand in operands):
            numbers = [operand.number for operand in operands]
            return Reach("number", tuple((number, number) for number in numbers if number is not None))
        case Before(moment):
            return Reach("written moment", ((-math.inf, moment - 1),))
        case After(moment):
            return Reach("written moment", ((moment + 1, math.inf),))
        case InLast(span):
            return Reach("age", ((0, span - 1),))
        case InNext(span):
            return Reach("age", ((-span, -1),))
        case OlderThan(span):
            return Reach("age", ((span, math.inf),))
    return None


def _compared(sign: str, operand: Operand) -> Reach:
    reading, bound = ("number", operand.number) if operand.number is not None else ("moment", operand.moment)
    bound = bound or 0
    intervals: dict[str, Interval] = {
        ">": (bound + 1, math.inf),
        ">=": (bound, math.inf),
        "<": (-math.inf, bound - 1),
        "<=": (-math.inf, bound),
    }
    return Reach(reading, (intervals[sign],))
