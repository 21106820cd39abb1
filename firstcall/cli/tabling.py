"""Tables and figures as the commands that compare show them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from firstcall.cli.picturing import bar


def new_table(first: str, *others: str, left: Sequence[str] = ()) -> Table:
    """A table whose first column is text; the others are figures, but for bars (no name) and those in `left`,
    which come last."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
    table.add_column(first, overflow="fold", max_width=44)
    for name in others:
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    for name in left:
        table.add_column(name, overflow="fold")
    return table


def heading(text: str) -> Text:
    """The line above a table."""
    return Text(f"\n{text}", "bold")


def percent(rate: float | None) -> str:
    """
    >>> percent(0.12345), percent(None), percent(1.0)
    ('12.3%', '–', '100%')
    """
    if rate is None:
        return "–"
    return f"{rate:.0%}" if rate in (0, 1) else f"{rate:.1%}"


def rate_bar(
    rate: float | None, full: float, console: Console, *, width: int = 20, style: str = "cyan"
) -> Text:
    """A bar of a share, `width` long at `full`."""
    return Text(
        bar(round((rate or 0) * 10_000), round(full * 10_000), width=width, console=console), style=style
    )
