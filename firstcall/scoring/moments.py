"""When time alone next changes a score, for the reference evaluator.

Exact or early as docs/decisions/001-next-change.md says; the engines agree with it to the microsecond.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from firstcall.scoring.earning import faded, points_for, step_points
from firstcall.scoring.measuring import (
    MISSING,
    Amount,
    History,
    days_start,
    has_type,
    holds,
    read_field,
    value_of,
)
from firstcall.scoring.numbers import MILLION
from firstcall.scoring.operators import Between, Compare, Is, Operator
from firstcall.scoring.passing import Passage
from firstcall.scoring.rules import (
    Aggregate,
    Condition,
    Criterion,
    DaysSinceMeasure,
    Decay,
    Each,
    FieldMeasure,
    Measured,
    Points,
    Rule,
    Table,
    Test,
    TouchpointMeasure,
    leaves,
    types_read,
)
from firstcall.scoring.times import DAY, LAST_MOMENT
from firstcall.scoring.values import Value

ONE_POINT = Points(100)


def line_moments(rule: Rule, history: History, as_of: int) -> list[int | None]:
    """For each criterion the next moment at which its points may differ; None when there is none."""
    arrival = next_arrival(rule, history, as_of)
    return [_criterion_moment(criterion, history, as_of, arrival) for criterion in rule.criteria]


def next_change_at(rule: Rule, history: History, as_of: int, moments: Sequence[int | None]) -> int | None:
    """The rule's next change: the earliest of its lines' moments and of those of `applies_to`."""
    arrival = next_arrival(rule, history, as_of)
    applies = [
        _criterion_moment(Criterion("applies_to", condition, ONE_POINT), history, as_of, arrival)
        for condition in rule.applies_to
    ]
    return _earliest([*applies, *moments])


def next_arrival(rule: Rule, history: History, as_of: int) -> int | None:
    """The first later touchpoint of any type that any measure of the rule reads, the record's own or its people's."""
    return _earliest(
        t.occurred_at
        for of, types in types_read(rule).items()
        for t in history.touchpoints_of(of)
        if t.occurred_at > as_of and has_type(t, types)
    )


def _earliest(moments: Iterable[int | None]) -> int | None:
    return min((moment for moment in moments if moment is not None and moment <= LAST_MOMENT), default=None)


def _criterion_moment(criterion: Criterion, history: History, as_of: int, arrival: int | None) -> int | None:
    if isinstance(criterion.worth, Points) and criterion.worth.points == 0:
        return None
    own = _own_moment(criterion, history.until(as_of), as_of)
    return _earliest([own, arrival if criterion.is_touchpoint else None])


def _own_moment(criterion: Criterion, history: History, as_of: int) -> int | None:
    """The criterion's next change, were nothing to arrive; the history ends at `as_of`."""
    match criterion.condition:
        case Measured(FieldMeasure(name)):
            return _field_moment(criterion, read_field(history.record, name), as_of)
        case Measured(DaysSinceMeasure() as measure):
            return _days_moment(criterion, days_start(measure, history, as_of), as_of)
        case Measured(TouchpointMeasure(aggregate=Aggregate.COUNT) as measure):
            return _count_moment(criterion, Passage.of(measure, history, as_of), as_of)
        case Measured():
            return _leaf_moment(criterion.condition, history, as_of)
    return _condition_moment(criterion.condition, history, as_of)


def _first_change(candidates: Iterable[int], as_of: int, answer_at: Callable[[int], object]) -> int | None:
    """The first candidate after `as_of` at which the answer is not the one at `as_of`."""
    now = answer_at(as_of)
    return next((m for m in sorted(set(candidates)) if m > as_of and answer_at(m) != now), None)


def _points_for(criterion: Criterion, value: Value, moment: int) -> int:
    tests = [test for leaf in leaves(criterion.condition) for test in leaf.tests]
    return points_for(criterion.worth, tests, value, moment)


def _field_moment(criterion: Criterion, value: Value, as_of: int) -> int | None:
    turns = _turns(_all_tests(criterion), value)
    return _first_change(turns, as_of, lambda moment: _points_for(criterion, value, moment))


def _all_tests(criterion: Criterion) -> list[Test]:
    """The tests of a criterion, those of its table's rows included."""
    tests = [test for leaf in leaves(criterion.condition) for test in leaf.tests]
    if isinstance(criterion.worth, Table):
        tests += [test for row in criterion.worth.rows for test in row.tests]
    return tests


