"""The reference meaning of points: what a criterion is worth to one record. Source: scoring-rules, 4."""

from __future__ import annotations

from collections.abc import Sequence

from firstcall.scoring.measuring import History, holds, matching, passes, value_of
from firstcall.scoring.rules import (
    Criterion,
    Decay,
    Each,
    Measured,
    Points,
    Table,
    Test,
    TouchpointMeasure,
    Worth,
)
from firstcall.scoring.values import Value


def points_of(criterion: Criterion, history: History, as_of: int) -> int:
    """The hundredths of points that the criterion gives."""
    match criterion.condition, criterion.worth:
        case Measured(TouchpointMeasure() as measure), (Points() | Each()) as worth if worth.decay:
            ages = [as_of - t.occurred_at for t in matching(measure, history, as_of)]
            return faded(worth, worth.decay, ages)
        case Measured(measure, tests), worth:
            return points_for(worth, tests, value_of(measure, history, as_of), as_of)
        case condition, Points(points):
            return points if holds(condition, history, as_of) else 0
    raise TypeError(f"{criterion.name}: all, any and not take points only")


def points_for(worth: Worth, tests: Sequence[Test], value: Value, as_of: int) -> int:
    """What one measured value earns where nothing fades."""
    match worth:
        case Points(points):
            return points if passes(tests, value, as_of) else 0
        case Table(rows):
            return next((row.points for row in rows if passes(row.tests, value, as_of)), 0)
        case Each(points, every, at_most):
            number = value.number
            return 0 if number is None or number < 0 else within(points * (number // every), at_most)


def within(points: int, at_most: int | None) -> int:
    """The points kept within -at_most … at_most."""
    return points if at_most is None else max(-at_most, min(points, at_most))


def faded(worth: Points | Each, decay: Decay, ages: Sequence[int]) -> int:
    """What touchpoints of these ages are worth: each of them, or the newest alone."""
    ladder = decay.ladder(worth.points)
    if isinstance(worth, Each):
        return within(sum(step_points(ladder, age // decay.every) for age in ages), worth.at_most)
    return step_points(ladder, min(ages) // decay.every) if ages else 0


def step_points(ladder: Sequence[int], step: int) -> int:
    """The points after so many full steps; past the end of the ladder they are gone.

    >>> step_points((10, 5), 1), step_points((10, 5), 2)
    (5, 0)
    """
    return ladder[step] if step < len(ladder) else 0
