"""Score brackets: round steps that split the scores of a rule into a dozen readable parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from firstcall.scoring.numbers import format_points

_MOST = 12
# The outermost records of a long tail share one open bracket instead of stretching the scale.
_TAIL = 0.005


@dataclass(frozen=True, slots=True)
class Bracket:
    """Scores from `low` to below `high`, in hundredths; None where the bracket is open."""

    low: int | None
    high: int | None

    def __contains__(self, points: int) -> bool:
        return (self.low is None or points >= self.low) and (self.high is None or points < self.high)

    def __str__(self) -> str:
        """
        >>> print(Bracket(0, 1000), Bracket(None, 0), Bracket(9000, None), Bracket(None, None), sep=", ")
        0 to <10, below 0, 90 or more, all
        """
        if self.low is None:
            return "all" if self.high is None else f"below {format_points(self.high)}"
        if self.high is None:
            return f"{format_points(self.low)} or more"
        return f"{format_points(self.low)} to <{format_points(self.high)}"


def brackets_of(points: Sequence[int], counts: Sequence[int]) -> list[Bracket]:
    """Brackets for scores (distinct, ascending, hundredths) with how many records have each; lowest first.

    The brackets between the outermost have one round width: 1, 2 or 5 times a power of ten. The lowest is
    open only where scores lie far below.

    >>> [str(bracket) for bracket in brackets_of([0, 1000, 2500, 4000], [5, 5, 5, 5])]
    ['0 to <5', '5 to <10', '10 to <15', '15 to <20', '20 to <25', '25 to <30', '30 to <35', '35 or more']
    """
    if not points or points[0] == points[-1]:
        return [Bracket(None, None)] if points else []
    low, high = _quantile(points, counts, _TAIL), _quantile(points, counts, 1 - _TAIL)
    if low == high:
        low, high = points[0], points[-1]
    width = next(width for width in _widths() if _count(low, high, width) <= _MOST - 1)
    edges = _edges(low, high, width)
    inner = [Bracket(start, end) for start, end in pairwise(edges)]
    lowest = edges[0] - width if points[0] >= edges[0] - width else None
    return [Bracket(lowest, edges[0]), *inner, Bracket(edges[-1], None)]


def _edges(low: int, high: int, width: int) -> list[int]:
    """Multiples of the width between the two scores, themselves left out; at least one that parts them."""
    first = (low // width + 1) * width
    return list(range(first, high, width)) or [high]


def _count(low: int, high: int, width: int) -> int:
    return high // width - low // width


def _widths() -> Sequence[int]:
    """Round widths in hundredths, from one point up (below that scores are split too finely to read)."""
    return [size * 10**power for power in range(2, 40) for size in (1, 2, 5)]


def _quantile(points: Sequence[int], counts: Sequence[int], share: float) -> int:
    """The score below or at which that share of the records lies."""
    wanted, seen = share * sum(counts), 0
    for score, count in zip(points, counts, strict=True):
        seen += count
        if seen >= wanted:
            return score
    return points[-1]
