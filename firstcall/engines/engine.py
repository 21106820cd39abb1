"""What every engine offers: scores into one table of the workspace, and explained scores one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from firstcall.engines.reading import Source
from firstcall.engines.workspace import Workspace
from firstcall.scoring.rules import Rule
from firstcall.scoring.scores import Score

SCORES_TABLE = """
CREATE OR REPLACE TABLE scores (
  rule INTEGER, id VARCHAR, positive HUGEINT, negative HUGEINT, touchpoint_positive HUGEINT,
  touchpoint_negative HUGEINT, touchpoint_total HUGEINT, total HUGEINT, grade VARCHAR, next_change_at BIGINT
)"""
"""Points are whole hundredths, moments microseconds, `rule` the index of the rule."""


@dataclass(frozen=True)
class Scope:
    """Which scores are asked for.

    as_of  microseconds; None where each record has its own moment (the source was opened with `as_of_field`)
    ids    only these records; None for all
    """

    as_of: int | None
    ids: tuple[str, ...] | None = None


class Engine(Protocol):
    """Scores the records of a source."""

    name: str

    def score(self, rules: Sequence[Rule], source: Source, scope: Scope, workspace: Workspace) -> None:
        """Fill the table `scores` of the workspace (SCORES_TABLE) with a row for each rule and record."""

    def explain(
        self, rule: Rule, source: Source, scope: Scope, workspace: Workspace
    ) -> Iterator[tuple[str, Score]]:
        """The scores with their lines, in no order."""
