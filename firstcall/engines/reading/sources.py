"""Opening a source: files in, the relations `records` and `touchpoints` on a DuckDB connection out."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import duckdb

from firstcall.engines.reading.csv_text import CsvReader
from firstcall.engines.reading.encodings import Encoding, detect
from firstcall.engines.reading.errors import SourceError
from firstcall.engines.reading.excel import ExcelReader
from firstcall.engines.reading.files import Files, Format, find_files, read_bytes
from firstcall.engines.reading.json_lines import JsonLinesReader
from firstcall.engines.reading.lines import read_lines
from firstcall.engines.reading.mapping import FileMapping, Mapping, TouchpointsMapping
from firstcall.engines.reading.parquet_tables import ParquetTable
from firstcall.engines.reading.queries import number
from firstcall.engines.reading.records import RecordsReading, build_records
from firstcall.engines.reading.rejects import Rejects
from firstcall.engines.reading.roles import find_roles, record_roles, touchpoint_roles, unknown_columns
from firstcall.engines.reading.staging import Stage
from firstcall.engines.reading.tables import Table
from firstcall.engines.reading.text_tables import TextTable
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
from firstcall.scoring.values import Kind

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
    progress: Progress | None = None,
) -> Source:
    """Reads the files and creates the relations.

    as_of_field  the field that holds each record's own moment; the relation then has a column `as_of`
    ids          only these records; ids that no record has are an error
    Raises SourceError with every problem that makes the files unusable; single bad rows are in `rejects`.
    """
    mapping = mapping or Mapping()
    folder: Folder = tempfile.TemporaryDirectory(prefix="firstcall-")
    _FOLDERS.add(folder)
    opening = _Opening(connection, folder.name, mapping, progress or (lambda doing, share: None))
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
            self.mapping.touchpoints, touchpoint_columns(right, roles), integer, ids
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
            return self._staged(files, mapping, name)
        except SourceError as error:
            self.problems += error.problems
            return None

    def _staged(self, files: Files, mapping: FileMapping, name: str) -> TextTable:
        objects = None
        if isinstance(mapping, TouchpointsMapping):
            renamed = (old for old, new in mapping.rename.items() if new == "properties")
            objects = mapping.properties or next(renamed, "properties")
        stage = Stage(os.path.join(self.folder, name), files.paths, self.rejects, objects)
        kinds: dict[str, set[Kind]] = {}
        problems: list[Problem] = []
        for file, path in enumerate(files.paths):
            try:
                for share in self._read(files, path, file, stage, mapping, kinds):
                    self.progress(f"reading {path}", share)
            except SourceError as error:
                problems += error.problems
        if problems:
            raise SourceError(problems)
        stage.finish()
        return TextTable(
            self.connection,
            files,
            stage,
            mapping,
            self.folder,
            {column: _common(found) for column, found in kinds.items()},
            numbered=getattr(mapping, "number_rows", False),
        )

    def _read(
        self,
        files: Files,
        path: str,
        file: int,
        stage: Stage,
        mapping: FileMapping,
        kinds: dict[str, set[Kind]],
    ) -> Iterator[float]:
        if files.format is Format.EXCEL:
            sheet = ExcelReader(
                path, file, stage, sheet=mapping.sheet, header=mapping.header, missing=mapping.empty
            )
            yield from sheet.read()
            for name, kind in sheet.kinds().items():
                kinds.setdefault(name, set()).add(kind)
            return
        blocks = read_lines(read_bytes(path), self._encoding(path, mapping))
        if files.format is Format.JSON_LINES:
            yield from JsonLinesReader(path, file, stage).read(blocks)
        else:
            reader = CsvReader(path, file, stage, separator=mapping.separator, header=mapping.header)
            yield from reader.read(blocks)

    def _encoding(self, path: str, mapping: FileMapping) -> Encoding:
        if mapping.encoding:
            return Encoding(mapping.encoding, "replace")
        encoding = detect(path, (chunk for chunk, _ in read_bytes(path)))
        if encoding.guessed:
            self.rejects.note(f"{path}: the text is not UTF-8; it is read as {encoding.name}.")
        return encoding

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


def _common(kinds: set[Kind]) -> Kind:
    """The kind of a column in several sheets."""
    filled = kinds - {Kind.EMPTY}
    if not filled:
        return Kind.EMPTY
    if filled <= {Kind.DATE, Kind.TIME} and len(filled) > 1:
        return Kind.TIME
    return filled.pop() if len(filled) == 1 else Kind.TEXT
