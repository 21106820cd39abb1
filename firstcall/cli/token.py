"""`firstcall token`: an API token for a program, made on the machine of the service."""

from __future__ import annotations

from pathlib import Path

import click

from firstcall.cli.failing import RefusedError
from firstcall.cli.serving import configured, data_option, database_in_use


@click.command("token", short_help="Make an API token.")
@click.argument("name")
@click.option("--user", metavar="EMAIL", help="In whose name it acts; the first administrator if left out.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="SCOPE",
    help="What it may do, such as records:read; repeat it for several. All that its user may if left out.",
)
@click.option("--days", type=click.IntRange(1, 36_500), metavar="N", help="It expires after so many days.")
@data_option
def command(
    name: str, user: str | None, scopes: tuple[str, ...], days: int | None, data: Path | None
) -> None:
    """Make an API token called NAME and print it. It is shown this once; the service keeps but its digest."""
    settings = configured(data_folder=data)
    with database_in_use(settings):
        from datetime import timedelta

        from firstcall.access.models import User
        from firstcall.access.scopes import Scope
        from firstcall.access.tokens import NameTakenError, issue_token
        from firstcall.moments import now

        faults = []
        whose = User.objects.filter(email=(user or settings.admin_email).casefold(), is_active=True).first()
        if whose is None:
            faults.append(f"There is no user {user or settings.admin_email}. Name one with --user.")
        unknown = [scope for scope in scopes if scope not in list(Scope)]
        faults += [f"There is no scope {scope}. There are: {', '.join(Scope)}." for scope in unknown]
        if whose is None or faults:
            raise RefusedError(faults)
        chosen = [Scope(scope) for scope in scopes] or [scope for scope in Scope if whose.may(scope)]
        at = now()
        ends = None if days is None else at + timedelta(days=days)
        try:
            _, secret = issue_token(whose, name, chosen, at=at, expires_at=ends)
        except NameTakenError as error:
            raise RefusedError([f"{error} Choose another name."]) from error
        click.echo(secret)
