"""`firstcall compare`: what would change if a rule were replaced."""

from __future__ import annotations

from pathlib import Path

import click

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
from firstcall.cli.terminal import Terminal, print_json


@click.command(short_help="What would change if a rule were replaced.")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@files_options(required=True)
@as_of_option
@as_of_field_option
@click.option(
    "--top",
    type=click.IntRange(1),
    metavar="N",
    default=20,
    show_default=True,
    help="How many records to name.",
)
@rejects_options
@memory_option
@json_option
@terminal_options
def command(
    old: str,
    new: str,
    files: Files,
    as_of: int | None,
    as_of_field: str | None,
    top: int,
    rejects: Path | None,
    strict: bool,
    memory: str | None,
    as_json: bool,
    terminal: Terminal,
) -> None:
    """Score the records by two rules, OLD and NEW, and say what is different: the rule itself in words, who
    moves up or down a grade, the scores before and after, the largest movers and why. Nothing is changed.
    """
    from firstcall.cli.compare_report import comparison_object, show_comparison
    from firstcall.engines.engine import Scope
    from firstcall.insights.comparing import compare

    if as_of is not None and as_of_field is not None:
        raise click.UsageError("--as-of is one moment for all, --as-of-field one of each record: give one.")
    before, after = read_rules([old, new])
    if as_of_field is None:
        as_of = choose_moment(as_of, terminal)
    with opened(
        files, terminal, memory=memory, as_of_field=as_of_field, module=module_of([before, after], files)
    ) as source:
        check_rules([before, after], source.source.columns, terminal)
        result = compare(before.rule, after.rule, source.source, Scope(as_of), source.workspace, top=top)
        settle_rejects(source.source, terminal, to=rejects, strict=strict)
    if as_json:
        print_json(comparison_object(result, as_of))
    else:
        show_comparison(result, terminal.console(), as_of)
