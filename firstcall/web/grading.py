"""A grade as it is shown: with its rank, which chooses the colour; the name says the same without."""

from __future__ import annotations

from dataclasses import dataclass

from firstcall.scorekeeping.glancing import grades_of
from firstcall.scorekeeping.models import RuleVersion

WORST = 4  # grades from here on look alike


@dataclass(frozen=True, slots=True)
class Shown:
    name: str
    rank: int


def shown(grade: str | None, version: RuleVersion) -> Shown | None:
    """The best third of the grades looks good, the next cool, then warm; the last is grey."""
    if grade is None:
        return None
    names = grades_of(version)
    if grade not in names:
        return Shown(grade, WORST)
    at, many = names.index(grade), len(names)
    if at == many - 1 and many > 1:
        return Shown(grade, WORST)
    return Shown(grade, 1 + at * 3 // max(many - 1, 1) if many > 3 else at + 1)
