"""Staged rows of CSV, JSON lines and Excel as a table: all cells are text until their types are known."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import duckdb

from firstcall.engines.reading.files import Files, Format
from firstcall.engines.reading.kinds import Stored, infer, stored
from firstcall.engines.reading.mapping import ColumnType, FileMapping
from firstcall.engines.reading.moments import with_format
from firstcall.engines.reading.quoting import literal, literals, made_ref, parquet_source
from firstcall.engines.reading.tables import Cell, Field, Properties, view
from firstcall.scoring.columns import Column, Storage
from firstcall.scoring.compiling.duckdb import text_number
from firstcall.scoring.values import Kind

if TYPE_CHECKING:
    from firstcall.engines.reading.staging import Stage

_WHOLE = "-?[0-9]+"
_EXCERPT_COLUMNS = 30


@dataclass
class TextTable:
    """
    folder      where the typed rows go
    kinds       the kinds of columns that the format tells (Excel)
    typeless    columns stay texts unless the format tells a type (properties)
    numbered    the rows have a column `row_id`, their number from 1
    """

    connection: duckdb.DuckDBPyConnection
    files: Files
    stage: Stage
    mapping: FileMapping
    folder: str
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    typeless: bool = False
    numbered: bool = False

    @property
    def names(self) -> Sequence[str]:
        return list(self.stage.ordinals)

    @property
    def source(self) -> str:
        rows = parquet_source([self.stage.pattern], ", union_by_name = true")
        if self.numbered:
            rows = f"(SELECT *, row_number() OVER (ORDER BY file, line) AS row_id FROM {rows})"
        return f"{rows} AS rows"

    located = source

    @property
    def excerpt(self) -> str:
        cells = [self._raw(name) for name in list(self.stage.ordinals)[:_EXCERPT_COLUMNS]]
        return f"concat_ws(',', {', '.join(cells)})" if cells else "''"

    @property
    def materialises(self) -> bool:
        return True

    def path_of(self, file: object) -> str:
        return self.files.paths[int(str(file))]

    # --- cells

    def _text(self, name: str) -> str:
        return f"c{self.stage.ordinals[name]}"

    def _json(self, name: str) -> str | None:
        return f"j{self.stage.ordinals[name]}" if name in self.stage.typed else None

    def _raw(self, name: str) -> str:
        json = self._json(name)
        return f"COALESCE({json}, {self._text(name)})" if json else self._text(name)

    def text(self, name: str) -> str:
        """The cell as text, NULL where it is missing."""
        missing = list(self.mapping.empty)
        if self.files.format is not Format.JSON_LINES:
            missing.insert(0, "")
        raw = self._raw(name)
        if missing == [""]:
            return f"NULLIF({raw}, '')"
        return f"CASE WHEN {raw} NOT IN ({literals(missing)}) THEN {raw} END" if missing else raw

    def is_integer(self, name: str) -> bool:
        return False

    def key(self, name: str, *, integer: bool) -> Cell:
        cell, json = self.text(name), self._json(name)
        missing = f"COALESCE({cell}, '') = ''"
        if json:
            cell = f"CASE WHEN {json} IS NULL OR regexp_full_match({json}, '{_WHOLE}') THEN {cell} END"
        return Cell(missing, f"NULLIF({cell}, '')", f"({cell}) IS NULL")

    def word(self, name: str) -> Cell:
        cell, json = self.text(name), self._json(name)
        missing = f"COALESCE({cell}, '') = ''"
        if json:
            cell = f"CASE WHEN {json} IS NULL THEN {cell} END"
        return Cell(missing, f"NULLIF({cell}, '')", f"({cell}) IS NULL")

    def moment(self, name: str, format: str | None) -> Cell:
        cell, json = self.text(name), self._json(name)
        # A cell of a sheet that shows a date may hold a time at midnight.
        value = with_format(cell, format, dates=self.files.format is Format.EXCEL)
        if json and not format:
            value = f"CASE WHEN {json} IS NULL THEN {value} END"
        missing = f"COALESCE({cell}, '') = ''"
        return Cell(missing, value, f"({value}) IS NULL", Storage.MICROSECONDS, Kind.TIME)

    # --- fields

    def fields(self, names: Sequence[str]) -> list[Field]:
        kinds = self._kinds([name for name in names if not self.mapping.type_of(name)])
        return [self._field(name, kinds.get(name), "f") for name in names]

    def properties(self, name: str | None, own: Sequence[str], inside: str) -> Properties:
        """Own columns stay texts unless the format or the mapping tells a type."""
        self.typeless = True
        kinds = self._kinds([name for name in own if not self.mapping.type_of(name)])
        fields = [self._field(column, kinds.get(column), "p") for column in own]
        if name is None:
            return Properties(fields)
        json = self._text(name)
        keys = self.stage.object_keys
        fields = [self._beside_json(f, json) if f.column.name in keys else f for f in fields]
        return Properties(fields, json)

    def _field(self, name: str, kind: Kind | None, letter: str) -> Field:
        ref = made_ref(letter, self.stage.ordinals[name], self.mapping.new_name(name))
        told, text = self.mapping.type_of(name), self.text(name)
        if told:
            found = told_type(text, told)
        else:
            found = self._stored(name, kind or Kind.TEXT)
        misfit = f"({text} <> '' AND ({found.sql}) IS NULL)" if told else None
        column = Column(self.mapping.new_name(name), ref, found.storage, found.kind)
        return Field(column, found.sql, text, misfit)

    def _kinds(self, names: Sequence[str]) -> dict[str, Kind]:
        if self.files.format is Format.EXCEL:
            return {name: self.kinds[name] for name in names}
        cells = {name: self.text(name) for name in names}
        if self.typeless:
            return dict.fromkeys(names, Kind.TEXT)
        return infer(self.connection, self.located, cells)

    def _stored(self, name: str, kind: Kind) -> Stored:
        cell, json = self.text(name), self._json(name)
        if self.files.format is Format.EXCEL and kind is Kind.NUMBER:
            return Stored(f"CAST({cell} AS DOUBLE)", Storage.DOUBLE, kind)
        mixed = self.files.format is Format.JSON_LINES or kind is Kind.TEXT
        if self.typeless and json and mixed:
            return Stored(self._as_json(name), Storage.JSON, Kind.TEXT)
        return stored(kind, cell)

    def _as_json(self, name: str) -> str:
        """The cell as JSON of the type it has."""
        cell, json = self.text(name), self._json(name)
        text = f"WHEN {cell} IS NOT NULL THEN to_json({cell})"
        typed = f"WHEN {cell} IS NOT NULL AND {json} IS NOT NULL THEN CAST({json} AS JSON) " if json else ""
        return f"CASE {typed}{text} END"

    def _beside_json(self, field: Field, json: str) -> Field:
        """The property of the JSON object, else the column's own."""
        own = next(name for name in self.names if self.mapping.new_name(name) == field.column.name)
        return beside_json(field, json, self._as_json(own))

    def publish(self, relation: str, columns: Sequence[str], source: str, condition: str) -> None:
        path = os.path.join(self.folder, f"{relation}.parquet")
        where = f" WHERE {condition}" if condition else ""
        query = f"SELECT {', '.join(columns)} FROM {source}{where}"
        self.connection.execute(f"COPY ({query}) TO {literal(path)} (FORMAT parquet, COMPRESSION lz4)")
        self.connection.execute(view(relation, ["*"], parquet_source([path]), ""))


