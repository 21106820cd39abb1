"""How well a score ranks: conversion with its interval, area under the curve, gains; arithmetic on counts.

Everything is computed from `Levels`, the won and lost records at each distinct score: ties are exact, and a
million records cost no more than the scores that differ.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

# The normal quantile of 97.5 %, for 95 % intervals.
_Z = 1.959963984540054
# Chance on one side of a two-sided test at 5 %.
_ONE_SIDE = 0.025
_FEW_EXPECTED = 5

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % confidence interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Share:
    """So many won of so many records."""

    won: int
    count: int

    @property
    def rate(self) -> float | None:
        return self.won / self.count if self.count else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's score interval: E. B. Wilson (1927), JASA 22, 209-212; in bounds even at 0 and 1.

        >>> low_high = Share(81, 263).interval
        >>> round(low_high.low, 4), round(low_high.high, 4)
        (0.2553, 0.3662)
        """
        if not self.count:
            return None
        n, p = self.count, self.won / self.count
        middle = p + _Z * _Z / (2 * n)
        spread = _Z * math.sqrt(p * (1 - p) / n + _Z * _Z / (4 * n * n))
        scale = 1 + _Z * _Z / n
        # At 0 and 1 one end is exact, and rounding must not move it.
        low = 0.0 if self.won == 0 else (middle - spread) / scale
        high = 1.0 if self.won == n else (middle + spread) / scale
        return Interval(low, high)

    def __add__(self, other: Share) -> Share:
        return Share(self.won + other.won, self.count + other.count)

    def __sub__(self, other: Share) -> Share:
        return Share(self.won - other.won, self.count - other.count)


def rate_difference(first: Share, second: Share) -> Interval | None:
    """The interval of first rate - second rate, from the two Wilson intervals; None when either is empty.

    R. G. Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.

    >>> difference = rate_difference(Share(56, 70), Share(48, 80))
    >>> round(difference.low, 4), round(difference.high, 4)
    (0.0524, 0.3339)
    """
    a, b = first.interval, second.interval
    if a is None or b is None:
        return None
    p, q = first.won / first.count, second.won / second.count
    below = math.hypot(p - a.low, b.high - q)
    above = math.hypot(a.high - p, q - b.low)
    return Interval(p - q - below, p - q + above)


def is_clearly_lower(first: Share, second: Share) -> bool:
    """Whether chance alone would hardly put the first rate below the second.

    The 95 % interval of the difference lies below 0. With few records that interval is too short, so where a
    cell of the table of won and lost would hold fewer than 5 (W. G. Cochran 1954, Biometrics 10, 417-451)
    Fisher's exact test has to agree, at 5 % of both sides.

    >>> is_clearly_lower(Share(0, 6), Share(1, 1)), is_clearly_lower(Share(0, 6), Share(5, 6))
    (False, True)
    """
    difference = rate_difference(first, second)
    if difference is None or difference.high >= 0:
        return False
    count, won = first.count + second.count, first.won + second.won
    smallest = min(first.count, second.count) * min(won, count - won) / count
    return smallest >= _FEW_EXPECTED or _chance_of_at_most(first, second) <= _ONE_SIDE


def _chance_of_at_most(first: Share, second: Share) -> float:
    """The chance that of all who were won as few or fewer fall on the first: the hypergeometric tail."""
    won = first.won + second.won
    ways = _log_ways(first.count + second.count, won)
    least = max(0, won - second.count)
    return sum(
        math.exp(_log_ways(first.count, own) + _log_ways(second.count, won - own) - ways)
        for own in range(least, first.won + 1)
    )


def _log_ways(count: int, chosen: int) -> float:
    """The logarithm of the number of ways to choose; sums of it stay in range where the number does not."""
    return math.lgamma(count + 1) - math.lgamma(chosen + 1) - math.lgamma(count - chosen + 1)


@dataclass(frozen=True, slots=True)
class Area:
    """The area under the ROC curve: how often a won record stands above a lost one, ties counting half."""

    value: float
    interval: Interval


