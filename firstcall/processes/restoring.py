"""Bringing a backup back: all of it or nothing, in one transaction, and counted afterwards."""

from __future__ import annotations

import contextlib
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import psycopg

from firstcall.processes.backing_up import environment_for, programs
from firstcall.processes.errors import CannotRunError

type Connection = psycopg.Connection[tuple[object, ...]]

_COPY = re.compile(rb'COPY ((?:"?\w+"?\.)?"?\w+"?) .*FROM stdin;\n')
# What pg_restore says to servers that do not know it yet.
_NEWER: Final = {b"SET transaction_timeout = 0;\n": 17}
_CLEARED = b"DROP SCHEMA IF EXISTS public CASCADE;\nCREATE SCHEMA public;\n"


@dataclass(frozen=True)
class Restored:
    tables: int
    rows: int


def restore(dsn: str, file: Path, *, known: frozenset[tuple[str, str]], replace: bool = False) -> Restored:
    """Make the database what it was when the file was written.

    known    the migrations of this version: (app, name)
    replace  what is in the database goes; without it, one that is not empty is refused
    Raises CannotRunError; the database is as it was then.
    """
    with programs() as folder:
        _refuse_newer(_migrations(folder, file), known, file)
        with psycopg.connect(dsn) as connection:
            if not replace and (count := _tables(connection)):
                raise CannotRunError(
                    f"The database is not empty: it has {count} tables. To lose what is in it, say --replace; or name"
                    " another one with DATABASE_URL or --data."
                )
            major = connection.info.server_version // 10_000
        rows = _run(folder, file, dsn, major)
    with psycopg.connect(dsn) as connection:
        _verify(connection, rows)
        connection.commit()
        connection.autocommit = True
        connection.execute("ANALYZE")
    return Restored(len(rows), sum(rows.values()))


def _tables(connection: Connection) -> int:
    found = connection.execute("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    return int(str(found[0])) if found else 0


def _migrations(folder: Path, file: Path) -> set[tuple[str, str]]:
    """Those that had been run where the file was written."""
    command: list[str | Path] = [
        folder / "pg_restore",
        "--data-only",
        "--table=django_migrations",
        "--file=-",
        file,
    ]
    ended = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
    if ended.returncode != 0:
        raise CannotRunError(
            f"{file} is no backup of Firstcall, or only a part of one: {_said(ended.stderr)}"
        )
    lines = iter(ended.stdout.splitlines(keepends=True))
    for line in lines:
        if _COPY.fullmatch(line):
            columns = line[line.index(b"(") + 1 : line.index(b")")].decode().split(", ")
            app, name = columns.index("app"), columns.index("name")
            rows = [row.rstrip(b"\n").decode().split("\t") for row in _until_end(lines)]
            return {(row[app], row[name]) for row in rows}
    raise CannotRunError(f"{file} is a dump of PostgreSQL, but none of Firstcall.")


def _refuse_newer(made: set[tuple[str, str]], known: frozenset[tuple[str, str]], file: Path) -> None:
    apps = {app for app, _ in known}
    newer = sorted(f"{app} {name}" for app, name in made - known if app in apps)
    if newer:
        raise CannotRunError(
            f"{file} was written by a newer version of Firstcall ({newer[-1]}). Install that version to restore it."
        )


def _until_end(lines: Iterator[bytes]) -> Iterator[bytes]:
    for line in lines:
        if line == b"\\.\n":
            return
        yield line


def _run(folder: Path, file: Path, dsn: str, major: int) -> dict[str, int]:
    """Send the file's statements to psql in one transaction; says how many rows each table got."""
    read: list[str | Path] = [folder / "pg_restore", "--no-owner", "--no-privileges", "--file=-", file]
    write: list[str | Path] = [
        folder / "psql",
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        "--file=-",
    ]
    with tempfile.TemporaryFile() as complaints, tempfile.TemporaryFile() as output:
        reader = subprocess.Popen(read, stdout=subprocess.PIPE, stderr=complaints)  # noqa: S603
        writer = subprocess.Popen(  # noqa: S603
            write, stdin=subprocess.PIPE, stdout=output, stderr=complaints, env=environment_for(dsn)
        )
        assert reader.stdout is not None  # noqa: S101
        assert writer.stdin is not None  # noqa: S101
        rows = _relay(reader.stdout, writer.stdin, reader, writer, major)
        if reader.returncode or writer.returncode:
            complaints.seek(0)
            raise CannotRunError(f"Nothing was restored. {_said(complaints.read())}")
    return rows


def _relay(
    source: IO[bytes],
    sink: IO[bytes],
    reader: subprocess.Popen[bytes],
    writer: subprocess.Popen[bytes],
    major: int,
) -> dict[str, int]:
    rows: dict[str, int] = {}
    table = ""
    try:
        sink.write(_CLEARED)
        for line in source:
            if table:
                if line == b"\\.\n":
                    table = ""
                else:
                    rows[table] += 1
            elif found := _COPY.fullmatch(line):
                table = found[1].decode()
                rows[table] = 0
            elif major < _NEWER.get(line, 0) or line.startswith(b"CREATE SCHEMA public"):
                continue
            sink.write(line)
    except BrokenPipeError:
        reader.kill()
    if reader.wait():
        # The script broke off: psql must not take its end for the end of the transaction.
        writer.kill()
    with contextlib.suppress(BrokenPipeError):
        sink.close()
    writer.wait()
    return rows


def _verify(connection: Connection, rows: dict[str, int]) -> None:
    """Every table holds what the file held."""
    for table, expected in rows.items():
        found = connection.execute(f"SELECT COUNT(*) FROM {table}".encode()).fetchone()
        if found is None or found[0] != expected:
            raise CannotRunError(
                f"{table} has {found and found[0]} rows where the backup has {expected}. Restore it again, with"
                " nothing else using the database."
            )


def _said(output: bytes) -> str:
    return " ".join(output.decode(errors="replace").split())
