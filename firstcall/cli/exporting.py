"""`firstcall export`: the records of a module, with their scores, into a file."""

from __future__ import annotations

from pathlib import Path

import click

from firstcall.cli.failing import DONE, RefusedError
from firstcall.cli.importing import told_plainly
from firstcall.cli.options import terminal_options
from firstcall.cli.pace import Pace
from firstcall.cli.serving import configured, data_option, database_in_use
from firstcall.cli.terminal import Terminal, plain

_FORMATS = ("csv", "xlsx", "parquet", "jsonl")


@click.command("export", short_help="Export records with their scores.")
@click.argument("module")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--filter", "filtered", metavar="JSON", help='Conditions, such as \'{"field": "industry", "is": "IT"}\'.'
)
@click.option("--ids", metavar="IDS", help="Only these records, with commas between.")
@click.option(
    "--tag", "tags", multiple=True, metavar="TAG", help="Only records with the tag; repeat it for more."
)
@click.option("--layout", metavar="NAME", help="Only records of the layout.")
@click.option("--format", type=click.Choice(_FORMATS), help="By the ending of the file's name if left out.")
@click.option(
    "--columns", metavar="NAMES", help="The columns in their order, with commas between; all if left out."
)
@click.option(
    "--scores", type=click.Choice(["total", "all", "none"]), default="total", show_default=True,
    help="Of each rule that scores: total and grade, all figures, or nothing.",
)  # fmt: skip
@click.option("--as-is", is_flag=True, help="Put no apostrophe before what looks like a formula, in a CSV.")
@data_option
@terminal_options
def command(
    module: str,
    file: Path,
    filtered: str | None,
    ids: str | None,
    tags: tuple[str, ...],
    layout: str | None,
    format: str | None,
    columns: str | None,
    scores: str,
    as_is: bool,
    data: Path | None,
    terminal: Terminal,
) -> int:
    """Write the records of MODULE to FILE: CSV, Excel, Parquet or JSON lines. What is exported may be imported again."""
    format = format or file.suffix.lower().removeprefix(".")
    if format not in _FORMATS:
        raise click.UsageError("FILE ends in .csv, .xlsx, .parquet or .jsonl; or say --format.")
    with database_in_use(configured(data_folder=data)), told_plainly():
        from firstcall.access.viewer import PRODUCT
        from firstcall.cli.importing import find_module
        from firstcall.engines.writing import UnwritableError, check_target
        from firstcall.moments import now
        from firstcall.records.choosing import Choice
        from firstcall.records.exporting.columns import UnknownColumnsError
        from firstcall.scorekeeping.exporting import ExportAsked, export

        choice = Choice(find_module(module).name, filtered or None, _ids(ids), None, tags, layout)
        names = tuple(name.strip() for name in (columns or "").split(",") if name.strip())
        try:
            check_target(file, 0)
            with terminal.watching() as watch:
                asked = ExportAsked(choice, format, names, scores, as_is)
                rows = export(asked, file, viewer=PRODUCT, now=now(), advance=Pace(watch))
        except (UnwritableError, UnknownColumnsError) as error:
            raise RefusedError(str(error).splitlines()) from error
        click.echo(plain(f"{file}: {rows:,} records"))
    return DONE


def _ids(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise click.UsageError("--ids takes the ids of records, with commas between.")
    return tuple(map(int, parts))
