"""How the types of Parquet columns, as DuckDB reads them, are stored for the rule language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from firstcall.engines.reading.quoting import literal
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
# Shortest in single precision is another decimal than shortest in double, which is what counts.
_FINITE = "CASE WHEN isfinite({x}) THEN CAST({x} AS DOUBLE) END"


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
    if name == "float":
        return ParquetType(Storage.DOUBLE, Kind.NUMBER, "CAST({x} AS DOUBLE)")
    if name == "double":
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
        # Extracted whole, JSON is written anew, without space around it.
        return ParquetType(
            Storage.JSON, Kind.TEXT, "json_extract({x}, '$')" if name == "json" else _json_cast(type)
        )
    if name in ("blob", "geometry"):
        return None
    if name == "null":
        return ParquetType(Storage.TEXT, Kind.EMPTY, "CAST({x} AS VARCHAR)")
    return ParquetType(Storage.TEXT, Kind.TEXT, "{x}" if name == "varchar" else "CAST({x} AS VARCHAR)")


def _list_type(type: Any) -> ParquetType:
    """Lists hold what lists of JSON hold: texts, true/false, numbers; moments become RFC 3339 text.

    Nested ones become JSON.
    """
    element = parquet_type(type.children[0][1])
    if element is None:
        return ParquetType(Storage.TEXT, Kind.TEXT, "CAST({x} AS VARCHAR)")
    if element.storage in (Storage.JSON, Storage.LIST):
        return ParquetType(Storage.JSON, Kind.LIST, _json_cast(type))
    storage, item = element.storage, element.sql("item")
    if storage in (Storage.DOUBLE, Storage.DECIMAL):
        storage, item = Storage.DOUBLE, _FINITE.replace("{x}", f"CAST({item} AS DOUBLE)")
    elif element.kind.is_moment:
        storage, item = Storage.TEXT, _written_moment(element, item)
    cast = "{x}" if item == "item" else f"list_transform({{x}}, lambda item: {item})"
    return ParquetType(Storage.LIST, Kind.LIST, cast, storage)


def _written_moment(of: ParquetType, x: str) -> str:
    if of.storage is Storage.DATE:
        return f"CAST({x} AS VARCHAR)"
    plain = x if of.storage is Storage.TIMESTAMP else f"make_timestamp(epoch_us({x}))"
    return f"replace(CAST({plain} AS VARCHAR), ' ', 'T') || 'Z'"


def _json_cast(type: Any) -> str:
    return f"CASE WHEN {{x}} IS NOT NULL THEN to_json({_finite(type, '{x}', 0)}) END"


def _finite(type: Any, x: str, depth: int) -> str:
    """The value with NULL for NaN and infinities, which JSON does not have."""
    name = str(type.id)
    if name in ("float", "double"):
        return _FINITE.replace("{x}", x)
    if name in ("list", "array"):
        inner = _finite(type.children[0][1], f"item{depth}", depth + 1)
        return x if inner == f"item{depth}" else f"list_transform({x}, lambda item{depth}: {inner})"
    if name == "struct":
        old = [f"struct_extract({x}, {literal(key)})" for key, _ in type.children]
        new = [_finite(of, value, depth) for (_, of), value in zip(type.children, old, strict=True)]
        if new != old:
            pairs = zip(type.children, new, strict=True)
            packed = ", ".join(f"{literal(key)}: {value}" for (key, _), value in pairs)
            return f"CASE WHEN {x} IS NOT NULL THEN {{{packed}}} END"
    return x


def as_json(sql: str, of: ParquetType) -> str:
    """The stored value as JSON; moments as RFC 3339 without a zone."""
    match of.storage:
        case Storage.JSON:
            return sql
        case Storage.TIMESTAMPTZ:
            json = f"to_json(make_timestamp(epoch_us({sql})))"
        case Storage.DOUBLE:
            return f"CASE WHEN isfinite({sql}) THEN to_json({sql}) END"
        case _:
            json = f"to_json({sql})"
    return f"CASE WHEN {sql} IS NOT NULL THEN {json} END"
