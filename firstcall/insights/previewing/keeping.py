"""Views of the copy that previews work on, and what was measured of it: files that every web process reads.

A view is the copy at one state, and one moment that records are scored as of. Whoever goes on from a preview names its
moment, and finds what was measured; a changed criterion is measured anew, changed points are not.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import numpy as np
from numpy.typing import NDArray

from firstcall.columns.folder import GRACE
from firstcall.columns.manifest import NAME, Manifest, settled_manifest
from firstcall.columns.reading import Copy, find_copy
from firstcall.insights.previewing.measuring import Measuring, Whole
from firstcall.scoring.compiling.duckdb import DuckDB
from firstcall.scoring.compiling.judging import is_wide
from firstcall.scoring.compiling.points import compile_points
from firstcall.scoring.rules import Criterion
from firstcall.scoring.saying import said

FRESH = 10.0  # seconds for which a view is taken by whoever names no moment
MOST_OCTETS = 2 << 30  # of all that is kept
_KINDS = (np.int8, np.int16, np.int32, np.int64)
SECONDS = 60.0  # that measuring may take

# One measuring at a time in a process: each takes all processors that it may.
_measuring = threading.Lock()


class TooLongError(Exception):
    """Measuring took longer, or more memory, than it may; `str` says what to do."""


@dataclass(frozen=True)
class View:
    """The copy at a state, its records of one module in the order of their ids, as of a moment (microseconds)."""

    copy: Copy
    module: str
    as_of: int
    folder: Path

    @cached_property
    def ids(self) -> NDArray[np.int64]:
        return np.asarray(self._plain("id", "id"), dtype=np.int64)

    @cached_property
    def owners(self) -> NDArray[np.int64]:
        """By their ids; 0 for nobody."""
        return np.asarray(self._plain("owner_id", "COALESCE(owner_id, 0)"), dtype=np.int64)

    @cached_property
    def was_there(self) -> NDArray[np.bool_]:
        """Which records had been created by the moment."""
        return np.asarray(self._plain("created_at", "created_at"), dtype=np.int64) <= self.as_of

    def column(self, name: str, made: Callable[[], Whole]) -> Whole:
        """A column of one's own, in the order of `ids`, made where it is not kept."""
        kept = self._load(f"{self.module}.{name}")
        return self._store(f"{self.module}.{name}", made()) if kept is None else kept

    def kept(self, measurings: Sequence[Measuring]) -> dict[str, Whole]:
        """What each is for every record, by its key; what is not kept yet is measured in one pass."""
        found = self._loaded(measurings)
        if len(found) < len({m.key for m in measurings}):
            with _measuring:
                found |= self._loaded(measurings)
                missing = {m.key: m.criterion for m in measurings if m.key not in found}
                if missing:
                    found |= self._measure(missing)
        return found

    def _loaded(self, measurings: Sequence[Measuring]) -> dict[str, Whole]:
        return {m.key: values for m in measurings if (values := self._load(m.key)) is not None}

    def _measure(self, criteria: dict[str, Criterion]) -> dict[str, Whole]:
        statement = compile_points(list(criteria.values()), self.copy.columns(self.module), DuckDB())
        wide = {key: is_wide(criterion) for key, criterion in criteria.items()}
        taken = [
            f"TRY_CAST(points_{n} AS BIGINT) AS v{n}"
            + (f", CAST(points_{n} AS VARCHAR) AS w{n}" if wide[key] else "")
            for n, key in enumerate(criteria, 1)
        ]
        sql = f"SELECT id, {', '.join(taken)} FROM (\n{statement}\n)"
        found = self.arrays(sql, {"as_of": self.as_of}, as_of=self.as_of)
        at = np.searchsorted(self.ids, found["id"])
        measured: dict[str, Whole] = {}
        for n, key in enumerate(criteria, 1):
            values = found[f"v{n}"]
            if np.ma.isMaskedArray(values) and values.mask.any():
                values = np.array([int(text) for text in found[f"w{n}"]], dtype=np.object_)
            placed = np.empty(len(self.ids), dtype=values.dtype)
            placed[at] = np.asarray(values)
            measured[key] = self._store(key, placed)
        return measured

    def arrays(
        self, sql: str, parameters: dict[str, object] | None = None, *, as_of: int | None = None
    ) -> dict[str, NDArray[np.generic]]:
        """What the query gives. `as_of`: records are as they were then, and not as they are."""
        with self.copy.open() as db:
            timer = threading.Timer(SECONDS, db.interrupt)
            timer.start()
            try:
                whole = self.copy.with_relations(
                    f"WITH asked AS (\n{sql}\n) SELECT * FROM asked", self.module, as_of=as_of
                )
                used = {name: value for name, value in (parameters or {}).items() if f"${name}" in whole}
                return db.execute(whole, used).fetchnumpy()
            except duckdb.InterruptException:
                raise TooLongError(
                    said(
                        "Measuring took longer than {seconds} seconds. Take a shorter window, or fewer criteria.",
                        seconds=f"{SECONDS:.0f}",
                    )
                ) from None
            except duckdb.OutOfMemoryException:
                raise TooLongError(
                    said("Measuring takes more memory than it may. Take a shorter window, or fewer criteria.")
                ) from None
            finally:
                timer.cancel()

    def _plain(self, name: str, sql: str) -> Whole:
        """A column of the records."""
        key = f"{self.module}.{name}"
        kept = self._load(key)
        if kept is not None:
            return kept
        found = self.arrays(f"SELECT {sql} AS v FROM records ORDER BY id")
        return self._store(key, np.asarray(found["v"], dtype=np.int64))

    def _load(self, key: str) -> Whole | None:
        try:
            loaded: Whole = np.load(self.folder / f"{key}.npy", mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError):
            return None
        return loaded

    def _store(self, key: str, values: NDArray[np.generic]) -> Whole:
        """Kept as small as it goes; numbers beyond 64 bits are not kept."""
        if values.dtype == np.object_:
            return values
        if len(values):
            values = values.astype(_smallest(int(values.min()), int(values.max())))
        path = self.folder / f"{uuid.uuid4().hex}.new"
        try:
            with path.open("wb") as file:
                np.save(file, values, allow_pickle=False)
            path.replace(self.folder / f"{key}.npy")
        except FileNotFoundError:
            pass  # the view was thrown away meanwhile
        return values


