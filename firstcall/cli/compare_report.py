"""A comparison of two rules on the screen, and as an object for JSON."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from firstcall.cli.picturing import points_text
from firstcall.cli.tabling import heading, new_table, percent, rate_bar
from firstcall.cli.terminal import plain
from firstcall.insights.brackets import Bracket
from firstcall.insights.changes import Change
from firstcall.insights.comparing import Cause, Comparison, Move, Mover, Regrading, Spread
from firstcall.scoring.numbers import points_decimal
from firstcall.scoring.times import format_moment

_STYLES = {"added": "green", "removed": "red", "changed": "yellow", "renamed": "cyan"}
_CAUSES = 3
_NAMED = 3  # records named in a line of the grades' table; --json and the movers name more


def show_comparison(result: Comparison, console: Console, as_of: int | None) -> None:
    """The change of the rule, then what it does to the records."""
    when = "each as of its own moment" if as_of is None else f"as of {format_moment(as_of)}"
    names = plain(result.old.name) + (
        f" → {plain(result.new.name)}" if result.old.name != result.new.name else ""
    )
    console.print(Text.assemble(("\n" + names, "bold"), (f"  {result.new.module} {when}", "dim")))
    _show_changes(result.changes, console)
    _show_figures(result, console)
    if result.grades:
        console.print(heading("Grades before and after"))
        console.print(_spread("grade", result.grades, console))
    if result.regraded:
        console.print(heading("Who moves from one grade to another"))
        console.print(_regraded(result.regraded))
    console.print(heading("Scores before and after"))
    console.print(_spread("score", result.brackets[::-1], console))
    _show_scored(result, console)
    if result.movers:
        console.print(heading("Largest movers"))
        console.print(_movers(result.movers))
    console.print()


def _show_changes(changes: Sequence[Change], console: Console) -> None:
    if not changes:
        console.print(Text("The two rules score the same way.", "dim"))
    for change in changes:
        says = f": {plain(change.says)}" if change.says else ""
        console.print(
            Text.assemble((change.kind, _STYLES[change.kind]), " ", (plain(change.name), "bold"), says)
        )


def _show_figures(result: Comparison, console: Console) -> None:
    console.print()
    if result.both:
        console.print(
            f"{result.changed:,} of {result.both:,} records scored by both get another score"
            f" ({percent(result.changed / result.both)}); {_mean_text(result)}."
        )
        if result.grades:
            console.print(_grades_line(result.regraded))
    correlation = result.rank_correlation
    order = "" if correlation is None else f"Rank correlation {correlation:.3f}; "
    console.print(f"{order}{result.kept_on_top} of the best {result.top} stay among the best {result.top}.")


def _mean_text(result: Comparison) -> str:
    mean = round(result.mean_change or 0)
    return "the mean stays" if mean == 0 else f"the mean changes by {points_text(mean)}"


def _grades_line(regraded: Sequence[Regrading]) -> str:
    up, down, other = (sum(r.count for r in regraded if r.direction == way) for way in (1, -1, 0))
    if not up + down + other:
        return "No record changes its grade."
    if other:
        return f"{other:,} records get another grade (the two rules' grades have no common order)."
    return f"{up:,} go up a grade or more, {down:,} go down."


def _spread(name: str, spreads: Sequence[Spread], console: Console) -> Table:
    table = new_table(name, "before", "", "after", " ", "change")
    table.columns[4].justify = "left"
    full = max(max(spread.before, spread.after) for spread in spreads)
    for spread in spreads:
        change = spread.after - spread.before
        table.add_row(
            _label(spread.label),
            f"{spread.before:,}",
            rate_bar(spread.before / full if full else 0, 1, console, style="dim"),
            f"{spread.after:,}",
            rate_bar(spread.after / full if full else 0, 1, console),
            f"{change:+,}" if change else "0",
        )
    return table


def _label(label: str | Bracket | None) -> str:
    return "no grade" if label is None else plain(str(label))


def _regraded(regraded: Sequence[Regrading]) -> Table:
    table = new_table("from and to", "records", "", left=("such as",))
    for moved in regraded:
        mark = {1: Text("▲ up", "green"), -1: Text("▼ down", "red"), 0: Text("")}[moved.direction]
        table.add_row(
            f"{_label(moved.before)} → {_label(moved.after)}",
            f"{moved.count:,}",
            mark,
            Text(_named(moved.named, moved.count), "dim"),
        )
    return table


def _show_scored(result: Comparison, console: Console) -> None:
    for count, named, what in (
        (result.newly_scored, result.newly_named, "newly scored"),
        (result.no_longer_scored, result.no_longer_named, "no longer scored"),
    ):
        if count:
            console.print(Text.assemble((f"\n{count:,} {what}: ", "bold"), _named(named, count)))


def _named(moves: Sequence[Move], count: int) -> str:
    names = ", ".join(plain(move.id) for move in moves[:_NAMED])
    more = count - min(len(moves), _NAMED)
    return names + (f" and {more:,} more" if more > 0 else "")


def _movers(movers: Sequence[Mover]) -> Table:
    table = new_table("id", "before", "after", "change", left=("grade", "because of"))
    for mover in movers:
        move = mover.move
        table.add_row(
            plain(move.id),
            points_text(move.before or 0, sign=False),
            points_text(move.after or 0, sign=False),
            Text(points_text(move.change), "green" if move.change > 0 else "red"),
            _grade_text(move),
            _causes(mover.causes),
        )
    return table


def _grade_text(move: Move) -> str:
    before, after = (plain(grade or "–") for grade in (move.grade_before, move.grade_after))
    return before if before == after else f"{before} → {after}"


def _causes(causes: Sequence[Cause]) -> str:
    told = [
        f"{plain(cause.name)} {points_text(cause.before)} → {points_text(cause.after)}"
        for cause in causes[:_CAUSES]
    ]
    more = len(causes) - len(told)
    return ", ".join(told) + (f" and {more} more" if more else "")


# --- for JSON


def comparison_object(result: Comparison, as_of: int | None) -> dict[str, object]:
    """All of it; points as decimals."""
    return {
        "old": result.old.name,
        "new": result.new.name,
        "as_of": None if as_of is None else format_moment(as_of),
        "changes": [{"kind": c.kind, "name": c.name, "says": c.says} for c in result.changes],
        "scored_by_both": result.both,
        "changed": result.changed,
        "newly_scored": result.newly_scored,
        "newly_scored_ids": [move.id for move in result.newly_named],
        "no_longer_scored": result.no_longer_scored,
        "no_longer_scored_ids": [move.id for move in result.no_longer_named],
        "mean_change": None if result.mean_change is None else round(result.mean_change / 100, 6),
        "rank_correlation": result.rank_correlation,
        "top": result.top,
        "kept_on_top": result.kept_on_top,
        "moved_up": result.moved_up,
        "moved_down": result.moved_down,
        "grades": [{"grade": s.label, "before": s.before, "after": s.after} for s in result.grades],
        "brackets": [_bracket_object(spread) for spread in result.brackets],
        "regraded": [
            {
                "from": r.before,
                "to": r.after,
                "records": r.count,
                "direction": {1: "up", -1: "down", 0: None}[r.direction],
                "named": [_move_object(move) for move in r.named],
            }
            for r in result.regraded
        ],
        "movers": [
            {**_move_object(mover.move), "causes": [_cause_object(cause) for cause in mover.causes]}
            for mover in result.movers
        ],
    }


def _bracket_object(spread: Spread) -> dict[str, object]:
    low, high = (spread.label.low, spread.label.high) if isinstance(spread.label, Bracket) else (None, None)
    return {
        "from": None if low is None else points_decimal(low),
        "below": None if high is None else points_decimal(high),
        "before": spread.before,
        "after": spread.after,
    }


def _move_object(move: Move) -> dict[str, object]:
    return {
        "id": move.id,
        "before": None if move.before is None else points_decimal(move.before),
        "after": None if move.after is None else points_decimal(move.after),
        "grade_before": move.grade_before,
        "grade_after": move.grade_after,
    }


def _cause_object(cause: Cause) -> dict[str, object]:
    return {"name": cause.name, "before": points_decimal(cause.before), "after": points_decimal(cause.after)}
