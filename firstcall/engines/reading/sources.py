"""Opening a source: files in, the relations `records` and `touchpoints` on a DuckDB connection out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Mapped
from dataclasses import dataclass, field, replace

import duckdb

from firstcall.engines.reading.errors import SourceError
from firstcall.engines.reading.files import Files, Format, find_files
from firstcall.engines.reading.lookups import find_lookups, refs_of
from firstcall.engines.reading.mapping import FileMapping, Mapping, RecordsMapping
from firstcall.engines.reading.parquet_tables import ParquetTable
from firstcall.engines.reading.queries import number
from firstcall.engines.reading.records import RecordsReading, build_records
from firstcall.engines.reading.rejects import Rejects
from firstcall.engines.reading.related import Linked, build_related, check_names
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
from firstcall.scoring.columns import Columns, RelatedColumns
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
    has_history  whether there is a relation `history` too: `record_id`, `field` and `changed_at` of every change
    """

    connection: duckdb.DuckDBPyConnection
    columns: Columns
    records: int
    touchpoints: int | None
    rejects: Rejects
    has_history: bool = False
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
    module: str = "",
    related: Mapped[str, str] | None = None,
    progress: Progress | None = None,
) -> Source:
    """Reads the files and creates the relations.

    as_of_field  the field that holds each record's own moment; the relation then has a column `as_of`
    ids          only these records; ids that no record has are an error
    alone        of a touchpoint file sorted by record only these records' part is read: faster, and blind to a
                 touchpoint that repeats the id of another record's
    module       what the records are: accounts, deals …; for look-ups of other records that lead to them
    related      files of other records, by what those are; touchpoints may be theirs as well
    Raises SourceError with every problem that makes the files unusable; single bad rows are in `rejects`.
    """
    mapping = mapping or Mapping()
    folder: Folder = tempfile.TemporaryDirectory(prefix="firstcall-")
    _FOLDERS.add(folder)
    opening = _Opening(
        connection,
        folder.name,
        mapping,
        progress or (lambda doing, share: None),
        module,
        related or {},
        alone,
    )
    try:
        check_names(module, opening.others)
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
    module: str = ""
    others: Mapped[str, str] = field(default_factory=dict)
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
        others = self._others()
        own = self._linked(left, id.get("id"), self.mapping.records, self.module)
        if self.problems or own is None:
            raise SourceError(self.problems)
        integer = self._integer([own, *others], right, roles.get("record_id"))
        self.progress(f"checking {records}", None)
        found, count = self._build_records(own, others, integer, as_of_field, ids, touched=right is not None)
        if right is None:
            self._create_no_touchpoints(integer=integer)
            return Source(self.connection, found, count, None, self.rejects)
        self.progress(f"checking {touchpoints}", None)
        # Those of related people are not known by the ids of the records.
        asked = None if others else ids
        touching = TouchpointsReading(
            self.mapping.touchpoints, touchpoint_columns(right, roles), integer, asked, self.alone
        )
        columns, rows = build_touchpoints(self.connection, right, touching, self.rejects)
        touches = number(self.connection, "SELECT count(*) FROM touchpoints")
        return Source(
            self.connection, replace(found, touchpoints=columns), count, touches, self.rejects, _rows=rows
        )

    def _build_records(
        self,
        own: Linked,
        others: Sequence[Linked],
        integer: bool,
        as_of_field: str | None,
        ids: Sequence[str] | None,
        *,
        touched: bool,
    ) -> tuple[Columns, int]:
        """The relations of the records, all of them and those asked for, and of related ones."""
        refs = refs_of(own.lookups)
        if not others and not refs:
            reading = RecordsReading(own.id, integer, as_of_field, ids)
            columns, count = build_records(self.connection, own.table, reading, self.rejects)
            return Columns(columns, module=self.module), count
        reading = RecordsReading(
            own.id, integer, as_of_field, ids, lookups=refs, known=own.known, whole=own.relation
        )
        columns, count = build_records(self.connection, own.table, reading, self.rejects)
        related = build_related(self.connection, own, others, self.rejects, integer=integer, counted=touched)
        if self.module:
            related[self.module] = RelatedColumns(own.relation, columns.fields, own.columns())
        records = replace(columns, lookups=own.columns())
        return Columns(records, None, self.module, related), count

    def _others(self) -> list[Linked]:
        """The files of related records, opened."""
        found = []
        for name, path in self.others.items():
            files = self._find(path)
            mapping = self.mapping.related.get(name, RecordsMapping())
            table = self._table(files, mapping, f"related_{name}") if files else None
            roles = self._roles(table, record_roles(mapping), mapping, f"related: {{{name}")
            linked = self._linked(table, roles.get("id"), mapping, name)
            found += [] if linked is None else [linked]
        return found

    def _linked(
        self, table: Table | None, id: str | None, mapping: RecordsMapping, module: str
    ) -> Linked | None:
        if table is None:
            return None
        modules = [name for name in (self.module, *self.others) if name]
        lookups, problems = find_lookups(table.files.shown, table.names, mapping, module, modules)
        self.problems += problems
        return Linked(module, table, id, lookups)

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

    def _integer(self, everyone: Sequence[Linked], touchpoints: Table | None, record_id: str | None) -> bool:
        """Whether ids stay whole numbers: where all files have them as such."""
        id, records = everyone[0].id, everyone[0].table
        if id is None or not records.is_integer(id):
            return False
        columns = [
            (linked.table, name)
            for linked in everyone
            for name in (linked.id, *(lookup.column for lookup in linked.lookups))
            if name is not None
        ]
        if touchpoints is not None and record_id is not None:
            columns.append((touchpoints, record_id))
        texts = [(table, name) for table, name in columns if not table.is_integer(name)]
        for table, name in texts:
            self.rejects.note(
                f"{records.files.shown}: `{id}` holds whole numbers, `{name}` of {table.files.shown}"
                " texts; both are compared as text."
            )
        return not texts and all(linked.id is not None for linked in everyone)
