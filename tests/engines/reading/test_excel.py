"""Excel sheets: cells keep their types, rows their numbers."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from firstcall.scoring.times import moment_of
from firstcall.scoring.values import Kind
from tests.engines.reading.opening import open_files, problems_of, write


def sheet(
    path: Path, rows: list[list[Any]], *, down: int = 0, right: int = 0, name: str | None = None
) -> Path:
    """A workbook with the rows, shifted; None is an empty cell."""
    with xlsxwriter.Workbook(path) as book:
        if name:
            book.add_worksheet("Cover").write(0, 0, "nothing here")
        page = book.add_worksheet(name)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        clock = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for y, row in enumerate(rows, down):
            for x, cell in enumerate(row, right):
                if isinstance(cell, datetime):
                    page.write_datetime(y, x, cell, clock)
                elif isinstance(cell, date):
                    page.write_datetime(y, x, cell, day)
                elif isinstance(cell, str):
                    page.write_string(y, x, cell)
                elif cell is not None:
                    page.write(y, x, cell)
    return path


at = partial(datetime, tzinfo=None)  # sheets know no zones


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "leads.xlsx"


def test_columns_keep_the_types_of_their_cells(path: Path) -> None:
    rows = [
        ["id", "n", "t", "d", "m", "code", "mixed", "none"],
        [7, 1.25, True, date(2024, 2, 29), at(2024, 2, 29, 10, 30), "007", 1, None],
        ["x", 3, False, None, date(2024, 3, 1), "1", "a", None],
    ]
    opened = open_files(sheet(path, rows))
    assert opened.kinds == {
        "n": Kind.NUMBER,
        "t": Kind.TRUTH,
        "d": Kind.DATE,
        "m": Kind.TIME,
        "code": Kind.TEXT,
        "mixed": Kind.TEXT,
        "none": Kind.EMPTY,
    }
    leap = moment_of(date(2024, 2, 29))
    assert opened.records("n", "t", "d", "m", "code", "mixed", "none") == [
        ("7", 1.25, True, leap, moment_of(at(2024, 2, 29, 10, 30)), "007", "1", None),
        ("x", 3.0, False, None, moment_of(date(2024, 3, 1)), "1", "a", None),
    ]


def test_rows_are_numbered_as_in_the_sheet(path: Path) -> None:
    rows = [["id", "name"], [1, "a"], [None, None], [None, "b"], [1, "c"], [2.5, "d"]]
    opened = open_files(sheet(path, rows, down=2, right=1))
    assert opened.records("name") == [("1", "a")]
    assert opened.rejected == [
        (6, "the id is missing"),
        (8, "the id is neither text nor a whole number"),
        (7, "a row with the same id came before"),
    ]


def test_texts_that_mean_missing_do_not_make_numbers_a_text(path: Path) -> None:
    opened = open_files(
        sheet(path, [["id", "n"], [1, 5], [2, "Select"]]), mapping="records: {empty: [Select]}"
    )
    assert opened.kinds == {"n": Kind.NUMBER}
    assert opened.records("n") == [("1", 5.0), ("2", None)]


def test_the_mapping_names_a_sheet(path: Path) -> None:
    sheet(path, [["id"], [1]], name="Leads 2024")
    assert open_files(path, mapping="records: {sheet: Leads 2024}").records() == [("1",)]
    assert problems_of(path, mapping="records: {sheet: Leads 2023}") == [
        "leads.xlsx: there is no sheet `Leads 2023`. Did you mean `Leads 2024`?"
    ]


def test_touchpoints_keep_the_type_of_each_cell(path: Path, tmp_path: Path) -> None:
    leads = write(tmp_path / "l.csv", ["id", "1"])
    rows = [
        ["record_id", "type", "occurred_at", "n", "word", "mixed", "at", "properties"],
        [1, "a.b", at(2024, 1, 2, 3, 4, 5), 1.5, "true", 1, date(2024, 1, 1), '{"k": 1}'],
        [1, "a.b", "2024-01-03T00:00:00Z", None, "x", "1", None, None],
        [1, "a.b", 45000, 1, "x", True, None, None],
    ]
    opened = open_files(leads, sheet(path, rows))
    assert opened.touchpoints("n", "word", "mixed", "at") == [
        ("1", "a.b", moment_of(at(2024, 1, 2, 3, 4, 5)), 1.5, "true", "1", moment_of(date(2024, 1, 1))),
        ("1", "a.b", moment_of(at(2024, 1, 3)), None, "x", '"1"', None),
    ]
    assert opened.rejected == [(4, "occurred_at is no RFC 3339 time such as 2024-05-31T09:30:00Z")]


def test_no_workbook(path: Path) -> None:
    says = problems_of(write(path, "id,name\n1,a\n"))
    assert says[0].startswith("leads.xlsx: the file cannot be opened as an Excel workbook (")
    assert says[0].endswith("). Save it again as .xlsx, or as CSV.")


def test_an_empty_sheet(path: Path) -> None:
    assert problems_of(sheet(path, [])) == ["leads.xlsx: the sheet is empty. A first row of names is needed."]


def test_a_name_twice(path: Path) -> None:
    assert problems_of(sheet(path, [["id", "a", "a"], [1, 2, 3]])) == [
        "leads.xlsx:1: the header has a name twice: `a` is column 2 and 3."
        " Rename one of them in the file, or name all columns in a mapping (header: […])."
    ]
