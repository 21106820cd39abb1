"""A dry run of an import of touchpoints: persons, types, moments, what is there already: nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from firstcall.access.rights import Verb
from firstcall.engines.reading.quoting import parquet_source
from firstcall.engines.workspace import Workspace
from firstcall.records.importing.driving import MEMORY, Advance
from firstcall.records.importing.rejecting import Rejected, RejectFile
from firstcall.records.importing.staging import Staged, stage_file
from firstcall.records.seeing import eyes_of
from firstcall.scoring.saying import said
from firstcall.scoring.times import format_moment
from firstcall.touchpoints.catalogue import undefined_types
from firstcall.touchpoints.importing.asking import TouchpointsAsked
from firstcall.touchpoints.importing.preparing import prepare
from firstcall.touchpoints.importing.roles import Roles
from firstcall.touchpoints.importing.touchpoints_way import plan_touchpoints, raw_rows
from firstcall.touchpoints.models import Source, Touchpoint

_SHOWN_ROWS, _MOST_PROBLEMS, _MOST_TYPES = 5, 200, 100
_SOME = 5_000  # rows at once


@dataclass
class TouchpointTrial:
    """
    records    how many records the touchpoints are of
    begin, end moments of the first and the last, in microseconds
    types      how many rows of each type would come in
    undefined  the types that nobody has defined
    problems   reason, rows, the first lines
    """

    roles: Roles
    notes: list[str]
    total: int = 0
    created: int = 0
    unchanged: int = 0
    rejected: int = 0
    records: int = 0
    begin: int | None = None
    end: int | None = None
    types: dict[str, int] = field(default_factory=dict)
    undefined: list[str] = field(default_factory=list)
    problems: list[tuple[str, int, list[int]]] = field(default_factory=list)
    rejects: Path | None = None

    def to_json(self) -> dict[str, Any]:
        roles = self.roles
        return {
            "rows": self.total,
            "would_create": self.created,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "records": self.records,
            "from": None if self.begin is None else format_moment(self.begin),
            "until": None if self.end is None else format_moment(self.end),
            "columns": {"person": roles.person, "by": roles.by, "type": roles.type, "at": roles.at, "id": roles.id,
                        "properties": [*filter(None, [roles.properties]), *roles.own]},
            "types": [
                {"type": type, "rows": rows, "is_defined": type not in self.undefined}
                for type, rows in self.types.items()
            ],
            "notes": self.notes,
            "remarks": self.notes,
            "problems": [
                {"column": "", "says": says, "rows": rows, "first_rows": first, "like": []}
                for says, rows, first in self.problems
            ],
        }  # fmt: skip


def try_touchpoints(
    path: str,
    folder: Path,
    asked: TouchpointsAsked,
    *,
    by: int | None,
    advance: Advance = lambda done, total, message: None,
) -> TouchpointTrial:
    """Raises ImportRefusedError or SourceError where the file cannot be used. The folder holds the file of rejects."""
    folder.mkdir(parents=True, exist_ok=True)
    with Workspace(memory=MEMORY) as workspace:
        staged = stage_file(
            path, folder / "staged", asked.file, progress=lambda doing, share: advance(0, None, doing)
        )
        return _Trying(workspace.connection, staged, asked, folder).go(
            by, lambda says: advance(0, None, says)
        )


class _Trying:
    def __init__(
        self, connection: duckdb.DuckDBPyConnection, staged: Staged, asked: TouchpointsAsked, folder: Path
    ) -> None:
        self.connection = connection
        self.staged = staged
        self.asked = asked
        self.prepared = folder / "touchpoints.parquet"
        self.rejects = RejectFile(folder)

    def go(self, by: int | None, tell: Callable[[str], None]) -> TouchpointTrial:
        wishes, staged = self.asked.wishes, self.staged
        roles, plan = plan_touchpoints(self.connection, staged, self.asked)
        assert plan.dates is not None  # noqa: S101
        viewer = eyes_of(by, Verb.IMPORT, wishes.module)
        prepare(
            self.connection, staged, roles, wishes, plan.dates, self.asked.reading, self.prepared, viewer=viewer, tell=tell,
        )  # fmt: skip
        trial = TouchpointTrial(roles, list(staged.notes), staged.rows + staged.unread)
        self._count(trial)
        self._types(trial)
        tell(said("looking for what is there already"))
        trial.unchanged = self._known()
        trial.created -= trial.unchanged
        tell(said("listing what would be left out"))
        self._problems(trial)
        self.prepared.unlink()
        trial.rejects = self.rejects.finish(staged)
        return trial

    @property
    def _rows(self) -> str:
        return parquet_source([str(self.prepared)])

    def _count(self, trial: TouchpointTrial) -> None:
        [found] = self.connection.execute(
            f"""SELECT count(*), count(*) FILTER (WHERE is_good), count(DISTINCT record_id) FILTER (WHERE is_good),
            min(occurred_at) FILTER (WHERE is_good), max(occurred_at) FILTER (WHERE is_good)
            FROM (SELECT *, reason IS NULL AS is_good FROM {self._rows})"""
        ).fetchall()
        rows, trial.created, trial.records, trial.begin, trial.end = found
        trial.total = rows + self.staged.unread
        trial.rejected = trial.total - trial.created

    def _types(self, trial: TouchpointTrial) -> None:
        counts = self.connection.execute(
            f"""SELECT type, count(*) AS n FROM {self._rows} WHERE reason IS NULL
            GROUP BY type ORDER BY n DESC, type LIMIT {_MOST_TYPES}"""
        )
        trial.types = dict(counts.fetchall())
        trial.undefined = sorted(undefined_types(trial.types))

    def _known(self) -> int:
        """How many the source has sent already."""
        source = Source.objects.filter(name=self.asked.wishes.source).first()
        if source is None:
            return 0
        reader = self.connection.execute(f"SELECT message_id FROM {self._rows} WHERE reason IS NULL")
        known = 0
        while rows := reader.fetchmany(_SOME):
            known += Touchpoint.objects.filter(source=source, message_id__in=[id for (id,) in rows]).count()
        return known

    def _problems(self, trial: TouchpointTrial) -> None:
        self.rejects.path.unlink(missing_ok=True)
        unread = list(self.staged.unread_rows())
        self.rejects.append(Rejected(line, reason, raw=raw) for line, reason, raw in unread)
        found = {
            reason: (rows, list(first))
            for reason, rows, first in self.connection.execute(
                f"""SELECT reason, count(*) AS n, min(line, {_SHOWN_ROWS})
                FROM {self._rows} WHERE reason IS NOT NULL GROUP BY reason ORDER BY n DESC LIMIT {_MOST_PROBLEMS}"""
            ).fetchall()
        }
        for line, reason, _ in unread:
            rows, first = found.get(reason, (0, []))
            found[reason] = rows + 1, [*first, line or 0][:_SHOWN_ROWS]
        trial.problems = sorted(
            ((says, rows, first) for says, (rows, first) in found.items()), key=lambda one: -one[1]
        )
        self._keep_rejects()

    def _keep_rejects(self) -> None:
        bad = self.connection.cursor().execute(  # one of its own: others are read in between
            f"SELECT line, reason FROM {self._rows} WHERE reason IS NOT NULL ORDER BY line"
        )
        while some := bad.fetchmany(_SOME):
            reasons = dict(some)
            raw = raw_rows(self.connection, self.staged, list(reasons))
            self.rejects.append(Rejected(line, reasons[line], cells) for line, cells in raw.items())
