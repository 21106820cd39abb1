"""The file of rejects: the rows that were left out, as they stood, with the reason; ready to be mended and imported."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firstcall.engines.reading.files import Format
from firstcall.records.importing.headers import REASON
from firstcall.records.importing.staging import Staged

_KEPT, _NAME = "rejected.part", "rejects"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was left out.

    cells  by column, where the row could be taken apart; else `raw` has it as it stood
    """

    line: int | None
    reason: str
    cells: Sequence[str | None] = ()
    raw: str = ""


class RejectFile:
    """Kept as JSON lines while an import goes on, so that a step that was undone can be cut off again."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / _KEPT

    def cut(self, length: int) -> None:
        """Forget what was written after the last step that counts."""
        if self.path.exists():
            os.truncate(self.path, length)

    def append(self, rows: Iterable[Rejected]) -> int:
        """Write more rows, durably; the length of the file after them."""
        with self.path.open("ab") as out:
            for row in rows:
                told = [row.line, row.reason, list(row.cells), row.raw]
                out.write(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
            out.flush()
            os.fsync(out.fileno())
            return out.tell()

    def rows(self) -> Iterator[Rejected]:
        if not self.path.exists():
            return
        with self.path.open(encoding="utf-8") as lines:
            for line in lines:
                yield Rejected(*json.loads(line))

    def finish(self, staged: Staged) -> Path | None:
        """The file for people, in the format of the one that was imported; None where nothing was rejected."""
        if not self.path.exists() or not self.path.stat().st_size:
            return None
        writers = {Format.EXCEL: (_write_excel, ".xlsx"), Format.JSON_LINES: (_write_json, ".jsonl")}
        write, suffix = writers.get(Format(staged.format), (_write_csv, ".csv"))
        path = self.path.with_name(_NAME + suffix)
        part = path.with_name(f".{path.name}.part")
        write(part, staged, self.rows())
        part.replace(path)
        return path


def find_rejects(folder: Path) -> Path | None:
    """The file for people of an import that has ended."""
    return next(folder.glob(f"{_NAME}.*"), None)


def _write_csv(path: Path, staged: Staged, rows: Iterable[Rejected]) -> None:
    """The reason stands first, so that a row with too many cells keeps its place."""
    separator = staged.separator or ","
    with path.open("w", encoding="utf-8", newline="", errors="backslashreplace") as out:
        writer = csv.writer(out, delimiter=separator)
        writer.writerow([REASON, *staged.columns])
        for row in rows:
            writer.writerow([row.reason, *(row.cells or _taken_apart(row.raw, separator))])


def _taken_apart(raw: str, separator: str) -> list[str]:
    try:
        found = list(csv.reader(io.StringIO(raw, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return [raw.rstrip("\r\n")]
    return found[0] if len(found) == 1 else [raw.rstrip("\r\n")]


def _write_json(path: Path, staged: Staged, rows: Iterable[Rejected]) -> None:
    typed = set(staged.typed)
    with path.open("w", encoding="utf-8", errors="backslashreplace") as out:
        for row in rows:
            told: dict[str, Any] = {REASON: row.reason}
            for name, cell in zip(staged.columns, row.cells, strict=False):
                if cell is not None:
                    told[name] = _value(cell) if name in typed else cell
            if row.raw:
                told["Line"] = row.raw
            out.write(json.dumps(told, ensure_ascii=False) + "\n")


def _value(cell: str) -> Any:
    """A cell of a column with typed values: those are kept as JSON, and texts as they are."""
    try:
        return json.loads(cell)
    except ValueError:
        return cell


def _write_excel(path: Path, staged: Staged, rows: Iterable[Rejected]) -> None:
    from xlsxwriter import Workbook

    with Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)}) as book:
        sheet = book.add_worksheet("rejects")
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate([row.reason, *row.cells]):
                if cell:
                    sheet.write_string(number, column, str(cell)[:32_767])
        # In constant memory rows go out in order; the header is the first.
        for column, name in enumerate([REASON, *staged.columns]):
            sheet.write_string(0, column, name)
