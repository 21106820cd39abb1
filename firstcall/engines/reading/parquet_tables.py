"""Parquet files as a table: never copied, so that DuckDB reads only the columns and row groups that are asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import duckdb

from firstcall.engines.reading.errors import file_error, refuse_doubled
from firstcall.engines.reading.files import Files
from firstcall.engines.reading.mapping import FileMapping
from firstcall.engines.reading.moments import with_format
from firstcall.engines.reading.parquet_properties import JsonProperties, flattened
from firstcall.engines.reading.parquet_types import INTEGERS, ParquetType, parquet_type
from firstcall.engines.reading.queries import first_row
from firstcall.engines.reading.quoting import exact_paths, literal, literals, made_ref
from firstcall.engines.reading.rejects import Rejects
from firstcall.engines.reading.tables import Cell, Field, Properties, view
from firstcall.engines.reading.text_tables import told_type
from firstcall.scoring.columns import Column, Storage
from firstcall.scoring.values import Kind

_EXCERPT_COLUMNS = 30
_FILE = "firstcall_file"  # the name that read_parquet gives the column of paths; only its position is used
_FIRST, _LAST = "TIMESTAMP '0001-01-01'", "TIMESTAMP '9999-12-31 23:59:59.999999'"
_FOUR_DIGIT_YEAR = re.compile(r"[0-9]{4}-[^B]*")


def check_parquet(path: str) -> None:
    """Raises SourceError when the file is no whole Parquet file."""
    with open(path, "rb") as file:
        head = file.read(4)
        size = file.seek(0, 2)
        file.seek(max(size - 4, 0))
        tail = file.read(4)
    if head == b"PAR1" == tail and size >= 12:
        return
    if head == b"PAR1":
        raise file_error(
            path, "truncated", "the Parquet file is cut off: its end is missing.", "Copy or write it again."
        )
    raise file_error(path, "no-parquet", "this is no Parquet file.", "Check the file, or rename it.")


@dataclass
class ParquetTable:
    """
    numbered  the rows have a column `row_id`, their number from 1
    """

    connection: duckdb.DuckDBPyConnection
    files: Files
    mapping: FileMapping
    rejects: Rejects
    numbered: bool = False
    types: list[Any] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    _keys_of: list[tuple[str, list[str]]] = field(default_factory=list)

    def open(self) -> None:
        """Reads the schema. Raises SourceError."""
        for path in self.files.paths:
            check_parquet(path)
        try:
            relation = self.connection.sql(f"SELECT * FROM {self._read()}")
            self.types, names = list(relation.types), list(relation.columns)
            self._keys_of = self._true_names()
        except duckdb.Error as error:
            said = str(error).splitlines()[0]
            raise file_error(
                self.files.shown, "broken-parquet", f"the files cannot be read ({said}).", "Write them again."
            ) from error
        # DuckDB renames what is equal but for case; the file knows the true names.
        true_names = [name for name, _ in self._keys_of]
        self.names = true_names if len(true_names) == len(names) else names
        refuse_doubled(self.files.shown, self.names)

    def _true_names(self) -> list[tuple[str, list[str]]]:
        """The columns of the first file, each with the keys directly within it."""
        told = self.connection.execute(
            f"SELECT name, coalesce(num_children, 0) FROM parquet_schema({exact_paths(self.files.paths[:1])})"
        ).fetchall()
        # A tree, the parents before their children: how many of each are still to come.
        columns: list[tuple[str, list[str]]] = []
        open_parents: list[int] = [told[0][1]]
        for name, children in told[1:]:
            if len(open_parents) == 1:
                columns.append((name, []))
            elif len(open_parents) == 2:
                columns[-1][1].append(name)
            open_parents[-1] -= 1
            open_parents.append(children)
            while len(open_parents) > 1 and open_parents[-1] == 0:
                open_parents.pop()
        return columns

    def _read(self, options: str = "") -> str:
        if len(self.files.paths) > 1:
            options += ", union_by_name = true"
        partitions = "true, hive_types_autocast = false" if self.files.partitioned else "false"
        return f"read_parquet([{exact_paths(self.files.paths)}]{options}, hive_partitioning = {partitions})"

    @property
    def _refs(self) -> list[str]:
        return [f"c{position}" for position in range(len(self.names))]

    @property
    def source(self) -> str:
        return self._rows(f"{self._read()} AS rows({', '.join(self._refs)})")

    @property
    def located(self) -> str:
        """Rows are counted from 1 as people do."""
        read = self._read(f", filename = {literal(_FILE)}, file_row_number = true")
        columns = self.connection.sql(f"SELECT * FROM {read}").columns
        refs = [*self._refs, *(("file" if name == _FILE else "nth") for name in columns[len(self.names) :])]
        rows = f"(SELECT *, nth + 1 AS line FROM {read} AS rows({', '.join(refs)})) AS rows"
        return self._rows(rows)

    def _rows(self, rows: str) -> str:
        return f"(SELECT *, row_number() OVER () AS row_id FROM {rows}) AS rows" if self.numbered else rows

    @property
    def excerpt(self) -> str:
        cells = [f"CAST({ref} AS VARCHAR)" for ref in self._refs[:_EXCERPT_COLUMNS]]
        return f"concat_ws(',', {', '.join(cells)})"

    @property
    def materialises(self) -> bool:
        return False

    def path_of(self, file: object) -> str:
        return str(file)

    # --- what the footers know

    @cached_property
    def _statistics(self) -> dict[str, tuple[str, str]]:
        """Least and greatest value as text of the columns that no row lacks."""
        rows = self.connection.execute(
            "SELECT path_in_schema, min(stats_min_value), max(stats_max_value)"
            f" FROM parquet_metadata([{exact_paths(self.files.paths)}]) GROUP BY path_in_schema"
            " HAVING bool_and(coalesce(stats_null_count, 1) = 0) AND count(stats_min_value) = count(*)"
            " AND count(stats_max_value) = count(*)"
            f" AND count(DISTINCT file_name) = {len(self.files.paths)}"
        ).fetchall()
        return {name: (low, high) for name, low, high in rows}

    def _never_missing(self, name: str) -> bool:
        return name in self._statistics and not self.mapping.empty

    def _never_empty(self, name: str) -> bool:
        return self._never_missing(name) and self._statistics[name][0] != ""

    # --- cells

    def _ref(self, name: str) -> str:
        return f"c{self.names.index(name)}"

    def _type(self, name: str) -> Any:
        return self.types[self.names.index(name)]

    def _is_text(self, name: str) -> bool:
        return str(self._type(name).id) in ("varchar", "enum", "uuid") and str(self._type(name)) != "JSON"

    def text(self, name: str) -> str:
        """The column as text, the texts that mean missing as NULL."""
        ref = self._ref(name)
        text = ref if str(self._type(name).id) == "varchar" else f"CAST({ref} AS VARCHAR)"
        empty = literals(self.mapping.empty)
        return f"CASE WHEN {text} NOT IN ({empty}) THEN {text} END" if empty else text

    def is_integer(self, name: str) -> bool:
        return str(self._type(name).id) in INTEGERS

    def key(self, name: str, *, integer: bool) -> Cell:
        ref, id = self._ref(name), str(self._type(name).id)
        if integer:
            value = ref if id == "bigint" else f"CAST({ref} AS BIGINT)"
            return Cell(f"{ref} IS NULL", value, checked=self._never_missing(name))
        if self._is_text(name):
            text = self.text(name)
            return Cell(f"COALESCE({text}, '') = ''", text, checked=self._never_empty(name))
        if self.is_integer(name) or id in ("ubigint", "hugeint", "uhugeint"):
            value = f"CAST({ref} AS VARCHAR)"
            return Cell(f"{ref} IS NULL", value, checked=self._never_missing(name))
        if id in ("double", "float", "decimal"):
            value = f"CASE WHEN {ref} = floor({ref}) THEN CAST(TRY_CAST({ref} AS HUGEINT) AS VARCHAR) END"
            return Cell(f"{ref} IS NULL", value, f"({value}) IS NULL")
        if id == "null":
            return Cell("TRUE", "CAST(NULL AS VARCHAR)")
        raise self._unfit(name, "ids are text or whole numbers")

    def word(self, name: str) -> Cell:
        if str(self._type(name).id) == "null":
            return Cell("TRUE", "CAST(NULL AS VARCHAR)")
        if not self._is_text(name):
            raise self._unfit(name, "types are text such as web.visited")
        text = self.text(name)
        return Cell(f"COALESCE({text}, '') = ''", text, checked=self._never_empty(name))

    def moment(self, name: str, format: str | None) -> Cell:
        ref = self._ref(name)
        if self._is_text(name):
            value = with_format(self.text(name), format)
            missing = f"COALESCE({self.text(name)}, '') = ''"
            return Cell(missing, value, f"({value}) IS NULL", Storage.MICROSECONDS, Kind.TIME)
        if str(self._type(name).id) == "null":
            return Cell("TRUE", "CAST(NULL AS TIMESTAMP)", storage=Storage.TIMESTAMP)
        of = parquet_type(self._type(name))
        if of is None or not of.kind.is_moment:
            raise self._unfit(name, "times are timestamps, or text by RFC 3339")
        storage, value = of.storage, of.sql(ref)
        if storage is Storage.DATE:
            storage, value = Storage.TIMESTAMP, f"CAST({ref} AS TIMESTAMP)"
        plain = value if storage is Storage.TIMESTAMP else f"make_timestamp(epoch_us({value}))"
        bad = f"NOT ({plain} BETWEEN {_FIRST} AND {_LAST})"
        return Cell(f"{ref} IS NULL", value, bad, storage, of.kind, self._in_calendar(name))

    def _in_calendar(self, name: str) -> bool:
        bounds = self._statistics.get(name)
        return bounds is not None and all(_FOUR_DIGIT_YEAR.fullmatch(bound) for bound in bounds)

    def _unfit(self, name: str, needed: str) -> Exception:
        says = f"the column `{name}` is of type {self._type(name)}; {needed}."
        return file_error(self.files.shown, "column-type", says, "Write that column in another type.")

    # --- fields

    def fields(self, names: Sequence[str]) -> list[Field]:
        found = [self._field(name, "f") for name in names]
        return [field for field in found if field is not None]

    def properties(self, name: str | None, own: Sequence[str], inside: str) -> Properties:
        found = [self._field(column, "p") for column in own]
        fields = [field for field in found if field is not None]
        if name is None:
            return Properties(fields)
        of = self._type(name)
        if str(of.id) == "struct":
            return Properties(flattened(self._ref(name), of, self._keys(name), fields))
        if not self._is_text(name) and str(of) != "JSON" and str(of.id) not in ("map", "null"):
            raise self._unfit(name, "properties are a struct, a map or JSON text")
        stored = None if str(of) == "JSON" else parquet_type(of)
        json = stored.sql(self._ref(name)) if stored else self._ref(name)
        checked = str(of.id) in ("map", "null")
        return JsonProperties(self.connection, self, json, inside, self.rejects).read(fields, checked=checked)

    def _keys(self, name: str) -> list[str]:
        """The keys of a column of structs as the file has them."""
        renamed = [key for key, _ in self._type(name).children]
        if len(self._keys_of) != len(self.names):
            return renamed
        keys = self._keys_of[self.names.index(name)][1]
        return keys if len(keys) == len(renamed) else renamed

    def _field(self, name: str, letter: str) -> Field | None:
        ref = made_ref(letter, self.names.index(name), self.mapping.new_name(name))
        told = self.mapping.type_of(name)
        shown = f"CAST({self._ref(name)} AS VARCHAR)"
        if told and (self._is_text(name) or told.name == "text"):
            stored = told_type(self.text(name), told)
            misfit = f"({self.text(name)} <> '' AND ({stored.sql}) IS NULL)"
            column = Column(self.mapping.new_name(name), ref, stored.storage, stored.kind)
            return Field(column, stored.sql, shown, misfit)
        of = self.stored(name)
        if of is None:
            self.rejects.note(
                f"{self.files.shown}: the column `{name}` holds bytes, no values, and is left out."
            )
            return None
        sql = self.text(name) if self._is_text(name) else of.sql(self._ref(name))
        return Field(Column(self.mapping.new_name(name), ref, of.storage, of.kind, of.element), sql, shown)

    def stored(self, name: str) -> ParquetType | None:
        """How the column is stored; a JSON column in which all values are lists is of lists."""
        of = parquet_type(self._type(name))
        if of and str(self._type(name)) == "JSON":
            ref = self._ref(name)
            sql = f"SELECT bool_and(json_type({ref}) = 'ARRAY') FROM {self.source} WHERE {ref} IS NOT NULL"
            if first_row(self.connection, sql)[0]:
                return replace(of, kind=Kind.LIST)
        return of

    def publish(self, relation: str, columns: Sequence[str], source: str, condition: str) -> None:
        self.connection.execute(view(relation, columns, source, condition))
