"""Points as a function of a whole number (a count, days): constant but at a few steps that the rule fixes.

The tests on a count compare with constants, so what a count is worth, and at which count that changes, is
known when the rule is compiled. This makes `next_change_at` a look-up of one touchpoint's moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from firstcall.scoring.numbers import MILLION
from firstcall.scoring.operators import Between, Compare, Is, meets
from firstcall.scoring.rules import Row, Test
from firstcall.scoring.values import Value


@dataclass(frozen=True)
class Steps:
    """The value from each start on; `starts[0]` is 0, neighbours differ; `missing` is that of no number."""

    starts: tuple[int, ...]
    values: tuple[int, ...]
    missing: int = 0

    @property
    def boundaries(self) -> tuple[int, ...]:
        """The numbers at which the value changes."""
        return self.starts[1:]

    @property
    def is_constant(self) -> bool:
        return len(self.starts) == 1

    @property
    def widest(self) -> int:
        """The most that can be missing to the next boundary."""
        return max((end - start for start, end in pairwise(self.starts)), default=0)

    def sql(self, x: str) -> str:
        """The value at x, a whole number >= 0, or NULL where `missing` counts."""
        branches = [f"WHEN {x} >= {start} THEN {value}" for start, value in self._downwards()[:-1]]
        known = f"CASE {' '.join(branches)} ELSE {self.values[0]} END" if branches else str(self.values[0])
        if self.missing == self.values[0]:
            return known
        return f"CASE WHEN {x} IS NULL THEN {self.missing} ELSE {known} END"

    def truth_sql(self, x: str) -> str:
        """Where the value is not 0, as a condition that is never NULL."""
        ends = (*self.boundaries, None)
        spans = [
            _span(x, start, end)
            for start, end, value in zip(self.starts, ends, self.values, strict=True)
            if value
        ]
        if self.missing:
            spans.append(f"{x} IS NULL")
        if not spans:
            return "FALSE"
        joined = spans[0] if len(spans) == 1 else "(" + " OR ".join(spans) + ")"
        return joined if self.missing else f"COALESCE({joined}, FALSE)"

    def last_boundary_sql(self, x: str, at: Callable[[int], str]) -> str:
        """`at(b)` of the greatest boundary b <= x, else NULL."""
        branches = [f"WHEN {x} >= {start} THEN {at(start)}" for start, _ in self._downwards()[:-1]]
        return f"CASE {' '.join(branches)} END" if branches else "NULL"

    def next_boundary_sql(self, x: str) -> str:
        """The least boundary > x, else NULL."""
        branches = [f"WHEN {x} < {start} THEN {start}" for start in self.boundaries]
        return f"CASE {' '.join(branches)} END" if branches else "NULL"

    def _downwards(self) -> list[tuple[int, int]]:
        return list(zip(self.starts, self.values, strict=True))[::-1]


def _span(x: str, start: int, end: int | None) -> str:
    if end is None:
        return f"{x} >= {start}"
    if end == start + 1:
        return f"{x} = {start}"
    return f"{x} < {end}" if start == 0 else f"({x} >= {start} AND {x} < {end})"


def all_hold(tests: Iterable[Test], value: Value, as_of: int = 0) -> bool:
    """Whether all tests hold for the value."""
    return all(meets(test.operator, value, as_of) is not test.negated for test in tests)


def steps_of_tests(tests: tuple[Test, ...], points: int) -> Steps:
    """`points` where all tests hold, else 0."""
    return steps_of_table((Row(tests, points),))


def steps_of_table(rows: tuple[Row, ...]) -> Steps:
    """The points of the first row whose tests all hold, else 0."""
    candidates = sorted({0, *(start for row in rows for test in row.tests for start in _thresholds(test))})
    return _merged(candidates, lambda value: _table_points(rows, value))


def capped_steps(points: int, every: int, at_most: int) -> Steps:
    """`points` x floor(n / every), kept within -at_most … at_most; as many steps as it takes to get there."""
    if not points or not at_most:
        return Steps((0,), (0,))
    starts, values = [0], [0]
    quotient = 0
    while abs(values[-1]) < at_most:
        # The next whole n at which the quotient grows; `every` may be less than one.
        start = -(-(quotient + 1) * every // MILLION)
        quotient = start * MILLION // every
        starts.append(start)
        values.append(max(-at_most, min(at_most, points * quotient)))
    return Steps(tuple(starts), tuple(values))


def _table_points(rows: tuple[Row, ...], value: Value) -> int:
    return next((row.points for row in rows if all_hold(row.tests, value)), 0)


def _merged(candidates: list[int], worth: Callable[[Value], int]) -> Steps:
    starts: list[int] = []
    values: list[int] = []
    for start in candidates:
        value = worth(Value(start))
        if not values or values[-1] != value:
            starts.append(start)
            values.append(value)
    return Steps(tuple(starts), tuple(values), missing=worth(Value(None)))


def _thresholds(test: Test) -> Iterable[int]:
    """The whole numbers >= 0 at which the test's answer may change."""
    match test.operator:
        case Is(operands):
            bounds = [operand.number for operand in operands]
        case Compare(_, operand):
            bounds = [operand.number]
        case Between(low, high):
            bounds = [low.number, high.number]
        case _:
            bounds = []
    for bound in bounds:
        if bound is not None:
            yield from (n for n in (-(-bound // MILLION), bound // MILLION + 1) if n >= 0)
