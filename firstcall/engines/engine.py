"""What every engine offers: scores into one table of the workspace, and explained scores one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from firstcall.engines.workspace import Workspace
from firstcall.scoring.columns import RecordColumns
from firstcall.scoring.rules import Rule
from firstcall.scoring.scores import Score

if TYPE_CHECKING:
    from firstcall.engines.reading import Source

# Written as a 64-bit integer is.
_INTEGER_ID = re.compile(r"0|-?[1-9][0-9]{0,17}")

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


def record_ids(columns: RecordColumns, ids: Sequence[str]) -> list[str] | list[int]:
    """The ids as the relation stores them; texts that no integer id can equal are left out."""
    if not columns.integer_ids:
        return list(ids)
    return [int(id) for id in ids if _INTEGER_ID.fullmatch(id)]
