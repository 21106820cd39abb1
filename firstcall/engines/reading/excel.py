"""Excel sheets: the first row with cells is the header; cells keep the type they have in the sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice

import pyarrow as pa
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from firstcall.engines.reading.errors import file_error
from firstcall.engines.reading.excel_bounds import refuse_unbounded
from firstcall.engines.reading.json_values import plain_number
from firstcall.engines.reading.staging import Batch, Stage
from firstcall.scoring.problems import nearest
from firstcall.scoring.saying import said
from firstcall.scoring.values import Kind

_TEXT = pa.string()
_BATCH = 50_000
_KINDS: dict[frozenset[type], Kind] = {
    frozenset(): Kind.EMPTY,
    frozenset({float}): Kind.NUMBER,
    frozenset({bool}): Kind.TRUTH,
    frozenset({date}): Kind.DATE,
    frozenset({datetime}): Kind.TIME,
    frozenset({date, datetime}): Kind.TIME,
}


class ExcelReader:
    """One sheet: its header, then batches of its rows for the stage.

    missing  texts that mean a missing value: they do not make a column of numbers a text
    skip     so many rows above the header are passed over
    """

    def __init__(
        self,
        path: str,
        file: int,
        stage: Stage,
        *,
        sheet: str | None = None,
        header: Sequence[str] = (),
        missing: Sequence[str] = (),
        skip: int = 0,
    ) -> None:
        self.path = path
        self.file = file
        self.stage = stage
        self.sheet = sheet
        self.header = list(header)
        self.skip = skip
        self.missing = frozenset(("", *missing))
        self.types: dict[str, set[type]] = {}

    def read(self) -> Iterator[float]:
        """Stages all rows; yields the share of the sheet read by then."""
        rows: list[list[object]] = []
        numbers: list[int] = []
        names = self._named(self.header, None) if self.header else None
        sheet = self._open()
        total = max(sheet.total_height, 1)
        for number, cells in enumerate(sheet.iter_rows(), 1):
            if number <= self.skip or all(cell == "" for cell in cells):
                continue
            if names is None:
                names = self._named([str(cell) for cell in cells], number)
                continue
            rows.append(list(cells))
            numbers.append(number)
            if len(rows) == _BATCH:
                self._add(names, rows, numbers)
                rows, numbers = [], []
                yield number / total
        if names is None:
            raise file_error(
                self.path, "empty-file", said("the sheet is empty."), said("A first row of names is needed.")
            )
        if rows:
            self._add(names, rows, numbers)
        yield 1.0

    def kinds(self) -> dict[str, Kind]:
        """The kind of each column by the types of its cells; TEXT where they are mixed."""
        return {name: _KINDS.get(frozenset(types), Kind.TEXT) for name, types in self.types.items()}

    def first_rows(self, count: int) -> list[list[object]]:
        """The first rows as they stand, without staging them."""
        return [list(cells) for cells in islice(self._open().iter_rows(), count)]

    def _open(self) -> CalamineSheet:
        refuse_unbounded(self.path)
        try:
            workbook = CalamineWorkbook.from_path(self.path)
        except PasswordError as error:
            raise file_error(
                self.path,
                "locked-excel",
                said("the workbook is protected by a password."),
                said("Open it in Excel and save it without one."),
            ) from error
        except (CalamineError, OSError) as error:
            raise file_error(
                self.path,
                "broken-excel",
                said("the file cannot be opened as an Excel workbook ({error}).", error=error),
                said("Save it again as .xlsx, or as CSV."),
            ) from error
        sheets = workbook.sheet_names
        if self.sheet is None:
            return workbook.get_sheet_by_name(_first_shown(workbook))
        if self.sheet not in sheets:
            near = nearest(self.sheet, sheets)
            fix = (
                said("Did you mean `{near}`?", near=near)
                if near
                else said("Its sheets are: {sheets}.", sheets=", ".join(sheets))
            )
            raise file_error(
                self.path, "no-sheet", said("there is no sheet `{sheet}`.", sheet=self.sheet), fix
            )
        return workbook.get_sheet_by_name(self.sheet)

    def _named(self, cells: Sequence[str], line: int | None) -> list[str]:
        names = self.stage.named(self.path, [cell.strip() for cell in cells], line)
        self.stage.declare([name for name in names if name])
        for name in names:
            if name:
                self.types.setdefault(name, set())
        return names

    def _add(self, names: list[str], rows: list[list[object]], numbers: list[int]) -> None:
        texts: dict[str, pa.Array] = {}
        others: dict[str, pa.Array] = {}
        for position, name in enumerate(names):
            cells = [row[position] if position < len(row) else "" for row in rows]
            if not name:
                self._note_nameless(position, cells)
                continue
            self.types[name].update(_type_of(cell) for cell in cells if cell not in self.missing)
            texts[name] = pa.array([_as_text(cell) for cell in cells], _TEXT)
            typed = [_as_json(cell) for cell in cells]
            if any(typed):
                others[name] = pa.array(typed, _TEXT)
        self.stage.add(Batch(self.file, pa.array(numbers, pa.int64()), texts, others))

    def _note_nameless(self, position: int, cells: Sequence[object]) -> None:
        if any(cell != "" for cell in cells):
            self.stage.rejects.note(
                said(
                    "{path}: column {position} has no name in the header and is left out, though it holds"
                    " values.",
                    path=self.path,
                    position=position + 1,
                )
            )


def _first_shown(workbook: CalamineWorkbook) -> str:
    """The first sheet of cells that people see; the first of all where they see none."""
    shown = (
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
    )
    return next(shown, workbook.sheet_names[0])


def sheets_of(path: str) -> list[str]:
    """The names of a workbook's sheets; none where it cannot be opened."""
    try:
        return CalamineWorkbook.from_path(path).sheet_names
    except (CalamineError, OSError):
        return []


def _type_of(cell: object) -> type:
    if isinstance(cell, bool):
        return bool
    return float if isinstance(cell, int | float) else type(cell)


def _as_text(cell: object) -> str | None:
    """Texts, dates and times as text."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, timedelta) else None


def _as_json(cell: object) -> str | None:
    """Numbers and true/false as JSON."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return plain_number(float(cell)) if isinstance(cell, int | float) else None
