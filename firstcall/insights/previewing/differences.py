"""Two scorings of the same records held against each other: distributions, who changes grade, who moves most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firstcall.insights.previewing.adding import NO_GRADE, OUTSIDE, Scored
from firstcall.insights.previewing.measuring import Whole

BINS = 20
_MOST_COUNTED = 1 << 20  # the widest range of points that is counted one by one
_TAIL = 0.005  # of each end: they share the outermost bin instead of stretching the scale


@dataclass(frozen=True, slots=True)
class Bin:
    """Points from `low` to below `high`, in hundredths; None where it is open. `before` is 0 without another rule."""

    low: int | None
    high: int | None
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """Points in hundredths; averages and medians are None of no records."""

    figure: str
    bins: tuple[Bin, ...]
    average_before: float | None
    average_after: float | None
    median_before: float | None
    median_after: float | None


@dataclass(frozen=True, slots=True)
class Mover:
    """A record by its place among all, with its totals and grades; None where the rule does not apply."""

    place: int
    before: int | None
    after: int | None
    grade_before: str | None
    grade_after: str | None

    @property
    def change(self) -> int:
        return (self.after or 0) - (self.before or 0)


@dataclass(frozen=True, slots=True)
class Crossing:
    """How many went from one grade to another; None is no grade, and `outside` that the rule did not apply."""

    before: str | None
    after: str | None
    was_outside: bool
    is_outside: bool
    count: int
    movers: tuple[Mover, ...]


@dataclass(frozen=True)
class Counts:
    """How often each number of points is there: distinct ones, lowest first."""

    points: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, values: Whole) -> Counts:
        plain = _plain(values)
        if not len(plain):
            return cls(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
        low, high = int(plain.min()), int(plain.max())
        if high - low > _MOST_COUNTED:
            points, counts = np.unique(plain, return_counts=True)
            return cls(points, counts.astype(np.int64))
        counted = np.bincount(plain - low)
        held = np.flatnonzero(counted)
        return cls(held + low, counted[held])

    @property
    def total(self) -> int:
        return int(self.counts.sum())

    def together(self, other: Counts) -> Counts:
        points, at = np.unique(np.concatenate([self.points, other.points]), return_inverse=True)
        counts = np.bincount(at, weights=np.concatenate([self.counts, other.counts]), minlength=len(points))
        return Counts(points, counts.astype(np.int64))

    def within(self, edges: NDArray[np.int64]) -> list[int]:
        """How many lie below the first edge, between each two, and from the last one on."""
        ends = np.concatenate([[0], np.cumsum(self.counts)])[np.searchsorted(self.points, edges, side="left")]
        return [int(n) for n in np.diff(np.concatenate([[0], ends, [self.total]]))]

    def at(self, rank: int) -> int:
        """The points of the one in this place, from 0, lowest first."""
        return int(self.points[np.searchsorted(np.cumsum(self.counts), rank, side="right")])

    @property
    def mean(self) -> float | None:
        total = self.total
        return int((self.points.astype(object) * self.counts).sum()) / total if total else None

    @property
    def median(self) -> float | None:
        total = self.total
        return (self.at((total - 1) // 2) + self.at(total // 2)) / 2 if total else None


def distribution(figure: str, before: Counts | None, after: Counts) -> Distribution:
    """Of the records that each rule applies to."""
    old = Counts.of(np.zeros(0, dtype=np.int64)) if before is None else before
    edges = _edges(old.together(after))
    bounds: list[int | None] = [None, *map(int, edges), None]
    held = zip(old.within(edges), after.within(edges), strict=True)
    bins = tuple(Bin(bounds[n], bounds[n + 1], *counts) for n, counts in enumerate(held))
    return Distribution(figure, bins, old.mean, after.mean, old.median, after.median)


def _edges(counts: Counts) -> NDArray[np.int64]:
    """Inner bounds of bins that all have one round width."""
    nothing, last = np.zeros(0, dtype=np.int64), counts.total - 1
    if last < 0:
        return nothing
    low, high = counts.at(int(last * _TAIL)), counts.at(last - int(last * _TAIL))
    if low == high:
        low, high = counts.at(0), counts.at(last)
    if low == high:
        return nothing
    width = _width((high - low) / BINS)
    return np.arange((low // width + 1) * width, high + 1, width, dtype=np.int64)


def _width(least: float) -> int:
    """1, 2 or 5 times a power of ten, in hundredths."""
    power = 1
    while power * 10 <= least:
        power *= 10
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least)


def _plain(values: Whole) -> NDArray[np.int64]:
    """For drawing: numbers beyond all reason are brought within it."""
    return np.asarray(np.clip(values, -(2**53), 2**53), dtype=np.int64)


@dataclass(frozen=True)
class Pairing:
    """Two scorings of the same records; `seen` are those that are told of."""

    before: Scored
    after: Scored
    seen: NDArray[np.bool_]

    def crossings(self, most: int) -> list[Crossing]:
        """Every way from a grade to another that any record goes, the commonest first, each with its strongest movers."""
        names = list(dict.fromkeys([*self._named(self.before), *self._named(self.after)]))
        code = {name: n for n, name in enumerate(names)}
        before = self._coded(self.before, code)[self.seen]
        after = self._coded(self.after, code)[self.seen]
        places = np.flatnonzero(self.seen)
        changed = before != after
        pairs, at, counts = np.unique(
            before[changed].astype(np.int64) * len(names) + after[changed],
            return_inverse=True,
            return_counts=True,
        )
        among = places[changed]
        found = []
        for n in np.argsort(-counts, kind="stable"):
            first, second = (names[i] for i in divmod(int(pairs[n]), len(names)))
            movers = self._strongest(among[at == n], most)
            found.append(
                Crossing(
                    first[1], second[1], first[0] == OUTSIDE, second[0] == OUTSIDE, int(counts[n]), movers
                )
            )
        return found

    def movers(self, most: int) -> tuple[tuple[Mover, ...], tuple[Mover, ...]]:
        """Of those that both rules apply to: who gains most, and who loses most."""
        both = np.flatnonzero(self.seen & self.before.applies & self.after.applies)
        change = (self.after.total - self.before.total)[both]
        up, down = both[change > 0], both[change < 0]
        return self._strongest(up, most), self._strongest(down, most)

    def _strongest(self, places: NDArray[np.intp], most: int) -> tuple[Mover, ...]:
        size = np.abs(self._total(self.after, places) - self._total(self.before, places))
        if len(places) > most > 0 and size.dtype != np.object_:
            # Enough to hold every one that may be among the first.
            least = np.partition(size, len(size) - most)[len(size) - most]
            keep = size >= least
            places, size = places[keep], size[keep]
        order = np.lexsort((places, -size)) if size.dtype != np.object_ else np.argsort(-size, kind="stable")
        return tuple(self._mover(int(place)) for place in places[order[:most]])

    def _total(self, of: Scored, places: NDArray[np.intp]) -> Whole:
        return np.where(of.applies[places], of.total[places], 0)

    def _mover(self, place: int) -> Mover:
        def told(of: Scored) -> tuple[int | None, str | None]:
            if not of.applies[place]:
                return None, None
            grade = int(of.grades[place])
            return int(of.total[place]), of.names[grade] if grade >= 0 else None

        before, after = told(self.before), told(self.after)
        return Mover(place, before[0], after[0], before[1], after[1])

    @staticmethod
    def _named(of: Scored) -> list[tuple[int, str | None]]:
        return [(0, name) for name in of.names] + [(NO_GRADE, None), (OUTSIDE, None)]

    def _coded(self, of: Scored, code: dict[tuple[int, str | None], int]) -> NDArray[np.int64]:
        """The grades of both rules by one list of names."""
        by_place = [code[0, name] for name in of.names] + [code[OUTSIDE, None], code[NO_GRADE, None]]
        # Places from behind: -1 is no grade, -2 outside.
        return np.array(by_place, dtype=np.int64)[of.grades]


def grade_counts(of: Scored, seen: NDArray[np.bool_]) -> dict[str | None, int]:
    """How many records have each grade, best first; None is no grade."""
    grades = of.grades[seen & of.applies]
    counts: dict[str | None, int] = {name: int((grades == n).sum()) for n, name in enumerate(of.names)}
    if none := int((grades == NO_GRADE).sum()):
        counts[None] = none
    return counts
