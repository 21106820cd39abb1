"""What the commands of the service share: their settings, the database, and how they are set up."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from firstcall.cli.failing import RefusedError

if TYPE_CHECKING:
    from firstcall.configuration import Configuration
    from firstcall.processes.database import Database

type Command = Callable[..., Any]


def data_option(command: Command) -> Command:
    """--data FOLDER."""
    return click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="FOLDER",
        help="Where the database and the secret key are kept, instead of FIRSTCALL_DATA_FOLDER.",
    )(command)


def configured(**given: object) -> Configuration:
    """The settings; what a command line gives goes before all, and children see it too."""
    from firstcall.configuration import ConfigurationError, configuration, variable_of

    for name, value in given.items():
        if value is not None:
            os.environ[variable_of(name)] = str(value)
    configuration.cache_clear()
    try:
        return configuration()
    except ConfigurationError as error:
        raise RefusedError(error.faults) from error


@contextlib.contextmanager
def refusing() -> Iterator[None]:
    """What is in the way is printed as it is, without a traceback."""
    from firstcall.engines.embedded_postgres import EmbeddedPostgresError
    from firstcall.processes.errors import CannotRunError

    try:
        yield
    except (CannotRunError, EmbeddedPostgresError) as error:
        raise RefusedError([str(error)]) from error


@contextlib.contextmanager
def database_ready(settings: Configuration, *, own: bool = False) -> Iterator[Database]:
    """The database is reachable, and Django is set up on it."""
    from firstcall.processes.database import opened_database
    from firstcall.processes.setting_up import set_up

    with refusing(), opened_database(settings, own=own, say=_say) as database:
        set_up(configured())
        yield database


@contextlib.contextmanager
def database_in_use(settings: Configuration) -> Iterator[Database]:
    """As `database_ready`, for commands on what a service holds: of none that never ran, nothing is made."""
    from firstcall.processes.database import refuse_no_database

    with refusing():
        refuse_no_database(settings)
    with database_ready(settings) as database:
        from firstcall.processes.preparing import refuse_other_tables

        with refusing():
            refuse_other_tables()
        yield database


def _say(line: str) -> None:
    click.echo(line, err=True)
