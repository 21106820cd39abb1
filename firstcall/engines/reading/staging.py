"""Rows of text formats on their way into DuckDB: Parquet files of text cells with the file and line of each row."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from firstcall.engines.reading.errors import file_error, refuse_doubled, told_apart
from firstcall.engines.reading.json_values import object_text
from firstcall.engines.reading.rejects import Reject, Rejects, excerpt_of

_TEXT = pa.string()
MOST_COLUMNS = 16_384
"""What a sheet of Excel may have; each costs memory for every row that is read at once."""


@dataclass(frozen=True)
class Batch:
    """Rows of one file.

    texts    the cells that are text, by column name
    others   the cells that are not text but typed by the format, as JSON, by column name
    objects  the values of the column `properties` as read, None where missing
    """

    file: int
    lines: pa.Array
    texts: Mapping[str, pa.Array]
    others: Mapping[str, pa.Array] = field(default_factory=dict)
    objects: Sequence[object] | None = None


class Stage:
    """Collects batches in a folder. Columns are `file`, `line`, and c0, c1 … (text), j0, j1 … (JSON).

    objects_name  the column of JSON objects, checked and written anew here; its keys are remembered
    apart         columns of one name are told apart by a number, and not refused
    """

    def __init__(
        self,
        folder: str,
        paths: Sequence[str],
        rejects: Rejects,
        objects_name: str | None = None,
        *,
        apart: bool = False,
    ) -> None:
        self.folder = folder
        self.paths = paths
        self.rejects = rejects
        self.objects_name = objects_name
        self.apart = apart
        self.ordinals: dict[str, int] = {}
        self.typed: set[str] = set()
        self.object_keys: set[str] = set()
        self._parts = 0
        os.makedirs(folder)

    @property
    def pattern(self) -> str:
        return os.path.join(self.folder, "*.parquet")

    def named(self, path: str, names: list[str], line: int | None) -> list[str]:
        """The names of a header as the columns have them. Raises SourceError where one stands for two columns."""
        self.refuse_wide(path, len(names), line)
        if not self.apart:
            refuse_doubled(path, names, line)
            return names
        apart = told_apart(names)
        if apart != names:
            new = ", ".join(new for new, old in zip(apart, names, strict=True) if new != old)
            self.rejects.note(f"{path}: the header has a name twice; the later columns are called {new}.")
        return apart

    def refuse_wide(self, path: str, columns: int, line: int | None = None) -> None:
        """Raises SourceError where there are more columns than any table has."""
        if columns > MOST_COLUMNS:
            says = f"there are {columns:,} columns, and {MOST_COLUMNS:,} are the most that is read."
            fix = "Check the separator, or export the columns that you need."
            raise file_error(path, "too-many-columns", says, fix, line=line)

    def declare(self, names: Sequence[str]) -> None:
        """Columns that exist even where no row has them."""
        for name in names:
            self.ordinals.setdefault(name, len(self.ordinals))

    def add(self, batch: Batch) -> None:
        texts, lines, others = dict(batch.texts), batch.lines, dict(batch.others)
        objects = batch.objects
        if objects is None and self.objects_name in texts:
            # Of CSV and Excel: an empty cell is missing.
            objects = [text or None for text in texts[self.objects_name].to_pylist()]
        if objects is not None and self.objects_name is not None:
            others.pop(self.objects_name, None)
            texts[self.objects_name], good = self._checked(batch.file, lines, objects)
            if good is not None:
                lines = lines.filter(good)
                texts = {name: cells.filter(good) for name, cells in texts.items()}
                others = {name: cells.filter(good) for name, cells in others.items()}
        self.declare([*texts, *others])
        self.typed.update(others)
        self._write(batch.file, lines, texts, others)

    def _checked(
        self, file: int, lines: pa.Array, objects: Sequence[object]
    ) -> tuple[pa.Array, pa.Array | None]:
        """The objects as JSON text, and which rows are good, None when all are."""
        written: list[str | None] = []
        bad: list[int] = []
        for position, value in enumerate(objects):
            text = None if value is None else object_text(value, self.object_keys)
            written.append(text or None)
            if text == "":
                bad.append(position)
        cells = pa.array(written, _TEXT)
        if not bad:
            return cells, None
        for position in bad:
            value = objects[position]
            raw = value if isinstance(value, str) else msgspec.json.encode(value).decode()
            self.rejects.add(
                Reject(
                    self.paths[file],
                    lines[position].as_py(),
                    "properties",
                    "properties is no JSON object",
                    excerpt_of(raw),
                )
            )
        faulty = set(bad)
        return cells, pa.array([position not in faulty for position in range(len(objects))])

    def finish(self) -> None:
        """Every column stands in at least one file."""
        none = pa.array([], _TEXT)
        texts = dict.fromkeys(self.ordinals, none)
        self._write(0, pa.array([], pa.int64()), texts, dict.fromkeys(self.typed, none))

    def _write(
        self, file: int, lines: pa.Array, texts: Mapping[str, pa.Array], others: Mapping[str, pa.Array]
    ) -> None:
        columns = {
            "file": pa.array([file], pa.int32()).take(pa.array([0] * len(lines), pa.int8())),
            "line": lines,
        }
        columns |= {f"c{self.ordinals[name]}": cells for name, cells in texts.items()}
        columns |= {f"j{self.ordinals[name]}": cells for name, cells in others.items()}
        path = os.path.join(self.folder, f"{self._parts:08}.parquet")
        pq.write_table(pa.table(columns), path, compression="lz4")
        self._parts += 1


def holds_any(cells: pa.Array) -> bool:
    """Whether any text cell is neither null nor empty."""
    return bool(pc.any(pc.not_equal(cells, "")).as_py())
