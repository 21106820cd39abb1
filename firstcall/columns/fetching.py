"""Rows out of PostgreSQL, as files that DuckDB reads: in the transaction of whoever asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from django.db import connection

# Characters that no JSON value of PostgreSQL's has in it, so that hardly anything must be quoted.
_COPY = r"COPY ({sql}) TO STDOUT WITH (FORMAT csv, DELIMITER E'\x1f', QUOTE E'\x01')"
_READ = r"""read_csv({path}, delim = chr(31), quote = chr(1), escape = chr(1), header = false, auto_detect = false,
  nullstr = '', allow_quoted_nulls = false, max_line_size = 268435456, columns = {{{columns}}})"""

PORTION = 64 << 20  # octets of a file; rows are not parted


def fetched(sql: str, folder: Path, columns: Mapping[str, str], *, portion: int = PORTION) -> Iterator[str]:
    """What the query gives, in portions: each as SQL of DuckDB that reads a file with these columns, by name and type.

    The files are the caller's to throw away, with the folder.
    """
    connection.ensure_connection()
    with connection.connection.cursor() as cursor, cursor.copy(_COPY.format(sql=sql)) as copy:
        rows, number = iter(copy), 0
        more = True
        while more:
            path = folder / f"fetched-{number}.csv"
            more, written = _write(rows, path, portion)
            if written:
                yield reading(path, columns)
            number += 1


def _write(rows: Iterator[bytes | bytearray | memoryview], path: Path, portion: int) -> tuple[bool, int]:
    """Whether there may be more, and how many octets were written."""
    written, held, size = 0, list[bytes | bytearray | memoryview](), 0
    with path.open("wb") as file:
        for row in rows:
            held.append(row)
            size += len(row)
            if size >= 1 << 20:
                file.write(b"".join(held))
                written, size = written + size, 0
                held.clear()
                if written >= portion:
                    return True, written
        file.write(b"".join(held))
    return False, written + size


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
