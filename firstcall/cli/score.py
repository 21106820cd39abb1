"""`firstcall score`: rank records by rules, on the screen or into a file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from firstcall.cli.failing import RefusedError
from firstcall.cli.opening import (
    Files,
    Opened,
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
    ids_option,
    json_option,
    memory_option,
    rejects_options,
    rules_argument,
    terminal_options,
)
from firstcall.cli.terminal import Terminal, print_json
from firstcall.scoring.times import format_moment

if TYPE_CHECKING:
    from firstcall.engines.engine import Engine, Scope
    from firstcall.scoring.rules import Rule

ENGINES = ("duckdb", "postgres", "spark", "reference")
TOP = 20


@dataclass(frozen=True)
class Wish:
    """What is to become of the scores.

    out  a file, "-" for standard output, or None
    top  how many are shown; None: 20 where nothing is written
    """

    out: str | None
    explain: bool
    top: int | None
    as_json: bool

    @property
    def shown(self) -> int | None:
        return TOP if self.top is None and (self.out is None or self.as_json) else self.top


@click.command(short_help="Rank records: whom to call first, and why.")
@rules_argument
@files_options(required=True)
@as_of_option
@as_of_field_option
@click.option(
    "--out",
    metavar="FILE",
    help="Write all scores to FILE.csv, .jsonl, .parquet or .xlsx; - is CSV on stdout.",
)
@click.option("--explain", is_flag=True, help="With every line of the explanation.")
@click.option(
    "--engine", type=click.Choice(ENGINES), default="duckdb", show_default=True, help="What computes."
)
@ids_option
@click.option("--top", type=click.IntRange(1), metavar="N", help=f"How many to show; {TOP} if left out.")
@rejects_options
@memory_option
@click.option("--master", metavar="URL", help="Spark's master, such as local[2] or spark://host:7077.")
@json_option
@terminal_options
def command(
    rules: tuple[str, ...],
    files: Files,
    as_of: int | None,
    as_of_field: str | None,
    out: str | None,
    explain: bool,
    engine: str,
    ids: tuple[str, ...] | None,
    top: int | None,
    rejects: Path | None,
    strict: bool,
    memory: str | None,
    master: str | None,
    as_json: bool,
    terminal: Terminal,
) -> None:
    """Score records by one or more rules and rank them: whom to call first, and why.

    Without --out, shows the top of the list with the two strongest reasons of each. With several rules, each
    has a table of its own; in a file, the column `rule` holds its name.
    """
    from firstcall.engines.engine import Scope

    wish = Wish(out, explain, top, as_json)
    _refuse_misuse(wish, as_of, as_of_field, engine, master)
    loaded = read_rules(rules)
    if as_of_field is None:
        as_of = choose_moment(as_of, terminal)
    chosen = _engine(engine, master)
    with opened(
        files, terminal, memory=memory, as_of_field=as_of_field, ids=ids, module=module_of(loaded, files)
    ) as material:
        check_rules(loaded, material.source.columns, terminal)
        plain_rules = [rule.rule for rule in loaded]
        _refuse_unwritable(wish, plain_rules, material)
        scope = Scope(as_of, ids)
        _score(chosen, plain_rules, material, scope, lines=explain and out is not None)
        settle_rejects(material.source, terminal, to=rejects, strict=strict)
        if out is not None:
            _write(wish, plain_rules, material, terminal)
        if wish.shown is not None:
            _show(chosen, plain_rules, material, scope, wish, terminal)


def _refuse_misuse(
    wish: Wish, as_of: int | None, as_of_field: str | None, engine: str, master: str | None
) -> None:
    if as_of is not None and as_of_field is not None:
        raise click.UsageError("--as-of is one moment for all, --as-of-field one of each record: give one.")
    if master is not None and engine != "spark":
        raise click.UsageError("--master goes with --engine spark.")
    if wish.out == "-" and (wish.as_json or wish.top is not None):
        raise click.UsageError("--out - writes the scores to standard output; --json and --top would mix in.")
    if wish.out not in (None, "-") and Path(str(wish.out)).suffix.lower() not in _ENDINGS:
        raise click.UsageError(
            f"--out {wish.out}: the name must end in {', '.join(_ENDINGS[:-1])} or {_ENDINGS[-1]}."
        )


_ENDINGS = (".csv", ".jsonl", ".parquet", ".xlsx")


def _engine(name: str, master: str | None) -> Engine:
    match name:
        case "postgres":
            import os

            from firstcall.engines.postgres import PostgresEngine

            return PostgresEngine(os.environ.get("DATABASE_URL"))
        case "spark":
            from firstcall.engines.spark import SparkEngine

            return SparkEngine(master)
        case "reference":
            from firstcall.engines.reference import ReferenceEngine

            return ReferenceEngine()
    from firstcall.engines.duckdb import DuckDBEngine

    return DuckDBEngine()


def _refuse_unwritable(wish: Wish, rules: Sequence[Rule], opened: Opened) -> None:
    """What could not be written in the end is refused before the work."""
    from firstcall.engines.writing import UnwritableError, check_target

    if wish.out in (None, "-"):
        return
    # How many a rule with applies_to scores is not known yet; writing looks again.
    rows = 0 if any(rule.applies_to for rule in rules) else len(rules) * opened.source.records
    try:
        check_target(Path(str(wish.out)), rows)
    except UnwritableError as error:
        raise RefusedError([str(error)]) from error


def _score(engine: Engine, rules: Sequence[Rule], opened: Opened, scope: Scope, *, lines: bool) -> None:
    if lines:
        from firstcall.engines.collecting import collect_explained

        collect_explained(engine, rules, opened.source, scope, opened.workspace)
    else:
        engine.score(rules, opened.source, scope, opened.workspace)


def _write(wish: Wish, rules: Sequence[Rule], opened: Opened, terminal: Terminal) -> None:
    from firstcall.engines.writing import UnwritableError, stream_scores, write_scores

    names = [rule.name for rule in rules]
    if wish.out == "-":
        stream_scores(opened.workspace, sys.stdout.buffer, rules=names, lines=wish.explain)
        return
    target = Path(str(wish.out))
    try:
        rows = write_scores(opened.workspace, target, rules=names, lines=wish.explain)
    except UnwritableError as error:
        raise RefusedError([str(error)]) from error
    terminal.say([f"{target}: {rows:,} score{'' if rows == 1 else 's'} written"])


def _show(
    engine: Engine, rules: Sequence[Rule], opened: Opened, scope: Scope, wish: Wish, terminal: Terminal
) -> None:
    from firstcall.cli.ranking import rank, ranking_object, show_ranking

    rankings = rank(engine, rules, opened, scope, wish.shown or TOP)
    if wish.as_json:
        as_of = None if scope.as_of is None else format_moment(scope.as_of)
        print_json({"as_of": as_of, "rules": [ranking_object(r, explain=wish.explain) for r in rankings]})
        return
    for ranking in rankings:
        show_ranking(ranking, terminal.console(), scope.as_of, explain=wish.explain)
