"""`firstcall web`: the web server alone."""

from __future__ import annotations

import click

from firstcall.cli.serving import configured, database_ready, refusing


@click.command("web", short_help="Run the web server alone.")
@click.option("--host", metavar="ADDRESS", help="Where it listens; 127.0.0.1 if left out.")
@click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="Its port; 8000 if left out.")
def command(host: str | None, port: int | None) -> None:
    """Run the web server alone: where `firstcall worker` runs beside it or on another machine.

    The tables must be there: `firstcall migrate` makes them.
    """
    from firstcall.processes.serving import refuse_taken_port, serve

    settings = configured(host=host, port=port)
    with refusing():
        refuse_taken_port(settings.host, settings.port)
    with database_ready(settings):
        serve(settings)
