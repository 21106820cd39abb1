"""Asking DuckDB for answers of one row, and for long ones piece by piece.

Every result is read to its end: a connection with an unread rest refuses other work.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb

_BATCH = 10_000


def first_row(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    """The one row of an aggregate."""
    row: tuple[Any, ...] = connection.execute(sql).fetchall()[0]
    return row


def number(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The one whole number of a count."""
    return int(first_row(connection, sql)[0])


def rows_of(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, in memory a batch at a time; the connection is busy until the last one."""
    result = connection.execute(sql)
    while rows := result.fetchmany(_BATCH):
        yield from rows
