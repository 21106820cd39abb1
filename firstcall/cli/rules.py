"""`firstcall rules`: the service's scoring rules as files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from firstcall.cli.failing import RefusedError, sorted_problems
from firstcall.cli.serving import configured, data_option, database_in_use

if TYPE_CHECKING:
    from firstcall.scorekeeping.texts import RuleFile

type Action = Literal["push", "pull", "diff", "preview"]


@click.command("rules", short_help="The service's scoring rules as files.")
@click.argument("action", type=click.Choice(["push", "pull", "diff", "preview"]))
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--activate", is_flag=True, help="With push: let the versions that are new score from now on.")
@data_option
def command(action: Action, paths: tuple[Path, ...], activate: bool, data: Path | None) -> None:
    """Keep the service's scoring rules as files.

    \b
    push FILE...  store what is new in the files: rules, and versions of rules
    diff FILE...  say in words what push would change
    pull FOLDER   write the newest version of every rule into the folder
    preview FILE  say what the draft would do to every record, against the rule that scores
    """
    if activate and action != "push":
        raise click.UsageError("--activate goes with push.")
    if action == "pull" and len(paths) != 1:
        raise click.UsageError("pull takes one folder.")
    if action == "preview" and len(paths) != 1:
        raise click.UsageError("preview takes one file.")
    files = [] if action == "pull" else _read(paths)
    with database_in_use(configured(data_folder=data)):
        from firstcall.scorekeeping.errors import InvalidRuleError

        try:
            match action:
                case "push":
                    _push(files, activate=activate)
                case "diff":
                    _diff(files)
                case "preview":
                    _preview(files[0])
                case "pull":
                    _pull(paths[0])
        except InvalidRuleError as error:
            raise RefusedError(sorted_problems(error.problems)) from error


def _read(paths: Sequence[Path]) -> list[RuleFile]:
    from firstcall.scorekeeping.texts import rule_file

    files, wrong = [], []
    for path in paths:
        try:
            files.append(rule_file(str(path), path.read_bytes().decode("utf-8")))
        except UnicodeDecodeError:
            wrong.append(f"{path}: The text is not UTF-8. Save the file as UTF-8.")
        except OSError as error:
            wrong.append(f"{path}: {error.strerror}.")
    if wrong:
        raise RefusedError(wrong)
    return files


def _push(files: Sequence[RuleFile], *, activate: bool) -> None:
    from django.db import transaction

    from firstcall.moments import now
    from firstcall.scorekeeping.files import push
    from firstcall.scorekeeping.switching import activate as switch_on

    at = now()
    with transaction.atomic():
        pushed = push(files, at=at)
        for one in pushed:
            if activate and one.version.rule.active_id != one.version.pk:
                switch_on(one.version, at=at)
    for one in pushed:
        if one.text != one.file.text:
            Path(one.file.name).write_text(one.text, "utf-8")
        scores = ", active" if activate or one.version.rule.active_id == one.version.pk else ""
        click.echo(f"{one.file.name}: {one.version}: {one.did}{scores}")


def _diff(files: Sequence[RuleFile]) -> None:
    from firstcall.scorekeeping.files import changes

    for file, said in changes(files):
        for line in said or ["Nothing would change."]:
            click.echo(f"{file.name}: {line}")


def _preview(file: RuleFile) -> None:
    from firstcall.cli.preview_report import report
    from firstcall.columns.reading import NoCopyError
    from firstcall.insights.previewing.asking import preview_text
    from firstcall.moments import now

    at = now()
    try:
        found = preview_text(file.text, now=at)
    except NoCopyError as error:
        raise RefusedError([str(error)]) from error
    for line in report(found, at):
        click.echo(line)


def _pull(folder: Path) -> None:
    from firstcall.scorekeeping.files import pulled
    from firstcall.scorekeeping.models import StoredRule

    folder.mkdir(parents=True, exist_ok=True)
    paths = [path for path in sorted(folder.iterdir()) if path.suffix in (".yaml", ".yml", ".json")]
    known = [replace(file, name=Path(file.name).name) for file in _read(paths)]
    for name, text in pulled(known, StoredRule.objects.select_related("module").order_by("pk")):
        path = folder / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            click.echo(f"{path}: written")
