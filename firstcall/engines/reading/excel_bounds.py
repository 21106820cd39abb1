"""What a workbook unpacks to, before anything is unpacked into memory: a few kilobytes may stand for terabytes."""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from firstcall.engines.reading.errors import SourceError, file_error
from firstcall.engines.reading.files import CHUNK
from firstcall.scoring.saying import said, whole

# All cells between the first and the last filled one take 32 bytes each in memory, empty or not.
MOST_CELLS = 50_000_000
MOST_BYTES = 1 << 30
_REFERENCE = re.compile(rb"""\sr=["']([A-Z]{0,3})([0-9]{1,7})["']""")
_OVERLAP = 32  # no reference is longer
_SAVE = "Save it as CSV, which is read in parts."


class _LongCellError(Exception):
    """A part of the workbook has a text without an end."""


@dataclass
class _Extent:
    """Rows and columns of a sheet, by the references of its cells and by how many there are."""

    rows: int = 0
    columns: int = 0
    counted_rows: int = 0
    cells_in_row: int = 0

    def feed(self, chunk: bytes, before: bytes) -> None:
        for letters, digits in set(_REFERENCE.findall(before + chunk)):
            self.rows = max(self.rows, int(digits))
            self.columns = max(self.columns, _column(letters))
        first, *others = (before[-3:] + chunk).split(b"<row")
        self.cells_in_row += first.count(b"<c")
        for row in others:
            self.columns = max(self.columns, self.cells_in_row)
            self.cells_in_row = row.count(b"<c")
        self.counted_rows += len(others)
        self.columns = max(self.columns, self.cells_in_row)

    @property
    def cells(self) -> int:
        return max(self.rows, self.counted_rows) * self.columns


def refuse_unbounded(path: str, *, most_bytes: int = MOST_BYTES, most_cells: int = MOST_CELLS) -> None:
    """Raises SourceError where the workbook would take more memory than is fair. One that is no zip is left to others."""
    if not zipfile.is_zipfile(path):
        return
    there = Path(path).stat()
    _look_through(path, (there.st_ino, there.st_size, there.st_mtime_ns), most_bytes, most_cells)


@lru_cache(maxsize=16)
def _look_through(path: str, _there: tuple[int, int, int], most_bytes: int, most_cells: int) -> None:
    """Once for each state of the file, however often it is opened: a million rows take seconds to unpack."""
    try:
        with zipfile.ZipFile(path) as parts:
            total = sum(part.file_size for part in parts.infolist())
            if total > most_bytes:
                says = said(
                    "it unpacks to {total} bytes, and {most_bytes} are the most that is read of a workbook.",
                    total=whole(total),
                    most_bytes=whole(most_bytes),
                )
                raise file_error(path, "too-large", says, _SAVE)
            for part in parts.infolist():
                if _cells_of(parts, part) > most_cells:
                    raise _spread(path, part.filename, most_cells)
    except _LongCellError as error:
        says = said(
            "one of its cells holds more than a megabyte of text; Excel itself holds 32,767 characters."
        )
        raise file_error(
            path, "too-large", says, said("Shorten the cell, or leave its column out.")
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        says = said("the file cannot be opened as an Excel workbook ({error}).", error=error)
        raise file_error(path, "broken-excel", says, said("Save it again as .xlsx, or as CSV.")) from error


def _cells_of(parts: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """Every part is unpacked once: one that holds more than its size says breaks its check sum."""
    extent = _Extent()
    is_sheet, is_text = "worksheets/" in part.filename, part.filename.endswith(".xml")
    before = b""
    with parts.open(part) as opened:
        while chunk := opened.read(CHUNK):
            if is_text and b"<" not in chunk and len(chunk) == CHUNK:
                raise _LongCellError
            if is_sheet:
                extent.feed(chunk, before)
                before = chunk[-_OVERLAP:]
    return extent.cells


def _spread(path: str, part: str, most: int) -> SourceError:
    says = said(
        "the cells of its sheet {part} are spread over more than {most} places.", part=part, most=whole(most)
    )
    return file_error(path, "too-large", says, f"Delete the cells far from the table, or: {_SAVE}")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
