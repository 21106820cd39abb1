"""Statements with $1, $2 … on Django's connection and in its transaction; Django's cursors take others."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg
from django.db import connection


def run(sql: str, *parameters: object, prepared: bool = False) -> psycopg.RawCursor[tuple[object, ...]]:
    """Execute.

    prepared  keep the statement on the server, with its plan where one plan is good for all parameters: planning a
              rule of 25 criteria takes 50 ms
    """
    connection.close_if_health_check_failed()  # as Django's cursors do: once a request, and never in a transaction
    connection.ensure_connection()
    cursor = psycopg.RawCursor(connection.connection)
    if prepared:
        connection.connection.prepare_threshold = 0  # Django switches preparing off
    try:
        return cursor.execute(sql.encode(), parameters, prepare=prepared)
    except (psycopg.OperationalError, psycopg.InterfaceError):
        connection.errors_occurred = True  # so that Django looks at the end whether it is still of use
        raise
    finally:
        connection.connection.prepare_threshold = None


def array(values: Iterable[str | int | None]) -> str:
    """The values as PostgreSQL reads an array, for a parameter that the statement casts. By psycopg's own way, which
    finds out the type of each value, it takes four times as long: a quarter of what intake spends in Python.

    >>> array(["a,b", 'say "no"', None, 12])
    '{"a,b","say \\\\"no\\\\"",NULL,12}'
    """
    return "{" + ",".join([_element(value) for value in values]) + "}"


def ids_of(found: psycopg.RawCursor[tuple[object, ...]]) -> list[int]:
    """Of rows that hold an id each."""
    return [id for (id,) in found.fetchall()]  # type: ignore[misc]


def _element(value: str | int | None) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return "NULL" if value is None else str(value)


def server_major() -> int:
    """The server's version: 15 to 18."""
    connection.ensure_connection()
    return int(connection.connection.info.server_version) // 10_000


def whole(value: object) -> int:
    """A number of a row, which may come as a decimal."""
    return value if isinstance(value, int) else int(str(value))
