"""`firstcall backup`: the whole database in one file."""

from __future__ import annotations

from pathlib import Path

import click

from firstcall.cli.serving import configured, data_option, refusing


@click.command("backup", short_help="Write the whole database to a file.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@data_option
def command(file: Path, data: Path | None) -> None:
    """Write the whole database to FILE, as it is at this moment; the service may run meanwhile.

    FILE is replaced if it is there, once the new one is whole. The secret key is not in it.
    """
    from firstcall.processes.backing_up import back_up
    from firstcall.processes.database import opened_database, refuse_no_database

    settings = configured(data_folder=data)
    with refusing():
        refuse_no_database(settings)
    with refusing(), opened_database(settings) as database:
        size = back_up(database.dsn, file)
    click.echo(f"{file}: {size:,} bytes written")
