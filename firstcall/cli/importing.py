"""`firstcall import`: a file of records or touchpoints into the service's database."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import click

from firstcall.cli.failing import DONE, PROBLEMS, RefusedError
from firstcall.cli.import_options import import_options, records_asked, touchpoints_asked
from firstcall.cli.options import json_option, terminal_options
from firstcall.cli.pace import Pace
from firstcall.cli.serving import configured, data_option, database_in_use
from firstcall.cli.terminal import Terminal, plain, print_json


@click.command("import", short_help="Import a file of records or touchpoints.")
@click.argument("what", metavar="MODULE|touchpoints")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be done, with all problems; write nothing.")
@click.option(
    "--rejects", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Where the rows go that were left out, with the reasons; into the data folder if left out.",
)  # fmt: skip
@click.option(
    "--create-module", is_flag=True, help="Make the module if there is none; goes with --create-fields."
)
@click.option("--user", metavar="EMAIL", help="In whose name; nobody's if left out.")
@import_options
@data_option
@json_option
@terminal_options
def command(
    what: str,
    file: Path,
    dry_run: bool,
    rejects: Path | None,
    create_module: bool,
    user: str | None,
    data: Path | None,
    as_json: bool,
    terminal: Terminal,
    **given: Any,
) -> int:
    """Import FILE (CSV, Excel, JSON lines or Parquet) into leads, contacts, accounts, deals, a module of your own, or
    as touchpoints.

    Columns are mapped by themselves where they are known. Records are found by their ids, e-mail addresses or phone
    numbers, and changed; those that are not found are made. Stopped in the middle, it goes on with
    `firstcall imports resume`.
    """
    records = what != "touchpoints"
    if dry_run and not records:
        raise click.UsageError("--dry-run goes with records.")
    if create_module and dry_run:
        raise click.UsageError("--create-module goes without --dry-run.")
    with database_in_use(configured(data_folder=data)), told_plainly():
        asked = records_asked(given) if records else touchpoints_asked(given, file.stem)
        who = _user(user)
        if create_module and records:
            _make_module(what)
        if dry_run:
            return _try(what, file, asked, who, rejects, as_json, terminal)
        run = _begin(
            what if records else asked.wishes.module, "records" if records else what, file, asked, who
        )
        try:
            finish(run, terminal)
        except KeyboardInterrupt:
            click.echo(f"Go on with: firstcall imports resume {run.pk}", err=True)
            raise
        return report(run, rejects, as_json)


def _user(email: str | None) -> Any:
    from firstcall.access.models import User

    if email is None:
        return None
    found = User.objects.filter(email=email.casefold(), is_active=True).first()
    if found is None:
        raise RefusedError([f"There is no user {email}."])
    return found


def find_module(name: str) -> Any:
    """Raises RefusedError."""
    from firstcall.records.models import Module
    from firstcall.scoring.problems import nearest

    found = Module.objects.filter(name=name).first()
    if found is None:
        names = [*Module.objects.order_by("name").values_list("name", flat=True), "touchpoints"]
        near = nearest(name, names)
        known = f"Did you mean {near}?" if near else f"There are: {', '.join(names)}."
        raise RefusedError([f"There is no module {name}. {known}"])
    return found


def _make_module(name: str) -> None:
    from firstcall.records.importing.making import make_module
    from firstcall.records.models import Module

    if not Module.objects.filter(name=name).exists():
        make_module(name, name.replace("_", " ").capitalize())


def _begin(module: str, kind: str, file: Path, asked: Any, who: Any) -> Any:
    from firstcall.moments import now
    from firstcall.records.importing.starting import begin_import

    return begin_import(kind, file, asked.to_json(), at=now(), by=who, module=find_module(module))


def finish(run: Any, terminal: Terminal) -> None:
    """Do an import, or go on with it, in this process."""
    from firstcall.moments import now
    from firstcall.records.importing.driving import drive

    with terminal.watching() as watch:
        if run.kind == "records":
            from firstcall.records.importing.asking import Asked
            from firstcall.records.importing.records_way import RecordsWay

            file = Asked.from_json(run.wishes).file
            drive(run, RecordsWay(run), file, now=now, advance=Pace(watch))
        else:
            from firstcall.touchpoints.importing.asking import TouchpointsAsked
            from firstcall.touchpoints.importing.touchpoints_way import TouchpointsWay

            file = TouchpointsAsked.from_json(run.wishes).file
            drive(run, TouchpointsWay(run), file, now=now, advance=Pace(watch))
    run.refresh_from_db()


def report(run: Any, rejects: Path | None = None, as_json: bool = False) -> int:
    """Tell what came of an import."""
    from firstcall.records.importing.rejecting import find_rejects

    place = find_rejects(run.folder)
    if place is not None and rejects is not None:
        shutil.copyfile(place, rejects)
        place = rejects
    if as_json:
        names = ("id", "file_name", "status", "total", "created", "changed", "unchanged", "rejected", "notes")
        print_json({name: getattr(run, name) for name in names} | {"rejects": place and str(place)})
        return DONE
    counts = ", ".join(
        f"{getattr(run, name):,} {name}" for name in ("created", "changed", "unchanged", "rejected")
    )
    lines = [f"{run.file_name}: {run.total or 0:,} rows: {counts}.", *run.notes]
    if place is not None:
        lines.append(f"The rejected rows, with the reasons: {place}")
    lines.append(f"This was import {run.pk}. Undo it with: firstcall imports undo {run.pk}")
    click.echo("\n".join(plain(line) for line in lines))
    return DONE


def _try(
    what: str, file: Path, asked: Any, who: Any, rejects: Path | None, as_json: bool, terminal: Terminal
) -> int:
    from firstcall.moments import now
    from firstcall.records.importing.trying import try_import

    with tempfile.TemporaryDirectory(prefix="firstcall-") as folder, terminal.watching() as watch:
        trial = try_import(
            find_module(what), str(file), Path(folder), asked, by=who, now=now, advance=Pace(watch)
        )
        if trial.rejects is not None and rejects is not None:
            shutil.copyfile(trial.rejects, rejects)
    told = trial.to_json()
    if as_json:
        print_json(told)
    else:
        click.echo("\n".join(plain(line) for line in _trial_lines(told)))
    return PROBLEMS if trial.problems else DONE


def _trial_lines(told: dict[str, Any]) -> list[str]:
    lines = [
        f"{told['rows']:,} rows: {told['would_create']:,} would be created, {told['would_change']:,} changed,"
        f" {told['unchanged']:,} unchanged, {told['rejected']:,} rejected. Nothing was written.",
        f"Records are found by: {told['found_by'] or 'nothing'}",
    ]
    lines += [f"  {column['column']} -> {column['field']} ({column['kind']})" for column in told["columns"]]
    lines += told["notes"]
    for problem in told["problems"]:
        place = f"{problem['column']}: " if problem["column"] else ""
        like = f"; like {', '.join(problem['like'])}" if problem["like"] else ""
        first = ", ".join(map(str, problem["first_rows"]))
        lines.append(f"{place}{problem['says']}: {problem['rows']:,} rows, first: line {first}{like}")
    return lines


class told_plainly:  # noqa: N801  reads as a word
    """What keeps a file out is printed as it is."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        from firstcall.records.errors import InvalidFilterError, InvalidValuesError
        from firstcall.records.importing.errors import ImportRefusedError
        from firstcall.records.importing.undoing import NotUndoableError

        if isinstance(error, ImportRefusedError | InvalidFilterError):
            raise RefusedError(error.problems) from error
        if isinstance(error, InvalidValuesError | NotUndoableError):
            raise RefusedError(str(error).splitlines()) from error
