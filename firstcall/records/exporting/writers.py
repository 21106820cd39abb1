"""Files row by row: CSV, Excel, JSON lines, Parquet. Each takes rows in batches and holds no more than one."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from firstcall.engines.writing import MOST_EXCEL_CHARACTERS, MOST_EXCEL_ROWS, UnwritableError
from firstcall.records.exporting.cells import cell_of, guarded_error
from firstcall.records.kinds import FieldKind
from firstcall.scoring.saying import said, whole
from firstcall.scoring.times import datetime_of, format_moment

type Names = Sequence[tuple[str, FieldKind]]
_FIRST_EXCEL_DAY = date(1900, 3, 1)  # before it Excel counts a day that never was
_NUMBERS = (FieldKind.NUMBER, FieldKind.CURRENCY)


class Writer(Protocol):
    """Closed when all has gone well, else left as it is."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def write(self, rows: Sequence[Sequence[Any]]) -> None: ...


class _TextWriter:
    """A text file that is closed in the end."""

    def __init__(self, path: Path, names: Names) -> None:
        self.names = names
        self.file = path.open("w", encoding="utf-8", newline="")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()


class CsvWriter(_TextWriter):
    def __init__(self, path: Path, names: Names, *, as_is: bool = False) -> None:
        super().__init__(path, names)
        self.as_is = as_is
        self.writer = csv.writer(self.file)
        self.writer.writerow([name for name, _ in names])

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        kinds = [kind for _, kind in self.names]
        self.writer.writerows(
            [cell_of(kind, value, as_is=self.as_is) for kind, value in zip(kinds, row, strict=True)]
            for row in rows
        )


class JsonLinesWriter(_TextWriter):
    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        for row in rows:
            held = {
                name: _json_value(kind, value)
                for (name, kind), value in zip(self.names, row, strict=True)
                if value is not None
            }
            # Numbers are decimal texts; as JSON numbers every digit must stay.
            self.file.write(json.dumps(held, ensure_ascii=False) + "\n")


def _json_value(kind: FieldKind, value: Any) -> Any:
    if kind is FieldKind.DATE_TIME:
        return format_moment(int(value))
    if kind in _NUMBERS:
        number = float(value)
        return number if Decimal(repr(number)) == Decimal(str(value)) else str(value)
    return value


class ParquetWriter:
    """Typed: decimals, dates, times with their zone, lists."""

    def __init__(self, path: Path, names: Names) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.arrow = pa
        self.names = names
        types = {
            FieldKind.NUMBER: pa.decimal128(38, 6),
            FieldKind.CURRENCY: pa.decimal128(38, 6),
            FieldKind.DATE: pa.date32(),
            FieldKind.DATE_TIME: pa.timestamp("us", tz="UTC"),
            FieldKind.YES_NO: pa.bool_(),
            FieldKind.MULTI_SELECT: pa.list_(pa.string()),
        }
        self.schema = pa.schema([(name, types.get(kind, pa.string())) for name, kind in names])
        self.writer = pq.ParquetWriter(path, self.schema, compression="zstd")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.close()

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        columns = [
            self.arrow.array([_typed(kind, row[at]) for row in rows], self.schema.field(at).type)
            for at, (_, kind) in enumerate(self.names)
        ]
        self.writer.write_table(self.arrow.Table.from_arrays(columns, schema=self.schema))


def _typed(kind: FieldKind, value: Any) -> Any:
    if value is None:
        return None
    if kind in _NUMBERS:
        return Decimal(str(value))
    if kind is FieldKind.DATE:
        return date.fromisoformat(value)
    if kind is FieldKind.DATE_TIME:
        return datetime_of(int(value))
    return value


class ExcelWriter:
    """One sheet in constant memory: texts are texts and never formulas; dates are dates where Excel has them."""

    def __init__(self, path: Path, names: Names) -> None:
        from xlsxwriter import Workbook

        self.names = names
        self.book = Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
        self.sheet = self.book.add_worksheet("records")
        self.sheet.freeze_panes(1, 0)
        self.day = self.book.add_format({"num_format": "yyyy-mm-dd"})
        self.time = self.book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        bold = self.book.add_format({"bold": True})
        for column, (name, _) in enumerate(names):
            self.sheet.write_string(0, column, name, bold)
        self.row = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.sheet.autofilter(0, 0, max(self.row, 1), max(len(self.names) - 1, 0))
        self.book.close()

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        for row in rows:
            self.row += 1
            if self.row > MOST_EXCEL_ROWS:
                raise too_many(self.row)
            for column, ((name, kind), value) in enumerate(zip(self.names, row, strict=True)):
                if value is not None:
                    self._cell(column, name, kind, value)

    def _cell(self, column: int, name: str, kind: FieldKind, value: Any) -> None:
        at = (self.row, column)
        if kind is FieldKind.YES_NO:
            self.sheet.write_boolean(*at, value)
        elif kind in _NUMBERS and Decimal(repr(float(value))) == Decimal(str(value)):
            self.sheet.write_number(*at, float(value))
        elif kind is FieldKind.DATE and (day := date.fromisoformat(value)) >= _FIRST_EXCEL_DAY:
            self.sheet.write_datetime(*at, day, self.day)
        elif kind is FieldKind.DATE_TIME and (moment := _excel_moment(int(value))):
            self.sheet.write_datetime(*at, moment, self.time)
        else:
            text = guarded_error(cell_of(kind, value, as_is=True))
            if len(text) > MOST_EXCEL_CHARACTERS:
                raise UnwritableError(
                    said(
                        "Row {row}: {name} is {count} characters long, and a cell of Excel holds {most}. "
                        "Write CSV or Parquet, or leave the field out.",
                        row=self.row + 1,
                        name=name,
                        count=whole(len(text)),
                        most=whole(MOST_EXCEL_CHARACTERS),
                    )
                )
            self.sheet.write_string(*at, text)


def _excel_moment(moment: int) -> datetime | None:
    """In UTC; None where Excel would round it."""
    found = datetime_of(moment).astimezone(UTC).replace(tzinfo=None)
    return found if moment % 1_000_000 == 0 and found.date() >= _FIRST_EXCEL_DAY else None


def too_many(rows: int) -> UnwritableError:
    return UnwritableError(
        said(
            "A sheet of Excel holds {most} rows, and there are {rows}. Write CSV or Parquet, or "
            "fewer records.",
            most=whole(MOST_EXCEL_ROWS),
            rows=whole(rows),
        )
    )


FORMATS = ("csv", "xlsx", "parquet", "jsonl")


def open_writer(format: str, path: Path, names: Names, *, as_is: bool = False) -> Writer:
    match format:
        case "csv":
            return CsvWriter(path, names, as_is=as_is)
        case "xlsx":
            return ExcelWriter(path, names)
        case "parquet":
            return ParquetWriter(path, names)
        case "jsonl":
            return JsonLinesWriter(path, names)
    raise UnwritableError(
        said(
            "{format} is no format of exports. Choose one of {formats}.",
            format=format,
            formats=", ".join(FORMATS),
        )
    )
