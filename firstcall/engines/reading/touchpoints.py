"""The relation `touchpoints`: rows with a record, a type and a moment, and their properties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from firstcall.engines.reading.checking import (
    among,
    both,
    drop_repeated,
    keeping,
    presence,
    reject_failing,
    reject_where,
    report_misfits,
    where,
)
from firstcall.engines.reading.mapping import TouchpointsMapping, TypeColumn
from firstcall.engines.reading.queries import number
from firstcall.engines.reading.quoting import literal, literals
from firstcall.engines.reading.records import KNOWN
from firstcall.engines.reading.rejects import Rejects
from firstcall.engines.reading.tables import Cell, Check, Properties, Table, hold
from firstcall.scoring.columns import TouchpointColumns

_REPEATED = ("duplicate-touchpoint", "a touchpoint with the same id came before")
_INCOMPLETE = (
    "SELECT count(*) FROM touchpoints WHERE record_id IS NULL OR type IS NULL OR occurred_at IS NULL"
)
_TIME_FORM = "occurred_at is no RFC 3339 time such as 2024-05-31T09:30:00Z"


@dataclass(frozen=True)
class TouchpointRows:
    """The touchpoints as they were found, to look at them again for those of no record."""

    table: Table
    record_id: str
    kept: str


@dataclass(frozen=True)
class TouchpointsReading:
    """How the touchpoints are asked for.

    roles    the columns that are no properties, by what they are
    integer  record ids are 64-bit integers
    ids      only the touchpoints of these records are looked at, where the files are not read as a whole anyway
    alone    not even the touchpoint ids of other records are looked at: one of these records' touchpoints that
             repeats the id of another record's is then taken for the first
    """

    mapping: TouchpointsMapping
    roles: Mapping[str, str]
    integer: bool
    ids: Sequence[str] | None = None
    alone: bool = False


def build_touchpoints(
    connection: duckdb.DuckDBPyConnection, table: Table, reading: TouchpointsReading, rejects: Rejects
) -> tuple[TouchpointColumns, TouchpointRows]:
    """Creates `touchpoints`. Raises SourceError."""
    roles, mapping = reading.roles, reading.mapping
    cells = _Cells(
        table.key(roles["record_id"], integer=reading.integer),
        _type(table, mapping.type, roles.get("type")),
        table.moment(roles["occurred_at"], mapping.occurred_format),
    )
    own = [name for name in table.names if name not in roles.values()]
    inside = _inside(connection, table, mapping, rejects)
    if reading.ids is not None and not table.materialises:
        asked = among(cells.record.value, reading.ids, integer=reading.integer)
        if "id" in roles and not reading.alone and _shares_ids(connection, table, roles["id"], inside, asked):
            # Which row came first is only known when all rows have been checked.
            return build_touchpoints(connection, table, replace(reading, ids=None), rejects)
        inside = both(inside, asked)
        rejects.note(f"{table.files.shown}: only the touchpoints of the records asked for were looked at.")
    properties = table.properties(roles.get("properties"), own, inside)
    checks = [*cells.checks(mapping.occurred_format), *properties.checks]
    columns = cells.columns(properties)
    if table.materialises and "id" not in roles:
        table.publish("touchpoints", columns, table.source, inside)
        # Values that cannot be read are NULL; only where there are any it pays to look for their rows.
        checks = checks if number(connection, _INCOMPLETE) else []
    failing = reject_failing(connection, table, checks, cells.record.value, rejects, inside)
    kept = both(inside, keeping(failing), properties.condition)
    if "id" in roles:
        key = table.key(roles["id"], integer=False).value
        kept = both(kept, drop_repeated(connection, table, key, kept, _REPEATED, rejects))
    report_misfits(connection, table, properties.fields, cells.record.value, rejects, inside)
    if not table.materialises or "id" in roles or failing:
        table.publish("touchpoints", columns, table.located if "(file, line)" in kept else table.source, kept)
    if reading.ids is not None and not table.materialises:
        hold(connection, "touchpoints")
    by_name = {field.column.name: field.column for field in properties.fields}
    found = TouchpointColumns(cells.moment.storage, properties.json is not None, by_name)
    return found, TouchpointRows(table, cells.record.value, kept)


def _shares_ids(
    connection: duckdb.DuckDBPyConnection, table: Table, id: str, inside: str, asked: str
) -> bool:
    """Whether a touchpoint of the records asked for has the id of one of another record."""
    key = table.key(id, integer=False).value
    same = f"{key} IN (SELECT {key} FROM {table.source}{where(both(inside, asked))})"
    others = both(inside, f"({asked}) IS NOT TRUE", same)
    return number(connection, f"SELECT count(*) FROM {table.source}{where(others)}") > 0


@dataclass(frozen=True)
class _Cells:
    """What every touchpoint needs."""

    record: Cell
    type: Cell
    moment: Cell

    def checks(self, format: str | None) -> list[Check]:
        reason = _TIME_FORM if format is None else "occurred_at is not in the mapping's format"
        bad_record = ("bad-record", "the record_id is neither text nor a whole number")
        return [
            *presence(self.record, ("missing-record", "the record_id is missing"), bad_record),
            *presence(
                self.type, ("missing-type", "the type is missing"), ("bad-type", "the type is no text")
            ),
            *presence(self.moment, ("missing-time", "occurred_at is missing"), ("bad-time", reason)),
        ]

    def columns(self, properties: Properties) -> list[str]:
        named = {"record_id": self.record.value, "type": self.type.value, "occurred_at": self.moment.value}
        if properties.json is not None:
            named["properties"] = properties.json
        named |= {field.column.ref: field.sql for field in properties.fields}
        return [f"{sql} AS {name}" for name, sql in named.items()]


def touchpoint_columns(table: Table, roles: Mapping[str, str]) -> dict[str, str]:
    """The roles with the optional columns that the file has under their own names."""
    old_names = {table.mapping.new_name(name): name for name in table.names}
    optional = {role: old_names[role] for role in ("id", "properties") if role in old_names}
    return {**{role: name for role, name in optional.items() if name not in roles.values()}, **roles}


def _type(table: Table, of: TypeColumn, column: str | None) -> Cell:
    """The type by the mapping: fixed, or the column's text, replaced or with a prefix."""
    if column is None:
        return Cell("FALSE", literal(of.fixed or ""), checked=True)
    cell = table.word(column)
    other = f"{literal(of.prefix)} || {cell.value}" if of.prefix else cell.value
    value = other
    if of.values:
        cases = " ".join(f"WHEN {literal(text)} THEN {literal(type)}" for text, type in of.values.items())
        value = f"CASE {cell.value} {cases} ELSE {other} END"
    return Cell(cell.missing, value, cell.bad, checked=cell.checked)


