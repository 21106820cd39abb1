"""Writes the table `scores` to a file: CSV, JSON lines, Parquet or Excel. The file comes to be whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from firstcall.engines.workspace import Workspace
from firstcall.scoring.compiling.duckdb import DuckDB

POINTS = (
    "positive",
    "negative",
    "touchpoint_positive",
    "touchpoint_negative",
    "touchpoint_total",
    "total",
)
COLUMNS = ("id", *POINTS, "grade", "next_change_at")
MOST_EXCEL_ROWS = 1_048_575  # and the header
MOST_EXCEL_CHARACTERS = 32_767
_BATCH = 10_000
_literal = DuckDB().literal


class UnwritableError(Exception):
    """A result that the format cannot hold, or a place where no file can be; `str` says what to do."""


def find_format(target: str | Path) -> str | None:
    """The format that the ending of a name stands for: csv, jsonl, parquet or xlsx."""
    suffix = Path(target).suffix.lower().removeprefix(".")
    return suffix if suffix in _WRITERS else None


def check_target(target: Path, rows: int) -> None:
    """Refuse before the work what cannot be written after it; raises UnwritableError.

    rows  how many there will be
    """
    folder = target.parent
    if target.is_dir():
        raise UnwritableError(f"{target} is a folder. Name a file in it.")
    if not folder.is_dir():
        raise UnwritableError(f"{target}: there is no folder {folder}. Make it first.")
    if _is_file(target) and not os.access(folder, os.W_OK):
        raise UnwritableError(f"{target}: nothing may be written in {folder}. Choose another folder.")
    if find_format(target) == "xlsx" and rows > MOST_EXCEL_ROWS:
        raise UnwritableError(
            f"{target}: a sheet of Excel holds {MOST_EXCEL_ROWS:,} rows, and there are {rows:,}."
            " Write .csv or .parquet, or fewer records with --ids."
        )


def write_scores(
    workspace: Workspace,
    target: Path,
    *,
    rules: Sequence[str],
    lines: bool = False,
    format: str | None = None,
) -> int:
    """Write the scores, the highest first, and return how many there are.

    rules   the names of the rules; with several, `rule` is the first column, and each has its rows together
    lines   with the explanation (see `collecting`) as the last column
    format  one of csv, jsonl, parquet, xlsx; by the ending of the name where left out
    """
    format = format or find_format(target)
    if format is None:
        raise UnwritableError(f"{target}: a name that ends in .csv, .jsonl, .parquet or .xlsx is needed.")
    row = workspace.run("SELECT count(*) FROM scores").fetchone()
    rows = int(row[0]) if row else 0
    check_target(target, rows)
    with _whole_file(target, workspace) as part:
        _WRITERS[format](workspace, part, rules, lines)
    return rows


def stream_scores(workspace: Workspace, out: BinaryIO, *, rules: Sequence[str], lines: bool = False) -> None:
    """Write the scores as CSV to an open stream."""
    landing = workspace.folder / "scores.out.csv"
    _write_csv(workspace, landing, rules, lines)
    with landing.open("rb") as file:
        shutil.copyfileobj(file, out)


def ranked_sql(rules: Sequence[str], *, lines: bool = False, digits: int = 36) -> str:
    """The rows of a file, in order: points as decimals, moments as RFC 3339 text.

    digits  the most that whole hundredths have
    """
    # Whole hundredths times 0.01 keeps every digit; a division would pass through floating point.
    points = [
        f"CAST({name} AS DECIMAL({digits}, 0)) * CAST(0.01 AS DECIMAL(2, 2)) AS {name}" for name in POINTS
    ]
    selected = ["id", *points, "grade", f"{_moment_text('next_change_at')} AS next_change_at"]
    order = "scores.total DESC, id"
    if len(rules) > 1:
        names = " ".join(f"WHEN {i} THEN {_literal(name)}" for i, name in enumerate(rules))
        selected.insert(0, f"CASE scores.rule {names} END AS rule")
        order = f"scores.rule, {order}"
    if lines:
        selected.append("lines")
    return "SELECT " + ",\n       ".join(selected) + f"\nFROM scores\nORDER BY {order}"


def _moment_text(x: str) -> str:
    """`times.format_moment` in SQL."""
    return (
        f"strftime(make_timestamp({x}), '%Y-%m-%dT%H:%M:%S')"
        f" || CASE WHEN {x} % 1000000 = 0 THEN '' ELSE strftime(make_timestamp({x}), '.%f') END || 'Z'"
    )


@contextmanager
def _whole_file(target: Path, workspace: Workspace) -> Iterator[Path]:
    """A path to write to, beside the target, that takes its place when all has gone well."""
    if not _is_file(target):  # a pipe or device cannot be replaced
        landing = workspace.folder / "scores.out"
        yield landing
        with landing.open("rb") as written, target.open("wb") as out:
            shutil.copyfileobj(written, out)
        return
    kept = Path(os.path.realpath(target))
    part = kept.with_name(f".firstcall-{secrets.token_hex(8)}.part")
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        if kept.exists():
            shutil.copymode(kept, part)
        part.replace(kept)
    finally:
        part.unlink(missing_ok=True)


def _is_file(target: Path) -> bool:
    return not target.exists() or stat.S_ISREG(target.stat().st_mode)


def _copy(workspace: Workspace, sql: str, path: Path, options: str) -> None:
    workspace.run(f"COPY (\n{sql}\n) TO {_literal(str(path))} ({options})", doing="writing")


def _write_csv(workspace: Workspace, path: Path, rules: Sequence[str], lines: bool) -> None:
    _copy(workspace, ranked_sql(rules, lines=lines), path, "FORMAT csv, HEADER true, COMPRESSION none")


def _write_parquet(workspace: Workspace, path: Path, rules: Sequence[str], lines: bool) -> None:
    # Decimals of 18 digits are stored as 64-bit integers, and Snappy packs several times faster than zstd.
    largest = ", ".join(f"max(abs({name}))" for name in POINTS)
    row = workspace.run(f"SELECT greatest({largest}) FROM scores").fetchone()
    digits = 16 if row and (row[0] or 0) < 10**16 else 36
    ranked = ranked_sql(rules, lines=lines, digits=digits)
    _copy(workspace, ranked, path, "FORMAT parquet, COMPRESSION snappy")


def _write_json_lines(workspace: Workspace, path: Path, rules: Sequence[str], lines: bool) -> None:
    ranked = ranked_sql(rules, lines=lines)
    if not lines:
        _copy(workspace, ranked, path, "FORMAT json, COMPRESSION none")
        return
    # The lines are JSON already. Read as JSON and written again, long numbers would lose digits; so each
    # row is made a text, and texts are written as they are: JSON has no raw control character.
    columns = (["rule"] if len(rules) > 1 else []) + list(COLUMNS)
    row = f"CAST(to_json(struct_pack({', '.join(f'{c} := {c}' for c in columns)})) AS VARCHAR)"
    text = f"""left({row}, -1) || ',"lines":' || lines || '}}'"""
    options = r"FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\x01', COMPRESSION none"
    _copy(workspace, f"SELECT {text} FROM (\n{ranked}\n) AS ranked", path, options)


def _write_excel(workspace: Workspace, path: Path, rules: Sequence[str], lines: bool) -> None:
    """Row by row in constant memory; points are numbers, all else is text."""
    from xlsxwriter import Workbook

    # A cursor of its own: the connection stays free for others.
    rows = workspace.cursor().execute(ranked_sql(rules, lines=lines))
    names = [column[0] for column in rows.description]
    options = {"constant_memory": True, "tmpdir": str(workspace.folder)}
    with Workbook(str(path), options) as book:
        sheet = book.add_worksheet("scores")
        sheet.freeze_panes(1, 0)
        bold, decimals = book.add_format({"bold": True}), book.add_format({"num_format": "0.00"})
        for column, name in enumerate(names):
            sheet.write_string(0, column, name, bold)
        at = 0
        while batch := rows.fetchmany(_BATCH):
            for cells in batch:
                at += 1
                _write_excel_row(sheet, at, names, cells, decimals)
            if workspace.progress is not None:
                workspace.progress("writing", None)
        sheet.autofilter(0, 0, max(at, 1), len(names) - 1)


def _write_excel_row(sheet: Any, at: int, names: Sequence[str], cells: Sequence[Any], decimals: Any) -> None:
    for column, (name, cell) in enumerate(zip(names, cells, strict=True)):
        if cell is None:
            continue
        if name in POINTS:
            sheet.write_number(at, column, cell, decimals)
        elif len(cell) <= MOST_EXCEL_CHARACTERS:
            sheet.write_string(at, column, cell)
        else:
            raise UnwritableError(
                f"row {at + 1} of the sheet: {name} is {len(cell):,} characters long, and a cell of Excel holds"
                f" {MOST_EXCEL_CHARACTERS:,}. Write .csv, .jsonl or .parquet."
            )


_WRITERS: dict[str, Callable[[Workspace, Path, Sequence[str], bool], None]] = {
    "csv": _write_csv,
    "jsonl": _write_json_lines,
    "parquet": _write_parquet,
    "xlsx": _write_excel,
}
FORMATS = tuple(_WRITERS)