@dataclass(frozen=True)
class Levels:
    """Won and lost records at each distinct score, lowest score first."""

    won: Floats
    lost: Floats

    @classmethod
    def of(cls, won: ArrayLike, lost: ArrayLike) -> Levels:
        return cls(np.asarray(won, dtype=np.float64), np.asarray(lost, dtype=np.float64))

    @classmethod
    def of_shares(cls, shares: Sequence[Share]) -> Levels:
        return cls.of([s.won for s in shares], [s.count - s.won for s in shares])

    @cached_property
    def won_count(self) -> int:
        return int(self.won.sum())

    @cached_property
    def lost_count(self) -> int:
        return int(self.lost.sum())

    @property
    def decides(self) -> bool:
        """Whether there are both won and lost records."""
        return self.won_count > 0 and self.lost_count > 0

    def area(self) -> Area | None:
        """The area under the curve with its interval; None unless there are won and lost records.

        E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson (1988), Biometrics 44, 837-845: the structural
        components are those of Mann-Whitney's statistic, here one a level. The interval is the normal one,
        cut off at 0 and 1.
        """
        if not self.decides:
            return None
        won, lost = self.won_count, self.lost_count
        of_won = (np.cumsum(self.lost) - self.lost / 2) / lost
        of_lost = (won - np.cumsum(self.won) + self.won / 2) / won
        area = float(np.dot(self.won, of_won)) / won
        variance = _spread(self.won, of_won, area) + _spread(self.lost, of_lost, area)
        reach = _Z * math.sqrt(variance)
        return Area(area, Interval(max(0.0, area - reach), min(1.0, area + reach)))

    @cached_property
    def _from_the_top(self) -> tuple[Floats, Floats]:
        """Records and won records in the highest 0, 1, 2, … levels."""
        won = np.concatenate(([0.0], np.cumsum(self.won[::-1])))
        count = np.concatenate(([0.0], np.cumsum((self.won + self.lost)[::-1])))
        return count, won

    def won_in_top(self, records: float) -> float:
        """How many won are among the best `records`; where that cuts through a tie, the tie's won are shared
        out evenly: the mean over every order of the tied records."""
        count, won = self._from_the_top
        return float(np.interp(records, count, won))

    def cuts_a_tie(self, records: float) -> bool:
        """Whether the line after the best `records` falls among records of one score."""
        count, _ = self._from_the_top
        return not bool(np.any(np.isclose(count, records, rtol=0, atol=1e-9)))

    def curve(self) -> tuple[Floats, Floats]:
        """Cumulative gains: the share of all records from the top, and the share of all won among them."""
        count, won = self._from_the_top
        return count / count[-1], won / max(won[-1], 1.0)


def _spread(weights: Floats, components: Floats, mean: float) -> float:
    """The variance of the components' mean."""
    count = float(weights.sum())
    if count < 2:
        return 0.0
    return float(np.dot(weights, (components - mean) ** 2)) / (count - 1) / count


@dataclass(frozen=True, slots=True)
class Decile:
    """One tenth of the records, from the best down (1 is the best)."""

    number: int
    records: float
    won: float
    lift: float | None  # its conversion over that of all records
    won_so_far: float  # share of all won in this tenth and those above
    cuts_a_tie: bool  # its lower line falls among equal scores


def deciles(levels: Levels) -> list[Decile]:
    """Lift and cumulative gains by tenths of the records."""
    total, won = levels.won_count + levels.lost_count, levels.won_count
    tenths = []
    for number in range(1, 11):
        above, to = total * (number - 1) / 10, total * number / 10
        until = levels.won_in_top(to)
        own = until - levels.won_in_top(above)
        tenths.append(
            Decile(
                number=number,
                records=to - above,
                won=own,
                lift=own * 10 / won if won else None,
                won_so_far=until / won if won else 0.0,
                cuts_a_tie=number < 10 and levels.cuts_a_tie(to),
            )
        )
    return tenths
