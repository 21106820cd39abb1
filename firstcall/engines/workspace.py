"""One DuckDB connection for a command: bounded memory, a private folder to spill to, no network, progress."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

import duckdb

type Progress = Callable[[str, float | None], None]
"""Told what is going on and how much of it is done (0 to 1, None where nobody knows)."""


class Workspace:
    """A connection and a folder of its own, both gone on leaving.

    memory   what DuckDB may hold before it spills to the folder, such as "4GB"; DuckDB's own default is
             four fifths of the machine's
    """

    def __init__(
        self, *, memory: str | None = None, threads: int | None = None, progress: Progress | None = None
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="firstcall-"))
        self.progress = progress
        # Extensions are never fetched: the same command works, and does the same, without a network.
        self.connection = duckdb.connect(
            config={
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "temp_directory": str(self.folder / "spill"),
                **({"memory_limit": memory} if memory else {}),
                **({"threads": threads} if threads else {}),
            }
        )

        self._cursors: list[duckdb.DuckDBPyConnection] = []

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A second connection to the same tables, to read rows while the first is used for something else."""
        cursor = self.connection.cursor()
        self._cursors.append(cursor)
        return cursor

    def interrupt(self) -> None:
        """End what the connections are at with an error; may be called from a signal's handler."""
        for connection in (self.connection, *self._cursors):
            connection.interrupt()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the memory and the folder back."""
        self.connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(
        self, sql: str, parameters: Mapping[str, object] | None = None, *, doing: str = ""
    ) -> duckdb.DuckDBPyConnection:
        """Execute one statement, telling `progress` how far it is."""
        if self.progress is None or not doing:
            return self.connection.execute(sql, dict(parameters or {}))
        done = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(doing, done), daemon=True)
        watcher.start()
        try:
            return self.connection.execute(sql, dict(parameters or {}))
        finally:
            done.set()
            watcher.join()

    def _watch(self, doing: str, done: threading.Event) -> None:
        while self.progress and not done.wait(0.2):
            percent = self.connection.query_progress()
            self.progress(doing, percent / 100 if percent >= 0 else None)
