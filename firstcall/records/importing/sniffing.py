"""What a file is by its bytes, and where its header stands: exports have names that lie, and lines above the names."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence

from firstcall.engines.reading.csv_rows import SEPARATORS, find_separator
from firstcall.engines.reading.errors import file_error
from firstcall.engines.reading.files import COMPRESSIONS, SUFFIXES, Format
from firstcall.scoring.saying import Pattern, said

_ZIP, _OLD_EXCEL, _PARQUET = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1"
_DOCUMENTS = {
    b"%PDF-": Pattern("a PDF"),
    b"\x89PNG": Pattern("a picture (PNG)"),
    b"GIF8": Pattern("a picture (GIF)"),
    b"\xff\xd8\xff": Pattern("a picture (JPEG)"),
    b"{\\rtf": Pattern("a text document (RTF)"),
    b"<!doctype html": Pattern("a web page"),
    b"<html": Pattern("a web page"),
}
_HINT = re.compile(rf'"?sep=([{SEPARATORS}])"?\r?\n', re.IGNORECASE)
_SAMPLE_LINES = 60
_TITLE_LINES = 12
_SHARE = 0.6  # of the rows of a sample that have one width; then that is the table's


def find_format(path: str) -> Format:
    """The format by the first bytes, else by the ending of the name, else CSV. Raises SourceError."""
    try:
        with open(path, "rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise file_error(
            path,
            "unreadable",
            said("it cannot be read ({strerror}).", strerror=error.strerror),
            said("Check the path."),
        ) from error
    if not head:
        raise file_error(
            path, "empty-file", said("the file is empty."), said("Export it again; a header is needed.")
        )
    start = head.lstrip().lower()
    what = next((what for mark, what in _DOCUMENTS.items() if start.startswith(mark.lower())), None)
    if what is not None:
        fix = said("Export it as CSV or .xlsx.")
        raise file_error(path, "no-table", said("the file is {what}, and no table.", what=what()), fix)
    if head.startswith((_ZIP, _OLD_EXCEL)):
        return Format.EXCEL
    if head.startswith(_PARQUET):
        return Format.PARQUET
    name = path.lower()
    for compression in COMPRESSIONS:
        name = name.removesuffix(compression)
    named = next((format for suffix, format in SUFFIXES.items() if name.endswith(suffix)), None)
    if named in (Format.CSV, Format.JSON_LINES):
        return named
    return Format.JSON_LINES if head.lstrip().startswith(b"{") else Format.CSV


def header_line(text: str, separator: str | None, *, tabbed: bool = False) -> tuple[int, str]:
    """How many lines stand above the header of a CSV, and its separator.

    A table is where most rows have one width of two or more; narrower rows above it are no part of it, nor are titles that
    a program of tables has filled up to that width with empty cells. A first line `sep=;` says the separator.
    """
    if hint := _HINT.match(text):  # as Excel reads and writes it
        skip, found = header_line(text[hint.end() :], separator or hint[1], tabbed=tabbed)
        return skip + 1, found
    lines = text[: 1 << 18].splitlines(keepends=True)[: _SAMPLE_LINES * 2]
    skip, found = _wide_line(lines, text, separator, tabbed=tabbed)
    return skip + _titles(lines[skip:], found), found


def _titles(lines: Sequence[str], separator: str) -> int:
    """How many lines stand before the first full row, where at most a third of the first row is filled."""
    rows = _rows(lines[:_TITLE_LINES], separator)
    filled = [(before, sum(cell.strip() != "" for cell in cells)) for before, cells in rows]
    widest = max((count for _, count in filled), default=0)
    if not filled or 3 * filled[0][1] > widest:
        return 0
    return next(before for before, count in filled if count >= 0.8 * widest)


def _wide_line(lines: Sequence[str], text: str, separator: str | None, *, tabbed: bool) -> tuple[int, str]:
    usual = separator or find_separator(text[: 1 << 18], "\t" if tabbed else ",")
    widths = _widths(lines, usual)
    if not widths or _mode(widths)[1] == widths[0][1]:
        return 0, usual
    best, skip = usual, 0
    most = 0.0
    for candidate in [separator] if separator else SEPARATORS:
        rows = _widths(lines, candidate)
        share, width = _mode(rows)
        above = next((line for line, cells in rows if cells == width), 0)
        if width > 1 and share >= _SHARE and share > most and all(c < width for at, c in rows if at < above):
            best, skip, most = candidate, above, share
    return skip, best


def header_row(rows: Sequence[Sequence[object]]) -> int:
    """How many rows stand above the header of a sheet: titles, and group names over merged cells, fill fewer cells."""
    filled = [sum(cell != "" for cell in row) for row in rows]
    widest = max(filled, default=0)
    return next((number for number, count in enumerate(filled) if count >= max(1, 0.8 * widest)), 0)


def _widths(lines: Sequence[str], separator: str) -> list[tuple[int, int]]:
    """The lines before each row of the sample, and the row's cells; blank rows are left out."""
    found = [(before, len(cells)) for before, cells in _rows(lines, separator)]
    # The sample may end in the middle of a row.
    return found[:-1] if len(lines) >= _SAMPLE_LINES * 2 else found


def _rows(lines: Sequence[str], separator: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=separator)
    found: list[tuple[int, list[str]]] = []
    before = 0
    try:
        for cells in reader:
            if cells:
                found.append((before, cells))
            before = reader.line_num
    except csv.Error:
        pass
    return found


def _mode(widths: Sequence[tuple[int, int]]) -> tuple[float, int]:
    if not widths:
        return 0.0, 0
    width, count = Counter(cells for _, cells in widths).most_common(1)[0]
    return count / len(widths), width
