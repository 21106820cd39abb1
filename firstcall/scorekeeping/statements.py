"""Compiled statements on Django's connection and in its transaction: they hold $1, $2 …, which Django's cursors do not."""

from __future__ import annotations

import psycopg
from django.db import connection


def run(sql: str, *parameters: object) -> psycopg.RawCursor[tuple[object, ...]]:
    """Execute; psycopg prepares on the server what it meets again and again."""
    connection.ensure_connection()
    cursor = psycopg.RawCursor(connection.connection)
    return cursor.execute(sql.encode(), parameters)


def server_major() -> int:
    """The server's version: 15 to 18."""
    connection.ensure_connection()
    return int(connection.connection.info.server_version) // 10_000
