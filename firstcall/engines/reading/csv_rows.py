"""Rows out of lines of CSV: which separator they have, where each begins, and which of them are faulty."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from firstcall.engines.reading.lines import LONGEST

SEPARATORS = ",;\t|"
_SAMPLED_ROWS = 200

csv.field_size_limit(LONGEST)


def find_separator(sample: str, preferred: str = ",") -> str:
    """The separator that gives the most rows of the sample as many cells as the first, two at least."""
    lines = sample.splitlines(keepends=True)[: _SAMPLED_ROWS * 2]
    return max(preferred + SEPARATORS, key=lambda separator: _fit(lines, separator))


def _fit(lines: Sequence[str], separator: str) -> tuple[float, int]:
    widths: list[int] = []
    for cells in _sampled(lines, separator):
        if len(cells) == 1 and len(inner := unwrapped(cells[0], separator)) > 1:
            cells = inner  # the whole row stands in quotes
        widths.append(len(cells))
    if not widths or widths[0] < 2:
        return 0.0, 0
    return Counter(widths)[widths[0]] / len(widths), widths[0]


def _sampled(lines: Sequence[str], separator: str) -> Iterator[list[str]]:
    reader = csv.reader(lines, delimiter=separator)
    for _ in range(_SAMPLED_ROWS):
        try:
            cells = next(reader, None)
        except csv.Error:
            continue
        if cells is None:
            return
        if cells:
            yield cells


def unwrapped(cell: str, separator: str) -> list[str]:
    """The cells of a row that stood in quotes as a whole; empty when it is none."""
    try:
        rows = list(csv.reader(io.StringIO(cell, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return []
    return rows[0] if len(rows) == 1 else []


@dataclass(frozen=True)
class Row:
    """One row as it stood: the line it begins on, its raw text, and its cells or the code of its fault."""

    line: int
    raw: str
    cells: list[str]
    fault: str = ""


class _Position:
    """The lines still to read, with a position that can be set back."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.at = 0

    def __iter__(self) -> _Position:
        return self

    def __next__(self) -> str:
        if self.at >= len(self.lines):
            raise StopIteration
        self.at += 1
        return self.lines[self.at - 1]


class RowReader:
    """Rows out of lines, one by one. An open quote waits for more lines, within the bound of one row."""

    def __init__(self, separator: str) -> None:
        self.separator = separator
        self.waiting: list[str] = []  # lines of a row that is not complete yet
        self.line = 1

    def rows(self, lines: list[str], first_line: int, *, last: bool) -> Iterator[Row]:
        """The rows of the lines; with `last` nothing is left waiting."""
        start_line = first_line - len(self.waiting)
        position = _Position([*self.waiting, *lines])
        self.waiting = []
        reader = csv.reader(position, delimiter=self.separator, strict=True)
        while position.at < len(position.lines):
            start = position.at
            try:
                cells = next(reader, [])
            except csv.Error:
                rest = position.lines[start:] if position.at == len(position.lines) else []
                if rest and not last and sum(map(len, rest)) <= LONGEST:
                    self.waiting = rest
                    return
                position.at = start + 1
                yield Row(start_line + start, position.lines[start], [], "quote")
                continue
            yield Row(start_line + start, "".join(position.lines[start : position.at]), cells)
