"""Files that are hostile, broken or something else: refused with the reason before they cost memory, or read rightly."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from firstcall.access.models import User
from firstcall.engines.reading.errors import SourceError, told_apart
from firstcall.engines.reading.excel_bounds import refuse_unbounded
from firstcall.engines.reading.staging import MOST_COLUMNS
from firstcall.records.importing.starting import begin_upload, find_upload
from tests.records.importing.test_staging import rows_of, staged

_SHEET = "xl/worksheets/sheet1.xml"


def refused(tmp_path: Path, name: str, content: bytes | str, **options: object) -> str:
    with pytest.raises(SourceError) as error:
        staged(tmp_path, name, content, **options)
    return str(error.value).removeprefix(f"{tmp_path}/")


def book(path: Path, sheet: str) -> Path:
    """A workbook whose only sheet has these rows."""
    with xlsxwriter.Workbook(path) as empty:
        empty.add_worksheet()
    with zipfile.ZipFile(path) as read:
        parts = {name: read.read(name) for name in read.namelist()}
    parts[_SHEET] = parts[_SHEET].replace(b"<sheetData/>", f"<sheetData>{sheet}</sheetData>".encode())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in parts.items():
            written.writestr(name, content)
    return path


def text(reference: str, says: str) -> str:
    at = f' r="{reference}"' if reference else ""
    return f'<c{at} t="inlineStr"><is><t>{says}</t></is></c>'


def test_a_cell_far_away_does_not_fill_the_memory(tmp_path: Path) -> None:
    far = f'<row r="1">{text("A1", "Name")}</row><row r="1048576">{text("XFD1048576", "x")}</row>'
    content = book(tmp_path / "made.xlsx", far).read_bytes()
    assert "spread over more than 50,000,000 places. Delete the cells far" in refused(
        tmp_path, "far.xlsx", content
    )


def test_cells_without_references_are_counted(tmp_path: Path) -> None:
    rows = f"<row>{text('', 'a') * 40}</row>" + f"<row>{text('', 'a')}</row>" * 30
    path = str(book(tmp_path / "made.xlsx", rows))
    with pytest.raises(SourceError, match="spread over more than 1,000 places"):
        refuse_unbounded(path, most_cells=1_000)
    refuse_unbounded(path, most_cells=1_400)


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread(tmp_path: Path) -> None:
    path = book(tmp_path / "bomb.xlsx", f"<row>{text('A1', 'a' * 300_000)}</row>")
    assert path.stat().st_size < 20_000
    with pytest.raises(SourceError, match=r"it unpacks to 3\d\d,\d{3} bytes, and 100,000 are the most"):
        refuse_unbounded(str(path), most_bytes=100_000)


def test_a_cell_without_an_end_is_refused(tmp_path: Path) -> None:
    says = "one of its cells holds more than a megabyte of text; Excel itself holds 32,767 characters."
    content = book(tmp_path / "made.xlsx", f'<row r="1">{text("A1", "a" * 3_000_000)}</row>').read_bytes()
    assert says in refused(tmp_path, "long.xlsx", content)


def test_a_workbook_behind_a_password_says_so(tmp_path: Path) -> None:
    says = "the workbook is protected by a password. Open it in Excel and save it without one."
    assert says in refused(tmp_path, "locked.xlsx", locked_book())


def locked_book() -> bytes:
    """A compound file as Excel wraps what it encrypts: a sector of places, one of names, and the two streams, of which
    nothing but the names is looked at. [MS-CFB] 2.2, 2.3 and 2.6."""
    free, end = 0xFFFFFFFF, 0xFFFFFFFE
    header = struct.pack("<8s16xHHHHH6xIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
                         0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0, 0)  # fmt: skip
    header += struct.pack("<108I", *[free] * 108)
    places = struct.pack("<128I", 0xFFFFFFFD, end, *[free] * 126)
    names = [("Root Entry", 5, 1), ("EncryptedPackage", 2, free), ("EncryptionInfo", 2, free)]
    entries = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0")
        + struct.pack(
            "<HBBIII16xI16xIQ", 2 * len(name) + 2, kind, 1, free, 2 if n == 1 else free, child, 0, end, 0
        )
        for n, (name, kind, child) in enumerate(names)
    )
    return header + places + entries.ljust(512, b"\0")


def test_a_workbook_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "lies.xlsx", f"<row>{text('A1', 'a' * 300_000)}</row>")
    with zipfile.ZipFile(path) as read:
        size = read.getinfo(_SHEET).file_size
    path.write_bytes(path.read_bytes().replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little")))
    with pytest.raises(SourceError, match="cannot be opened as an Excel workbook"):
        refuse_unbounded(str(path), most_bytes=100_000)


def test_the_first_sheet_that_people_see_is_read(tmp_path: Path) -> None:
    path = tmp_path / "made.xlsx"
    with xlsxwriter.Workbook(path) as made:
        hidden, people = made.add_worksheet("Lists"), made.add_worksheet("People")
        hidden.write_row(0, 0, ["Nothing", "here"])
        people.write_row(0, 0, ["Name", "City"])
        people.write_row(1, 0, ["Ann", "Köln"])
        people.activate()
        hidden.hide()
    content = path.read_bytes()
    assert rows_of(staged(tmp_path, "shown.xlsx", content)) == [("Ann", "Köln")]
    assert staged(tmp_path, "asked.xlsx", content, sheet="Lists").columns == ("Nothing", "here")


def test_more_columns_than_any_table_has_are_refused(tmp_path: Path) -> None:
    wide = ",".join(["a"] * (MOST_COLUMNS + 1)) + "\n"
    assert refused(tmp_path, "wide.csv", wide) == (
        "wide.csv:1: there are 16,385 columns, and 16,384 are the most that is read."
        " Check the separator, or export the columns that you need."
    )
    lines = "".join(
        "{" + ",".join(f'"k{line}_{key}":1' for key in range(1_000)) + "}\n" for line in range(17)
    )
    assert "there are 17,000 columns" in refused(tmp_path, "wide.jsonl", lines)


def test_one_name_for_all_columns() -> None:
    """In time that grows with the columns, not with their square."""
    assert told_apart(["a"] * 200_000)[-1] == "a (200000)"


def test_a_row_beyond_the_bound_is_rejected_with_its_beginning(tmp_path: Path) -> None:
    found = staged(tmp_path, "long.csv", "x" * 17_000_000 + ",b\nName,City\nAnn,Bonn\n")
    [(line, reason, raw)] = found.unread_rows()
    assert (line, reason, len(raw)) == (1, "the line is longer than 16 MB", 1000)
    assert rows_of(found) == [("Ann", "Bonn")]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("scan.csv", b"%PDF-1.7\n%\xe2\xe3", "the file is a PDF, and no table. Export it as CSV or .xlsx."),
        ("shot.csv", b"\x89PNG\r\n\x1a\n\0\0", "the file is a picture (PNG), and no table."),
        ("export.xls", b"\n<HTML><body>", "the file is a web page, and no table."),
        ("note.csv", rb"{\rtf1\ansi a,b}", "the file is a text document (RTF), and no table."),
    ],
)
def test_documents_are_called_by_their_name(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    assert says in refused(tmp_path, name, content)


def test_where_no_row_can_be_read_the_first_one_tells_why(tmp_path: Path) -> None:
    says = refused(tmp_path, "pretty.json", '{\n "name": "A"\n}\n')
    assert says.startswith("pretty.json:1: none of its 3 rows can be read: no valid JSON")


@pytest.mark.parametrize("encoding", ["hex", "rot13", "zip", "klingon", "undefined", "idna"])
def test_what_is_no_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    says = refused(tmp_path, "people.csv", "Name,City\nAnn,Bonn\n", encoding=encoding)
    assert says == (
        f"people.csv: {encoding} is no encoding. Name one such as utf-8 or cp1252, or leave it out."
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("電" * 251 + ".csv", ".csv"),
        ("x" * 500 + ".csv", ".csv"),
        ("../../etc/passwd", "passwd"),
        ("a\0b.csv", "a_b.csv"),
        ("..", "file"),
        ("\ud800.csv", "csv"),
    ],
)
def test_any_name_of_an_upload_is_kept_in_its_folder(name: str, kept: str) -> None:
    user = User.objects.create_user("ann@example.com")
    begun = begin_upload(name, by=user)
    assert begun.path.name.endswith(kept)
    assert find_upload(begun.id, by=user) == begun
