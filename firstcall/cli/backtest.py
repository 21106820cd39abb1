"""`firstcall backtest`: how well a rule would have told won from lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from firstcall.cli.failing import RefusedError
from firstcall.cli.opening import (
    Files,
    check_rules,
    choose_moment,
    module_of,
    opened,
    read_rules,
    settle_rejects,
)
from firstcall.cli.options import (
    as_of_field_option,
    as_of_option,
    files_options,
    json_option,
    memory_option,
    rejects_options,
    terminal_options,
)
from firstcall.cli.serving import data_option
from firstcall.cli.stored_backtest import backtest_of_stored
from firstcall.cli.terminal import Terminal, print_json

if TYPE_CHECKING:
    from firstcall.insights.backtesting import Backtest
    from firstcall.insights.winning import FieldOutcome, Outcome


@click.command(short_help="How well a rule tells won from lost.")
@click.argument("rule", metavar="[RULE]", required=False)
@files_options(required=False)
@click.option(
    "--stored",
    metavar="NAME",
    help="A rule of the service by its name, over the columnar copy of what is stored: instead of RULE and --records.",
)
@click.option(
    "--version",
    type=click.IntRange(1),
    metavar="N",
    help="With --stored: that version, not the one that scores.",
)
@click.option(
    "--won",
    metavar="OUTCOME",
    required=True,
    help='Who was won: "converted=1", "status=Closed Won|Signed", or a touchpoint that came later:'
    ' "web.purchase within 30 days".',
)
@click.option("--lost", metavar="FIELD=VALUE", help="Who was lost; records that are neither are left out.")
@as_of_option
@as_of_field_option
@click.option(
    "--plot",
    metavar="FILE.png",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw it as a picture.",
)
@rejects_options
@memory_option
@json_option
@data_option
@terminal_options
def command(
    rule: str | None,
    files: Files | None,
    stored: str | None,
    version: int | None,
    won: str,
    lost: str | None,
    as_of: int | None,
    as_of_field: str | None,
    plot: Path | None,
    rejects: Path | None,
    strict: bool,
    memory: str | None,
    as_json: bool,
    data: Path | None,
    terminal: Terminal,
) -> None:
    """Hold a rule against what became of the records: conversion by grade and by score, lift, the area under
    the curve, and where the points are backwards.

    With --as-of-field each record is scored as of its own moment, so that nothing it did later counts.
    """
    _refuse_misuse(as_of, as_of_field, plot)
    if stored is not None:
        _refuse_both(rule, files, rejects, strict=strict)
        asked = {"won": won, "lost": lost or "", "as_of": as_of, "as_of_field": as_of_field or ""}
        result = backtest_of_stored(stored, version, asked, memory=memory, data=data, terminal=terminal)
    else:
        if version is not None or data is not None:
            raise click.UsageError("--version and --data go with --stored.")
        if rule is None or files is None:
            raise click.UsageError(
                "Give a RULE and --records, or --stored with the name of a rule of the service."
            )
        result = _of_files(
            rule, files, won, lost, as_of, as_of_field, rejects, memory, terminal, strict=strict
        )
    _show(result, terminal, as_json=as_json)
    if plot is not None:
        _plot(result, plot, terminal)


def _of_files(
    rule: str,
    files: Files,
    won: str,
    lost: str | None,
    as_of: int | None,
    as_of_field: str | None,
    rejects: Path | None,
    memory: str | None,
    terminal: Terminal,
    *,
    strict: bool,
) -> Backtest:
    from firstcall.engines.engine import Scope
    from firstcall.insights.backtesting import backtest
    from firstcall.insights.winning import OutcomeError

    (loaded,) = read_rules([rule])
    outcome, lost_outcome = _outcomes(won, lost)
    if as_of_field is None:
        as_of = choose_moment(as_of, terminal)
    with opened(
        files, terminal, memory=memory, as_of_field=as_of_field, module=module_of([loaded], files)
    ) as source:
        check_rules([loaded], source.source.columns, terminal)
        try:
            result = backtest(
                loaded.rule, outcome, source.source, Scope(as_of), source.workspace, lost=lost_outcome
            )
        except OutcomeError as error:
            raise RefusedError([f"--won: {error}"]) from error
        settle_rejects(source.source, terminal, to=rejects, strict=strict)
    return result


def _refuse_both(rule: str | None, files: Files | None, rejects: Path | None, *, strict: bool) -> None:
    if rule is not None or files is not None:
        raise click.UsageError("--stored reads what the service holds: leave RULE and --records away.")
    if rejects is not None or strict:
        raise click.UsageError("--rejects and --strict go with --records.")


def _refuse_misuse(as_of: int | None, as_of_field: str | None, plot: Path | None) -> None:
    if as_of is not None and as_of_field is not None:
        raise click.UsageError("--as-of is one moment for all, --as-of-field one of each record: give one.")
    if plot is not None and plot.suffix.lower() != ".png":
        raise click.UsageError(f"--plot {plot}: the name must end in .png.")
    if plot is not None and not plot.absolute().parent.is_dir():
        raise click.UsageError(f"--plot {plot}: there is no folder {plot.parent}.")


def _outcomes(won: str, lost: str | None) -> tuple[Outcome, FieldOutcome | None]:
    from firstcall.insights.winning import FieldOutcome, OutcomeError, parse_outcome

    try:
        outcome = parse_outcome(won)
    except OutcomeError as error:
        raise click.UsageError(f"--won {error}") from error
    if lost is None:
        return outcome, None
    try:
        other = parse_outcome(lost)
    except OutcomeError as error:
        raise click.UsageError(f"--lost {error}") from error
    if not isinstance(other, FieldOutcome) or not isinstance(outcome, FieldOutcome):
        raise click.UsageError("--lost is a field with a value, and goes with a field in --won.")
    return outcome, other


def _show(result: Backtest, terminal: Terminal, *, as_json: bool) -> None:
    from firstcall.cli.backtest_report import show_backtest
    from firstcall.insights.telling import backtest_object

    if as_json:
        print_json(backtest_object(result))
    else:
        show_backtest(result, terminal.console())


def _plot(result: Backtest, path: Path, terminal: Terminal) -> None:
    from firstcall.insights.plotting import plot_backtest

    plot_backtest(result, path)
    terminal.say([f"{path}: drawn"])