def _smallest(least: int, most: int) -> type[np.signedinteger[Any]]:
    return next(kind for kind in _KINDS if np.iinfo(kind).min <= least and most <= np.iinfo(kind).max)


def view_of(module: str, *, now: int, as_of: int | None = None, copy: Copy | None = None) -> View:
    """The view that a preview names by its moment, or that was made a moment ago, or a new one. Raises NoCopyError.

    now  microseconds
    """
    current = find_copy() if copy is None else copy
    current.module(module)
    kept = current.folder / "kept"
    kept.mkdir(exist_ok=True)
    _throw_away(kept)
    for folder in sorted(kept.iterdir(), key=lambda path: path.name, reverse=True):
        moment = _moment_of(folder)
        if moment is None or not (
            moment == as_of if as_of is not None else now - FRESH * 1_000_000 <= moment <= now
        ):
            continue
        found = _reopened(current.folder, folder, module, moment)
        if found is not None:
            return found
    return _made(kept, current, module, current.seen if as_of is None else as_of)


def _made(kept: Path, copy: Copy, module: str, as_of: int) -> View:
    folder = kept / f"{as_of}-{copy.manifest.generation}"
    folder.mkdir(exist_ok=True)
    (folder / NAME).write_bytes(msgspec.json.encode(copy.manifest))
    return View(copy, module, as_of, folder)


def _reopened(of: Path, folder: Path, module: str, as_of: int) -> View | None:
    manifest: Manifest | None = settled_manifest(of, folder / NAME)
    if manifest is None:
        return None
    copy = Copy(of, manifest, manifest.moment)
    if all(known.shape.name != module for known in manifest.modules):
        return None
    os.utime(folder)
    return View(copy, module, as_of, folder)


def _moment_of(folder: Path) -> int | None:
    moment, dash, _ = folder.name.rpartition("-")
    return int(moment) if dash and moment.lstrip("-").isdigit() else None


def _throw_away(kept: Path) -> None:
    """Views that nobody used for long, and the oldest where they are too much."""
    folders = [(_used_at(folder), folder) for folder in kept.iterdir()]
    room = MOST_OCTETS
    for used_at, folder in sorted(folders, reverse=True):
        room -= sum(file.stat().st_size for file in folder.glob("*.npy") if file.exists())
        if used_at < time.time() - GRACE / 2 or room < 0:
            shutil.rmtree(folder, ignore_errors=True)


def _used_at(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0
