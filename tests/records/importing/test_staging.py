"""Ugly files: what can be read is read in bounded parts, what cannot is kept whole with its reason."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
import zstandard

from firstcall.engines.reading.errors import SourceError
from firstcall.records.importing.sniffing import header_line
from firstcall.records.importing.staging import FileOptions, Staged, stage_file

PEOPLE = 'Name,E-mail,City\nÄnne,anne@example.com,Köln\n"O\'Hara, Bob",bob@example.com,"São\nPaulo"\n'
ROWS = [("Änne", "anne@example.com", "Köln"), ("O'Hara, Bob", "bob@example.com", "São\nPaulo")]


def staged(tmp_path: Path, name: str, content: bytes | str, **options: object) -> Staged:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return stage_file(str(path), tmp_path / f"{name}.staged", FileOptions(**options))  # type: ignore[arg-type]


def rows_of(found: Staged, columns: Sequence[str] | None = None) -> list[tuple[object, ...]]:
    cells = ", ".join(found.raw(column) for column in columns or found.columns)
    return duckdb.execute(f"SELECT {cells} FROM {found.source} ORDER BY line").fetchall()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.csv", PEOPLE.encode()),
        ("marked.csv", PEOPLE.encode("utf-8-sig")),
        ("wide.csv", PEOPLE.encode("utf-16")),
        ("western.csv", PEOPLE.encode("cp1252")),
        ("semicolons.csv", PEOPLE.replace("O'Hara,", "O'Hara!").replace(",", ";").replace("!", ",").encode()),
        ("tabs.xls", PEOPLE.replace("O'Hara,", "O'Hara!").replace(",", "\t").replace("!", ",").encode()),
        ("windows.txt", PEOPLE.replace("\n", "\r\n").replace("São\r\n", "São\n").encode()),
        ("packed.csv.gz", gzip.compress(PEOPLE.encode())),
        ("packed.csv.zst", zstandard.compress(PEOPLE.encode())),
        ("titled.csv", b"Report of the fair\nMade on,2026-09-01\n\n" + PEOPLE.encode()),
        (
            "trailing.csv",
            PEOPLE.replace("City", "City,").replace("ln\n", "ln,\n").replace('lo"', 'lo",').encode(),
        ),
    ],
)
def test_the_same_rows_come_out_of_every_form_of_a_file(tmp_path: Path, name: str, content: bytes) -> None:
    found = staged(tmp_path, name, content)
    assert found.columns == ("Name", "E-mail", "City")
    assert rows_of(found) == ROWS
    assert (found.rows, found.unread) == (2, 0)


def test_rows_that_cannot_be_read_are_kept_whole(tmp_path: Path) -> None:
    long = "x" * 5_000
    found = staged(tmp_path, "ragged.csv", f'a,b,c\n1,2,3\n{long},5\n6,7,8,9\n7,"8,9\n10,11,12\n')
    assert rows_of(found) == [("1", "2", "3"), ("10", "11", "12")]
    assert list(found.unread_rows()) == [
        (3, "2 cells where the header has 3", f"{long},5\n"),
        (4, "4 cells where the header has 3", "6,7,8,9\n"),
        (5, "a quoted cell does not close, or goes on after its closing quote", '7,"8,9\n'),
    ]


def test_json_lines_keep_their_types_and_bad_lines(tmp_path: Path) -> None:
    lines = '{"a": "x", "n": 1.5, "t": true}\n{"a": 7, "l": ["p", "q"]}\nnonsense\n[1]\n{"b": null}\n'
    found = staged(tmp_path, "some.jsonl", lines)
    assert rows_of(found, ["a", "n", "t", "l"]) == [
        ("x", "1.5", "true", None),
        ("7", None, None, '["p","q"]'),
        (None, None, None, None),
    ]
    reasons = [(line, raw) for line, _, raw in found.unread_rows()]
    assert reasons == [(3, "nonsense"), (4, "[1]")]


def test_sheets_with_titles_and_group_names_over_merged_cells(tmp_path: Path) -> None:
    path = tmp_path / "fair.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write(0, 0, "Visitors of the fair")
        sheet.merge_range(1, 0, 1, 1, "Person")
        sheet.merge_range(1, 2, 1, 3, "Visit")
        sheet.write_row(2, 0, ["Name", "Staff", "On", "Sum"])
        sheet.write_row(3, 0, ["Ann", 12])
        sheet.write_datetime(3, 2, date(2026, 9, 1), day)
        sheet.write_formula(3, 3, "=B4*2", None, 24)
        sheet.write_row(4, 0, ["Bob", 1.5])
        sheet.write_formula(4, 3, "=1/0", None, "#DIV/0!")
    found = stage_file(str(path), tmp_path / "staged", FileOptions())
    assert found.columns == ("Name", "Staff", "On", "Sum")
    assert [row[:3] for row in rows_of(found)] == [("Ann", "12", "2026-09-01"), ("Bob", "1.5", None)]
    assert rows_of(found)[0][3] == "24"
    assert found.notes == ("2 rows above the header were passed over.",)


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    path = tmp_path / "typed.parquet"
    table = pa.table(
        {
            "name": ["Ann", None],
            "size": pa.array([12, None], pa.int64()),
            "worth": pa.array([None, "1.50"], pa.string()).cast(pa.decimal128(20, 2)),
            "on": pa.array([date(2026, 9, 1), None]),
            "hot": [True, False],
            "at": pa.array([datetime(2026, 9, 1, 12, tzinfo=UTC), None], pa.timestamp("us", tz="UTC")),
        }
    )
    pq.write_table(table, path)
    found = stage_file(str(path), tmp_path / "staged", FileOptions())
    assert rows_of(found) == [
        ("Ann", "12", None, "2026-09-01", "true", "2026-09-01T12:00:00+00:00"),
        (None, None, "1.5", None, "false", None),
    ]


def test_ten_thousand_columns_and_huge_cells(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(10_000)]
    row = ["y" * 1_000_000, *["1"] * 9_999]
    found = staged(tmp_path, "broad.csv", f"{','.join(names)}\n{','.join(row)}\n")
    assert found.columns == tuple(names)
    [(first, last)] = rows_of(found, ["c0", "c9999"])
    assert (len(str(first)), last) == (1_000_000, "1")


def test_a_reading_that_is_complete_is_found_again_and_a_broken_one_begins_anew(tmp_path: Path) -> None:
    found = staged(tmp_path, "people.csv", PEOPLE)
    (tmp_path / "people.csv").unlink()
    assert stage_file(str(tmp_path / "people.csv"), found.folder, FileOptions()) == found
    (Path(found.folder) / "staged.json").unlink()
    (tmp_path / "people.csv").write_text("Name\nZoe\n")
    again = stage_file(str(tmp_path / "people.csv"), found.folder, FileOptions())
    assert rows_of(again) == [("Zoe",)]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "the file is empty"),
        ("list.json", b'[{"a": 1}]', "the file is one JSON list; one object a line is needed"),
        ("broken.xlsx", b"PK\x03\x04nonsense", "the file cannot be opened as an Excel workbook"),
        ("broken.parquet", b"PAR1nonsense", "the file cannot be read as Parquet"),
        ("cut.csv.gz", gzip.compress(PEOPLE.encode())[:-9], "the compressed file ends in the middle"),
        ("bytes.csv", bytes(range(256)) * 20, "the text is in no encoding that could be recognised"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    with pytest.raises(SourceError, match=says):
        staged(tmp_path, name, content)


def test_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    found = staged(tmp_path, "twice.csv", "Email,Name,Email\na,b,c\n")
    assert found.columns == ("Email", "Name", "Email (2)")
    assert rows_of(found) == [("a", "b", "c")]
    assert found.notes == ("the header has a name twice; the later columns are called Email (2).",)


def test_a_file_without_a_header_is_given_one(tmp_path: Path) -> None:
    found = staged(tmp_path, "bare.csv", "1,Ann\n2,Bob\n", header=("id", "name"))
    assert rows_of(found) == [("1", "Ann"), ("2", "Bob")]


@pytest.mark.parametrize(
    ("text", "skipped"),
    [
        ("Exported on Monday;;;\nName;Mail;Phone;City\nAnn;a@x.org;1;Rome\n", 1),
        ("Report;;;\n;;;\nName;Mail;Phone;City\nAnn;a@x.org;1;Rome\n", 2),
        ("Name;Mail;Phone;City\nAnn;;;\nBob;;;\n", 0),
        ("Name;Mail;;\nAnn;a@x.org;1;Rome\n", 0),
        ("Name;Mail;Phone;\nAnn;a@x.org;1;Rome\n", 0),
        ("sep=;\r\nName;Mail\r\nAnn,Ben,Cy;a@x.org\r\nDi,Ed,Flo;d@x.org\r\n", 1),
        ('"Sep=;"\nReport;;;\nName;Mail;Phone;City\nAnn;a@x.org;1;Rome\n', 2),
    ],
)
def test_titles_and_what_is_for_excel_are_no_header(text: str, skipped: int) -> None:
    assert header_line(text, None) == (skipped, ";")
