"""Rows out of PostgreSQL as they are, and a connection that is of use afterwards."""

from __future__ import annotations

from pathlib import Path

import duckdb
import psycopg
import pytest
from django.db import connection, transaction

from firstcall.columns.fetching import fetched
from firstcall.records.statements import run

pytestmark = pytest.mark.django_db(transaction=True)

COLUMNS = {"n": "BIGINT", "text": "VARCHAR"}


def rows(sql: str, folder: Path, portion: int = 64 << 20) -> list[tuple[object, ...]]:
    found = []
    for source in fetched(sql, folder, COLUMNS, portion=portion):
        found += duckdb.sql(f"SELECT n, text FROM {source}").fetchall()
    return sorted(found)


def test_nothing_and_empty_and_strange_texts_come_as_they_are(tmp_path: Path) -> None:
    texts = [
        "''",
        "'a,\"b\"'",
        "E'\\x1f \\x01 \\n \\r\\n'",
        "'İß ς 🙂'",
        "'\\N'",
        "'\\.'",
        "NULL",
        "repeat('x', 3000000)",
    ]
    sql = " UNION ALL ".join(f"SELECT {n}, {text}" for n, text in enumerate(texts))
    found = dict(rows(sql, tmp_path))
    assert found.pop(7) == "x" * 3_000_000
    assert list(found.values()) == ["", 'a,"b"', "\x1f \x01 \n \r\n", "İß ς 🙂", "\\N", "\\.", None]


def test_many_rows_come_in_portions(tmp_path: Path) -> None:
    sql = "SELECT n, repeat('x', 1000) FROM generate_series(1, 5000) AS n"
    assert [n for n, _ in rows(sql, tmp_path, portion=1 << 20)] == list(range(1, 5001))
    assert len(list(tmp_path.iterdir())) > 3


def test_after_an_error_or_a_break_the_connection_is_of_use(tmp_path: Path) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero), transaction.atomic():
        rows("SELECT n, CAST(1 / (3000 - n) AS TEXT) FROM generate_series(1, 5000) AS n", tmp_path)
    with pytest.raises(psycopg.errors.UndefinedTable), transaction.atomic():
        rows("SELECT 1, 'x' FROM missing", tmp_path)
    portions = fetched(
        "SELECT n, repeat('x', 99) FROM generate_series(1, 300000) AS n", tmp_path, COLUMNS, portion=1 << 20
    )
    next(portions)
    portions.close()  # type: ignore[attr-defined]
    assert run("SELECT 1").fetchall() == [(1,)]
    assert not connection.in_atomic_block
