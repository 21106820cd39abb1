"""The options that several commands share, each said once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from firstcall.cli.opening import Files
from firstcall.cli.parameters import Ids, Memory, Moment, RelatedFile
from firstcall.cli.terminal import Terminal

type Command = Callable[..., Any]


def rules_argument(command: Command) -> Command:
    """RULE...: one or more files; `-` reads standard input."""
    return click.argument("rules", metavar="RULE...", nargs=-1, required=True)(command)


def rule_argument(command: Command) -> Command:
    """RULE: one file; `-` reads standard input."""
    return click.argument("rule", metavar="RULE")(command)


def files_options(*, required: bool, id_alias: bool = True) -> Callable[[Command], Command]:
    """--records, --touchpoints, --related, --mapping, --id-column as one argument `files`; None without --records.

    id_alias  whether --id says the same as --id-column; not where --id is a record's
    """
    options = [
        click.option(
            "--records",
            metavar="FILE",
            required=required,
            help="The records: CSV, JSON lines, Parquet or Excel, a row each; .gz and .zst of text too.",
        ),
        click.option(
            "--touchpoints",
            metavar="FILE",
            help="What they did, a row each, in the same formats; also a pattern in quotes or a folder of Parquet.",
        ),
        click.option(
            "--related",
            metavar="NAME=FILE",
            multiple=True,
            type=RelatedFile(),
            help="Records that these are linked with, such as contacts=contacts.csv; once for each kind.",
        ),
        click.option(
            "--mapping",
            metavar="FILE",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Which columns of the files are id, type, occurred_at and so on.",
        ),
        click.option(
            "--id-column",
            *(["--id"] if id_alias else []),
            "id_column",
            metavar="NAME",
            help="The column of the records that is their id.",
        ),
    ]

    def decorate(command: Command) -> Command:
        @wraps(command)
        def gather(
            *args: Any,
            records: str | None,
            touchpoints: str | None,
            related: tuple[tuple[str, str], ...],
            mapping: Path | None,
            id_column: str | None,
            **kwargs: Any,
        ) -> Any:
            if records is None and (touchpoints or related or mapping or id_column):
                raise click.UsageError(
                    "--touchpoints, --related, --mapping and --id-column go with --records."
                )
            if len(dict(related)) < len(related):
                raise click.UsageError("--related: each kind of records is given once.")
            files = None if records is None else Files(records, touchpoints, mapping, id_column, related)
            return command(*args, files=files, **kwargs)

        for option in reversed(options):
            gather = option(gather)
        return gather

    return decorate


def as_of_option(command: Command) -> Command:
    """--as-of TIME as microseconds, or None."""
    return click.option(
        "--as-of",
        "as_of",
        type=Moment(),
        help="The moment the scores are for; the present one if left out.",
    )(command)


def as_of_field_option(command: Command) -> Command:
    """--as-of-field NAME."""
    return click.option(
        "--as-of-field",
        metavar="NAME",
        help='Score each record as of its own moment: a column of dates or times, or "created_at + 30 days".',
    )(command)


def ids_option(command: Command) -> Command:
    """--ids a,b or --ids @file."""
    return click.option("--ids", type=Ids(), help="Only these records; @file holds an id a line.")(command)


def memory_option(command: Command) -> Command:
    """--memory 4GB."""
    return click.option(
        "--memory",
        type=Memory(),
        help="What DuckDB may hold before it spills to disk; four fifths of the machine's if left out.",
    )(command)


def rejects_options(command: Command) -> Command:
    """--rejects FILE and --strict."""
    command = click.option(
        "--strict", is_flag=True, help="Refuse to go on when any row or value could not be used."
    )(command)
    return click.option(
        "--rejects",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write every row that was left out, with file, line and reason, to this CSV file.",
    )(command)


def json_option(command: Command) -> Command:
    """--json as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def terminal_options(command: Command) -> Command:
    """--color/--no-color and --no-progress as one argument `terminal`."""

    @wraps(command)
    def gather(*args: Any, color: bool | None, no_progress: bool, **kwargs: Any) -> Any:
        quiet = no_progress or bool(kwargs.get("as_json"))
        return command(*args, terminal=Terminal(color, progress=not quiet), **kwargs)

    gather = click.option("--no-progress", is_flag=True, help="Show no progress.")(gather)
    return click.option(
        "--color/--no-color", default=None, help="Colours; as the terminal and NO_COLOR ask if left out."
    )(gather)


__all__ = [
    "as_of_field_option",
    "as_of_option",
    "files_options",
    "ids_option",
    "json_option",
    "memory_option",
    "rejects_options",
    "rule_argument",
    "rules_argument",
    "terminal_options",
]
