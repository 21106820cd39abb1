"""Compiled statements on Django's connection and in its transaction: they hold $1, $2 …, which Django's cursors do not."""

from __future__ import annotations

import psycopg
from django.db import connection


def run(sql: str, *parameters: object, prepared: bool = False) -> psycopg.RawCursor[tuple[object, ...]]:
    """Execute.

    prepared  keep the statement and its plan on the server: planning a rule of 25 criteria takes 50 ms. In a
              transaction only
    """
    connection.ensure_connection()
    cursor = psycopg.RawCursor(connection.connection)
    if prepared:
        # Django switches preparing off; and the plan must not depend on how many ids there are this time.
        connection.connection.prepare_threshold = 0
        cursor.execute(b"SET LOCAL plan_cache_mode = force_generic_plan")
    try:
        return cursor.execute(sql.encode(), parameters, prepare=prepared)
    finally:
        connection.connection.prepare_threshold = None


def server_major() -> int:
    """The server's version: 15 to 18."""
    connection.ensure_connection()
    return int(connection.connection.info.server_version) // 10_000


def whole(value: object) -> int:
    """A number of a row, which may come as a decimal."""
    return int(str(value))
