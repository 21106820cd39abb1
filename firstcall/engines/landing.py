"""A source's relations on their way to another engine: each column in a form that every engine has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from firstcall.engines.engine import Scope
from firstcall.scoring.columns import Column, Columns, RecordColumns, Storage, TouchpointColumns
from firstcall.scoring.compiling.duckdb import DuckDB
from firstcall.scoring.values import Kind


@dataclass(frozen=True)
class Landed:
    """One column of a relation: the SQL that reads it in DuckDB, its name, and how it is stored after."""

    sql: str
    name: str
    storage: Storage


@dataclass(frozen=True)
class Landing:
    """What to select from each relation, and the columns as the other engine will have them."""

    records: Sequence[Landed]
    touchpoints: Sequence[Landed]
    columns: Columns


def plan_landing(columns: Columns, scope: Scope) -> Landing:
    """Moments become microseconds, lists JSON; the rest stays as it is stored."""
    id = Storage.INTEGER if columns.records.integer_ids else Storage.TEXT
    fields = columns.records.fields
    records = [Landed("id", "id", id)]
    if scope.as_of is None:
        records.append(Landed("as_of", "as_of", Storage.MICROSECONDS))
    records += map(_landed, fields.values())

    touched = columns.touchpoints or TouchpointColumns(has_json=False)
    touchpoints = [
        Landed("record_id", "record_id", id),
        Landed("type", "type", Storage.TEXT),
        _landed(Column("", "occurred_at", touched.occurred_at, Kind.TIME)),
        *map(_landed, touched.properties.values()),
    ]
    if touched.has_json:
        touchpoints.append(Landed("properties", "properties", Storage.JSON))
    return Landing(
        records,
        touchpoints,
        Columns(
            RecordColumns({name: _stored(c) for name, c in fields.items()}, columns.records.integer_ids),
            TouchpointColumns(
                Storage.MICROSECONDS,
                touched.has_json,
                {name: _stored(c) for name, c in touched.properties.items()},
            ),
        ),
    )


def _stored(column: Column) -> Column:
    return replace(column, storage=_landed(column).storage, element=None)


def _landed(column: Column) -> Landed:
    match column.storage:
        case Storage.TIMESTAMP | Storage.TIMESTAMPTZ:
            return Landed(DuckDB().timestamp_moment(column.ref), column.ref, Storage.MICROSECONDS)
        case Storage.LIST:
            return Landed(f"to_json({column.ref})", column.ref, Storage.JSON)
    return Landed(column.ref, column.ref, column.storage)
