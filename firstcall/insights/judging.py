"""What each criterion's points say of the outcome: conversion with and without them, and at each number of points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firstcall.engines.workspace import Workspace
from firstcall.insights.ranking import Area, Interval, Levels, Share, is_clearly_lower, rate_difference
from firstcall.scoring.rules import Criterion, Rule

# How many criteria one query groups by.
_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Arm:
    """The records that a criterion gives points to (sign 1) or takes them from (-1), against all others.

    points  the mean of what it moves, in hundredths
    """

    sign: int
    points: float
    met: Share
    rest: Share
    difference: Interval | None

    @property
    def is_backwards(self) -> bool:
        """Whether those who gain clearly convert less than the rest, or those who lose clearly more."""
        low, high = (self.met, self.rest) if self.sign > 0 else (self.rest, self.met)
        return is_clearly_lower(low, high)

    @property
    def is_clear(self) -> bool:
        """Whether the two clearly convert differently, in whichever way."""
        return is_clearly_lower(self.met, self.rest) or is_clearly_lower(self.rest, self.met)


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """What one criterion's points say of the outcome.

    levels  conversion at each distinct number of points (hundredths), lowest first
    area    under the curve of its points alone
    """

    name: str
    levels: tuple[tuple[int, Share], ...]
    arms: tuple[Arm, ...]
    area: Area | None

    @property
    def is_backwards(self) -> bool:
        return any(arm.is_backwards for arm in self.arms)


def judge_criteria(rule: Rule, workspace: Workspace) -> tuple[CriterionResult, ...]:
    """Conversion at each number of points of each criterion, all in one pass over the table."""
    names = [f"points_{i}" for i in range(1, len(rule.criteria) + 1)]
    levels: list[list[tuple[int, Share]]] = [[] for _ in names]
    for first in range(0, len(names), _AT_ONCE):
        part = names[first : first + _AT_ONCE]
        rows = workspace.run(
            f"SELECT GROUPING({', '.join(part)}), {', '.join(part)}, count(*) FILTER (won), count(*)\n"
            f"FROM tested GROUP BY GROUPING SETS ({', '.join(f'({name})' for name in part)})\n"
            "ORDER BY ALL",
            doing="comparing criteria",
        ).fetchall()
        for mask, *points, won, count in rows:
            # A set bit of the mask is a column that was not grouped by; the first column has the highest.
            own = next(i for i in range(len(part)) if not mask >> (len(part) - 1 - i) & 1)
            levels[first + own].append((points[own], Share(won, count)))
    return tuple(
        _criterion(criterion, sorted(found, key=lambda level: level[0]))
        for criterion, found in zip(rule.criteria, levels, strict=True)
    )


def _criterion(criterion: Criterion, levels: Sequence[tuple[int, Share]]) -> CriterionResult:
    arms = tuple(arm for sign in (1, -1) if (arm := _arm(sign, levels)))
    area = Levels.of_shares([share for _, share in levels]).area()
    return CriterionResult(criterion.name, tuple(levels), arms, area)


def _arm(sign: int, levels: Sequence[tuple[int, Share]]) -> Arm | None:
    everyone = sum((share for _, share in levels), Share(0, 0))
    moved = [(points, share) for points, share in levels if points * sign > 0]
    met = sum((share for _, share in moved), Share(0, 0))
    if not met.count:
        return None
    mean = sum(points * share.count for points, share in moved) / met.count
    rest = everyone - met
    return Arm(sign, mean, met, rest, rate_difference(met, rest))
