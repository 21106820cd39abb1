"""A random table is the same relation from CSV, JSON lines, Parquet and Excel, as far as the formats can say it."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from firstcall.scoring.columns import Column, Storage
from firstcall.scoring.compiling.duckdb import DuckDB
from firstcall.scoring.compiling.readings import Reading
from firstcall.scoring.values import Kind
from tests.engines.reading.opening import Opened, open_files

# Sheets cannot hold control characters, lone surrogates, times to the microsecond, or dates before 1900.
TEXT = st.text(
    st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\ufffd"),
    max_size=8,
).map(lambda text: "x" + text)
CELLS: dict[str, st.SearchStrategy[Any]] = {
    "Some Text": TEXT,
    "number": st.one_of(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9).map(lambda i: i / 64)),
    "it's true": st.booleans(),
    "day": st.dates(date(1901, 1, 1), date(2200, 1, 1)),
    "time": st.datetimes(datetime(1901, 1, 1), datetime(2200, 1, 1)).map(  # noqa: DTZ001 (sheets know no zones)
        lambda moment: moment.replace(microsecond=0, second=1)
    ),
}
ROW = st.fixed_dictionaries({name: st.one_of(st.none(), cell) for name, cell in CELLS.items()})


def as_text(cell: Any) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.isoformat() + "Z"
    return "" if cell is None else str(cell)


def as_csv(
    path: Path, names: Sequence[str], rows: Sequence[Sequence[Any]], encoding: str, separator: str
) -> Path:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(names)
    writer.writerows([as_text(cell) for cell in row] for row in rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def as_json_lines(path: Path, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Path:
    plain = [
        {
            name: as_text(cell) if isinstance(cell, date) else cell
            for name, cell in zip(names, row, strict=True)
        }
        for row in rows
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in plain))
    return path


def as_parquet(path: Path, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Path:
    types = [pa.string(), pa.string(), pa.float64(), pa.bool_(), pa.date32(), pa.timestamp("us")]
    cells = zip(names, types, zip(*rows, strict=True), strict=True)
    pq.write_table(
        pa.table({name: pa.array(column, type) for name, type, column in cells}), path, row_group_size=3
    )
    return path


def as_excel(path: Path, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Path:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        form = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for y, row in enumerate([names, *rows]):
            for x, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(y, x, cell, form)
                elif isinstance(cell, str):
                    sheet.write_string(y, x, cell)
                elif cell is not None:
                    sheet.write(y, x, cell)
    return path


def read(column: Column) -> str:
    """SQL of the value as the language reads it."""
    reading = Reading(DuckDB(), column.ref, column.storage, column.element)
    match column.kind:
        case Kind.NUMBER:
            return str(reading.typed_number)
        case Kind.DATE | Kind.TIME:
            return str(reading.moment)
    return column.ref


def relation(opened: Opened) -> list[tuple[Any, ...]]:
    fields = opened.source.columns.records.fields
    cells = "".join(f", {read(fields[name])}" for name in CELLS)
    return opened.fetch(f"SELECT id{cells} FROM records ORDER BY id")


@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    st.lists(ROW, min_size=1, max_size=8),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_the_same_relation(table: list[dict[str, Any]], encoding: str, separator: str) -> None:
    names = ["id", *CELLS]
    rows = [[f"r{index:02}", *(row[name] for name in CELLS)] for index, row in enumerate(table)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = [
            open_files(as_csv(folder / "t.csv", names, rows, encoding, separator)),
            open_files(as_json_lines(folder / "t.jsonl", names, rows)),
            open_files(as_parquet(folder / "t.parquet", names, rows)),
            open_files(as_excel(folder / "t.xlsx", names, rows)),
        ]
        relations = [relation(opened) for opened in found]
        for opened in found:
            assert opened.source.records == len(rows)
            assert opened.rejected == []
            opened.source.close()
    assert relations[0] == relations[1] == relations[2] == relations[3]
    texts = [None if row["Some Text"] is None else row["Some Text"] for row in table]
    assert [row[1] for row in relations[0]] == texts


TOUCHED = st.fixed_dictionaries(
    {
        "record_id": st.sampled_from(["1", "2", "3", ""]),
        "type": st.sampled_from(["web.visited", "email.opened", ""]),
        "occurred_at": st.one_of(
            st.just(""), st.datetimes(timezones=st.just(UTC)).map(lambda m: m.isoformat())
        ),
        "path": st.one_of(st.just(""), TEXT),
    }
)


@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(TOUCHED, max_size=8))
def test_the_same_touchpoints_and_rejects(rows: list[dict[str, str]]) -> None:
    names = ["record_id", "type", "occurred_at", "path"]
    cells = [[row[name] or None for name in names] for row in rows]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        leads = as_csv(folder / "l.csv", ["id"], [["1"], ["2"]], "utf-8", ",")
        schema = pa.schema([(name, pa.string()) for name in names])
        pq.write_table(
            pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in cells], schema),
            folder / "t.parquet",
        )
        as_json_lines(folder / "t.jsonl", names, cells)
        files = [as_csv(folder / "t.csv", names, cells, "utf-8", ","), folder / "t.parquet"]
        files += [folder / "t.jsonl"] if rows else []
        found = [open_files(leads, file) for file in files]
        touchpoints = [opened.touchpoints("path") for opened in found]
        rejects = [sorted(opened.rejected, key=str) for opened in found]
        for opened in found:
            assert opened.source.columns.touchpoints is not None
            assert opened.source.columns.touchpoints.occurred_at is Storage.MICROSECONDS
            opened.source.close()
    assert all(other == touchpoints[0] for other in touchpoints)
    # The header of a CSV file is its first line.
    by_row = [
        [(line - (index == 0), reason) for line, reason in of if line] for index, of in enumerate(rejects)
    ]
    assert all(sorted(other) == sorted(by_row[0]) for other in by_row)