def _inside(
    connection: duckdb.DuckDBPyConnection, table: Table, mapping: TouchpointsMapping, rejects: Rejects
) -> str:
    """The condition of the mapping's `where`; how many rows it leaves aside is noted."""
    condition = " AND ".join(
        f"COALESCE({table.text(name)} IN ({literals(texts)}), FALSE)" for name, texts in mapping.where.items()
    )
    if condition:
        sql = f"SELECT count(*) FROM {table.source} WHERE NOT ({condition})"
        aside = number(connection, sql)
        rejects.note(
            f"{table.files.shown}: {aside:,} row{'' if aside == 1 else 's'} left aside by the mapping's `where`."
        )
    return condition


def count_unknown(connection: duckdb.DuckDBPyConnection) -> int:
    """How many touchpoints are of no record. One pass over the record ids."""
    # Known ids are unique. DuckDB joins dense integers inwards several times faster than it finds what is absent.
    matched = (
        f"SELECT count(*) FROM touchpoints INNER JOIN {KNOWN} AS known ON touchpoints.record_id = known.id"
    )
    return number(connection, f"SELECT (SELECT count(*) FROM touchpoints) - ({matched})")


def list_unknown(connection: duckdb.DuckDBPyConnection, rows: TouchpointRows, rejects: Rejects) -> None:
    """Lists each touchpoint of no record with its place."""
    unknown = f"({rows.record_id}) NOT IN (SELECT id FROM {KNOWN})"
    said = ("unknown-record", "no record has this record_id")
    shown = (rows.record_id, rows.table.excerpt)
    reject_where(connection, rows.table, both(rows.kept, unknown), said, shown, rejects)
