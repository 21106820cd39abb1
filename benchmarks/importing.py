"""`python -m benchmarks.importing`: how long leads and touchpoints take from a file into the service, through the command.

The files are CSV. The command brings its own PostgreSQL, whose work counts as the command's own; no keeper runs beside.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

import duckdb

from benchmarks.measuring import Run, run

# The database's user may not enter the folders of root.
FOLDER = Path("/var/lib/firstcall-bench-import") if os.geteuid() == 0 else Path("build/bench/importing")

_LEADS = """
SELECT 'L' || i AS "Lead ID", 'First' || i % 5000 AS "First Name", 'Last' || hash(i) % 90000 AS "Last Name",
       'person' || i || '@example.com' AS "Email", '+4930' || (1000000 + i) AS "Phone",
       'Company ' || i % 40000 AS "Company", ['Director', 'Engineer', 'Buyer', 'Owner'][i % 4 + 1] AS "Job Title",
       strftime(DATE '2020-01-01' + CAST(i % 2000 AS INTEGER), '%d/%m/%Y') AS "Created Date",
       '$' || format('{{:,}}', 1000 + i % 900000) || '.50' AS "Annual Revenue", i % 5000 AS "Employees",
       ['Website', 'Partner', 'webinar', 'Other'][i % 4 + 1] AS "Lead Source", 'Berlin' AS "City", 'Germany' AS "Country"
FROM range({leads}) AS numbers(i)"""

# In the order of time, as trackers write them: neighbours are of different leads.
_TOUCHPOINTS = """
SELECT 'L' || hash(i) % {leads} AS "Lead ID",
       strftime(TIMESTAMP '2024-01-01' + INTERVAL (i * 6) SECOND, '%Y-%m-%dT%H:%M:%SZ') AS "Timestamp",
       ['web.visited', 'email.opened', 'email.clicked', 'call.attended'][i % 4 + 1] AS "Event",
       '/page/' || hash(i) % 300 AS "path", i % 900 AS "duration"
FROM range({touchpoints}) AS numbers(i)"""


def make_files(leads: int, touchpoints: int) -> tuple[Path, Path]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    people, touched = FOLDER / f"leads-{leads}.csv", FOLDER / f"touchpoints-{touchpoints}-of-{leads}.csv"
    for path, query in ((people, _LEADS), (touched, _TOUCHPOINTS)):
        if not path.exists():
            sql = query.format(leads=leads, touchpoints=touchpoints)
            duckdb.execute(f"COPY ({sql}) TO '{path}' (FORMAT csv, HEADER true)")
    return people, touched


def told(what: str, rows: int, file: Path, measured: Run) -> str:
    megabytes = file.stat().st_size / 1e6
    return (
        f"{what:<32} {rows:>11,} rows {megabytes:>8,.0f} MB {measured.seconds:>8,.0f} s"
        f" {measured.worked:>8,.0f} s worked {rows / measured.seconds:>9,.0f} rows/s {measured.megabytes:>7,.0f} MB held"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--touchpoints", type=int, default=10_000_000)
    given = parser.parse_args()
    people, touched = make_files(given.leads, given.touchpoints)
    data = FOLDER / "service"
    shutil.rmtree(data, ignore_errors=True)
    firstcall = [sys.executable, "-m", "firstcall"]
    os.environ["FIRSTCALL_DATA_FOLDER"] = str(data)
    run([*firstcall, "migrate"])
    imports = (
        ("leads", given.leads, people, ["leads", str(people)]),
        ("the same leads again", given.leads, people, ["leads", str(people)]),
        ("touchpoints", given.touchpoints, touched, ["touchpoints", str(touched)]),
        ("the same touchpoints again", given.touchpoints, touched, ["touchpoints", str(touched)]),
    )
    for what, rows, file, arguments in imports:
        measured = run([*firstcall, "import", *arguments, "--no-progress"])
        print(told(what, rows, file, measured), flush=True)
    out = FOLDER / "out.csv"
    measured = run([*firstcall, "export", "leads", str(out), "--no-progress"])
    print(told("leads out again", given.leads, out, measured), flush=True)


if __name__ == "__main__":
    main()
