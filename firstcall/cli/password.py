"""`firstcall password`: a new password for a user who has lost it, given on the machine of the service."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from firstcall.cli.failing import RefusedError
from firstcall.cli.serving import configured, data_option, database_in_use


@click.command("password", short_help="Give a user a new password.")
@click.argument("email")
@click.option("--make", is_flag=True, help="Make one up and print it, this once.")
@click.option("--activate", is_flag=True, help="Let a user who was made inactive sign in again.")
@data_option
def command(email: str, make: bool, activate: bool, data: Path | None) -> None:
    """Give the user with the address EMAIL a new password. It is asked for, or read from standard input; never from
    the arguments, which everybody on the machine can see.

    The user's sessions end. API tokens go on.
    """
    settings = configured(data_folder=data)
    with database_in_use(settings):
        from firstcall.access.errors import WeakPasswordError
        from firstcall.access.models import User
        from firstcall.access.passwords import make_password, set_password

        user = User.objects.filter(email=email.casefold()).first()
        if user is None:
            raise RefusedError([f"There is no user {email}."])
        if not user.is_active and not activate:
            raise RefusedError([f"{email} is inactive and could not sign in. Say --activate to change that."])
        password = make_password() if make else _ask()
        try:
            set_password(user, password)
        except WeakPasswordError as error:
            raise RefusedError(error.faults) from error
        if activate:
            User.objects.filter(pk=user.pk).update(is_active=True)
        if make:
            click.echo(password)
        click.echo(f"{user.email} has a new password; sessions by the old one have ended.", err=True)


def _ask() -> str:
    if sys.stdin.isatty():
        given: str = click.prompt("New password", hide_input=True, confirmation_prompt="Once more", err=True)
        return given
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise RefusedError(["Standard input has no password. Write it as the first line, or say --make."])
    return line
