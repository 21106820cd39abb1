"""Hand-tuned SQL in DuckDB, with and without `next_change_at`, and the bare scan of the columns that the rule needs."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

FOLDER = Path(__file__).parents[1]
FIGURES = (
    *("positive", "negative", "touchpoint_positive", "touchpoint_negative", "touchpoint_total"),
    "total",
)
_SCAN = """
SELECT (SELECT max(id) + count(job_title) + sum(employees) + count(industry) + count(email) + sum(budget)
               + count(opted_in) + count(created_at) + count(trial_ends_on) FROM records),
       sum(record_id), max(type), max(occurred_at), max(path), max(form), max(duration), bool_or(machine), max(rating)
FROM touchpoints"""

# What the rule needs of properties that are one column of JSON text.
_FROM_JSON = """
SELECT record_id, type, occurred_at, properties ->> '$.path' AS path, properties ->> '$.form' AS form,
       TRY_CAST(properties ->> '$.duration' AS DOUBLE) AS duration, properties ->> '$.machine' = 'true' AS machine,
       TRY_CAST(properties ->> '$.rating' AS DOUBLE) AS rating
"""


def main(kind: str, records: str, touchpoints: str, out: str) -> None:
    """kind: `scores`, `scores-and-moments` or `scan`."""
    db = duckdb.connect()
    db.execute(f"CREATE VIEW records AS FROM '{records}'")
    read = f"FROM '{touchpoints}'"
    names = [name for name, *_ in db.execute(f"DESCRIBE {read}").fetchall()]
    db.execute(f"CREATE VIEW touchpoints AS {_FROM_JSON + read if 'properties' in names else read}")
    if kind == "scan":
        db.execute(f"COPY ({_SCAN}) TO '{out}' (FORMAT parquet)")
        return
    file = "hand_tuned.sql" if kind == "scores" else "hand_tuned_next.sql"
    sql = (FOLDER / file).read_text()
    columns = ["CAST(id AS VARCHAR) AS id"]
    columns += [f"CAST({name} AS DECIMAL(36, 0)) * CAST(0.01 AS DECIMAL(2, 2)) AS {name}" for name in FIGURES]
    columns.append("grade")
    if kind != "scores":
        columns.append("strftime(make_timestamp(next_change_at), '%Y-%m-%dT%H:%M:%S.%fZ') AS next_change_at")
    db.execute(
        f"COPY (SELECT {', '.join(columns)} FROM ({sql}) AS scores ORDER BY scores.total DESC, id)"
        f" TO '{out}' (FORMAT parquet, COMPRESSION zstd)"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
