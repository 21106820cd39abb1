"""Score brackets: round steps that split the scores of a rule into a dozen readable parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from firstcall.scoring.numbers import format_points

_MOST = 12
# The outermost records of a long tail share one open bracket instead of stretching the scale.
_TAIL = 0.005
# With more distinct scores than that there are no steps to look for.
_FEW_SCORES = 1_000


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
    ['0 to <10', '10 to <20', '20 to <30', '30 or more']
    """
    if not points or points[0] == points[-1]:
        return [Bracket(None, None)] if points else []
    low, high = _quantile(points, counts, _TAIL), _quantile(points, counts, 1 - _TAIL)
    if low == high:
        low, high = points[0], points[-1]
    fitting = [width for width in _widths(high - low) if _count(low, high, width) <= _MOST - 1]
    finest = _brackets(points[0], _edges(low, high, fitting[0]), fitting[0])
    if len(points) > _FEW_SCORES:
        return finest
    # Where scores lie in steps, fewer brackets hold them as well apart, without empty ones between.
    choices = [_brackets(points[0], edges, w) for w in fitting for edges in _both_edges(low, high, w)]
    held = _filled(finest, points)
    return min((c for c in choices if _filled(c, points) >= held), key=len)


def _brackets(lowest: int, edges: Sequence[int], width: int) -> list[Bracket]:
    inner = [Bracket(start, end) for start, end in pairwise(edges)]
    first = edges[0] - width if lowest >= edges[0] - width else None
    return [Bracket(first, edges[0]), *inner, Bracket(edges[-1], None)]


def _both_edges(low: int, high: int, width: int) -> list[list[int]]:
    """The edges without and, where it is one, with the highest score, which then has a bracket of its own."""
    edges = _edges(low, high, width)
    return [edges, [*edges, high]] if high % width == 0 and edges[-1] != high else [edges]


def _filled(brackets: Sequence[Bracket], points: Sequence[int]) -> int:
    """How many of the brackets hold a score."""
    held, at = 0, 0
    for bracket in brackets:
        before = at
        while at < len(points) and points[at] in bracket:
            at += 1
        held += at > before
    return held


def _edges(low: int, high: int, width: int) -> list[int]:
    """Multiples of the width between the two scores, themselves left out; at least one that parts them."""
    first = (low // width + 1) * width
    return list(range(first, high, width)) or [high]


def _count(low: int, high: int, width: int) -> int:
    return high // width - low // width


def _widths(span: int) -> list[int]:
    """Round widths in hundredths, from one point up (below that scores are split too finely to read)."""
    widths = [size * 10**power for power in range(2, 40) for size in (1, 2, 5)]
    return [width for width in widths if width <= span] or widths[:1]


def _quantile(points: Sequence[int], counts: Sequence[int], share: float) -> int:
    """The score below or at which that share of the records lies."""
    wanted, seen = share * sum(counts), 0
    for score, count in zip(points, counts, strict=True):
        seen += count
        if seen >= wanted:
            return score
    return points[-1]