def json_pointer(key: str) -> str:
    """
    >>> json_pointer("a/b~c")
    '/a~1b~0c'
    """
    return "/" + key.replace("~", "~0").replace("/", "~1")


def beside_json(field: Field, json: str, own: str) -> Field:
    """The field as a JSON column: the property of the JSON object where it has one, else the column's own value."""
    held = f"NULLIF(json_extract({json}, {literal(json_pointer(field.column.name))}), 'null'::JSON)"
    column = replace(field.column, storage=Storage.JSON, kind=Kind.TEXT, element=None)
    return replace(field, column=column, sql=f"COALESCE({held}, {own})", misfit=None)


def told_type(text: str, type: ColumnType) -> Stored:
    """The text in the type that a mapping gives its column."""
    match type.name:
        case "number":
            return Stored(text_number(without(text, type.remove)), Storage.MILLIONTHS, Kind.NUMBER)
        case "date" | "time":
            kind = Kind.DATE if type.name == "date" else Kind.TIME
            return Stored(with_format(text, type.format, dates=True), Storage.MICROSECONDS, kind)
    return Stored(text, Storage.TEXT, Kind.TEXT)


def without(text: str, characters: str) -> str:
    for character in characters:
        text = f"replace({text}, {literal(character)}, '')"
    return text
