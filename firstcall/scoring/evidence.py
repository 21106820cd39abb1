"""Which touchpoints stand behind a criterion's points, what each gives by itself, until when; and what would lift a record
into its next grade. Reference only: for one record, in plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from firstcall.scoring.earning import step_points
from firstcall.scoring.measuring import History, Record, Touchpoint, alike, matching
from firstcall.scoring.numbers import MILLION
from firstcall.scoring.rules import (
    Aggregate,
    Criterion,
    DaysSinceMeasure,
    Each,
    Measured,
    Points,
    Rule,
    Table,
    TouchpointMeasure,
    leaves,
)
from firstcall.scoring.scores import Score

_NOBODY = Record({})
MOST_TIMES = 20


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    touchpoint  its index among those that were given
    points      what it gives by itself, before any bound; None where only all together give something
    until       when it counts no longer, if time alone ends it
    """

    touchpoint: int
    points: int | None
    until: int | None


def evidence(criterion: Criterion, touchpoints: Sequence[Touchpoint], as_of: int) -> list[Evidence]:
    """The record's own touchpoints that the criterion counts, the newest first; of `days_since` the one that it counts
    from. Those of related people are not among them."""
    indexes = {id(touchpoint): index for index, touchpoint in enumerate(touchpoints)}
    history = History(_NOBODY, touchpoints)
    found: dict[int, Evidence] = {}
    for leaf in leaves(criterion.condition):
        match leaf.measure:
            case TouchpointMeasure(of=None) as measure:
                for touchpoint in matching(measure, history, as_of):
                    index = indexes[id(touchpoint)]
                    given = _points(criterion, measure, as_of - touchpoint.occurred_at)
                    until = _until(criterion, measure, touchpoint.occurred_at, as_of)
                    found[index] = Evidence(index, given, until)
            case DaysSinceMeasure(of=None) as since:
                if matches := alike(since, history, as_of):
                    index = indexes[id(max(matches, key=lambda one: one.occurred_at))]
                    found[index] = Evidence(index, None, None)
    return sorted(found.values(), key=lambda one: (-touchpoints[one.touchpoint].occurred_at, one.touchpoint))


def _points(criterion: Criterion, measure: TouchpointMeasure, age: int) -> int | None:
    match criterion.condition, criterion.worth:
        case Measured(), Each(points, decay=decay) if decay is not None:
            return step_points(decay.ladder(points), age // decay.every)
        case Measured(), Each(points, every) if every == MILLION and measure.aggregate is Aggregate.COUNT:
            return points
    return None


def _until(criterion: Criterion, measure: TouchpointMeasure, moment: int, as_of: int) -> int | None:
    ends = [] if measure.window.in_last is None else [moment + measure.window.in_last]
    worth = criterion.worth
    if isinstance(criterion.condition, Measured) and isinstance(worth, Points | Each) and worth.decay:
        ends.append(moment + len(worth.decay.ladder(worth.points)) * worth.decay.every)
    return min((end for end in ends if end > as_of), default=None)


@dataclass(frozen=True, slots=True)
class Change:
    """What would be enough by itself: that the criterion is met, or met `times` more often. `gain` are its hundredths,
    before groups and limits."""

    criterion: Criterion
    gain: int
    times: int = 1


def changes_that_suffice(
    rule: Rule, score: Score, missing: int, part: Literal["fit", "touchpoints"] | None = None
) -> list[Change]:
    """The single changes that bring as many hundredths as are missing, the smallest gain first.

    part  in two-part grades whose points they are
    """
    lines = {line.name: line.points for line in score.lines if line.kind == "criterion"}
    found = []
    for criterion in rule.criteria:
        if part is not None and criterion.is_touchpoint != (part == "touchpoints"):
            continue
        change = _change(criterion, lines[criterion.name], missing)
        if change is not None:
            found.append(change)
    return sorted(found, key=lambda one: (one.times, one.gain))


def _change(criterion: Criterion, points: int, missing: int) -> Change | None:
    match criterion.worth:
        case Points(most) if most - points >= missing:
            return Change(criterion, most - points)
        case Table(rows) if (most := max(row.points for row in rows)) - points >= missing:
            return Change(criterion, most - points)
        case Each(each, at_most=at_most) if each > 0:
            times = -(-missing // each)
            room = None if at_most is None else at_most - points
            if times <= MOST_TIMES and (room is None or times * each <= room):
                return Change(criterion, times * each, times)
    return None