def _turns(tests: Iterable[Test], value: Value) -> list[int]:
    """The moments at which tests of time may turn for the value; a list has none."""
    if value.moment is None:
        return []
    return [value.moment + turn for test in tests for turn in test.operator.turns]


def _count_moment(criterion: Criterion, passage: Passage, as_of: int) -> int | None:
    match criterion.worth:
        case Each(decay=Decay() as decay) as worth:
            return _each_fades(worth, decay, passage, as_of)
        case Points(points, Decay() as decay):
            return _newest_fades(decay, decay.ladder(points), passage, as_of)

    def points_at(moment: int) -> int:
        return _points_for(criterion, Amount(len(passage.inside(moment))), moment)

    return _first_change(passage.events(as_of), as_of, points_at)


def _each_fades(worth: Each, decay: Decay, passage: Passage, as_of: int) -> int | None:
    ladder = decay.ladder(worth.points)
    steps = [k for k in range(1, len(ladder) + 1) if step_points(ladder, k) != ladder[k - 1]]
    fades = [time + step * decay.every for time in passage.times for step in steps]

    def points_at(moment: int) -> int:
        return faded(worth, decay, [moment - time for time in passage.inside(moment)])

    return _first_change([*fades, *passage.events(as_of)], as_of, points_at)


def _newest_fades(decay: Decay, ladder: Sequence[int], passage: Passage, as_of: int) -> int | None:
    newest = passage.inside(as_of)[-1:]
    fades = [m for time in newest for m in _fades(decay, ladder, passage, time, as_of)]
    return _earliest(fades + passage.entries(as_of))


def _fades(decay: Decay, ladder: Sequence[int], passage: Passage, time: int, as_of: int) -> list[int]:
    """While a touchpoint in the window has points left: its next step that differs, and its leaving."""
    step = (as_of - time) // decay.every
    points = step_points(ladder, step)
    if points == 0:
        return []
    following = next(k for k in range(step, len(ladder) + 1) if step_points(ladder, k) != points)
    return [time + following * decay.every, *passage.exits([time])]


def _days_moment(criterion: Criterion, start: int | None, as_of: int) -> int | None:
    """The first whole day since `start` at which the points differ; `start` itself when it lies ahead."""
    if start is None:
        return None

    def points_at(moment: int) -> int:
        days = Amount((moment - start) // DAY) if start <= moment else MISSING
        return _points_for(criterion, days, moment)

    return _first_change(
        [start + day * DAY for day in _turning_days(criterion, start, as_of)], as_of, points_at
    )


def _turning_days(criterion: Criterion, start: int, as_of: int) -> list[int]:
    """The numbers of days at which the points may next turn; 0 is where a missing value begins."""
    if isinstance(criterion.worth, Each):
        every, days = criterion.worth.every, max(0, (as_of - start) // DAY)
        step = days * MILLION // every + 1
        return [0, -(-step * every // MILLION)]
    bounds = [n // MILLION for test in _all_tests(criterion) for n in _numbers(test.operator)]
    return [0, *(day for bound in bounds for day in (bound, bound + 1) if day >= 0)]


def _numbers(operator: Operator) -> list[int]:
    """The numbers, in millionths, that a test compares with."""
    match operator:
        case Is(operands):
            compared = list(operands)
        case Compare(_, operand):
            compared = [operand]
        case Between(low, high):
            compared = [low, high]
        case _:
            compared = []
    return [operand.number for operand in compared if operand.number is not None]


def _condition_moment(condition: Condition, history: History, as_of: int) -> int | None:
    """Of all, any, not: exact where all is fields; else when anything measured may change."""
    parts = list(leaves(condition))
    if not all(isinstance(part.measure, FieldMeasure) for part in parts):
        return _earliest(_leaf_moment(part, history, as_of) for part in parts)
    turns = [turn for part in parts for turn in _turns(part.tests, value_of(part.measure, history, as_of))]
    return _first_change(turns, as_of, lambda moment: holds(condition, history, moment))


def _leaf_moment(leaf: Measured, history: History, as_of: int) -> int | None:
    """The next moment at which the measured value, or what a field is compared with, may change."""
    match leaf.measure:
        case FieldMeasure(name):
            turns = _turns(leaf.tests, read_field(history.record, name))
            return _earliest(turn for turn in turns if turn > as_of)
        case DaysSinceMeasure() as measure:
            start = days_start(measure, history, as_of)
            if start is None or start > as_of:
                return start
            return start + ((as_of - start) // DAY + 1) * DAY
        case TouchpointMeasure() as measure:
            return _earliest(Passage.of(measure, history, as_of).events(as_of))
