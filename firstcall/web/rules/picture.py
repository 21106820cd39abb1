"""How the scores of a rule are spread, drawn: a bar of grades for a line of a list, and columns over the totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from firstcall.scorekeeping.distributing import Distribution
from firstcall.scorekeeping.models import RuleVersion
from firstcall.web.drawing import Part
from firstcall.web.grading import Shown, shown

BAR = 120
WIDTH, HEIGHT = 720, 160
_GAP = 2
_LEAST = 1.5  # so that few among many are still seen


@dataclass(frozen=True, slots=True)
class Share:
    """How many reach a grade; `name` is empty where they reach none."""

    name: str
    grade: Shown | None
    count: int
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Piece:
    """A rectangle of a column."""

    x: float
    y: float
    width: float
    height: float
    looks: str


@dataclass(frozen=True, slots=True)
class Column:
    low: Decimal
    high: Decimal
    count: int
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Picture:
    scored: int
    shares: Sequence[Share]
    bar: Sequence[Part]
    columns: Sequence[Column]

    @property
    def low(self) -> Decimal:
        return self.columns[0].low

    @property
    def high(self) -> Decimal:
        return self.columns[-1].high

    @property
    def most(self) -> int:
        return max(column.count for column in self.columns)


def picture(spread: Distribution, version: RuleVersion) -> Picture:
    shares = [
        Share(grade or "", shown(grade, version), count, _percent(count, spread.scored))
        for grade, count in spread.grades.items()
    ]
    plain = set(spread.grades) == {None}
    return Picture(
        spread.scored, shares, _bar(shares, spread.scored, plain), _columns(spread, version, plain)
    )


def _bar(shares: Sequence[Share], scored: int, plain: bool) -> list[Part]:
    """From the best grade at the left to none at the right; `plain` for a rule without grades."""
    parts, x = [], 0.0
    for share in shares:
        if share.count:
            width = share.count / scored * BAR
            parts.append(Part(round(x, 2), round(max(width, _LEAST), 2), _looks(share.grade, plain)))
            x += width
    return parts


def _columns(spread: Distribution, version: RuleVersion, plain: bool) -> list[Column]:
    if not spread.brackets:
        return []
    most = max(bracket.count for bracket in spread.brackets)
    wide = WIDTH / len(spread.brackets)
    looks = {grade: _looks(shown(grade, version), plain) for grade in reversed(list(spread.grades))}
    return [
        Column(
            bracket.low,
            bracket.high,
            bracket.count,
            _pieces(bracket.grades, looks, n * wide, wide - _GAP, HEIGHT / most),
        )
        for n, bracket in enumerate(spread.brackets)
    ]


def _pieces(
    grades: Mapping[str | None, int],
    looks: Mapping[str | None, str],
    x: float,
    width: float,
    unit: float,
) -> list[Piece]:
    """The least grade at the bottom."""
    pieces, y = [], float(HEIGHT)
    for grade, seen in looks.items():
        if count := grades.get(grade, 0):
            height = max(count * unit, _LEAST)
            y -= height
            pieces.append(Piece(round(x, 2), round(y, 2), round(width, 2), round(height, 2), seen))
    return pieces


def _looks(grade: Shown | None, plain: bool) -> str:
    if plain:
        return "grade-all"
    return "grade-none" if grade is None else f"grade-{min(grade.rank, 4)}"


def _percent(count: int, scored: int) -> Decimal:
    return round(Decimal(100 * count) / max(scored, 1), 1)
