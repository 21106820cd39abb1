"""A look at a file before it is imported: its columns with some of their values, what each seems to be, how it is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from firstcall.engines.reading.excel import sheets_of
from firstcall.engines.reading.files import Format
from firstcall.engines.workspace import Workspace
from firstcall.records.importing.driving import MEMORY, Advance
from firstcall.records.importing.headers import Guess, digest, guess_columns, looks_like_values
from firstcall.records.importing.models import KeptMapping
from firstcall.records.importing.plan import ReadingOptions
from firstcall.records.importing.planning import known_fields
from firstcall.records.importing.profiling import Profiler
from firstcall.records.importing.staging import FileOptions, Staged, stage_file
from firstcall.records.models import Module
from firstcall.scoring.times import format_moment, moment_of

SAMPLES, LONGEST_SAMPLE = 3, 80
_SAMPLED = 2_000  # rows
_KEPT = "look.json"


@dataclass(frozen=True)
class LookedColumn:
    """
    filled   how many rows have a value
    target   a field's API name, or one of the names with @; None: nobody knows
    origin   what the guess comes from: kept, name, export
    why      of a column without a target: what it looked like
    kind     what kind a new field of it would be
    dates    where its dates are written in numbers: day-first, month-first, or `?` where nothing tells
    decimal  where its numbers have signs: "." or ",", or `?` where nothing tells
    """

    name: str
    samples: tuple[str, ...]
    filled: int
    target: str | None = None
    origin: str = ""
    why: str = ""
    kind: str = ""
    dates: str = ""
    decimal: str = ""


@dataclass(frozen=True)
class Look:
    """
    sheets         of a workbook
    unread         rows that could not be taken apart
    has_no_header  the first row looks like values
    kept_at        when the mapping was said that the guesses are from
    """

    format: str
    encoding: str
    separator: str
    rows: int
    unread: int
    columns: tuple[LookedColumn, ...]
    sheets: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    has_no_header: bool = False
    kept_at: str = ""

    def to_json(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(self)
        return told


def look_at(
    module: Module,
    path: str,
    folder: Path,
    file: FileOptions,
    *,
    advance: Advance = lambda done, total, message: None,
) -> Look:
    """Read the file and keep what it looks like in the folder. Raises SourceError where it cannot be read."""
    folder.mkdir(parents=True, exist_ok=True)
    tell: Callable[[str, float | None], None] = lambda doing, share: advance(  # noqa: E731
        int(100 * (share or 0)), 100, doing
    )
    with Workspace(memory=MEMORY) as workspace:
        staged = stage_file(path, folder / "staged", file, progress=tell)
        look = _Looking(workspace.connection, staged, module).look(_sheets(staged, path))
    part = folder / f".{_KEPT}.part"
    part.write_text(json.dumps(look.to_json(), ensure_ascii=False), "utf-8")
    part.replace(folder / _KEPT)
    return look


def find_look(folder: Path) -> Look | None:
    """None: there is none, or none any more."""
    try:
        told = json.loads((folder / _KEPT).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return msgspec.convert(told, Look)


def _sheets(staged: Staged, path: str) -> tuple[str, ...]:
    return tuple(sheets_of(path)) if staged.format == Format.EXCEL else ()


class _Looking:
    def __init__(self, connection: duckdb.DuckDBPyConnection, staged: Staged, module: Module) -> None:
        self.connection = connection
        self.staged = staged
        self.module = module
        self.profiler = Profiler(connection, staged, ReadingOptions())

    def look(self, sheets: tuple[str, ...]) -> Look:
        kept = KeptMapping.objects.filter(about=self.module.name, headers=digest(self.staged.columns)).first()
        fields = {field.name: field for field in self.module.fields.order_by("position", "pk")}
        told = {} if kept is None else _targets(kept.columns)
        guesses = guess_columns(self.module.name, self.staged.columns, known_fields(fields), kept=told)
        samples, filled = self._samples(), self._filled()
        staged = self.staged
        return Look(
            staged.format,
            staged.encoding,
            staged.separator or "",
            staged.rows,
            staged.unread,
            tuple(self._column(guess, samples, filled) for guess in guesses),
            sheets,
            staged.notes,
            staged.format == Format.CSV and looks_like_values(staged.columns),
            "" if kept is None else format_moment(moment_of(kept.kept_at)),
        )

    def _column(
        self, guess: Guess, samples: Mapping[str, tuple[str, ...]], filled: Mapping[str, int]
    ) -> LookedColumn:
        name = guess.column
        some = bool(filled[name])
        return LookedColumn(
            name,
            samples[name],
            filled[name],
            guess.target,
            guess.origin or "",
            guess.why,
            self.profiler.kind_of(name) if some and guess.target is None else "",
            self.profiler.way_of_dates(name) if some else "",
            self.profiler.way_of_numbers(name) if some else "",
        )

    def _samples(self) -> dict[str, tuple[str, ...]]:
        """The first different values of each column."""
        names = self.staged.columns
        cells = ", ".join(self.staged.raw(name) for name in names)
        found: dict[str, dict[str, None]] = {name: {} for name in names}
        if self.staged.rows:
            rows = self.connection.execute(
                f"SELECT {cells} FROM {self.staged.part_source(0)} ORDER BY line LIMIT {_SAMPLED}"
            )
            for row in rows.fetchall():
                for name, cell in zip(names, row, strict=True):
                    if cell and len(found[name]) < SAMPLES:
                        found[name][_short(str(cell))] = None
        return {name: tuple(values) for name, values in found.items()}

    def _filled(self) -> dict[str, int]:
        names = self.staged.columns
        counts = ", ".join(f"count(NULLIF({self.staged.raw(name)}, ''))" for name in names)
        [row] = self.connection.execute(f"SELECT {counts} FROM {self.staged.source}").fetchall()
        return dict(zip(names, row, strict=True))


def _targets(kept: Mapping[str, str]) -> dict[str, str]:
    """What people said, as guesses have it."""
    words = ("owner", "tags", "created_at", "full_name", "external_id", "skip")
    named = {word: f"@{word}" for word in words} | {"record_id": "@id"}
    return {column: named.get(target, target) for column, target in kept.items()}


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST_SAMPLE else f"{plain[: LONGEST_SAMPLE - 1]}…"
