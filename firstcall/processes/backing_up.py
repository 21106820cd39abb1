"""Copies of the whole database in one file, by PostgreSQL's own programs: its custom format, compressed."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from firstcall.engines.embedded_postgres import EmbeddedPostgresError, find_binaries
from firstcall.processes.errors import CannotRunError


def back_up(dsn: str, target: Path) -> int:
    """Write the file, as of the moment it begins, whatever is written meanwhile; says how many bytes.

    It comes to be whole or not at all, and is readable to its owner alone.
    """
    if not target.parent.is_dir():
        raise CannotRunError(f"There is no folder {target.parent}. Make it first.")
    partial = target.with_name(f"{target.name}.partial")
    try:
        with programs() as folder:
            # Its owner's alone from the first byte.
            os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
            options = ["--format=custom", "--no-owner", "--no-privileges", f"--file={partial}"]
            run_program(folder / "pg_dump", options, dsn)
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    _note(dsn)
    return target.stat().st_size


def _note(dsn: str) -> None:
    """When it was, for people who ask whether there is one. A database that is only read knows nothing of it."""
    statement = """
INSERT INTO counts_sighting (name, at)
VALUES ('backup', CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT))
ON CONFLICT (name) DO UPDATE SET at = EXCLUDED.at"""
    with contextlib.suppress(psycopg.Error), psycopg.connect(dsn) as connection:
        connection.execute(statement)


@contextlib.contextmanager
def programs() -> Iterator[Path]:
    """The folder of pg_dump and its like: of the PostgreSQL that Firstcall brings, which reads all older ones."""
    try:
        with find_binaries(None) as folder:
            yield folder
    except EmbeddedPostgresError as error:
        raise CannotRunError(str(error)) from error


def run_program(program: Path, options: list[str], dsn: str) -> None:
    """To its end. Raises CannotRunError with what it said."""
    ended = subprocess.run(  # noqa: S603
        [program, *options],
        env=environment_for(dsn),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if ended.returncode != 0:
        raise CannotRunError(f"{program.name}: {ended.stderr.decode(errors='replace').strip()}")


_VARIABLES = {
    "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER",
    "password": "PGPASSWORD", "passfile": "PGPASSFILE", "service": "PGSERVICE", "sslmode": "PGSSLMODE",
    "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "sslrootcert": "PGSSLROOTCERT", "options": "PGOPTIONS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}  # fmt: skip


def environment_for(dsn: str) -> dict[str, str]:
    """Where the programs find the database: in the environment, as arguments are seen by every user of the machine."""
    told = {
        _VARIABLES[name]: str(value) for name, value in conninfo_to_dict(dsn).items() if name in _VARIABLES
    }
    with psycopg.connect(dsn) as connection:
        told.setdefault("PGDATABASE", connection.info.dbname)
    return {**os.environ, "LC_ALL": "C", **told}
