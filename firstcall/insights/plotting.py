"""A backtest as one figure: conversion by score bracket, cumulative gains, scores of won and lost."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from firstcall.insights.backtesting import Backtest, BracketResult
from firstcall.insights.brackets import Bracket
from firstcall.insights.ranking import Area, Floats
from firstcall.scoring.numbers import format_points

INK, MUTED, FAINT, PAPER = "#1f2937", "#6b7280", "#e5e7eb", "#ffffff"
WON, LOST = "#0f766e", "#d97706"
_DASHES = (0, (5, 3))
_BINS = 40


def plot_backtest(result: Backtest, path: Path) -> None:
    """Write the figure as PNG; the file appears whole or not at all."""
    figure = draw_backtest(result)
    with tempfile.NamedTemporaryFile(dir=path.absolute().parent, suffix=".png", delete=False) as half:
        try:
            # Without the date and the library's version the same backtest gives the same bytes.
            figure.savefig(half, format="png", dpi=120, facecolor=PAPER, metadata={"Software": None})
            half.close()
            os.chmod(half.name, 0o644)
            os.replace(half.name, path)
        except BaseException:
            os.unlink(half.name)
            raise


def draw_backtest(result: Backtest) -> Figure:
    """The figure, 11 x 7 inches, drawn without the state of pyplot."""
    figure = Figure(figsize=(11, 7), layout=None)
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(
        2, 2, width_ratios=(1.45, 1), left=0.075, right=0.965, top=0.8, bottom=0.115, hspace=0.5, wspace=0.22
    )
    _title(figure, result)
    _conversion(figure.add_subplot(grid[:, 0]), result)
    _gains(figure.add_subplot(grid[0, 1]), result)
    _scores(figure.add_subplot(grid[1, 1]), result)
    return figure


def _title(figure: Figure, result: Backtest) -> None:
    share = result.share
    figure.text(0.03, 0.945, _short(result.rule.name, 70), color=INK, fontsize=17, fontweight="bold")
    figure.text(0.03, 0.9, _area(result.area), color=INK, fontsize=12)
    figure.text(
        0.965,
        0.9,
        f"{share.count:,} records, {share.won:,} won ({share.rate or 0:.1%}) by {_short(result.won, 40)}",
        color=MUTED,
        fontsize=10,
        ha="right",
    )


def _area(area: Area | None) -> str:
    if area is None:
        return ""
    return f"AUC {area.value:.3f}   (95% interval {area.interval.low:.3f} to {area.interval.high:.3f})"


def _short(text: str, most: int) -> str:
    # A dollar sign would begin a formula.
    text = text if len(text) <= most else text[: most - 1] + "…"
    return text.replace("$", r"\$")


# --- panels


def _conversion(axes: Axes, result: Backtest) -> None:
    _frame(axes, "Conversion by score")
    places = np.arange(len(result.brackets))
    rates = [bracket.share.rate or 0 for bracket in result.brackets]
    axes.bar(places, rates, width=0.72, color=WON, alpha=0.85, zorder=2)
    for place, bracket in enumerate(result.brackets):
        interval = bracket.share.interval
        if interval:
            axes.plot([place, place], [interval.low, interval.high], color=INK, linewidth=1.3, zorder=3)
    highest = max(b.share.interval.high for b in result.brackets if b.share.interval)
    axes.set_ylim(0, min(1.0, highest) * 1.14)
    for place, bracket in enumerate(result.brackets):
        _label_bar(axes, place, bracket)
    _mark_average(axes, result.share.rate or 0)
    axes.set_xticks(places, _ticks(result.brackets), fontsize=8 if len(places) < 10 else 7)
    axes.set_xlim(-0.6, len(places) - 0.4)
    axes.set_xlabel("score, and how many records have it", color=MUTED, fontsize=9, labelpad=8)
    _in_percent(axes.yaxis)
    axes.grid(axis="y", color=FAINT, linewidth=0.8, zorder=0)


def _label_bar(axes: Axes, place: int, result: BracketResult) -> None:
    interval = result.share.interval
    if interval is None:
        return
    top = axes.get_ylim()[1]
    axes.text(
        place,
        interval.high + top * 0.012,
        f"{result.share.rate or 0:.0%}",
        ha="center",
        va="bottom",
        fontsize=9,
        color=INK,
        fontweight="bold",
        bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.75, "pad": 0.8},
        zorder=5,
    )


def _mark_average(axes: Axes, rate: float) -> None:
    axes.axhline(rate, color=LOST, linewidth=1.3, linestyle=_DASHES, zorder=4)
    handle = Line2D([], [], color=LOST, linewidth=1.3, linestyle=_DASHES)
    # Above the bars, where it covers none of them wherever the line runs.
    axes.legend(
        [handle],
        [f"all records {rate:.1%}"],
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        frameon=False,
        fontsize=9,
        labelcolor=LOST,
        borderaxespad=0.2,
    )


def _ticks(results: Sequence[BracketResult]) -> list[str]:
    """The brackets over their counts; below 0 on two lines, so that a dozen fit side by side."""
    between = "\nto " if any((result.bracket.low or 0) < 0 for result in results) else "–"
    return [f"{_edges(result.bracket, between)}\n{_count(result.share.count)}" for result in results]


def _edges(bracket: Bracket, between: str) -> str:
    low, high = (None if edge is None else format_points(edge) for edge in (bracket.low, bracket.high))
    if low is None or high is None:
        text = "all" if low == high else f"<{high}" if low is None else f"{low}+"
        return text + ("\n" if "\n" in between else "")
    return f"{low}{between}{high}"


def _count(count: int) -> str:
    """
    >>> _count(1234), _count(123456), _count(2500000)
    ('1,234', '123k', '2.5M')
    """
    if count >= 1_000_000:
        return f"{count / 1_000_000:.1f}M"
    return f"{count / 1000:.0f}k" if count >= 100_000 else f"{count:,}"


def _gains(axes: Axes, result: Backtest) -> None:
    _frame(axes, "Cumulative gains")
    called, won = result.levels.curve()
    axes.fill_between(called, called, won, color=WON, alpha=0.12, linewidth=0, zorder=1)
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (4, 3)), zorder=2)
    axes.plot(called, won, color=WON, linewidth=2.2, zorder=3)
    fifth = float(np.interp(0.2, called, won))
    axes.plot([0.2], [fifth], marker="o", markersize=7, color=WON, markeredgecolor=PAPER, zorder=4)
    axes.annotate(
        f"the best 20% hold {fifth:.0%} of the won",
        (0.2, fifth),
        xytext=(0.97, 0.07),
        textcoords="axes fraction",
        ha="right",
        fontsize=9,
        color=INK,
        zorder=5,
    )
    axes.plot([0.2, 0.2], [0, fifth], color=WON, linewidth=1, linestyle=(0, (2, 2)), zorder=2)
    axes.set(xlim=(0, 1), ylim=(0, 1.02))
    axes.set_xlabel("called, best score first", color=MUTED, fontsize=9)
    axes.set_ylabel("won reached", color=MUTED, fontsize=9)
    for axis in (axes.xaxis, axes.yaxis):
        _in_percent(axis)
    axes.grid(color=FAINT, linewidth=0.8, zorder=0)


def _scores(axes: Axes, result: Backtest) -> None:
    _frame(axes, "Scores of won and lost")
    points = np.array([float(total) / 100 for total in result.totals])
    edges = _histogram_edges(points, result)
    inside = np.clip(points, edges[0], edges[-1])
    for counts, color, word, mean in (
        (result.levels.lost, LOST, "lost", result.average_lost),
        (result.levels.won, WON, "won", result.average_won),
    ):
        heights, _ = np.histogram(inside, bins=edges, weights=counts / counts.sum())
        label = f"{word}, {mean / 100:.1f} on average"
        axes.stairs(heights, edges, color=color, fill=True, alpha=0.28, zorder=2)
        axes.stairs(heights, edges, color=color, linewidth=1.6, label=label, zorder=3)
    axes.set_xlabel("score", color=MUTED, fontsize=9)
    axes.set_ylabel("share of each", color=MUTED, fontsize=9)
    _in_percent(axes.yaxis)
    axes.xaxis.set_major_locator(MaxNLocator(7))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.10g}"))
    axes.legend(frameon=False, fontsize=9, labelcolor=INK, handlelength=1.2, borderaxespad=0.2)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, axes.get_ylim()[1] * 1.25)


def _histogram_edges(points: Floats, result: Backtest) -> Floats:
    """Equal bins over all but the outermost scores, no finer than a point."""
    counts = result.levels.won + result.levels.lost
    reached = np.cumsum(counts) / counts.sum()
    last = len(points) - 1
    low, high = (float(points[min(int(np.searchsorted(reached, q)), last)]) for q in (0.002, 0.998))
    if high <= low:
        low, high = float(points[0]) - 0.5, float(points[-1]) + 0.5
    width = max(1.0, np.ceil((high - low) / _BINS)) if high - low > 2 else (high - low) / 10
    count = int(np.ceil((high - low) / width + 1e-9)) + 1
    return np.asarray(low - width / 2 + width * np.arange(count + 1), dtype=np.float64)


def _in_percent(axis: Axis) -> None:
    """Round steps, so that no label hides a half."""
    axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda share, _: f"{share * 100:.4g}%"))


def _frame(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", fontsize=12, fontweight="bold", color=INK, pad=10)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(MUTED)
    axes.tick_params(colors=MUTED, labelsize=8.5, length=0)
