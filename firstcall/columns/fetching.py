"""Rows out of PostgreSQL, as files that DuckDB reads: in the transaction of whoever asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import psycopg
from django.db import connection
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn

# Characters that no JSON value of PostgreSQL's has in it, so that hardly anything must be quoted.
_COPY = r"COPY ({sql}) TO STDOUT WITH (FORMAT csv, DELIMITER E'\x1f', QUOTE E'\x01')"
_READ = r"""read_csv({path}, delim = chr(31), quote = chr(1), escape = chr(1), header = false, auto_detect = false,
  nullstr = '', allow_quoted_nulls = false, max_line_size = 16777216, columns = {{{columns}}})"""

PORTION = 64 << 20  # octets of a file; rows are not parted


def fetched(sql: str, folder: Path, columns: Mapping[str, str], *, portion: int = PORTION) -> Iterator[str]:
    """What the query gives, in portions: each as SQL of DuckDB that reads a file with these columns, by name and type.

    The files are the caller's to throw away, with the folder.
    """
    connection.ensure_connection()
    pgconn = connection.connection.pgconn
    result = pgconn.exec_(_COPY.format(sql=sql).encode())
    if result.status != ExecStatus.COPY_OUT:
        raise psycopg.errors.error_from_result(result)
    number, more = 0, True
    try:
        while more:
            path = folder / f"fetched-{number}.csv"
            more, written = _write(pgconn, path, portion)
            if written:
                yield reading(path, columns)
            number += 1
    finally:
        if more:
            _break_off(pgconn)
    while (ended := pgconn.get_result()) is not None:
        if ended.status == ExecStatus.FATAL_ERROR:
            raise psycopg.errors.error_from_result(ended)


def _break_off(pgconn: PGconn) -> None:
    """Nobody wants the rest: the connection is to be of use again."""
    with suppress(psycopg.Error):
        pgconn.get_cancel().cancel()
        while pgconn.get_copy_data(0)[0] > 0:
            pass
    while pgconn.get_result() is not None:
        pass


def _write(pgconn: PGconn, path: Path, portion: int) -> tuple[bool, int]:
    """Whether there may be more, and how many octets were written."""
    # By libpq itself: psycopg's own loop takes ten times as long for each row.
    written, held, size = 0, list[bytes](), 0
    with path.open("wb") as file:
        while True:
            length, row = pgconn.get_copy_data(0)
            if length <= 0:
                file.write(b"".join(held))
                return False, written + size
            held.append(bytes(row))
            size += length
            if size >= 1 << 20:
                file.write(b"".join(held))
                written, size = written + size, 0
                held.clear()
                if written >= portion:
                    return True, written


def reading(path: Path, columns: Mapping[str, str]) -> str:
    listed = ", ".join(f"'{name}': '{type}'" for name, type in columns.items())
    return _READ.format(path="'" + str(path).replace("'", "''") + "'", columns=listed)


def ids_sql(ids: list[int]) -> str:
    """An array to stand in a query: COPY takes no parameters."""
    return "CAST('{" + ",".join(map(str, ids)) + "}' AS BIGINT[])"


def reading_nothing(columns: Mapping[str, str]) -> str:
    """No rows, with the columns of those that are fetched."""
    selected = ", ".join(f"CAST(NULL AS {type}) AS {name}" for name, type in columns.items())
    return f"(SELECT {selected} WHERE FALSE)"
