"""Sums of fading points by stages: how many touchpoints have lived through 0, 1, 2 … whole steps.

What the sum is at any number of steps from now follows from these counts alone. So a sum above its cap is looked at
touchpoint by touchpoint only within the one step in which it comes down to it.
"""

from __future__ import annotations

from dataclasses import dataclass

from firstcall.scoring.compiling.gathering import Gathering, Match, indented


@dataclass(frozen=True)
class Stages:
    """The touchpoints of a match, worth `ladder[k]` for k whole steps of `every` microseconds, and then nothing.

    match  leaves none out that is worth anything, and has none that has yet to enter
    """

    gathering: Gathering
    match: Match
    ladder: tuple[int, ...]
    every: int

    def total(self, later: int = 0) -> str:
        """What they amount to, so many steps from now; NULL where there is none."""
        counts = [
            self.gathering.aged(self.match, stage * self.every, (stage + 1) * self.every)
            for stage in range(len(self.ladder) - later)
        ]
        terms = [f"{points} * {count}" for points, count in zip(self.ladder[later:], counts, strict=True)]
        return f"({' + '.join(terms)})"

    def falls_below(self, bound: int) -> str:
        """When the sum, which is above the bound (1 or more) now on either side of 0, falls below it."""
        return self.gathering.apart(
            self.match,
            "falls",
            (self.ladder, self.every, bound),
            lambda column: self._falls_sql(column, bound),
        )

    def _falls_sql(self, column: str, bound: int) -> str:
        dialect, as_of = self.gathering.dialect, self.gathering.as_of
        # So many whole steps the sum stays at the bound or above it; in the step that follows it does not.
        stays = [f"WHEN ABS({self.total(k)}) >= {bound} THEN {k}" for k in range(len(self.ladder) - 1, 0, -1)]
        skipped = f"CASE {' '.join(stays)} ELSE 0 END" if stays else "0"
        then = " ".join(f"WHEN {k} THEN {self.total(k)}" for k in range(len(self.ladder)))
        rows = indented(self.gathering.rows(self.match, column), 6)
        stage = f"{dialect.floor_divide(f'({as_of} - touched_at)', str(self.every))} + steps"
        worth = [*self.ladder, 0]
        change = dialect.pick([worth[k + 1] - worth[k] for k in range(len(self.ladder))], "stage")
        running = dialect.narrow("SUM(change) OVER (PARTITION BY record_id ORDER BY moment)")
        return (
            f"SELECT record_id, MIN(moment) FILTER (WHERE ABS(amount + fallen) < {bound}) AS {column}\n"
            f"FROM (\n"
            f"  SELECT record_id, amount, moment, {running} AS fallen\n"
            f"  FROM (\n"
            f"    SELECT record_id, amount, touched_at + (stage + 1) * {self.every} AS moment, {change} AS change\n"
            f"    FROM (\n"
            f"      SELECT matching.record_id, touched_at, {stage} AS stage, CASE steps {then} END AS amount\n"
            f"      FROM (\n{rows}\n      ) AS matching\n"
            f"      INNER JOIN (\n"
            f"        SELECT *, {skipped} AS steps\n"
            f"        FROM {self.gathering.set_name(self.match)}\n"
            f"        WHERE ABS({self.total()}) > {bound}{dialect.fence}\n"
            f"      ) AS gathered ON gathered.record_id = matching.record_id\n"
            f"    ) AS staged\n"
            f"    WHERE stage < {len(self.ladder)}\n"
            f"  ) AS changes\n"
            f") AS totals\nGROUP BY record_id"
        )
