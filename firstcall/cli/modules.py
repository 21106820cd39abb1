"""`firstcall modules`: the service's modules, fields and layouts as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from firstcall.cli.failing import RefusedError, line_of
from firstcall.cli.serving import configured, data_option, database_in_use

if TYPE_CHECKING:
    from firstcall.records.defining.reading import LoadedModules

type Action = Literal["push", "pull", "diff"]


@click.command("modules", short_help="The service's modules, fields and layouts as files.")
@click.argument("action", type=click.Choice(["push", "pull", "diff"]))
@click.argument("paths", metavar="[FILE]...", nargs=-1, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="With push: say what would change, and change nothing.")
@click.option(
    "--exact",
    is_flag=True,
    help="With push and diff: fields and layouts that no file names go, with their values.",
)
@data_option
def command(action: Action, paths: tuple[Path, ...], dry_run: bool, exact: bool, data: Path | None) -> None:
    """Keep the service's modules as YAML files.

    \b
    push FILE...  make modules, fields and layouts as the files say
    diff FILE...  say in words what push would change
    pull [FILE]   write all modules into the file, or print them
    """
    _check_usage(action, paths, dry_run=dry_run, exact=exact)
    with database_in_use(configured(data_folder=data)):
        if action == "pull":
            _pull(paths[0] if paths else None)
        else:
            _push(_read(paths), exact=exact, dry_run=dry_run or action == "diff")


def _check_usage(action: Action, paths: Sequence[Path], *, dry_run: bool, exact: bool) -> None:
    if action == "pull" and len(paths) > 1:
        raise click.UsageError("pull takes one file, or none.")
    if action != "pull" and not paths:
        raise click.UsageError(f"{action} takes at least one file.")
    if dry_run and action != "push":
        raise click.UsageError("--dry-run goes with push.")
    if exact and action == "pull":
        raise click.UsageError("--exact goes with push and diff.")


def _read(paths: Sequence[Path]) -> list[LoadedModules]:
    """Every file, or every problem of all of them."""
    from firstcall.records.defining.reading import read_modules
    from firstcall.records.errors import InvalidModulesError

    loaded, wrong = [], []
    for path in paths:
        try:
            loaded.append(read_modules(path.read_bytes(), str(path)))
        except InvalidModulesError as error:
            wrong += [line_of(problem) for problem in error.problems]
        except OSError as error:
            wrong.append(f"{path}: {error.strerror}.")
    if wrong:
        raise RefusedError(wrong)
    return loaded


def _push(files: Sequence[LoadedModules], *, exact: bool, dry_run: bool) -> None:
    from firstcall.records.defining.actions import define_modules
    from firstcall.records.defining.reading import placed_in
    from firstcall.records.errors import InvalidModulesError

    try:
        done = define_modules([s for file in files for s in file.shapes], exact=exact, dry_run=dry_run)
    except InvalidModulesError as error:
        raise RefusedError([line_of(problem) for problem in placed_in(files, error.problems)]) from error
    for line in done.differences or ["Nothing would change." if dry_run else "Nothing has changed."]:
        click.echo(line)


def _pull(path: Path | None) -> None:
    from firstcall.records.defining.shapes import shape_of
    from firstcall.records.defining.writing import write_modules
    from firstcall.records.models import Module

    text = write_modules(shape_of(module) for module in Module.objects.order_by("pk"))
    if path is None:
        click.echo(text, nl=False)
    else:
        path.write_text(text, "utf-8")
        click.echo(f"{path}: written")
