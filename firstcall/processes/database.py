"""The database of a command: the one at DATABASE_URL, or the one that Firstcall brings and runs itself."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from firstcall.configuration import Configuration, configuration
from firstcall.engines.embedded_postgres import EmbeddedPostgres, find_running
from firstcall.processes.errors import CannotRunError

OLDEST = 15
_PATIENCE = 30.0  # seconds; the database may be starting together with this


@dataclass(frozen=True)
class Database:
    """dsn     where it is
    server  the process, where it is this command's own
    """

    dsn: str
    server: EmbeddedPostgres | None = None


@contextlib.contextmanager
def opened_database(
    settings: Configuration, *, own: bool = False, say: Callable[[str], None] = lambda _: None
) -> Iterator[Database]:
    """The database, reachable and new enough; this process and its children know it as DATABASE_URL from here on.

    own  it may not be the one that another command runs
    """
    with contextlib.ExitStack() as exits:
        database = _find(settings, own, exits)
        _wait_for(database.dsn, say)
        os.environ["DATABASE_URL"] = database.dsn
        configuration.cache_clear()
        yield database


def _find(settings: Configuration, own: bool, exits: contextlib.ExitStack) -> Database:
    if given := settings.database_url.get_secret_value():
        return Database(given)
    folder = folder_of(settings)
    if not own and (running := find_running(folder)):
        return Database(running)
    make_data_folder(settings)
    server = exits.enter_context(EmbeddedPostgres(folder))
    return Database(server.dsn, server)


def refuse_no_database(settings: Configuration) -> None:
    """Raises CannotRunError where the folder holds none: it is hardly the one that was meant."""
    if settings.database_url.get_secret_value() or (folder_of(settings) / "cluster" / "PG_VERSION").exists():
        return
    raise CannotRunError(
        f"There is no database in {settings.data_folder.absolute()}. Start the service there with `firstcall up`, or"
        " name the folder of another with --data."
    )


def folder_of(settings: Configuration) -> Path:
    return settings.data_folder.absolute() / "postgres"


def make_data_folder(settings: Configuration) -> None:
    """Others may pass through it where another user runs the database, and see nothing."""
    settings.data_folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)


def _wait_for(dsn: str, say: Callable[[str], None]) -> None:
    deadline = time.monotonic() + _PATIENCE
    told = False
    while True:
        try:
            with psycopg.connect(dsn, connect_timeout=5) as connection:
                _check_version(connection)
                return
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline or _is_final(str(error)):
                raise CannotRunError(
                    f"The database does not answer: {' '.join(str(error).split())} Start it, or correct DATABASE_URL."
                ) from None
            if not told:
                say("Waiting for the database.")
                told = True
            time.sleep(0.5)


def _is_final(said: str) -> bool:
    """Whether the server answered, and will say the same the next time: a wrong password, no such database."""
    return "FATAL" in said and not re.search(
        "starting up|shutting down|not yet accepting|recovery|too many", said
    )


def _check_version(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    major = connection.info.server_version // 10_000
    if major < OLDEST:
        raise CannotRunError(
            f"The database is PostgreSQL {major}, and Firstcall needs {OLDEST} or newer. Upgrade it, or unset"
            " DATABASE_URL to use the one that Firstcall brings."
        )
