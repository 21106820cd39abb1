"""Fields whose values are not kept in the record but come from elsewhere: score fields. Rooms above say here how SQL
reads them; whoever reads records takes `values_sql` in the place of the column `values`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from firstcall.records.statements import run, whole

type Reader = Callable[[int], Mapping[str, str]]

_readers: list[Reader] = []


def tell_reader(reader: Reader) -> Reader:
    """Decorator: by the name of the field, of the module with the id, SQL of its JSON value, with {r} for the table of
    the record; null where it has none. Names and SQL are of the program, not of people."""
    _readers.append(reader)
    return reader


def computed_sql(module: int) -> dict[str, str]:
    return {name: sql for reader in _readers for name, sql in reader(module).items()}


def values_sql(module: int) -> str:
    """SQL of all values of a record `r` of the module, as one JSON object; `r.values` itself where none is computed."""
    pairs = _pairs(module)
    if not pairs:
        return "r.values"
    return f"(r.values || jsonb_strip_nulls(jsonb_build_object({', '.join(pairs)})))"


def computed_values(module: int, records: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Of the module's records: the values of the computed fields that have one, by the record's id."""
    pairs = _pairs(module)
    if not pairs:
        return {}
    found = run(
        f"SELECT r.id, CAST(jsonb_strip_nulls(jsonb_build_object({', '.join(pairs)})) AS TEXT)"
        " FROM records_record AS r WHERE r.id = ANY($1)",
        list(records),
    )
    return {whole(id): msgspec.json.decode(str(held)) for id, held in found.fetchall()}


def _pairs(module: int) -> list[str]:
    return [f"'{name}', {sql.format(r='r')}" for name, sql in computed_sql(module).items()]
