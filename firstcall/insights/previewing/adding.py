"""A rule's figures and grades of every record, from the points of its criteria: `scores.assemble` for all at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firstcall.insights.previewing.measuring import Measuring, Whole, measuring_of, points_from
from firstcall.scoring.explaining import conditions_rule
from firstcall.scoring.rules import Grade, Rule, signs_of

type Codes = NDArray[np.int16]
NO_GRADE, OUTSIDE = -1, -2


@dataclass(frozen=True)
class Scored:
    """Of every record, in one order: the figures in hundredths, and the grade as its place in `names`, best first.

    applies  whether the rule does; the figures of others mean nothing
    """

    applies: NDArray[np.bool_]
    figures: dict[str, Whole]
    grades: Codes
    names: tuple[str, ...]

    @property
    def total(self) -> Whole:
        return self.figures["total"]


def measurings_of(rules: Collection[Rule]) -> list[Measuring]:
    criteria = [c for rule in rules for c in (*rule.criteria, *conditions_rule(rule).criteria)]
    return list({(m := measuring_of(criterion)).key: m for criterion in criteria}.values())


def score(rule: Rule, kept: Mapping[str, Whole], count: int) -> Scored:
    """Every record by what is kept of the rule's criteria and conditions."""
    applies: NDArray[np.bool_] = np.ones(count, dtype=np.bool_)
    for condition in conditions_rule(rule).criteria:
        applies &= np.asarray(kept[measuring_of(condition).key] != 0, dtype=np.bool_)
    points = [points_from(c, kept[measuring_of(c).key]) for c in rule.criteria]
    return add_up(rule, points, applies)


def add_up(rule: Rule, points: Sequence[Whole], applies: NDArray[np.bool_]) -> Scored:
    kind_of = np.result_type(np.int64, *points)  # any size, where one criterion's points are
    zero: Whole = np.zeros(len(applies), dtype=kind_of)
    gains = {(kind, is_loss): zero.copy() for kind in (False, True) for is_loss in (False, True)}
    for criterion, of in zip(rule.criteria, points, strict=True):
        kind, signs = criterion.is_touchpoint, signs_of(criterion.worth)
        if 1 in signs:
            gains[kind, False] += of if signs == {1} else np.maximum(of, 0)
        if -1 in signs:
            gains[kind, True] -= of if signs == {-1} else np.minimum(of, 0)
    for group in rule.groups:
        members = [i for i, criterion in enumerate(rule.criteria) if criterion.group == group.name]
        total = kept = sum((points[i] for i in members), zero)
        if group.at_most is not None:
            kept = np.minimum(kept, group.at_most)
        if group.at_least is not None:
            kept = np.maximum(kept, group.at_least)
        move, kind = kept - total, rule.criteria[members[0]].is_touchpoint
        gains[kind, False] = gains[kind, False] + np.minimum(move, 0)
        gains[kind, True] = gains[kind, True] - np.maximum(move, 0)
    fit = gains[False, False] - gains[False, True]
    touchpoints = gains[True, False] - gains[True, True]
    total = fit + touchpoints
    if rule.limits.maximum is not None:
        total = np.minimum(total, rule.limits.maximum)
    if rule.limits.minimum is not None:
        total = np.maximum(total, rule.limits.minimum)
    figures: dict[str, Whole] = {
        "positive": gains[False, False],
        "negative": gains[False, True],
        "touchpoint_positive": gains[True, False],
        "touchpoint_negative": gains[True, True],
        "touchpoint_total": touchpoints,
        "total": total,
    }
    grades, names = _grades(rule, fit, touchpoints, total)
    return Scored(applies, figures, np.where(applies, grades, np.int16(OUTSIDE)), names)


def _grades(rule: Rule, fit: Whole, touchpoints: Whole, total: Whole) -> tuple[Codes, tuple[str, ...]]:
    tables = rule.grades
    if tables is None:
        return np.full(len(total), NO_GRADE, dtype=np.int16), ()
    if not tables.two_part:
        return _places(tables.total, total), tuple(grade.name for grade in tables.total)
    first, second = _places(tables.fit, fit), _places(tables.touchpoints, touchpoints)
    both = [one.name + other.name for one in tables.fit for other in tables.touchpoints]
    names = tuple(dict.fromkeys(both))
    # Two pairs may read alike; then they are one grade.
    place = np.array([names.index(name) for name in both], dtype=np.int16)
    has = (first != NO_GRADE) & (second != NO_GRADE)
    at = np.where(has, first.astype(np.intp) * len(tables.touchpoints) + second, 0)
    return np.where(has, place[at], np.int16(NO_GRADE)), names


def _places(table: Sequence[Grade], points: Whole) -> Codes:
    """The place of the highest threshold reached; the table stands highest first."""
    places = np.full(len(points), NO_GRADE, dtype=np.int16)
    for place in range(len(table) - 1, -1, -1):
        places[np.asarray(points >= table[place].threshold, dtype=np.bool_)] = place
    return places
