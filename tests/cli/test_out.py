"""`firstcall score --out`: every format read back, and files that come to be whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import resource
import signal
import stat
import subprocess
import time
import uuid
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from python_calamine import load_workbook

from tests.cli.conftest import Company, Invoke, command_line, environment, real

COLUMNS = [
    "id",
    "positive",
    "negative",
    "touchpoint_positive",
    "touchpoint_negative",
    "touchpoint_total",
    "total",
    "grade",
    "next_change_at",
]
# Worked out by hand from the rule and the files of conftest.
EXPECTED = [
    ["a1", "20.00", "0.00", "32.00", "0.00", "32.00", "50.00", "Hot", "2026-09-09T00:00:00Z"],
    ["a3", "20.00", "0.00", "5.00", "0.00", "5.00", "25.00", "Warm", "2026-09-14T12:00:00.500000Z"],
    ["a4", "0.00", "0.00", "0.00", "0.00", "0.00", "0.00", "Cold", None],
    ["a2", "0.00", "30.00", "0.00", "0.00", "0.00", "-20.00", None, None],
]
POINTS = slice(1, 7)


def written(company: Company, invoke: Invoke, name: str, *more: object) -> Path:
    out = company.folder / name
    result = invoke("score", company.rule, *more, *company.files, *company.now, "--out", out)
    assert (result.code, result.out) == (0, "")
    assert result.err == f"{out}: {4 if not more or more[0] == '--explain' else 6} scores written\n"
    assert company.leftovers() == []
    return out


def read_back(path: Path) -> tuple[list[str], list[list[object]]]:
    """The header and the rows, as the format has them."""
    match path.suffix:
        case ".csv":
            header, *rows = csv.reader(io.StringIO(path.read_text("utf-8")))
            return header, [[cell or None for cell in row] for row in rows]
        case ".jsonl":
            objects = [json.loads(line, parse_float=Decimal) for line in path.read_text("utf-8").splitlines()]
            return list(objects[0]), [list(object.values()) for object in objects]
        case ".parquet":
            table = pq.read_table(path)
            return table.column_names, [list(row.values()) for row in table.to_pylist()]
    header, *rows = load_workbook(path).get_sheet_by_index(0).to_python()
    return header, [[None if cell == "" else cell for cell in row] for row in rows]


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.parquet", "out.xlsx"])
def test_every_format_reads_back_the_same(name: str, company: Company, invoke: Invoke):
    header, rows = read_back(written(company, invoke, name))
    assert header == COLUMNS
    assert [
        [*row[:1], *(f"{Decimal(str(cell)):.2f}" for cell in row[POINTS]), *row[7:]] for row in rows
    ] == EXPECTED


def test_points_are_decimals_in_parquet_and_numbers_in_excel(company: Company, invoke: Invoke):
    types = pq.read_schema(written(company, invoke, "out.parquet"))
    assert [str(types.field(name).type) for name in COLUMNS[POINTS]] == ["decimal128(18, 2)"] * 6
    assert [str(types.field(name).type) for name in ("id", "grade", "next_change_at")] == ["string"] * 3
    _, rows = read_back(written(company, invoke, "out.xlsx"))
    assert [type(cell) for cell in rows[0]] == [str, *[float] * 6, str, str]


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.parquet", "out.xlsx"])
def test_several_rules_have_a_column_of_their_names(name: str, company: Company, invoke: Invoke):
    header, rows = read_back(written(company, invoke, name, company.size))
    assert header == ["rule", *COLUMNS]
    assert [(row[0], row[1], float(str(row[7]))) for row in rows] == [
        ("Readiness", "a1", 50),
        ("Readiness", "a3", 25),
        ("Readiness", "a4", 0),
        ("Readiness", "a2", -20),
        ("Size", "a1", 8.25),
        ("Size", "a3", 1),
    ]


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.parquet", "out.xlsx"])
def test_lines_are_a_list_that_adds_up(name: str, company: Company, invoke: Invoke):
    header, rows = read_back(written(company, invoke, name, "--explain"))
    assert header == [*COLUMNS, "lines"]
    lists = [json.loads(row[-1]) if isinstance(row[-1], str) else row[-1] for row in rows]
    assert isinstance(rows[0][-1], list) == (name == "out.jsonl")
    assert [sum(line["points"] for line in lines) for lines in lists] == [50, 25, 0, -20]
    assert lists[0] == [
        {"name": "Decision maker", "value": "Sales Director", "points": 20, "next_change_at": None},
        {"name": "Student", "value": "Sales Director", "points": 0, "next_change_at": None},
        {"name": "Visits", "value": 3, "points": 12, "next_change_at": "2026-09-27T10:00:00Z"},
        {"name": "Asked for a demo", "value": 1, "points": 20, "next_change_at": "2026-09-09T00:00:00Z"},
        {"name": "limits", "value": None, "points": -2, "next_change_at": None, "kind": "limit"},
    ]


def test_a_dash_is_csv_on_standard_output(company: Company):
    result = real("score", company.rule, *company.files, *company.now, "--out", "-")
    header, *rows = csv.reader(io.StringIO(result.stdout))
    assert (header, [row[0] for row in rows]) == (COLUMNS, ["a1", "a3", "a4", "a2"])


def test_a_file_and_a_table_when_both_are_asked_for(company: Company, invoke: Invoke):
    out = company.folder / "out.csv"
    result = invoke("score", company.rule, *company.files, *company.now, "--out", out, "--top", "1")
    assert "Decision maker +20" in result.out
    assert len(read_back(out)[1]) == 4


def test_the_old_file_gives_way_with_its_rights_and_links(company: Company, invoke: Invoke):
    kept = company.folder / "kept.csv"
    kept.write_text("old")
    kept.chmod(0o640)
    (company.folder / "out.csv").symlink_to(kept)
    written(company, invoke, "out.csv")
    assert (company.folder / "out.csv").is_symlink()
    assert read_back(kept)[1] == EXPECTED
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("out", "code", "says"),
    [
        ("out.txt", 2, "the name must end in .csv, .jsonl, .parquet or .xlsx."),
        ("nowhere/out.csv", 1, "there is no folder"),
        ("folder.csv", 1, "is a folder. Name a file in it."),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_work(
    out: str, code: int, says: str, company: Company, invoke: Invoke
):
    (company.folder / "folder.csv").mkdir()
    result = invoke("score", company.rule, *company.files, *company.now, "--out", company.folder / out)
    assert (result.code, says in result.err) == (code, True)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_a_full_device_is_told(company: Company):
    (company.folder / "full.csv").symlink_to("/dev/full")
    result = real("score", company.rule, *company.files, *company.now, "--out", company.folder / "full.csv")
    assert result.returncode == 1
    assert "there is no space left to write" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of records that takes a while to write."""
    path = tmp_path_factory.mktemp("many") / "records.csv"
    with path.open("w") as file:
        file.write("id,job_title\n")
        file.writelines(f"lead {i:07},Director of number {i}\n" for i in range(60_000))
    return path


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "xlsx"])
def test_a_full_disk_leaves_the_old_file(ending: str, company: Company, many: Path):
    out = company.folder / f"out.{ending}"
    out.write_text("old")
    # Room enough to read the records, and far from enough to write the scores.
    limit = 400_000

    def shrink() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    draws = random.Random(7)  # ids that do not compress
    company.write(
        "few.csv",
        "id,job_title\n"
        + "".join(f"{uuid.UUID(int=draws.getrandbits(128))},Director\n" for _ in range(12_000)),
    )
    records = ["--records", company.folder / "few.csv"]
    explain = ["--explain"]  # long rows
    result = real("score", company.rule, *records, *company.now, *explain, "--out", out, preexec_fn=shrink)
    assert result.returncode == 1
    assert "space left" in result.stderr
    assert "Traceback" not in result.stderr
    assert out.read_text() == "old"
    assert company.leftovers() == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stop_leaves_the_old_file(number: signal.Signals, code: int, company: Company, many: Path):
    out = company.folder / "out.xlsx"
    out.write_text("old")
    arguments = command_line("score", company.rule, "--records", many, *company.now, "--out", out)
    running = subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    )
    deadline = time.monotonic() + 100
    while not company.leftovers() and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert running.poll() is None, "it was done before it could be stopped"
    running.send_signal(number)
    out_text, err_text = running.communicate(timeout=60)
    assert (running.returncode, out_text) == (code, "")
    assert err_text.splitlines()[-1] == "Stopped."
    assert "Traceback" not in err_text
    assert out.read_text() == "old"
    assert company.leftovers() == []
