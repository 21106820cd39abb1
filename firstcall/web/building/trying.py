"""The score of one record by a draft, as it is shown: the total, and what each criterion brought or missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from firstcall.web.drawing import Part, waterfall

WIDTH = 96


@dataclass(frozen=True, slots=True)
class Brought:
    """`points` in hundredths; `why_not` where it brought none."""

    name: str
    points: int
    says: str
    part: Part | None


@dataclass(frozen=True, slots=True)
class Tried:
    is_scored: bool
    total: int
    grade: str | None
    brought: Sequence[Brought]
    missed: Sequence[Brought]


def tried(told: Mapping[str, Any]) -> Tried:
    lines = told.get("lines", ())
    if not told["scored"]:
        missed = [
            Brought(condition["condition"], 0, condition["why_not"] or "", None)
            for condition in told.get("applies_to", ())
            if not condition["holds"]
        ]
        return Tried(False, 0, None, (), missed)
    moved = [line for line in lines if _hundredths(line["points"])]
    parts = waterfall([_hundredths(line["points"]) for line in moved], WIDTH)
    return Tried(
        True,
        _hundredths(told["total"]),
        told["grade"],
        [_line(line, part) for line, part in zip(moved, parts, strict=True)],
        [_line(line, None) for line in lines if not _hundredths(line["points"])],
    )


def _line(line: Mapping[str, Any], part: Part | None) -> Brought:
    points = _hundredths(line["points"]) if "points" in line else 0
    return Brought(line["name"], points, line.get("why_not") or line.get("says", ""), part)


def _hundredths(points: object) -> int:
    return int(Decimal(str(points)) * 100)
