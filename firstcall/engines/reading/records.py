"""The relation `records`: one row an id, the first that a file has, with its fields typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from firstcall.engines.reading.checking import (
    among,
    both,
    drop_repeated,
    keeping,
    presence,
    reject_failing,
    report_misfits,
)
from firstcall.engines.reading.errors import SourceError, file_error
from firstcall.engines.reading.mapping import RecordsMapping
from firstcall.engines.reading.queries import number
from firstcall.engines.reading.rejects import Rejects
from firstcall.engines.reading.tables import Cell, Check, Field, Table, hold, view
from firstcall.scoring.columns import Column, RecordColumns, Storage
from firstcall.scoring.compiling.duckdb import DuckDB
from firstcall.scoring.problems import nearest
from firstcall.scoring.times import FIRST_MOMENT, LAST_MOMENT, LONGEST_DURATION, parse_duration

_SHIFTED = re.compile(r"(?P<field>.*\S)\s*(?P<sign>[+-])\s*(?P<span>[0-9]+ [a-z]+)")
KNOWN = "firstcall_known_ids"
_DUPLICATE = ("duplicate-id", "a row with the same id came before")
_NO_ID = ("missing-id", "the id is missing")
_BAD_ID = ("bad-id", "the id is neither text nor a whole number")


@dataclass(frozen=True)
class RecordsReading:
    """How the records are asked for.

    id           the column of ids, None where rows are numbered
    as_of_field  the field that holds each record's own moment, or that and a duration: `created_at + 30 days`
    ids          only these records
    lookups      columns that hold ids of other records, by what they are called in SQL
    relation     what the relation is called
    known        the view of all ids that touchpoints may have
    whole        a second relation of all records, where only some of them are asked for
    """

    id: str | None
    integer: bool
    as_of_field: str | None = None
    ids: Sequence[str] | None = None
    lookups: Mapping[str, str] = field(default_factory=dict)
    relation: str = "records"
    known: str = KNOWN
    whole: str | None = None


def build_records(
    connection: duckdb.DuckDBPyConnection, table: Table, reading: RecordsReading, rejects: Rejects
) -> tuple[RecordColumns, int]:
    """Creates the relation, and the view of all ids. Raises SourceError."""
    id = Cell("FALSE", "CAST(row_id AS VARCHAR)", checked=True)
    if reading.id is not None:
        id = table.key(reading.id, integer=reading.integer)
    fields = table.fields([name for name in table.names if name != reading.id])
    moment = _as_of(table, fields, reading.as_of_field) if reading.as_of_field is not None else None
    failed = reject_failing(connection, table, presence(id, _NO_ID, _BAD_ID), id.value, rejects)
    kept = keeping(failed)
    if reading.id is not None:
        looked_at = kept
        if reading.ids is not None and not table.materialises:
            looked_at = both(kept, among(id.value, reading.ids, integer=reading.integer))
        kept = both(kept, drop_repeated(connection, table, id.value, looked_at, _DUPLICATE, rejects))
    source = table.located if "(file, line)" in kept else table.source
    connection.execute(view(reading.known, [f"{id.value} AS id"], source, kept))
    columns = [f"{id.value} AS id", *(f"{field.sql} AS {field.column.ref}" for field in fields)]
    keys = {ref: table.key(name, integer=reading.integer) for name, ref in reading.lookups.items()}
    columns += [f"{key.value} AS {ref}" for ref, key in keys.items()]
    if reading.whole is not None:
        table.publish(reading.whole, columns, source, kept)
    if moment is not None:
        columns.append(f"{moment} AS as_of")
        kept = both(kept, _with_moment(connection, table, id, (moment, kept), rejects))
    if reading.ids is not None:
        kept = both(kept, among(id.value, reading.ids, integer=reading.integer))
    report_misfits(connection, table, fields, id.value, rejects)
    table.publish(reading.relation, columns, source, kept)
    if reading.ids is not None:
        if not table.materialises:
            hold(connection, reading.relation)
        _refuse_unknown(connection, table, reading.ids)
    count = number(connection, f"SELECT count(*) FROM {reading.relation}")
    return RecordColumns({field.column.name: field.column for field in fields}, reading.integer), count


def _as_of(table: Table, fields: Sequence[Field], given: str) -> str:
    """SQL of the moment in a field, or so long before or after it."""
    by_name = {field.column.name: field for field in fields}
    name, shift = (given, 0) if given in by_name else shifted_field(given)
    shown = table.files.shown
    if name not in by_name:
        near = nearest(name, by_name)
        fix = f"Did you mean `{near}`?" if near else "Name a field that holds dates or times."
        raise file_error(shown, "unknown-as-of", f"there is no column `{name}` for --as-of-field.", fix)
    field = by_name[name]
    if not field.column.kind.is_moment:
        says = f"`{name}` is {_article(field.column)}, and --as-of-field needs dates or times."
        fix = f'Give its format in a mapping (records: {{types: {{{name}: {{type: time, format: "%d.%m.%Y"}}}}}}).'
        raise file_error(shown, "as-of-type", says, fix)
    moment = moment_sql(field)
    if not shift:
        return moment
    shifted = f"({moment}) + ({shift})"
    return f"CASE WHEN {shifted} BETWEEN {FIRST_MOMENT} AND {LAST_MOMENT} THEN {shifted} END"


def shifted_field(given: str) -> tuple[str, int]:
    """The field and the microseconds of `field + 30 days` or `field - 1 day`; 0 where it is just a field."""
    match = _SHIFTED.fullmatch(given)
    span = parse_duration(match["span"]) if match else None
    if match is None or span is None or span > LONGEST_DURATION:
        return given, 0
    return match["field"], span if match["sign"] == "+" else -span


def _article(column: Column) -> str:
    return {"list": "a list", "number": "a number", "empty": "empty"}.get(column.kind, str(column.kind))


def moment_sql(field: Field) -> str:
    """Microseconds of a field of dates or times."""
    dialect = DuckDB()
    match field.column.storage:
        case Storage.DATE:
            return dialect.date_moment(field.sql)
        case Storage.TIMESTAMP:
            return dialect.timestamp_moment(field.sql)
        case Storage.TIMESTAMPTZ:
            return dialect.timestamptz_moment(field.sql)
    return field.sql


def _with_moment(
    connection: duckdb.DuckDBPyConnection, table: Table, id: Cell, said: tuple[str, str], rejects: Rejects
) -> str:
    """Lists the records without a moment of their own; the condition that keeps the others."""
    moment, kept = said
    lacking = f"({moment}) IS NULL"
    check = Check("missing-as-of", "the record's own as-of moment is missing", both(kept, lacking))
    return keeping(reject_failing(connection, table, [check], id.value, rejects)) and f"NOT ({lacking})"


def _refuse_unknown(connection: duckdb.DuckDBPyConnection, table: Table, ids: Sequence[str]) -> None:
    rows = connection.execute("SELECT CAST(id AS VARCHAR) FROM records").fetchall()
    there = {row[0] for row in rows}
    unknown = [id for id in dict.fromkeys(ids) if id not in there]
    if unknown:
        fix = "Check the id; rows that were left out are listed with --rejects."
        raise SourceError(
            file_error(table.files.shown, "unknown-id", f"no record has the id {id!r}.", fix).problems[0]
            for id in unknown
        )


def mapping_id(mapping: RecordsMapping, roles: dict[str, str]) -> str | None:
    return None if mapping.number_rows else roles["id"]
