"""Sums of fading points by stages: how many touchpoints have lived through 0, 1, 2 … whole steps.

What the sum is at any number of steps from now follows from these counts alone, whatever a touchpoint is worth. So a
sum above its cap is looked at touchpoint by touchpoint only within the one step in which it comes down to it; and rules
whose points fade by the same steps share the counts and this look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from firstcall.scoring.compiling.gathering import Gathering, Match, indented

# Of longer ladders the totals at every number of steps would be more text than the look at every turn costs.
MOST_STAGES = 24


@dataclass(frozen=True)
class Ladder:
    """A touchpoint is worth `worth[k]` after k whole steps, and then nothing; the sum is looked at against `bound`."""

    worth: tuple[int, ...]
    bound: int


@dataclass
class Stages:
    """The touchpoints of a match by how many whole steps of `every` microseconds each has lived through.

    match  has none that has yet to enter, and none that leaves before it is worth nothing
    """

    gathering: Gathering
    match: Match
    every: int
    _falls: dict[Ladder, str] = field(default_factory=dict)  # -> column

    def total(self, worth: Sequence[int], later: int = 0) -> str:
        """What they amount to, so many steps from now; NULL where there is none."""
        counts = [
            self.gathering.aged(self.match, stage * self.every, (stage + 1) * self.every)
            for stage in range(len(worth) - later)
        ]
        return f"({' + '.join(f'{points} * {count}' for points, count in zip(worth[later:], counts, strict=True))})"

    def falls_below(self, ladder: Ladder) -> str:
        """When the sum, which is above the bound (1 or more) now on either side of 0, falls below it."""
        name = self.gathering.named(self.match, "falls", self.every)
        self.total(ladder.worth)  # is asked for by whoever asks for this
        self.gathering.apart(name, self._falls.values(), lambda: self._falls_sql(name))
        return self._falls.setdefault(ladder, f"{name}_{len(self._falls) + 1}")

    def _falls_sql(self, name: str) -> str:
        """Each touchpoint goes one stage on within the next step, each rule looks at the step in which its sum falls: so
        the order in which they do is the same for all rules."""
        dialect, every = self.gathering.dialect, self.every
        ladders = list(enumerate(self._falls, 1))
        longest = max(len(ladder.worth) for ladder in self._falls)
        rows = indented(self.gathering.rows(self.match, name, younger=longest * every), 6)
        falls = [
            f"MIN(turns_at + steps_{n} * {every}) FILTER (WHERE ABS(amount_{n} + fallen_{n}) < {ladder.bound})"
            f" AS {self._falls[ladder]}"
            for n, ladder in ladders
        ]
        passed = [f"steps_{n}, amount_{n}" for n, _ in ladders]
        running = [
            f"{dialect.narrow(f'SUM(change_{n}) OVER (PARTITION BY record_id ORDER BY turns_at)')} AS fallen_{n}"
            for n, _ in ladders
        ]
        changes = [
            f"{dialect.pick(_changes(ladder.worth), f'stage + steps_{n}')} AS change_{n}"
            for n, ladder in ladders
        ]
        alive = " OR ".join(f"stage + steps_{n} < {len(ladder.worth)}" for n, ladder in ladders)
        stage = dialect.floor_divide(f"({self.gathering.as_of} - touched_at)", str(every))
        return (
            f"SELECT record_id, {', '.join(falls)}\n"
            f"FROM (\n"
            f"  SELECT record_id, turns_at, {', '.join([*passed, *running])}\n"
            f"  FROM (\n"
            f"    SELECT record_id, {', '.join([*passed, *changes])}, touched_at + (stage + 1) * {every} AS turns_at\n"
            f"    FROM (\n"
            f"      SELECT matching.record_id, touched_at, {', '.join(passed)}, {stage} AS stage\n"
            f"      FROM (\n{rows}\n      ) AS matching\n"
            f"      INNER JOIN (\n{indented(self._saturated_sql(), 8)}\n      ) AS gathered"
            f" ON gathered.record_id = matching.record_id\n"
            f"    ) AS staged\n"
            f"    WHERE {alive}\n"
            f"  ) AS changes\n"
            f") AS totals\nGROUP BY record_id"
        )

    def _saturated_sql(self) -> str:
        """Of each record with a sum above its bound: how many whole steps each sum stays at the bound or above it, and
        what it is then; in the step that follows it does not stay."""
        steps, amounts, above = [], [], []
        for n, ladder in enumerate(self._falls, 1):
            worth = ladder.worth
            stays = " ".join(
                f"WHEN ABS({self.total(worth, k)}) >= {ladder.bound} THEN {k}"
                for k in range(len(worth) - 1, 0, -1)
            )
            then = " ".join(f"WHEN {k} THEN {self.total(worth, k)}" for k in range(len(worth)))
            steps.append(f"CASE {stays} ELSE 0 END AS steps_{n}" if stays else f"0 AS steps_{n}")
            amounts.append(f"steps_{n}, CASE steps_{n} {then} END AS amount_{n}")
            above.append(f"ABS({self.total(worth)}) > {ladder.bound}")
        fence = self.gathering.dialect.fence
        return (
            f"SELECT record_id, {', '.join(amounts)}\n"
            f"FROM (\n"
            f"  SELECT *, {', '.join(steps)}\n"
            f"  FROM {self.gathering.set_name(self.match)}\n"
            f"  WHERE {' OR '.join(above)}{fence}\n"
            f") AS counted{fence}"
        )


def _changes(worth: Sequence[int]) -> list[int]:
    following = [*worth[1:], 0]
    return [then - now for now, then in zip(worth, following, strict=True)]
