"""Scores of a whole module computed over the columnar copy, and laid beside the tables for a sweep to store.

What is laid there is a record's score for as long as nothing has happened to the record since the state that the copy
showed, and its next moment has not come: then it is the same as if it were computed now. All others are.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from django.db import connection

from firstcall.columns.reading import Copy, NoCopyError, find_copy
from firstcall.columns.scoring import scored_into
from firstcall.columns.states import (
    knows_surroundings,
    origin,
    records_changed_since,
    stamp_of_surroundings,
)
from firstcall.scorekeeping.compiled import loaded_rule, rule_of
from firstcall.scorekeeping.models import RuleVersion
from firstcall.scorekeeping.reaching import reads_beyond
from firstcall.scorekeeping.statements import ids_of, run
from firstcall.scorekeeping.storing import enters_with_time
from firstcall.scoring.checking import check_columns
from firstcall.scoring.columns import Columns
from firstcall.scoring.compiling import FIGURES
from firstcall.scoring.compiling.keeping import can_keep

log = logging.getLogger(__name__)

LARGE = 20_000  # records from which on the way through the copy is the shorter one

_TYPES = {"grade": "TEXT", "next_change_at": "BIGINT"}
_COLUMNS = ", ".join(
    [
        "id BIGINT",
        *(f"{figure} {_TYPES.get(figure, 'NUMERIC(38, 0)')}" for figure in FIGURES),
        "points BIGINT[]",
        "nexts BIGINT[]",
    ]
)


@dataclass
class Staged:
    """The scores by some versions of one module's rules, each in a temporary table of this connection.

    snapshot  the state up to which it is known which records have changed
    """

    copy: Copy
    versions: frozenset[int]
    snapshot: str
    _changed: set[int] = field(default_factory=set)
    _stamp: str = ""
    _is_known: bool = False

    def table(self, version: int) -> str:
        return f"pg_temp.staged_{version}"

    def look(self) -> bool:
        """What has happened since, with the records locked: whether what is laid out is of use at all."""
        self.snapshot, changed = records_changed_since(self.snapshot)
        self._changed |= changed
        if (stamp := stamp_of_surroundings()) != self._stamp:
            self._stamp, self._is_known = stamp, knows_surroundings(self.copy.manifest)
        return self._is_known

    def split(self, version: int, ids: Sequence[int], as_of: int) -> tuple[list[int], list[int]]:
        """Those whose scores may be stored as they are, or that have none, and those to be computed; `ids` in order."""
        found = run(
            f"SELECT id FROM {self.table(version)}"
            " WHERE id BETWEEN $1 AND $2 AND next_change_at <= CAST($3 AS BIGINT)",
            ids[0],
            ids[-1],
            as_of,
        )
        due = self._changed.union(ids_of(found))
        return [id for id in ids if id not in due], [id for id in ids if id in due]


@contextmanager
def staged(module: str, versions: Collection[RuleVersion], *, as_of: int) -> Iterator[Staged | None]:
    """Compute the scores by those of the versions that the copy is good for; None where it is good for none."""
    found = _copy_of(module)
    fitting = [version for version in versions if _fits(version, found.columns(module))] if found else []
    if found is None or not fitting:
        yield None
        return
    made = Staged(found, frozenset(version.pk for version in fitting), found.manifest.snapshot)
    try:
        for version in fitting:
            _lay_out(version, made, as_of)
    except duckdb.Error:
        # The other way takes longer, and gets there.
        log.warning("scoring over the columnar copy failed", exc_info=True)
        _drop(made)
        yield None
        return
    try:
        yield made
    finally:
        _drop(made)


def _copy_of(module: str) -> Copy | None:
    try:
        found = find_copy()
        found.module(module)
    except NoCopyError:
        return None
    return found if found.manifest.origin == origin() and knows_surroundings(found.manifest) else None


def _fits(version: RuleVersion, columns: Columns) -> bool:
    """What happens to others bears on a record's score by look-ups: which others, the log of changes does not say. And a
    rule that fits the fields no longer is for the other way to find."""
    rule = rule_of(version)
    if any(problem.severity == "error" for problem in check_columns(loaded_rule(version.text), columns)):
        return False
    return can_keep([rule]) and not reads_beyond(version.pk) and not enters_with_time(rule)


def _lay_out(version: RuleVersion, made: Staged, as_of: int) -> None:
    table = made.table(version.pk)
    run(f"DROP TABLE IF EXISTS {table}")
    run(f"CREATE TEMPORARY TABLE staged_{version.pk} ({_COLUMNS})")
    with tempfile.TemporaryDirectory(prefix="firstcall-") as folder:
        path = Path(folder) / "scores.csv"
        scored_into(path, made.copy, rule_of(version), as_of=as_of)
        copying = f"COPY {table} FROM STDIN (FORMAT csv)"
        with connection.connection.cursor() as cursor, cursor.copy(copying) as copy, path.open("rb") as file:
            while chunk := file.read(1 << 20):
                copy.write(chunk)
    run(f"CREATE UNIQUE INDEX ON {table} (id)")
    run(f"ANALYZE {table}")


def _drop(made: Staged) -> None:
    for version in made.versions:
        run(f"DROP TABLE IF EXISTS {made.table(version)}")
