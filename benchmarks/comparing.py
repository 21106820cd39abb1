"""Whether two files of scores hold the same figures."""

from __future__ import annotations

from pathlib import Path

import duckdb

FIGURES = (
    *("id", "positive", "negative", "touchpoint_positive", "touchpoint_negative", "touchpoint_total"),
    *("total", "grade"),
)
_MOMENT = "CAST(next_change_at AS TIMESTAMPTZ) AS next_change_at"


def count_differing(one: Path, other: Path, *, moments: bool = False) -> tuple[int, int]:
    """How many rows the first has, and how many rows of either the other lacks."""
    columns = ", ".join([*FIGURES, *([_MOMENT] if moments else [])])
    first, second = f"SELECT {columns} FROM '{one}'", f"SELECT {columns} FROM '{other}'"
    sql = (
        f"SELECT (SELECT count(*) FROM '{one}'),"
        f" (SELECT count(*) FROM (({first} EXCEPT ALL {second}) UNION ALL ({second} EXCEPT ALL {first})))"
    )
    with duckdb.connect() as db:
        rows, differing = db.execute(sql).fetchall()[0]
    return int(rows), int(differing)
