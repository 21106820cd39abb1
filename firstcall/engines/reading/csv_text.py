"""CSV with any usual separator: fast where a block of lines is plain, row by row where it is not."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from firstcall.engines.reading.csv_rows import Row, RowReader, find_separator, unwrapped
from firstcall.engines.reading.errors import file_error
from firstcall.engines.reading.lines import LONGEST, Block, LongLine
from firstcall.engines.reading.rejects import Reject, Rejects, excerpt_of
from firstcall.engines.reading.staging import Batch, Stage, holds_any
from firstcall.scoring.saying import Forms, said, whole

_TEXT = pa.string()

_CELLS = Forms("{count} cell where the header has {header}", "{count} cells where the header has {header}")


class CsvReader:
    """One file: its header, then batches of its rows for the stage.

    header  the names, where the file itself has none
    """

    def __init__(
        self,
        path: str,
        file: int,
        stage: Stage,
        *,
        separator: str | None = None,
        header: Sequence[str] = (),
    ) -> None:
        self.path = path
        self.file = file
        self.stage = stage
        self.rejects: Rejects = stage.rejects
        self.separator = separator
        self.names = list(header)
        self.reader = RowReader(separator or ",")
        self.unwrapped_rows = 0
        self.first_unwrapped = 0
        self.nameless: set[int] = set()

    def read(self, blocks: Iterable[Block | LongLine]) -> Iterator[float]:
        """Stages all rows; yields the share of the file read by then."""
        next_line = 1
        if self.names:
            self._name(self.names, 0)
        for block in blocks:
            if isinstance(block, LongLine):
                self._finish(block.line)
                self._reject(Row(block.line, block.beginning, [], "too-long"))
                continue
            if self.separator is None:
                self._choose_separator(block.text)
            self._stage(block)
            next_line = block.first_line + block.text.count("\n") + (not block.text.endswith("\n"))
            share = block.share
            yield share
        self._finish(int(next_line))
        if not self.names:
            raise file_error(
                self.path,
                "empty-file",
                said("the file holds no header."),
                said("Export it again; a header is needed."),
            )
        self._note_unwrapped()

    def _choose_separator(self, text: str) -> None:
        preferred = "\t" if ".tsv" in self.path.lower() else ","
        self.separator = find_separator(text[: 1 << 18], preferred)
        self.reader.separator = self.separator

    # --- blocks

    def _stage(self, block: Block) -> None:
        if not self.names:
            lines = _lines(block)
            read = self._read_header(lines, block.first_line)
            block = Block("".join(lines[read:]), block.first_line + read, block.share)
        cells = None
        if block.text and not self.reader.waiting:
            cells = self._plain(block) or self._parsed(block)
        if cells is not None:
            numbers = range(block.first_line, block.first_line + len(cells[0]))
            self._add(pa.array(np.fromiter(numbers, np.int64, len(numbers))), cells)
        elif block.text:
            self._careful(_lines(block), block.first_line, last=False)

    def _read_header(self, lines: list[str], first_line: int) -> int:
        """Takes the names from the first row that can be read; how many lines that used up."""
        for row in self.reader.rows(lines, first_line, last=False):
            self._take(row)
            if self.names:
                return row.line + row.raw.count("\n") + (not row.raw.endswith("\n")) - first_line
        return len(lines)

    def _plain(self, block: Block) -> list[pa.Array] | None:
        """The columns of a block without any quote, in which each line is a row of the right width."""
        text = block.text
        if '"' in text or "\0" in text or "\ufffd" in text or _has_lone_return(text):
            return None
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(text.encode()),
                read_options=arrow_csv.ReadOptions(
                    use_threads=False,
                    column_names=[str(position) for position in range(len(self.names))],
                    block_size=len(text) * 4 + 1024,
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self.separator, quote_char=False, ignore_empty_lines=True
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types={str(position): _TEXT for position in range(len(self.names))},
                    null_values=[],
                    strings_can_be_null=False,
                ),
            )
        except (pa.ArrowInvalid, UnicodeEncodeError):
            return None
        if len(table) != text.count("\n") + (not text.endswith("\n")):
            return None  # blank lines: the numbers of the lines would be lost
        return [column.combine_chunks() for column in table.columns]

    def _parsed(self, block: Block) -> list[pa.Array] | None:
        """The columns of a block with quotes, in which each line is a row of the right width."""
        if "\0" in block.text or "\ufffd" in block.text:
            return None
        lines = _lines(block)
        try:
            rows = list(csv.reader(lines, delimiter=self.separator or ",", strict=True))
            if len(rows) != len(lines) or set(map(len, rows)) != {len(self.names)}:
                return None
            return [pa.array(column, _TEXT) for column in zip(*rows, strict=True)]
        except (csv.Error, UnicodeEncodeError):
            return None

    def _finish(self, next_line: int) -> None:
        """What waited for a closing quote that never came is read line by line."""
        if self.reader.waiting:
            self._careful([], next_line, last=True)

    def _careful(self, lines: list[str], first_line: int, *, last: bool) -> None:
        rows = (self._take(row) for row in self.reader.rows(lines, first_line, last=last))
        good = [row for row in rows if row is not None]
        if good:
            lines_read = pa.array([row.line for row in good], pa.int64())
            columns = zip(*(row.cells for row in good), strict=True)
            self._add(lines_read, [pa.array(column, _TEXT) for column in columns])

    # --- rows

    def _take(self, row: Row) -> Row | None:
        """The row, where it counts; the first one that can be read becomes the header."""
        mended = self._judge(row)
        if mended.fault:
            self._reject(mended)
        elif not self.names and mended.cells:
            self._name(mended.cells, mended.line)
        elif mended.cells:
            return mended
        return None

    def _judge(self, row: Row) -> Row:
        """The row as it counts: without cells when blank, unwrapped when it stood in quotes, or with its fault."""
        if row.fault and len(row.raw) > LONGEST:
            return Row(row.line, row.raw[:1000], [], "too-long")
        if row.fault or not row.raw.strip(" \t\r\n") or not row.cells:
            return Row(row.line, row.raw, [], row.fault)
        if "\0" in row.raw:
            return Row(row.line, row.raw, [], "nul")
        if not _encodable(row.raw):
            return Row(row.line, row.raw, [], "encoding")
        width = len(self.names)
        if len(row.cells) == 1 and width != 1:
            inner = unwrapped(row.cells[0], self.separator or ",")
            if len(inner) == width or (not width and len(inner) > 1):
                self.unwrapped_rows += 1
                self.first_unwrapped = self.first_unwrapped or row.line
                return Row(row.line, row.raw, inner)
        return row if not width or len(row.cells) == width else Row(row.line, row.raw, row.cells, "cells")

    def _reject(self, row: Row) -> None:
        reason = {
            "cells": _CELLS(len(row.cells), header=len(self.names)),
            "quote": said("a quoted cell does not close, or goes on after its closing quote"),
            "nul": said("a NUL character in the row"),
            "too-long": said("the line is longer than 16 MB"),
            "encoding": said("bytes that are not in the file's encoding"),
        }[row.fault]
        self.rejects.add(Reject(self.path, row.line, row.fault, reason, excerpt_of(row.raw), raw=row.raw))

    def _name(self, cells: Sequence[str], line: int) -> None:
        """Takes the names of the columns; columns without a name are left out."""
        names = [cell.strip().strip("\ufeff") for cell in cells]
        self.names = names = self.stage.named(self.path, names, line or None)
        self.nameless = {position for position, name in enumerate(names) if not name}
        self.stage.declare([name for name in names if name])

    def _add(self, lines: pa.Array, columns: Sequence[pa.Array]) -> None:
        for position in self.nameless.copy():
            if holds_any(columns[position]):
                self.nameless.discard(position)
                self.rejects.note(
                    said(
                        "{path}: column {position} has no name in the header and is left out, though it holds"
                        " values.",
                        path=self.path,
                        position=position + 1,
                    )
                )
        named = {name: cells for name, cells in zip(self.names, columns, strict=True) if name}
        self.stage.add(Batch(self.file, lines, named))

    def _note_unwrapped(self) -> None:
        if self.unwrapped_rows:
            self.rejects.note(
                said(
                    "{path}: {unwrapped_rows} rows stood in quotes as a whole and were unwrapped (first: "
                    "line {first_unwrapped}).",
                    path=self.path,
                    unwrapped_rows=whole(self.unwrapped_rows),
                    first_unwrapped=self.first_unwrapped,
                )
            )


def _lines(block: Block) -> list[str]:
    """The physical lines, with their ends."""
    return list(io.StringIO(block.text, newline="\n"))


def _has_lone_return(text: str) -> bool:
    return "\r" in text and text.count("\r") != text.count("\r\n")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\ufffd" not in text
