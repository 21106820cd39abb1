"""How the types of Parquet columns, as DuckDB reads them, are stored for the rule language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from firstcall.scoring.columns import Storage
from firstcall.scoring.values import Kind

INTEGERS = {"tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger"}
_WIDE = {"ubigint", "hugeint", "uhugeint", "bignum", "decimal"}
_MOMENTS = {
    "date": (Storage.DATE, Kind.DATE),
    "timestamp": (Storage.TIMESTAMP, Kind.TIME),
    "timestamp with time zone": (Storage.TIMESTAMPTZ, Kind.TIME),
}
# Read as they are only after digits beyond microseconds, or units other than microseconds, are gone.
_CUT = {
    "timestamp_s": ("CAST({x} AS TIMESTAMP)", "timestamp"),
    "timestamp_ms": ("CAST({x} AS TIMESTAMP)", "timestamp"),
    "timestamp_ns": ("make_timestamp({whole})", "timestamp"),
    "timestamptz_ns": ("make_timestamptz({whole})", "timestamp with time zone"),
}
_NESTED = {"struct", "map", "union", "variant", "json"}


@dataclass(frozen=True)
class ParquetType:
    """A column's type as it is stored; `cast` is its SQL, with {x} for the column, where it is not the column itself."""

    storage: Storage
    kind: Kind
    cast: str = "{x}"
    element: Storage | None = None

    def sql(self, x: str) -> str:
        whole = f"(epoch_ns({x}) - ((epoch_ns({x}) % 1000) + 1000) % 1000) // 1000"
        return self.cast.replace("{whole}", whole).replace("{x}", x)


def parquet_type(type: Any) -> ParquetType | None:
    """The stored type of a DuckDB type; None for bytes, which are no value of the language."""
    name = str(type.id)
    if str(type) == "JSON":
        name = "json"
    if name in INTEGERS:
        return ParquetType(Storage.INTEGER, Kind.NUMBER)
    if name in _WIDE:
        return ParquetType(Storage.DECIMAL, Kind.NUMBER)
    if name in ("float", "double"):
        return ParquetType(Storage.DOUBLE, Kind.NUMBER)
    if name == "boolean":
        return ParquetType(Storage.TRUTH, Kind.TRUTH)
    if name in _MOMENTS:
        return ParquetType(*_MOMENTS[name])
    if name in _CUT:
        cast, after = _CUT[name]
        return ParquetType(*_MOMENTS[after], cast)
    if name in ("list", "array"):
        return _list_type(type)
    if name in _NESTED:
        cast = "{x}" if name == "json" else "CASE WHEN {x} IS NOT NULL THEN to_json({x}) END"
        return ParquetType(Storage.JSON, Kind.TEXT, cast)
    if name in ("blob", "geometry"):
        return None
    if name == "null":
        return ParquetType(Storage.TEXT, Kind.EMPTY, "CAST({x} AS VARCHAR)")
    return ParquetType(Storage.TEXT, Kind.TEXT, "{x}" if name == "varchar" else "CAST({x} AS VARCHAR)")


def _list_type(type: Any) -> ParquetType:
    """Lists keep their elements; nested ones become JSON."""
    element = parquet_type(type.children[0][1])
    if element is None:
        return ParquetType(Storage.TEXT, Kind.TEXT, "CAST({x} AS VARCHAR)")
    if element.storage in (Storage.JSON, Storage.LIST):
        cast = "list_transform({x}, lambda item: CASE WHEN item IS NOT NULL THEN to_json(item) END)"
        return ParquetType(Storage.LIST, Kind.LIST, cast, Storage.JSON)
    cast = "{x}" if element.cast == "{x}" else f"list_transform({{x}}, lambda item: {element.sql('item')})"
    return ParquetType(Storage.LIST, Kind.LIST, cast, element.storage)


def as_json(sql: str, of: ParquetType) -> str:
    """The stored value as JSON; moments as RFC 3339 without a zone."""
    match of.storage:
        case Storage.JSON:
            return sql
        case Storage.TIMESTAMPTZ:
            json = f"to_json(make_timestamp(epoch_us({sql})))"
        case _:
            json = f"to_json({sql})"
    return f"CASE WHEN {sql} IS NOT NULL THEN {json} END"
