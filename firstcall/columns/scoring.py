"""Every record of a module scored by a rule over the copy, into a file that PostgreSQL takes in."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from firstcall.columns.duck import quoted
from firstcall.columns.reading import Copy
from firstcall.scoring.compiling import FIGURES, compile_rules
from firstcall.scoring.compiling.duckdb import DuckDB
from firstcall.scoring.rules import Rule

SECONDS = 600.0  # that it may take


def scored_into(path: Path, copy: Copy, rule: Rule, *, as_of: int) -> None:
    """CSV in the order of ids: `id`, FIGURES, and as arrays the points of each criterion and when each may next change.

    Of the records that the rule applies to. `as_of` in microseconds.
    """
    statement = compile_rules([rule], copy.columns(rule.module), DuckDB(), explain=True)
    numbers = range(1, len(rule.criteria) + 1)
    points, nexts = (_array(f"{name}_{n}" for n in numbers) for name in ("points", "next"))
    sql = (
        f"WITH scored AS (\n{statement.sql}\n)\n"
        f"SELECT id, {', '.join(FIGURES)}, {points} AS points, {nexts} AS nexts FROM scored ORDER BY id"
    )
    whole = copy.with_relations(sql, rule.module)
    with copy.open() as db, interrupted_after(SECONDS, db):
        values = {"as_of": as_of} if "$as_of" in whole else {}
        db.execute(f"COPY (\n{whole}\n) TO {quoted(path)} (FORMAT csv, HEADER false, NULLSTR '')", values)


@contextmanager
def interrupted_after(seconds: float, db: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """What takes longer ends with duckdb.InterruptException."""
    timer = threading.Timer(seconds, db.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _array(columns: Iterable[str]) -> str:
    listed = ", ".join(f"COALESCE(CAST({column} AS VARCHAR), 'NULL')" for column in columns)
    return f"'{{' || array_to_string([{listed}], ',') || '}}'"
