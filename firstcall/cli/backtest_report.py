"""A backtest on the screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from firstcall.cli.picturing import bar, points_text
from firstcall.cli.tabling import heading, new_table, percent, rate_bar
from firstcall.cli.terminal import plain
from firstcall.insights.backtesting import Backtest, Fall
from firstcall.insights.judging import Arm, CriterionResult
from firstcall.insights.ranking import Area, Interval, Share
from firstcall.scoring.times import format_moment


def show_backtest(result: Backtest, console: Console) -> None:
    """Everything found, the gravest doubts first and last."""
    _summary(result, console)
    if result.grades:
        console.print(heading("Conversion by grade"))
        rows = [(plain(g.grade) if g.grade is not None else "no grade", g.share) for g in result.grades]
        console.print(_shares("grade", rows, result, console))
    console.print(heading("Conversion by score"))
    console.print(
        _shares("score", [(str(b.bracket), b.share) for b in reversed(result.brackets)], result, console)
    )
    console.print(heading("Lift by tenth, best scores first"))
    console.print(_deciles(result, console))
    console.print(heading("Criteria: conversion with and without their points"))
    console.print(_criteria(result.criteria))
    for line in [*backward_lines(result), *map(_fall_line, result.falls)]:
        console.print(Text("! " + line, "red" if "clearly" in line else "yellow"))
    for warning in result.warnings:
        console.print(Text("! " + plain(warning), "yellow"))
    console.print()


def _summary(result: Backtest, console: Console) -> None:
    as_of = result.scope.as_of
    when = "each as of its own moment" if as_of is None else f"as of {format_moment(as_of)}"
    console.print(
        Text.assemble(("\n" + plain(result.rule.name), "bold"), (f"  {result.rule.module} {when}", "dim"))
    )
    share = result.share
    console.print(
        f"{share.count:,} records, {share.won:,} won ({percent(share.rate)}) by {plain(result.won)}",
        markup=False,
    )
    for count, why in (
        (result.left_out, "that the rule does not apply to"),
        (result.decided.undecided, "undecided"),
    ):
        if count:
            console.print(Text(f"left out: {count:,} {why}", "dim"))
    if area := result.area:
        console.print(_area_text(area))
    console.print(
        f"average score: won {result.average_won / 100:,.1f}, lost {result.average_lost / 100:,.1f}"
    )


def _area_text(area: Area) -> Text:
    low, high = area.interval.low, area.interval.high
    meaning = (
        "no better than chance"
        if low <= 0.5 <= high
        else "worse than chance: the points are backwards"
        if high < 0.5
        else f"a won record stands above a lost one {area.value * 100:.0f} times in 100"
    )
    return Text.assemble(
        ("AUC ", ""), (f"{area.value:.3f}", "bold"), f" (95% interval {low:.3f} to {high:.3f}): {meaning}"
    )


def _shares(name: str, rows: Sequence[tuple[str, Share]], result: Backtest, console: Console) -> Table:
    table = new_table(name, "records", "won", "conversion", "", "95% interval", "lift")
    full = max((share.rate or 0 for _, share in rows), default=0)
    for label, share in rows:
        table.add_row(
            label,
            f"{share.count:,}",
            f"{share.won:,}",
            percent(share.rate),
            rate_bar(share.rate, full, console),
            _interval(share.interval),
            _lift(share, result.share),
        )
    return table


def _interval(interval: Interval | None) -> str:
    return "–" if interval is None else f"{percent(interval.low)} to {percent(interval.high)}"


def _lift(share: Share, everyone: Share) -> str:
    return f"{share.rate / everyone.rate:.2f}x" if share.rate is not None and everyone.rate else "–"


def _deciles(result: Backtest, console: Console) -> Table:
    table = new_table("tenth", "records", "won", "conversion", "lift", "won so far", "")
    for decile in result.deciles:
        about = "~" if decile.cuts_a_tie else ""
        table.add_row(
            str(decile.number),
            f"{decile.records:,.0f}",
            f"{about}{decile.won:,.0f}",
            percent(decile.won / decile.records if decile.records else None),
            "–" if decile.lift is None else f"{decile.lift:.2f}x",
            percent(decile.won_so_far),
            Text(bar(round(decile.won_so_far * 1000), 1000, width=20, console=console), style="cyan"),
        )
    return table


def _criteria(criteria: Sequence[CriterionResult]) -> Table:
    table = new_table(
        "criterion", "points", "with", "conversion", "without", "conversion", "difference", left=("",)
    )
    for criterion in criteria:
        for arm in criterion.arms:
            table.add_row(*_arm_cells(criterion.name, arm))
        if not criterion.arms:
            table.add_row(plain(criterion.name), "0", "0", "–", "", "–", "–", Text("moves nobody", "dim"))
    return table


def _arm_cells(name: str, arm: Arm) -> list[str | Text]:
    difference = (arm.met.rate or 0) - (arm.rest.rate or 0)
    mark, style = ("◀ backwards", "red") if arm.is_backwards else ("", "")
    if not mark and not arm.is_clear:
        mark, style = "may be chance", "dim"
    return [
        plain(name),
        points_text(round(arm.points)),
        f"{arm.met.count:,}",
        percent(arm.met.rate),
        f"{arm.rest.count:,}",
        percent(arm.rest.rate),
        f"{difference * 100:+.1f}%" if arm.rest.count else "–",
        Text(mark, style),
    ]


def backward_lines(result: Backtest) -> list[str]:
    """A sentence for each criterion whose points clearly point the wrong way."""
    return [
        f"{plain(criterion.name)} {'gives' if arm.sign > 0 else 'takes'} points, and those records clearly convert"
        f" {'less' if arm.sign > 0 else 'more'}: {percent(arm.met.rate)} of {arm.met.count:,} against"
        f" {percent(arm.rest.rate)} of the other {arm.rest.count:,}."
        for criterion in result.criteria
        for arm in criterion.arms
        if arm.is_backwards
    ]


def _fall_line(fall: Fall) -> str:
    how = "clearly falls" if fall.is_clear else "falls, perhaps by chance,"
    return (
        f"Conversion {how} as the score rises: {percent(fall.lower.share.rate)} at {fall.lower.bracket},"
        f" {percent(fall.higher.share.rate)} at {fall.higher.bracket}."
    )
