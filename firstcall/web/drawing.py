"""What is drawn by the server: lengths and paths of small pictures, in the units of their SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from firstcall.scorekeeping.models import Figures
from firstcall.web.numbers import whole

BAR_WIDTH = 120
SPARK_WIDTH, SPARK_HEIGHT = 84, 24


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a bar."""

    x: float
    width: float
    looks: str


@dataclass(frozen=True, slots=True)
class Bar:
    """The figures of a score around its zero: what it is to the right, what it takes away to the left."""

    parts: Sequence[Part]
    zero: float
    figures: Figures


@dataclass(frozen=True, slots=True)
class Spark:
    """The way of a total; `path` as a line of steps, `under` the same closed to the ground, `x`, `y` where it ends."""

    path: str
    under: str
    x: float
    y: float
    first: Decimal
    last: Decimal

    @property
    def by(self) -> Decimal:
        return self.last - self.first


@dataclass(frozen=True, slots=True)
class Scale:
    """How much bars have room for, in hundredths to the left and to the right of their zero.

    >>> Scale.read("250.4000"), str(Scale(0, 100)), Scale.read("x")
    (Scale(left=250, right=4000), '0.100', Scale(left=0, right=1))
    """

    left: int
    right: int

    def __str__(self) -> str:
        return f"{self.left}.{self.right}"

    @classmethod
    def read(cls, text: str) -> Scale:
        left, right = (whole(part) for part in text.partition(".")[::2])
        return cls(0, 1) if left is None or right is None else cls(left, max(right, 1))


def scale_of(scores: Iterable[Figures], at_least: Scale = Scale(0, 1)) -> Scale:
    """One for all, so that they can be compared."""
    scores = list(scores)
    gains = [int(score.positive + score.touchpoint_positive) for score in scores]
    losses = [int(score.negative + score.touchpoint_negative) for score in scores]
    return Scale(max([at_least.left, *losses]), max([at_least.right, *gains]))


def bars(scores: Sequence[Figures], width: float = BAR_WIDTH, scale: Scale | None = None) -> list[Bar]:
    scale = scale or scale_of(scores)
    unit = width / (scale.left + scale.right)
    return [_bar(score, scale.left * unit, unit) for score in scores]


def _bar(score: Figures, zero: float, unit: float) -> Bar:
    parts, x = [], zero
    for gain, looks in ((score.positive, "plus"), (score.touchpoint_positive, "plus-light")):
        parts.append(_part(x, float(gain) * unit, looks))
        x += float(gain) * unit
    x = zero
    for loss, looks in ((score.negative, "minus"), (score.touchpoint_negative, "minus-light")):
        x -= float(loss) * unit
        parts.append(_part(x, float(loss) * unit, looks))
    return Bar([part for part in parts if part.width > 0], round(zero, 2), score)


def _part(x: float, width: float, looks: str) -> Part:
    return Part(round(x, 2), round(max(width, 0), 2), looks)


def spark(
    way: Sequence[tuple[datetime, Decimal]],
    *,
    since: datetime,
    until: datetime,
    now_at: Decimal,
    width: float = SPARK_WIDTH,
    height: float = SPARK_HEIGHT,
) -> Spark:
    """A line of steps; without a change it is level, and so where the first score came only now."""
    points = [(at, total) for at, total in way if at <= until]
    if len(points) < 2:
        level = points[0][1] if points else now_at
        middle = round(height / 2, 1)
        return Spark(f"M0 {middle}H{width}", "", width, middle, level, level)
    low = min(0, *(float(total) for _, total in points)) if points else 0.0
    high = max(float(total) for _, total in points)
    tall = max(high - low, 1.0)
    span = max((until - since).total_seconds(), 1.0)

    def across(at: datetime) -> float:
        return round((at - since).total_seconds() / span * width, 1)

    def up(total: Decimal) -> float:
        return round(height - 2 - (float(total) - low) / tall * (height - 4), 1)

    first = points[0]
    start = across(first[0])
    path = f"M{start} {up(first[1])}"
    for at, total in points[1:]:
        path += f"H{across(at)}V{up(total)}"
    path += f"H{width}"
    return Spark(path, f"{path}V{height}H{start}Z", width, up(points[-1][1]), first[1], points[-1][1])


def waterfall(points: Sequence[int], width: float = 160) -> list[Part]:
    """Each step from where the one before ended; all in one scale."""
    ends, at = [0], 0
    for step in points:
        at += step
        ends.append(at)
    low, high = min(ends), max(ends)
    unit = width / max(high - low, 1)
    return [
        _part((min(a, b) - low) * unit, max(abs(b - a) * unit, 1.5), "plus" if b >= a else "minus")
        for a, b in pairwise(ends)
    ]
