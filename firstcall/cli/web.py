"""`firstcall web`: the web server alone."""

from __future__ import annotations

import click

from firstcall.cli.serving import configured, refusing


@click.command("web", short_help="Run the web server alone.")
@click.option("--host", metavar="ADDRESS", help="Where it listens; 127.0.0.1 if left out.")
@click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="Its port; 8000 if left out.")
def command(host: str | None, port: int | None) -> None:
    """Run the web server alone: where `firstcall worker` runs beside it or on another machine.

    The tables must be there: `firstcall migrate` makes them.
    """
    from firstcall.processes.database import opened_database
    from firstcall.processes.serving import refuse_taken_port, serve
    from firstcall.secret_key import keep_secret_key

    settings = configured(host=host, port=port)
    with refusing():
        refuse_taken_port(settings.host, settings.port)
    # The processes that answer set Django up, each for itself.
    with refusing(), opened_database(settings, say=lambda line: click.echo(line, err=True)):
        keep_secret_key(settings)
        serve(settings)
