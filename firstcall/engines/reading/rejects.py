"""Rows that were left out and values that count as missing: every one counted and kept, with its place and the reason."""

from __future__ import annotations

import csv
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import IO

KEPT_IN_MEMORY = 1_000
EXCERPT = 200

# What each code means, as the summary says it after "3 rows: ".
REASONS = {
    "cells": "the number of cells differs from the header's",
    "quote": "the quotes do not match",
    "nul": "a NUL character",
    "too-long": "the line is longer than 16 MB",
    "encoding": "bytes that are not in the file's encoding",
    "json": "no valid JSON",
    "object": "no JSON object",
    "missing-id": "the id is missing",
    "bad-id": "the id is neither text nor a whole number",
    "duplicate-id": "the id came before; the first row counts",
    "missing-as-of": "the record's own as-of moment is missing",
    "bad-as-of": "the record's own as-of moment is no date or time",
    "missing-record": "the record_id is missing",
    "bad-record": "the record_id is neither text nor a whole number",
    "missing-type": "the type is missing",
    "bad-type": "the type is no text",
    "missing-time": "occurred_at is missing",
    "bad-time": "occurred_at is no time that can be read",
    "properties": "properties is no JSON object",
    "duplicate-touchpoint": "the touchpoint's id came before; the first row counts",
    "unknown-record": "no record has this record_id",
    "misfit": "a value does not fit its column's type and counts as missing",
}


@dataclass(frozen=True, slots=True)
class Reject:
    """One row left out, or with code `misfit` one value that counts as missing.

    line  the physical line of a text file from 1, the row of an Excel sheet or of a Parquet file from 1
    id    of the record or touchpoint, where it could be read
    raw   the row as it stood, where the reader knows it
    """

    file: str
    line: int | None
    code: str
    reason: str
    excerpt: str = ""
    id: str | None = None
    raw: str = ""


class Rejects:
    """All rejects of a source: counted, the first thousand at hand, every one in a file on disk.

    whole  rows are kept as they stood, not just their beginning
    """

    def __init__(self, *, whole: bool = False) -> None:
        self.whole = whole
        self.counts: Counter[tuple[str, str]] = Counter()
        self.first: list[Reject] = []
        self.notes: list[str] = []
        self._earliest: dict[tuple[str, str], Reject] = {}
        self._spool: IO[str] | None = None

    def __len__(self) -> int:
        return self.counts.total()

    def count(self, code: str) -> int:
        """How many there are of one code, over all files."""
        return sum(count for (_, of), count in self.counts.items() if of == code)

    def add(self, reject: Reject) -> None:
        key = (reject.file, reject.code)
        self.counts[key] += 1
        written = _written(reject) + ((reject.raw,) if self.whole else ())
        reject = replace(reject, raw="")  # which may be 16 MB
        earliest = self._earliest.setdefault(key, reject)
        if reject.line is not None and (earliest.line is None or reject.line < earliest.line):
            self._earliest[key] = reject
        if len(self.first) < KEPT_IN_MEMORY:
            self.first.append(reject)
        if self._spool is None:
            self._spool = tempfile.TemporaryFile(  # noqa: SIM115 (lives as long as the rejects)
                "w+", newline="", encoding="utf-8", errors="backslashreplace"
            )
        csv.writer(self._spool).writerow(written)

    def extend(self, rejects: Iterable[Reject]) -> None:
        for reject in rejects:
            self.add(reject)

    def note(self, text: str) -> None:
        """Something repaired or left aside without loss of a row; once is enough."""
        if text not in self.notes:
            self.notes.append(text)

    def summary(self) -> list[str]:
        """A line for each reason and file with the count and the first place, then the notes."""
        lines = []
        for (file, code), count in self.counts.items():
            what = "value" if code == "misfit" else "row"
            earliest = self._earliest[file, code]
            place = f" (first: {place_word(file)} {earliest.line})" if earliest.line is not None else ""
            lines.append(f"{file}: {count:,} {what}{'' if count == 1 else 's'}: {REASONS[code]}{place}")
        return lines + self.notes

    def rows(self) -> Iterator[tuple[int | None, str, str]]:
        """The line, the reason and the raw text of every one; of those kept whole."""
        if self._spool is None:
            return
        self._spool.seek(0)
        for _, line, reason, _, raw in csv.reader(self._spool):
            yield (int(line) if line else None), reason, raw
        self._spool.seek(0, os.SEEK_END)

    def write(self, path: str) -> None:
        """All of them as CSV: file, line, reason, excerpt. The file appears whole or not at all."""
        folder = os.path.dirname(os.path.abspath(path))
        with tempfile.NamedTemporaryFile(
            "w", dir=folder, newline="", encoding="utf-8", prefix=".rejects-", delete=False
        ) as out:
            try:
                csv.writer(out).writerow(["file", "line", "reason", "excerpt"])
                if self._spool is not None:
                    self._spool.seek(0)
                    while block := self._spool.read(1 << 20):
                        out.write(block)
                    self._spool.seek(0, os.SEEK_END)
                out.close()
                os.replace(out.name, path)
            except BaseException:
                os.unlink(out.name)
                raise

    def close(self) -> None:
        if self._spool is not None:
            self._spool.close()
            self._spool = None


def place_word(file: str) -> str:
    """What people count in such a file."""
    return "row" if file.lower().endswith((".parquet", ".xlsx")) else "line"


def excerpt_of(raw: str) -> str:
    """The beginning of a raw line, short enough for a list."""
    raw = raw[: EXCERPT + 1].rstrip("\r\n")
    return raw if len(raw) <= EXCERPT else raw[:EXCERPT] + "…"


def _written(reject: Reject) -> tuple[str, str, str, str]:
    line = "" if reject.line is None else str(reject.line)
    return reject.file, line, reject.reason, reject.excerpt
