"""A score: six figures, a grade, the next moment of change, and the lines that explain it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firstcall.scoring.rules import Grade, Rule


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation: what was measured, the points (hundredths) it moved, and when that may change.

    kind   "criterion", "group" or "limit"; the last two have no value and no moment
    value  None, bool, str, int, Decimal or list, as JSON or people would write it
    """

    name: str
    points: int
    value: object = None
    next_change_at: int | None = None
    kind: str = "criterion"


@dataclass(frozen=True, slots=True)
class Score:
    """What a rule gives a record as of a moment. Figures are whole hundredths of points."""

    positive: int
    negative: int
    touchpoint_positive: int
    touchpoint_negative: int
    total: int
    grade: str | None
    next_change_at: int | None = None
    lines: tuple[Line, ...] = ()

    @property
    def touchpoint_total(self) -> int:
        return self.touchpoint_positive - self.touchpoint_negative


def grade_of(table: Sequence[Grade], points: int) -> str | None:
    """The highest threshold reached; the table stands highest first."""
    return next((grade.name for grade in table if points >= grade.threshold), None)


def group_moves(rule: Rule, points: Sequence[int]) -> list[int]:
    """The points that each group moves, in the order of `rule.groups`: negative above at_most, positive below."""
    moves = []
    for group in rule.groups:
        total = sum(p for c, p in zip(rule.criteria, points, strict=True) if c.group == group.name)
        kept = total
        if group.at_most is not None:
            kept = min(kept, group.at_most)
        if group.at_least is not None:
            kept = max(kept, group.at_least)
        moves.append(kept - total)
    return moves


def assemble(
    rule: Rule,
    points: Sequence[int],
    *,
    values: Sequence[object] | None = None,
    moments: Sequence[int | None] | None = None,
    next_change_at: int | None = None,
) -> Score:
    """The score that a rule makes of its criteria's points; with values and moments also its lines."""
    figures = {(kind, sign): 0 for kind in (False, True) for sign in (False, True)}
    for criterion, gained in zip(rule.criteria, points, strict=True):
        figures[criterion.is_touchpoint, gained < 0] += abs(gained)
    moves = group_moves(rule, points)
    for group, move in zip(rule.groups, moves, strict=True):
        kind = next(c.is_touchpoint for c in rule.criteria if c.group == group.name)
        figures[kind, move > 0] -= abs(move)
    fit = figures[False, False] - figures[False, True]
    touchpoints = figures[True, False] - figures[True, True]
    total = unlimited = fit + touchpoints
    if rule.limits.maximum is not None:
        total = min(total, rule.limits.maximum)
    if rule.limits.minimum is not None:
        total = max(total, rule.limits.minimum)
    lines: list[Line] = []
    if values is not None and moments is not None:
        for criterion, gained, value, moment in zip(rule.criteria, points, values, moments, strict=True):
            lines.append(Line(criterion.name, gained, value, moment))
        lines += [
            Line(g.name, move, kind="group") for g, move in zip(rule.groups, moves, strict=True) if move
        ]
        if total != unlimited:
            lines.append(Line("limits", total - unlimited, kind="limit"))
    return Score(
        positive=figures[False, False],
        negative=figures[False, True],
        touchpoint_positive=figures[True, False],
        touchpoint_negative=figures[True, True],
        total=total,
        grade=_grade(rule, fit, touchpoints, total),
        next_change_at=next_change_at,
        lines=tuple(lines),
    )


def _grade(rule: Rule, fit: int, touchpoints: int, total: int) -> str | None:
    if rule.grades is None:
        return None
    if not rule.grades.two_part:
        return grade_of(rule.grades.total, total)
    parts = grade_of(rule.grades.fit, fit), grade_of(rule.grades.touchpoints, touchpoints)
    return None if None in parts else "".join(part for part in parts if part)
