"""`firstcall migrate`: the tables as this version has them."""

from __future__ import annotations

from pathlib import Path

import click

from firstcall.cli.serving import configured, data_option, database_ready


@click.command("migrate", short_help="Bring the database to this version.")
@data_option
def command(data: Path | None) -> None:
    """Make or change the tables so that they are as this version has them. `firstcall up` does it by itself.

    Refuses a database that a newer version has used. May run on several machines at once: one does it, the
    others wait.
    """
    settings = configured(data_folder=data)
    with database_ready(settings):
        from firstcall.processes.preparing import migrated

        with migrated() as done:
            for name in done:
                click.echo(name)
            click.echo(
                f"{len(done)} migrations done." if done else "Nothing to do: the tables are up to date."
            )
