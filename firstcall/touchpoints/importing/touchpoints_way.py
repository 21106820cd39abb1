"""How rows become touchpoints: found their persons and sorted at once, then added in steps of many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db import connection as database

from firstcall.access.rights import Verb
from firstcall.engines.reading.quoting import parquet_source
from firstcall.records.importing.driving import Wrote
from firstcall.records.importing.errors import ImportRefusedError, import_problem
from firstcall.records.importing.headers import looks_like_values
from firstcall.records.importing.models import ImportRun
from firstcall.records.importing.plan import ColumnPlan
from firstcall.records.importing.planning import settled
from firstcall.records.importing.profiling import Profiler
from firstcall.records.importing.staging import Staged, names_of
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Module, Turn
from firstcall.records.seeing import eyes_of
from firstcall.scoring.problems import Problem
from firstcall.scoring.saying import said
from firstcall.touchpoints.adding import Columns, add_columns
from firstcall.touchpoints.catalogue import undefined_types
from firstcall.touchpoints.importing.asking import TouchpointsAsked
from firstcall.touchpoints.importing.preparing import STEP, prepare
from firstcall.touchpoints.importing.roles import Roles, find_roles
from firstcall.touchpoints.models import Source, SourceKind
from firstcall.touchpoints.sightings import UNKNOWN_TYPE, Sightings

_MOST_TYPES = 1_000


class TouchpointsWay:
    """One import of touchpoints."""

    step = STEP

    def __init__(self, run: ImportRun) -> None:
        self.asked = TouchpointsAsked.from_json(run.wishes)

    @property
    def parts(self) -> Sequence[int]:
        groups = self.file.metadata
        return [groups.row_group(number).num_rows for number in range(groups.num_row_groups)]

    def open(self, run: ImportRun, connection: duckdb.DuckDBPyConnection, staged: Staged) -> None:
        wishes = self.asked.wishes
        path = run.folder / "staged" / "touchpoints.parquet"
        if run.plan is None or not path.exists():
            roles, plan = plan_touchpoints(connection, staged, self.asked)
            assert plan.dates is not None  # noqa: S101
            viewer = eyes_of(run.created_by_id, Verb.IMPORT, wishes.module)
            prepare(connection, staged, roles, wishes, plan.dates, self.asked.reading, path, viewer=viewer)
            run.plan = {"person": roles.person, "by": roles.by, "type": roles.type, "at": roles.at, "id": roles.id,
                        "properties": [*filter(None, [roles.properties]), *roles.own]}  # fmt: skip
            source, _ = Source.objects.get_or_create(
                name=wishes.source,
                defaults={"kind": SourceKind.IMPORT, "module": run.module, "created_at": run.created_at},
            )
            run.plan["source"] = source.pk
        self.connection = connection
        self.staged = staged
        self.run = run
        self.source: int = run.plan["source"]
        self.file = pq.ParquetFile(path)

    def part(self, number: int) -> pa.Table:
        return self.file.read_row_group(number)

    def raw(self, part: int, lines: Sequence[int]) -> dict[int, list[str | None]]:
        return raw_rows(self.connection, self.staged, lines)

    def write(self, cells: pa.Table, *, at: datetime) -> Wrote:
        bad = cells.filter(pc.is_valid(cells["reason"]))
        rejected = dict(zip(bad["line"].to_pylist(), bad["reason"].to_pylist(), strict=True))
        good = cells.filter(pc.is_null(cells["reason"])).to_pydict()
        count = len(good["line"])
        added: list[int] = []
        if count:
            columns = Columns(
                good["message_id"], good["record_id"], [None] * count, [None] * count, good["type"],
                good["occurred_at"], good["properties"],
            )  # fmt: skip
            _, added = add_columns(self.source, columns, received_at=at, turn=Turn.BULK)
        return Wrote(created=added, unchanged=count - len(added), rejected=rejected)

    def close(self, run: ImportRun) -> None:
        self._tell_of_types(run)
        # Without it the planner knows nothing of what has come in until the next automatic look.
        with database.cursor() as cursor:
            cursor.execute("ANALYZE touchpoints_touchpoint")

    def _tell_of_types(self, run: ImportRun) -> None:
        """Types that nobody has defined are taken, and listed."""
        rows = parquet_source([str(run.folder / "staged" / "touchpoints.parquet")])
        sql = f"SELECT type, count(*) FROM {rows} WHERE reason IS NULL GROUP BY type ORDER BY type LIMIT {_MOST_TYPES}"
        counts = dict(self.connection.execute(sql).fetchall())
        sightings = Sightings(Source.objects.get(pk=self.source), run.created_at)
        for type in sorted(undefined_types(counts)):
            sightings.add(UNKNOWN_TYPE, type, "", None, counts[type])
        sightings.write()


def raw_rows(
    connection: duckdb.DuckDBPyConnection, staged: Staged, lines: Sequence[int]
) -> dict[int, list[str | None]]:
    """The cells of some lines as they stand in the file."""
    cells = ", ".join(staged.raw(name) for name in staged.columns)
    listed = ", ".join(map(str, lines))
    near = f"line BETWEEN {min(lines)} AND {max(lines)}"
    sql = f"SELECT line, {cells} FROM {staged.source} WHERE {near} AND line IN ({listed}) ORDER BY line"
    return {line: found for line, *found in connection.execute(sql).fetchall()}


def plan_touchpoints(
    connection: duckdb.DuckDBPyConnection, staged: Staged, asked: TouchpointsAsked
) -> tuple[Roles, ColumnPlan]:
    """The columns by what they are, and how the moments are written. Raises ImportRefusedError."""
    if staged.format == "CSV" and looks_like_values(staged.columns):
        says = said(
            "its first row looks like values, not names of columns: {columns}.",
            columns=names_of(staged.columns, 6),
        )
        fix = said("If the file has no header, name its columns: --header 'NAME,NAME,…'.")
        raise ImportRefusedError([import_problem("no-header", says, fix)])
    if not Module.objects.filter(name=asked.wishes.module, is_people=True).exists():
        known = ", ".join(
            Module.objects.filter(is_people=True).order_by("name").values_list("name", flat=True)
        )
        says = said("there is no module of people called {module}.", module=asked.wishes.module)
        raise ImportRefusedError(
            [import_problem("unknown-module", says, said("There are: {names}.", names=known))]
        )
    roles = find_roles(staged, asked.wishes)
    profiler = Profiler(connection, staged, asked.reading)
    problems: list[Problem] = []
    plan = settled(profiler, ColumnPlan(roles.at, "occurred_at", FieldKind.DATE_TIME), problems)
    if plan is None:
        raise ImportRefusedError(problems)
    return roles, plan
