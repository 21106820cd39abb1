"""`firstcall worker`: the work beside the web server."""

from __future__ import annotations

import click

from firstcall.cli.serving import configured, database_ready


@click.command("worker", short_help="Keep scores right and do jobs, without the web server.")
@click.option(
    "--only",
    type=click.Choice(["keeper", "jobs", "columns"]),
    help="One of these: keeping scores right, jobs, or this machine's columnar copy.",
)
def command(only: str | None) -> None:
    """Keep scores right, do jobs, and follow the database with this machine's columnar copy, until Ctrl-C or SIGTERM.

    Any number may run, on any number of machines.

    The tables must be there: `firstcall migrate` makes them.
    """
    settings = configured()
    with database_ready(settings):
        from firstcall.processes.working import WORKS, do_works

        do_works((only,) if only else WORKS, settings)
