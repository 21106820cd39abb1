"""`firstcall restore`: a backup back into the database."""

from __future__ import annotations

from pathlib import Path

import click

from firstcall.cli.serving import configured, data_option, database_ready


@click.command("restore", short_help="Bring a backup back.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--replace", is_flag=True, help="Lose what is in the database now.")
@data_option
def command(file: Path, replace: bool, data: Path | None) -> None:
    """Make the database what it was when FILE was written, and bring it to this version.

    All of it or nothing. Stop the service first. Scores that time has changed since are right as soon as a keeper
    runs.
    """
    settings = configured(data_folder=data)
    with database_ready(settings, own=True) as database:
        from firstcall.processes.preparing import known_migrations, migrated
        from firstcall.processes.restoring import restore

        done = restore(database.dsn, file, known=known_migrations(), replace=replace)
        with migrated():
            pass
    click.echo(f"{done.rows:,} rows in {done.tables} tables restored from {file}")
