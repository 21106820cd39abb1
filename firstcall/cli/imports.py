"""`firstcall imports`: what was imported, going on with it, undoing it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from firstcall.cli.failing import DONE, RefusedError
from firstcall.cli.importing import finish, report, told_plainly
from firstcall.cli.options import json_option, terminal_options
from firstcall.cli.pace import Pace
from firstcall.cli.serving import configured, data_option, database_in_use
from firstcall.cli.terminal import Terminal, plain, print_json


@click.group("imports", short_help="List, resume and undo imports.")
def command() -> None:
    """What was imported: list it, go on with what was stopped, undo what was wrong."""


@command.command("list")
@click.option(
    "--last", type=click.IntRange(1), default=20, show_default=True, help="So many, the newest first."
)
@data_option
@json_option
def list_imports(last: int, data: Path | None, as_json: bool) -> int:
    """The imports, the newest first."""
    with database_in_use(configured(data_folder=data)):
        from firstcall.records.importing.models import ImportRun

        runs = list(ImportRun.objects.select_related("module").order_by("-pk")[:last])
        if as_json:
            print_json([_told(run) for run in runs])
            return DONE
        for run in runs:
            about = run.module.name if run.module and run.kind == "records" else run.kind
            click.echo(
                plain(
                    f"{run.pk:>6}  {run.created_at:%Y-%m-%d %H:%M}  {run.status:<8}  {about:<12}  {run.file_name}:"
                    f" {run.done:,} rows, {run.created:,} created, {run.changed:,} changed, {run.rejected:,} rejected"
                )
            )
    return DONE


@command.command("resume")
@click.argument("number", type=click.IntRange(1))
@data_option
@terminal_options
def resume(number: int, data: Path | None, terminal: Terminal) -> int:
    """Go on with an import that was stopped in the middle."""
    with database_in_use(configured(data_folder=data)), told_plainly():
        run = _find(number)
        finish(run, terminal)
        return report(run)


@command.command("undo")
@click.argument("number", type=click.IntRange(1))
@data_option
@terminal_options
def undo(number: int, data: Path | None, terminal: Terminal) -> int:
    """Undo a whole import: what it made goes, what it changed is set back, unless somebody has changed it since."""
    with database_in_use(configured(data_folder=data)), told_plainly():
        from firstcall.moments import now
        from firstcall.records.importing.undoing import begin_undo, stays_file, undo_records

        run = begin_undo(_find(number), by=None, at=now())
        with terminal.watching() as watch:
            if run.kind == "records":
                undo_records(run, now=now, advance=Pace(watch))
            else:
                from firstcall.touchpoints.importing.undoing import undo_touchpoints

                undo_touchpoints(run, now=now, advance=Pace(watch))
        run.refresh_from_db()
        click.echo(f"Import {run.pk} is undone.")
        if stays := run.position.get("stays"):
            click.echo(f"{stays:,} things were changed since and stay: {stays_file(run)}")
    return DONE


def _find(number: int) -> Any:
    from firstcall.records.importing.models import ImportRun

    run = ImportRun.objects.select_related("module").filter(pk=number).first()
    if run is None:
        raise RefusedError([f"There is no import {number}. List them with: firstcall imports list"])
    return run


def _told(run: Any) -> dict[str, Any]:
    names = (
        "id",
        "kind",
        "file_name",
        "status",
        "total",
        "done",
        "created",
        "changed",
        "unchanged",
        "rejected",
    )
    return {name: getattr(run, name) for name in names} | {"notes": run.notes}
