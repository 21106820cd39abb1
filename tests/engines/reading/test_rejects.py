"""Rejects are never silent: counted, summed up, and every one written."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from firstcall.engines.reading import Reject, Rejects
from tests.engines.reading.opening import open_files, write


def test_all_are_written_and_a_thousand_kept(tmp_path: Path) -> None:
    rejects = Rejects()
    rejects.extend(
        Reject("a.csv", line, "missing-id", "the id is missing", f"x,{line}") for line in range(5000, 2, -1)
    )
    out = tmp_path / "rejects.csv"
    rejects.write(str(out))
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["file", "line", "reason", "excerpt"]
    assert rows[1] == ["a.csv", "5000", "the id is missing", "x,5000"]
    assert len(rows) == 4999
    assert len(rejects) == 4998
    assert len(rejects.first) == 1000
    assert rejects.summary() == ["a.csv: 4,998 rows: the id is missing (first: line 3)"]


def test_more_can_come_after_writing(tmp_path: Path) -> None:
    rejects = Rejects()
    out = tmp_path / "rejects.csv"
    rejects.write(str(out))
    assert out.read_text() == "file,line,reason,excerpt\n"
    rejects.add(Reject("a.parquet", 1, "missing-id", "r1"))
    rejects.write(str(out))
    rejects.add(Reject("a.parquet", None, "missing-id", "r2", 'a "quoted"\nline\udcff'))
    rejects.write(str(out))
    assert out.read_text().splitlines() == [
        "file,line,reason,excerpt",
        "a.parquet,1,r1,",
        'a.parquet,,r2,"a ""quoted""',
        'line\\udcff"',
    ]
    assert rejects.summary() == ["a.parquet: 2 rows: the id is missing (first: row 1)"]


def test_no_half_file_stays(tmp_path: Path) -> None:
    rejects = Rejects()
    (tmp_path / "there").mkdir()
    with pytest.raises(OSError):  # noqa: PT011 (which one depends on the system)
        rejects.write(str(tmp_path / "there"))
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_notes_stand_once_after_the_counts() -> None:
    rejects = Rejects()
    rejects.note("mended")
    rejects.note("mended")
    rejects.add(Reject("a.csv", 7, "misfit", "r"))
    assert rejects.summary() == [
        "a.csv: 1 value: a value does not fit its column's type and counts as missing (first: line 7)",
        "mended",
    ]


def test_excerpts_are_short(tmp_path: Path) -> None:
    opened = open_files(write(tmp_path / "l.csv", ["id,n,m", f"{'x' * 500},1", f",{'y' * 500},2", "1,2,3"]))
    ragged, missing = opened.source.rejects.first
    assert ragged.excerpt == "x" * 200 + "…"
    assert missing.excerpt == "," + "y" * 199 + "…"
