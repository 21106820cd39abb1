"""Building the copy as a whole: every record and touchpoint that counts, out of PostgreSQL into sorted files."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import duckdb

from firstcall.columns.duck import files_sql, quoted
from firstcall.columns.fetching import fetched
from firstcall.columns.manifest import File, ModuleCopy, ModuleShape, Pile
from firstcall.columns.piles import Piling
from firstcall.columns.shapes import (
    HISTORY,
    HISTORY_FETCHED,
    HISTORY_QUERY,
    RECORDS,
    RECORDS_FETCHED,
    RECORDS_QUERY,
    TOUCHPOINTS,
    TOUCHPOINTS_FETCHED,
    TOUCHPOINTS_QUERY,
    history_rows,
    record_rows,
    touchpoint_rows,
)
from firstcall.columns.states import Surroundings


class Everything(TypedDict):
    modules: tuple[ModuleCopy, ...]
    touchpoints: Pile
    history: Pile
    properties: dict[str, str]


def numbered(properties: Iterable[str]) -> dict[str, str]:
    """What each property's column is called."""
    return {name: f"p{n}" for n, name in enumerate(properties, 1)}


@dataclass(frozen=True)
class Build:
    """In the transaction of whoever asks, which sees one state of the database.

    work  a folder for what is only needed on the way
    """

    db: duckdb.DuckDBPyConnection
    folder: Path
    work: Path

    def everything(self, there: Surroundings) -> Everything:
        properties = numbered(there.properties)
        modules = tuple(self.module(shape) for shape in there.shapes)
        return Everything(
            modules=modules,
            touchpoints=self._touchpoints(properties),
            history=self._history(),
            properties=properties,
        )

    def module(self, shape: ModuleShape) -> ModuleCopy:
        folder = self._folder(f"module-{shape.id}")
        staged = []
        for n, source in enumerate(fetched(RECORDS_QUERY.format(module=shape.id), folder, RECORDS_FETCHED)):
            staged.append(self._stage(record_rows(shape, source), folder / f"{n}.parquet"))
        piling = Piling(self.db, self.folder, RECORDS)
        return ModuleCopy(shape, Pile(self._parts(piling, staged)))

    def _history(self) -> Pile:
        folder = self._folder("history")
        staged = [
            self._stage(history_rows(source), folder / f"{n}.parquet")
            for n, source in enumerate(fetched(HISTORY_QUERY, folder, HISTORY_FETCHED))
        ]
        return Pile(self._parts(Piling(self.db, self.folder, HISTORY), staged))

    def _touchpoints(self, properties: dict[str, str]) -> Pile:
        folder, staged = self._folder("touchpoints"), list[Future[Path]]()
        # The next portion is fetched while one is made into columns.
        with ThreadPoolExecutor(1) as pool:
            for n, source in enumerate(fetched(TOUCHPOINTS_QUERY, folder, TOUCHPOINTS_FETCHED)):
                rows = touchpoint_rows(properties, source)
                staged.append(
                    pool.submit(self._stage, rows, folder / f"{n}.parquet", folder / f"fetched-{n}.csv")
                )
                if n > 1:
                    staged[n - 2].result()
            paths = [one.result() for one in staged]
        return Pile(self._parts(Piling(self.db, self.folder, TOUCHPOINTS), paths))

    def _stage(self, rows: str, path: Path, used: Path | None = None) -> Path:
        cursor = self.db.cursor()
        cursor.execute(f"COPY ({rows}) TO {quoted(path)} (FORMAT parquet, COMPRESSION snappy)")
        if used is not None:
            used.unlink()
        return path

    def _parts(self, piling: Piling, staged: list[Path]) -> tuple[File, ...]:
        return piling.parts_of(f"SELECT * FROM {files_sql(staged)}") if staged else ()

    def _folder(self, name: str) -> Path:
        folder = self.work / name
        folder.mkdir()
        return folder
