"""`firstcall schema`: the JSON Schema of a rule."""

from __future__ import annotations

import click

from firstcall.cli.terminal import print_json


@click.command(short_help="Print the JSON Schema of rules, for editors.")
def command() -> None:
    """Print the JSON Schema of a rule, by which editors complete and check while one writes."""
    from firstcall.scoring.schema import rule_schema

    print_json(rule_schema())
