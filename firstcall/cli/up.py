"""`firstcall up`: the whole service in the foreground."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from firstcall.cli.serving import configured, data_option, database_ready, refusing

if TYPE_CHECKING:
    from firstcall.configuration import Configuration
    from firstcall.processes.preparing import Administrator


@click.command("up", short_help="Run the service: database, web, keeper and jobs.")
@click.option("--host", metavar="ADDRESS", help="Where the web server listens; 127.0.0.1 if left out.")
@click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="Its port; 8000 if left out.")
@data_option
@click.option("--demo", is_flag=True, help="On the first run, make up a company to try things on.")
def command(host: str | None, port: int | None, data: Path | None, demo: bool) -> None:
    """Run the service in the foreground, until Ctrl-C or SIGTERM.

    Brings its own PostgreSQL, unless DATABASE_URL names one. On the first run it makes the tables and an
    administrator, whose password it prints once. A process of it that ends is started again.
    """
    from firstcall.processes.ending import stop_on_signals
    from firstcall.processes.serving import refuse_taken_port

    settings = configured(host=host, port=port, data_folder=data)
    with refusing():
        refuse_taken_port(settings.host, settings.port)
    stop = stop_on_signals()
    with database_ready(settings, own=True) as database:
        from firstcall.processes.demo import start_demo
        from firstcall.processes.everything import run_everything
        from firstcall.processes.preparing import make_administrator, migrated

        with migrated():
            # Told at once: whatever happens next, the password is on the screen.
            click.echo(_administrator_line(make_administrator(settings)), nl=False)
            begun = demo and start_demo()
        lines = _greeting(settings, kept_by_us=database.server is not None, demo=begun)
        if not stop.is_set():
            run_everything(
                settings, stop, database=database.server, announce=lambda: click.echo("\n".join(lines))
            )


def _administrator_line(made: Administrator | None) -> str:
    if made is None:
        return ""
    if made.password is None:
        return f"Made the administrator {made.email}, with the password you gave.\n"
    return (
        f"Made the administrator {made.email} with the password {made.password}, which is shown this once.\n"
    )


def _greeting(settings: Configuration, *, kept_by_us: bool, demo: bool) -> list[str]:
    from firstcall.processes.serving import address_of

    lines = [f"Firstcall runs at {settings.public_url or address_of(settings.host, settings.port)}"]
    if demo:
        lines.append("  A made-up company is on its way; it is there in a minute.")
    if kept_by_us:
        lines.append(f"  Its data are kept in {settings.data_folder.absolute()}.")
    return [*lines, "  Ctrl-C stops it."]
