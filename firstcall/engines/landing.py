"""A source's relations on their way to another engine: each column in a form that every engine has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from firstcall.engines.engine import Scope
from firstcall.scoring.columns import (
    Column,
    Columns,
    RecordColumns,
    RelatedColumns,
    Storage,
    TouchpointColumns,
)
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
    """What to select from each relation, by its name, and the columns as the other engine will have them."""

    relations: Mapping[str, Sequence[Landed]]
    columns: Columns


def plan_landing(columns: Columns, scope: Scope) -> Landing:
    """Moments become microseconds, lists JSON; the rest stays as it is stored."""
    id = Storage.INTEGER if columns.records.integer_ids else Storage.TEXT
    records = [Landed("id", "id", id)]
    if scope.as_of is None:
        records.append(Landed("as_of", "as_of", Storage.MICROSECONDS))
    records += _landed_columns(columns.records, id)

    touched = columns.touchpoints or TouchpointColumns(has_json=False)
    touchpoints = [
        Landed("record_id", "record_id", id),
        Landed("type", "type", Storage.TEXT),
        _landed(Column("", "occurred_at", touched.occurred_at, Kind.TIME)),
        *map(_landed, touched.properties.values()),
    ]
    if touched.has_json:
        touchpoints.append(Landed("properties", "properties", Storage.JSON))
    related = {
        of.relation: [Landed("id", "id", id), *_landed_columns(of, id)] for of in columns.related.values()
    }
    return Landing(
        {"records": records, "touchpoints": touchpoints, **related},
        replace(
            columns,
            records=replace(columns.records, fields=_all_stored(columns.records.fields)),
            touchpoints=TouchpointColumns(
                Storage.MICROSECONDS, touched.has_json, _all_stored(touched.properties)
            ),
            related={
                name: replace(of, fields=_all_stored(of.fields)) for name, of in columns.related.items()
            },
        ),
    )


def _landed_columns(of: RecordColumns | RelatedColumns, id: Storage) -> list[Landed]:
    """The fields, and the look-ups, each once whatever names it has."""
    refs = dict.fromkeys(lookup.ref for lookup in of.lookups.values())
    return [*map(_landed, of.fields.values()), *(Landed(ref, ref, id) for ref in refs)]


def _all_stored(columns: Mapping[str, Column]) -> dict[str, Column]:
    return {name: _stored(column) for name, column in columns.items()}


def _stored(column: Column) -> Column:
    return replace(column, storage=_landed(column).storage, element=None)


def _landed(column: Column) -> Landed:
    match column.storage:
        case Storage.TIMESTAMP | Storage.TIMESTAMPTZ:
            return Landed(DuckDB().timestamp_moment(column.ref), column.ref, Storage.MICROSECONDS)
        case Storage.LIST:
            return Landed(f"to_json({column.ref})", column.ref, Storage.JSON)
    return Landed(column.ref, column.ref, column.storage)
