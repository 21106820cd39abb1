"""DuckDB over the files of the copy: bounded in memory and processors, with a folder to spill to, and no network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

MEMORY, THREADS = "2GB", 2


@contextmanager
def duck(spill: Path, *, memory: str = MEMORY, threads: int = THREADS) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "temp_directory": str(spill),
            "memory_limit": memory,
            "threads": threads,
            "preserve_insertion_order": False,
        }
    )
    try:
        yield connection
    finally:
        connection.close()


def files_sql(paths: Iterable[Path]) -> str:
    """The rows of these files, of which there is one at least."""
    return f"read_parquet([{', '.join(map(quoted, paths))}])"


def quoted(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"
