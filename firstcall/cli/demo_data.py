"""`firstcall demo-data`: made-up leads and touchpoints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from firstcall.cli.failing import RefusedError
from firstcall.cli.options import json_option, terminal_options
from firstcall.cli.terminal import Terminal, Watch, print_json


@click.command("demo-data", short_help="Make up leads and touchpoints to try things on.")
@click.option("--leads", type=click.IntRange(1), required=True, metavar="N", help="How many leads.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="The folder to write to; made if it is missing.",
)
@click.option(
    "--format",
    type=click.Choice(["csv", "parquet", "jsonl"]),
    default="csv",
    show_default=True,
    help="Of the files.",
)
@click.option("--seed", type=int, default=7, show_default=True, help="Another seed, other leads.")
@click.option(
    "--touchpoints-per-lead", type=float, default=25, show_default=True, help="How many each has on average."
)
@json_option
@terminal_options
def command(
    leads: int,
    out: Path,
    format: str,
    seed: int,
    touchpoints_per_lead: float,
    as_json: bool,
    terminal: Terminal,
) -> None:
    """Make up leads of a believable company and what they did, the same everywhere for the same seed.

    Writes DIR/leads.FORMAT and DIR/touchpoints.FORMAT.
    """
    from firstcall.demo import FORMATS, generate

    chosen = next(known for known in FORMATS if known == format)
    try:
        with terminal.watching() as watch:
            demo = generate(
                out,
                leads=leads,
                seed=seed,
                touchpoints_per_lead=touchpoints_per_lead,
                format=chosen,
                progress=_telling(watch),
            )
    except ValueError as error:
        raise RefusedError(str(error).splitlines()) from error
    if as_json:
        print_json(
            {
                "leads": {"path": str(demo.leads_path), "rows": demo.leads},
                "touchpoints": {"path": str(demo.touchpoints_path), "rows": demo.touchpoints},
            }
        )
    else:
        print(f"{demo.leads_path}: {demo.leads:,} leads")  # noqa: T201
        print(f"{demo.touchpoints_path}: {demo.touchpoints:,} touchpoints")  # noqa: T201


def _telling(watch: Watch | None) -> Callable[[int, int], None] | None:
    if watch is None:
        return None
    return lambda done, wanted: watch("making up leads", done / max(wanted, 1))
