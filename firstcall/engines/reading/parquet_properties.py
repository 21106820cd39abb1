"""The column `properties` of Parquet touchpoints: a struct is taken apart, JSON text is checked and left as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from firstcall.engines.reading.checking import both, where
from firstcall.engines.reading.json_values import is_json
from firstcall.engines.reading.parquet_types import ParquetType, as_json, parquet_type
from firstcall.engines.reading.queries import first_row
from firstcall.engines.reading.quoting import literal, made_ref
from firstcall.engines.reading.rejects import Reject, Rejects, excerpt_of
from firstcall.engines.reading.tables import Check, Field, Properties, Table
from firstcall.engines.reading.text_tables import beside_json, json_pointer
from firstcall.scoring.columns import Column, Storage
from firstcall.scoring.values import Kind

_REASON = "properties is no JSON object"
_BATCH = 10_000


def flattened(struct: str, type: Any, keys: Sequence[str], own: Sequence[Field]) -> list[Field]:
    """A field for each key of the struct; it wins over an own column of the same name, which fills its gaps.

    keys  the true ones: DuckDB renames what is equal but for case
    """
    columns = {field.column.name: field for field in own}
    for ordinal, (key, (renamed, of)) in enumerate(zip(keys, type.children, strict=True)):
        held = parquet_type(of)
        if held is None:
            continue
        value = held.sql(f"struct_extract({struct}, {literal(renamed)})")
        column = Column(key, made_ref("s", ordinal, key), held.storage, held.kind, held.element, own=False)
        found = Field(column, value)
        columns[key] = _filled(found, columns[key]) if key in columns else found
    return list(columns.values())


def _filled(found: Field, own: Field) -> Field:
    """A column of its own still, as where the properties are JSON text."""
    first, second = replace(found.column, own=True), own.column
    if (first.storage, first.element) == (second.storage, second.element):
        return replace(found, sql=f"COALESCE({found.sql}, {own.sql})", column=first)
    json = f"COALESCE({_json_of(found)}, {_json_of(own)})"
    return replace(found, sql=json, column=replace(first, storage=Storage.JSON, kind=Kind.TEXT, element=None))


def _json_of(field: Field) -> str:
    column = field.column
    return as_json(field.sql, ParquetType(column.storage, column.kind))


@dataclass(frozen=True)
class JsonProperties:
    """JSON objects in a column of text: one look at every row says which are none and which keys columns have too."""

    connection: duckdb.DuckDBPyConnection
    table: Table
    json: str
    inside: str
    rejects: Rejects

    def read(self, own: Sequence[Field], *, checked: bool) -> Properties:
        """checked  the type itself vouches for JSON objects"""
        # What most rows are is seen by the first character; only the others are asked for their type.
        good = (
            f"(CASE WHEN NOT json_valid({self.json}) THEN FALSE WHEN starts_with({self.json}, '{{') THEN TRUE"
            f" ELSE json_type({self.json}) IN ('OBJECT', 'NULL') END)"
        )
        bad = f"({self.json} IS NOT NULL AND NOT {good})"
        faults, lax, held = self._look(bad, own, checked=checked)
        # A query may look at a property before it leaves the row out, so no text but JSON may be met there.
        json = f"CASE WHEN {good} THEN {self.json} END" if faults else self.json
        fields = [
            beside_json(field, json, _json_of(field)) if is_held else field
            for field, is_held in zip(own, held, strict=True)
        ]
        checks = [Check("properties", _REASON, bad)] if faults else []
        return Properties(fields, json, checks, self._drop_lax(bad) if lax else "")

    def _look(self, bad: str, own: Sequence[Field], *, checked: bool) -> tuple[bool, bool, Sequence[bool]]:
        """Whether there are rows without an object, whether some may not be strict JSON, which columns' names are keys."""
        asked = ["FALSE", "FALSE"]
        if not checked:
            asked = [f"bool_or({bad})", f"bool_or({_may_be_lax(self.json)})"]
        safe = f"CASE WHEN json_valid({self.json}) THEN {self.json} END"
        for field in own:
            pointer = literal(json_pointer(field.column.name))
            asked.append(f"bool_or(NULLIF(json_extract({safe}, {pointer}), 'null'::JSON) IS NOT NULL)")
        if checked and not own:
            return False, False, ()
        row = first_row(
            self.connection, f"SELECT {', '.join(asked)} FROM {self.table.source}{where(self.inside)}"
        )
        faults, lax, *held = (answer is True for answer in row)
        return faults, lax, held

    def _drop_lax(self, bad: str) -> str:
        """DuckDB reads NaN and trailing commas as JSON; rows with them are left out. The condition that keeps the rest."""
        is_lax = _may_be_lax(self.json)
        rows = self.connection.execute(
            f"SELECT file, line, {self.json} FROM {self.table.located}"
            f" WHERE {both(self.inside, f'NOT {bad}', is_lax)} ORDER BY file, line"
        ).fetchall()
        faulty = [(file, line, text) for file, line, text in rows if not is_json(text)]
        for file, line, text in faulty:
            self.rejects.add(
                Reject(self.table.path_of(file), line, "properties", _REASON, excerpt_of(str(text)))
            )
        if not faulty:
            return ""
        self.connection.execute(
            "CREATE OR REPLACE TABLE firstcall_lax_properties (file VARCHAR, line BIGINT)"
        )
        self.connection.executemany(
            "INSERT INTO firstcall_lax_properties VALUES (?, ?)", [(file, line) for file, line, _ in faulty]
        )
        return "NOT ((file, line) IN (SELECT file, line FROM firstcall_lax_properties))"


def _may_be_lax(json: str) -> str:
    """Whether a text that DuckDB reads as JSON may be none: it takes NaN, infinities and commas before a bracket.

    Numbers too large for a double are JSON, and no numbers to the rule language. Of the two patterns the first is
    found by its comma; the second looks at every character, so it is tried on the few texts that may hold it.
    """
    comma = f"regexp_matches({json}, ',\\s*[\\]}}]')"
    words = f"contains(lower({json}), 'nan') OR contains(lower({json}), 'inf')"
    named = f"regexp_matches({json}, '(?i)[\\[:,]\\s*[+-]?(nan|inf)')"
    return f"({comma} OR CASE WHEN {words} THEN {named} ELSE FALSE END)"
