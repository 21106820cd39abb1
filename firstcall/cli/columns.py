"""`firstcall columns`: the columnar copy on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from firstcall.cli.serving import configured, data_option, database_in_use

if TYPE_CHECKING:
    from firstcall.columns.status import Status

type Action = Literal["status", "rebuild"]


@click.command("columns", short_help="The columnar copy: how far it is, and building it anew.")
@click.argument("action", type=click.Choice(["status", "rebuild"]))
@data_option
def command(action: Action, data: Path | None) -> None:
    """The columnar copy of records and touchpoints on this machine, which previews and backtests read.

    \b
    status   say how far it is
    rebuild  build it as a whole, out of the database; the old one is read until the new one is there
    """
    with database_in_use(configured(data_folder=data)):
        from firstcall.columns.status import status
        from firstcall.moments import now

        if action == "rebuild":
            _rebuild()
        for line in told(status(now=now())):
            click.echo(line)


def _rebuild() -> None:
    from firstcall.columns.folder import ask_anew, copy_folder, held
    from firstcall.columns.following import Follower
    from firstcall.moments import now

    with held(copy_folder()) as is_mine:
        if is_mine:
            Follower(copy_folder(), now=now).step(anew=True)
        else:
            ask_anew(copy_folder())
            click.echo("A process here follows the database: it builds the copy anew, from now on.")


def told(status: Status) -> list[str]:
    if status.shown_at is None or status.behind is None:
        return [
            f"{status.folder}: no copy yet. `firstcall up`, or `firstcall worker` on this machine, builds it."
        ]
    return [
        f"{status.folder}: {status.records:,} records, {status.touchpoints:,} touchpoints, in {status.files} files"
        f" of {status.octets / 1_000_000:,.1f} MB together",
        f"shows the database as of {status.shown_at:%Y-%m-%d %H:%M:%S} UTC, {status.behind:,.0f} s ago",
    ]
