"""Looking into a source's relations: how its columns read in DuckDB, and which values they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from firstcall.engines.workspace import Workspace
from firstcall.scoring.columns import Column, Storage
from firstcall.scoring.compiling.duckdb import DuckDB
from firstcall.scoring.compiling.readings import Reading
from firstcall.scoring.numbers import format_scaled
from firstcall.scoring.saying import said, whole
from firstcall.scoring.times import format_moment

_DIALECT = DuckDB()


def one_row(
    workspace: Workspace, sql: str, parameters: Mapping[str, object] | None = None, *, doing: str = ""
) -> tuple[Any, ...]:
    """The one row of an aggregate."""
    row = workspace.run(sql, parameters, doing=doing).fetchone()
    if row is None:
        raise LookupError("an aggregate gives one row")
    return row


def field_reading(column: Column, alias: str = "r") -> Reading:
    """The field in SQL, with its readings."""
    return Reading(_DIALECT, f"{alias}.{column.ref}", column.storage, column.element)


def moment_reading(x: str, storage: Storage) -> str:
    """A column of moments as microseconds."""
    return Reading(_DIALECT, x, storage).moment or x


def of_types(x: str, types: Sequence[str]) -> str:
    """A condition: the touchpoint type x is one of these, `a.*` and `*` standing for several."""
    parts = ["TRUE" if type == "*" else _of_type(x, type) for type in types]
    return "(" + " OR ".join(parts) + ")"


def _of_type(x: str, type: str) -> str:
    if type.endswith(".*"):
        return f"starts_with({x}, {_DIALECT.literal(type.removesuffix('*'))})"
    return f"{x} = {_DIALECT.literal(type)}"


def known_values(workspace: Workspace, column: Column, most: int = 5) -> str:
    """The commonest values of a field with their counts, as a sentence's end: `0 (5,679), 1 (3,561)`."""
    reading = field_reading(column)
    shown = reading.number if reading.text is None and reading.number else reading.moment or reading.x
    rows = workspace.run(
        f"SELECT {shown} AS value, count(*) FROM records AS r GROUP BY value\n"
        "ORDER BY count(*) DESC, CAST(value AS VARCHAR)"
    ).fetchmany(most + 1)
    texts = ", ".join(f"{_shown(value, reading)} ({whole(count)})" for value, count in rows[:most])
    return said("{texts} and more", texts=texts) if len(rows) > most else texts


def _shown(value: object, reading: Reading) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, int) and not isinstance(value, bool):
        if reading.text is None and reading.number:
            return format_scaled(value, 6)
        if reading.moment:
            return format_moment(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
