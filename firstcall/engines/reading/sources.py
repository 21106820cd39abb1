"""Opening a source: files in, the relations `records` and `touchpoints` on a DuckDB connection out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import duckdb

from firstcall.engines.reading.errors import SourceError
from firstcall.engines.reading.files import Files, Format, find_files
from firstcall.engines.reading.mapping import FileMapping, Mapping
from firstcall.engines.reading.parquet_tables import ParquetTable
from firstcall.engines.reading.queries import number
from firstcall.engines.reading.records import RecordsReading, build_records
from firstcall.engines.reading.rejects import Rejects
from firstcall.engines.reading.roles import find_roles, record_roles, touchpoint_roles, unknown_columns
from firstcall.engines.reading.tables import Table
from firstcall.engines.reading.touchpoints import (
    TouchpointRows,
    TouchpointsReading,
    build_touchpoints,
    count_unknown,
    list_unknown,
    touchpoint_columns,
)
from firstcall.scoring.columns import Columns
from firstcall.scoring.problems import Problem

type Progress = Callable[[str, float | None], None]
type Folder = tempfile.TemporaryDirectory[str]

# Folders of typed rows live as long as anything may read them: until `Source.close`, at the latest until exit.
_FOLDERS: set[Folder] = set()


@dataclass
class Source:
    """What was opened on a DuckDB connection: its relations `records` and `touchpoints`, as `columns` describes them.

    records      how many rows `records` has
    touchpoints  how many rows `touchpoints` has, those of unknown records included; None without touchpoints
    rejects      every row and value that was left out; those of unknown records after `finish`
    """

    connection: duckdb.DuckDBPyConnection
    columns: Columns
    records: int
    touchpoints: int | None
    rejects: Rejects
    _rows: TouchpointRows | None = None
    _folder: Folder | None = None
    _unknown: int | None = None

    def count_unknown(self) -> int:
        """How many touchpoints are of no record; looks once, at the record ids alone."""
        if self._unknown is None:
            self._unknown = count_unknown(self.connection) if self._rows else 0
        return self._unknown

    def finish(self) -> Rejects:
        """The rejects with the touchpoints of unknown records among them. May be called again."""
        if self._rows is not None and not self.rejects.count("unknown-record") and self.count_unknown():
            list_unknown(self.connection, self._rows, self.rejects)
        return self.rejects

    def close(self) -> None:
        """Removes the files behind the relations."""
        self.rejects.close()
        if self._folder is not None:
            _FOLDERS.discard(self._folder)
            self._folder.cleanup()


def open_source(
    connection: duckdb.DuckDBPyConnection,
    records: str,
    touchpoints: str | None = None,
    *,
    mapping: Mapping | None = None,
    as_of_field: str | None = None,
    ids: Sequence[str] | None = None,
    alone: bool = False,
    progress: Progress | None = None,
) -> Source:
    """Reads the files and creates the relations.

    as_of_field  the field that holds each record's own moment; the relation then has a column `as_of`
    ids          only these records; ids that no record has are an error
    alone        of a touchpoint file sorted by record only these records' part is read: faster, and blind to a
                 touchpoint that repeats the id of another record's
    Raises SourceError with every problem that makes the files unusable; single bad rows are in `rejects`.
    """
    mapping = mapping or Mapping()
    folder: Folder = tempfile.TemporaryDirectory(prefix="firstcall-")
    _FOLDERS.add(folder)
    opening = _Opening(connection, folder.name, mapping, progress or (lambda doing, share: None), alone)
    try:
        source = opening.open(records, touchpoints, as_of_field, ids)
    except BaseException:
        opening.rejects.close()
        _FOLDERS.discard(folder)
        folder.cleanup()
        raise
    source._folder = folder
    return source


@dataclass
class _Opening:
    """The steps of opening, and the problems on the way."""

    connection: duckdb.DuckDBPyConnection
    folder: str
    mapping: Mapping
    progress: Progress
    alone: bool = False
    rejects: Rejects = field(default_factory=Rejects)
    problems: list[Problem] = field(default_factory=list)

    def open(
        self, records: str, touchpoints: str | None, as_of_field: str | None, ids: Sequence[str] | None
    ) -> Source:
        files, touched = self._find(records), self._find(touchpoints) if touchpoints is not None else None
        left = self._table(files, self.mapping.records, "records") if files else None
        right = self._table(touched, self.mapping.touchpoints, "touchpoints") if touched else None
        id = self._roles(left, record_roles(self.mapping.records), self.mapping.records, "records")
        roles = self._roles(
            right, touchpoint_roles(self.mapping.touchpoints), self.mapping.touchpoints, "touchpoints"
        )
        if self.problems or left is None:
            raise SourceError(self.problems)
        integer = self._integer(left, id.get("id"), right, roles.get("record_id"))
        reading = RecordsReading(id.get("id"), integer, as_of_field, ids)
        self.progress(f"checking {records}", None)
        record_columns, count = build_records(self.connection, left, reading, self.rejects)
        if right is None:
            self._create_no_touchpoints(integer=integer)
            return Source(self.connection, Columns(record_columns), count, None, self.rejects)
        self.progress(f"checking {touchpoints}", None)
        touching = TouchpointsReading(
            self.mapping.touchpoints, touchpoint_columns(right, roles), integer, ids, self.alone
        )
        columns, rows = build_touchpoints(self.connection, right, touching, self.rejects)
        touches = number(self.connection, "SELECT count(*) FROM touchpoints")
        both = Columns(record_columns, columns)
        return Source(self.connection, both, count, touches, self.rejects, rows)

    def _create_no_touchpoints(self, *, integer: bool) -> None:
        """Statements read `touchpoints` whether or not there are any."""
        id = "BIGINT" if integer else "VARCHAR"
        self.connection.execute(
            f"CREATE OR REPLACE VIEW touchpoints AS SELECT CAST(NULL AS {id}) AS record_id,"
            " CAST(NULL AS VARCHAR) AS type, CAST(NULL AS BIGINT) AS occurred_at WHERE FALSE"
        )

    # --- tables

    def _find(self, given: str) -> Files | None:
        try:
            return find_files(given)
        except SourceError as error:
            self.problems += error.problems
            return None

    def _table(self, files: Files, mapping: FileMapping, name: str) -> Table | None:
        try:
            if files.format is Format.PARQUET:
                numbered = getattr(mapping, "number_rows", False)
                table = ParquetTable(self.connection, files, mapping, self.rejects, numbered)
                table.open()
                return table
            # Here, as importing what reads texts takes longer than explaining a record of Parquet files.
            from firstcall.engines.reading.text_files import TextReading

            return TextReading(
                self.connection, files, mapping, self.folder, self.rejects, self.progress
            ).table(name)
        except SourceError as error:
            self.problems += error.problems
            return None

    # --- columns

    def _roles(
        self, table: Table | None, wanted: dict[str, str | None], mapping: FileMapping, section: str
    ) -> dict[str, str]:
        if table is None:
            return {}
        shown = table.files.shown
        roles, problems = find_roles(shown, table.names, wanted, mapping, section)
        self.problems += problems + unknown_columns(shown, table.names, mapping)
        return roles

    def _integer(
        self, records: Table, id: str | None, touchpoints: Table | None, record_id: str | None
    ) -> bool:
        """Whether ids stay whole numbers: where both files have them as such."""
        if id is None or not records.is_integer(id):
            return False
        if touchpoints is None or record_id is None or touchpoints.is_integer(record_id):
            return True
        self.rejects.note(
            f"{records.files.shown}: `{id}` holds whole numbers, `{record_id}` of {touchpoints.files.shown}"
            " texts; both are compared as text."
        )
        return False
