"""Names, globs and folders: what they stand for, and what to do when that is nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from firstcall.engines.reading.files import Format, find_files
from tests.engines.reading.opening import open_files, problems_of, write

KNOWN = ".csv, .tsv, .txt, .jsonl, .ndjson, .json, .parquet, .xlsx, and .gz or .zst after those of text"


@pytest.mark.parametrize(
    "name", ["leads.xls", "leads", "leads.gz", "leads.parquet.gz", "leads.xlsx.zst", "leads.csv.bz2"]
)
def test_endings_that_tell_no_format(tmp_path: Path, name: str) -> None:
    assert problems_of(write(tmp_path / name, "id\n1\n")) == [
        f"{name}: the ending of the name tells no format that can be read ({KNOWN})."
        " Rename the file, or export it as CSV."
    ]


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("A.CSV", Format.CSV),
        ("a.Txt.GZ", Format.CSV),
        ("a.ndjson.zst", Format.JSON_LINES),
        ("a.json", Format.JSON_LINES),
    ],
)
def test_endings(tmp_path: Path, name: str, format: Format) -> None:
    assert find_files(str(write(tmp_path / name, "x"))).format is format


def test_files_that_are_not_there(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "a.csv", tmp_path / "b*.csv") == [
        "a.csv: there is no such file. Check the path.",
        "b*.csv: no file matches. Check the path and the pattern.",
    ]


def test_a_folder_without_parquet(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "id\n1\n")
    assert problems_of(str(tmp_path)) == [
        f"{tmp_path.name}: the folder holds no .parquet file."
        " Give a folder of Parquet files, or a pattern such as 'folder/*.csv'."
    ]


def test_files_of_several_formats(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "id\n1\n")
    write(tmp_path / "b.jsonl", '{"id": 2}\n')
    assert problems_of(tmp_path / "*") == ["*: the files are CSV and JSON lines. Give files of one format."]


def test_a_name_with_signs_of_a_pattern_is_a_name_first(tmp_path: Path) -> None:
    path = write(tmp_path / "leads [1]'s.csv", "id\n7\n")
    assert open_files(path).records() == [("7",)]


def test_a_folder_with_quotes_in_its_name(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s; a "folder"'
    folder.mkdir()
    assert open_files(write(folder / "l.csv", "id\n7\n")).records() == [("7",)]
