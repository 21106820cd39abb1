"""Prints an explanation for a person: figures first, then what was earned, lost, held back, missed, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from firstcall.cli.picturing import bar, grade_style, moment_text, points_text
from firstcall.cli.terminal import plain
from firstcall.scoring.explaining import Explanation, Outside, Told
from firstcall.scoring.numbers import format_points
from firstcall.scoring.rules import Measured
from firstcall.scoring.times import format_moment
from firstcall.scoring.wording import shown

_LONGEST_VALUE = 40


def tell(explanation: Explanation, console: Console) -> None:
    """Print the whole explanation."""
    console.print(_title(explanation.id, explanation.rule.name, explanation.as_of))
    console.print(_total(explanation, console))
    console.print(Padding(_figures(explanation), (1, 0, 0, 2)))
    missed = explanation.with_status("missed")
    could_gain = [told for told in missed if told.within_reach > 0]
    could_lose = [told for told in missed if told.within_reach <= 0]
    _section(console, "Earned", [_brought(told) for told in explanation.with_status("earned")], valued=True)
    _section(console, "Lost", [_brought(told) for told in explanation.with_status("lost")], valued=True)
    _section(console, "Held back", _held(explanation))
    _section(console, "Missed, and by how much", [_not_brought(told) for told in could_gain])
    _section(console, "Not held against it", [_not_brought(told) for told in could_lose])
    _section(console, "Changes with time, soonest first", _coming(explanation))
    console.print()


def tell_outside(found: Outside, console: Console) -> None:
    """Print why the record has no score."""
    console.print(_title(found.id, found.rule.name, found.as_of))
    console.print(
        Text("No score: the rule does not apply to this record (which is not a score of 0).", "yellow")
    )
    rows = []
    for says, holds, why_not in found.conditions:
        mark = Text("yes", "green") if holds else Text("no", "red")
        rows.append((mark, Text(plain(says)), Text(plain(why_not or ""), "dim")))
    _section(console, "It applies where", rows)
    console.print()


def _title(id: str, rule: str, as_of: int) -> Text:
    return Text.assemble(
        ("\n" + plain(id), "bold"), "  ", plain(rule), (f"  as of {format_moment(as_of)}", "dim")
    )


def _total(explanation: Explanation, console: Console) -> Text:
    score, rule = explanation.score, explanation.rule
    style = grade_style(rule, score)
    full = rule.limits.maximum or 10_000
    parts: list[tuple[str, str]] = [(points_text(score.total, sign=False), "bold")]
    if drawn := bar(score.total, full, width=20, console=console):
        parts.append((drawn, style))
    if rule.grades is not None:
        parts.append((plain(score.grade or "no grade"), style))
    for step in explanation.next_grades:
        of = f" of {step.part}" if step.part else ""
        parts.append((f"{format_points(step.missing)} more{of} to {plain(step.grade)}", "dim"))
    return Text("  ").join([Text(text, style) for text, style in parts])


def _figures(explanation: Explanation) -> Table:
    """The six figures as the two sums that they are."""
    score = explanation.score
    fit = score.positive - score.negative
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    for _ in range(3):
        table.add_column(justify="right")
    table.add_row("fit", *_sums(score.positive, score.negative, fit))
    table.add_row(
        "touchpoints", *_sums(score.touchpoint_positive, score.touchpoint_negative, score.touchpoint_total)
    )
    total = points_text(score.total, sign=False)
    table.add_row(Text("total", "bold"), "", "", Text(f"= {total}", "bold"), *_limited(explanation))
    return table


def _limited(explanation: Explanation) -> list[Text]:
    limits = [line for line in explanation.score.lines if line.kind == "limit"]
    return [Text(f"{points_text(line.points)} by the limits", "yellow") for line in limits]


def _sums(gained: int, lost: int, both: int) -> list[Text]:
    return [
        Text(points_text(gained), "green" if gained else "dim"),
        Text(points_text(-lost), "red" if lost else "dim"),
        Text(f"= {points_text(both, sign=False)}"),
    ]


type Cells = tuple[Text, ...]


def _section(console: Console, title: str, rows: Sequence[Cells], *, valued: bool = False) -> None:
    """A titled list of points, name, perhaps the measured value, and words; nothing where there are none."""
    if not rows:
        return
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(justify="right", no_wrap=True, min_width=6)
    table.add_column(ratio=3, overflow="fold")
    if valued:
        table.add_column(ratio=2, overflow="fold")
    table.add_column(ratio=6 if valued else 8, overflow="fold")
    for cells in rows:
        table.add_row(*cells)
    console.print(Text("\n" + title, "bold"))
    console.print(table)


def _brought(told: Told) -> Cells:
    points = told.line.points
    words = Text(plain(told.says), "dim")
    for note in told.notes:
        words = Text.assemble(words, ("\n" + note, "yellow"))
    measured = isinstance(told.criterion.condition, Measured)
    value = Text(_value(told) if measured else "")
    return (
        Text(points_text(points), "green" if points > 0 else "red"),
        Text(plain(told.line.name)),
        value,
        words,
    )


def _not_brought(told: Told) -> Cells:
    points, name = Text(points_text(told.within_reach), "dim"), Text(plain(told.line.name))
    why_not = plain(told.why_not or "")
    if told.says_itself:
        return points, name, Text(why_not)
    return points, name, Text.assemble(why_not, "\n" if why_not else "", (plain(told.says), "dim"))


def _value(told: Told) -> str:
    said = plain(shown(told.line.value))
    return said if len(said) <= _LONGEST_VALUE else said[: _LONGEST_VALUE - 1] + "…"


def _held(explanation: Explanation) -> list[Cells]:
    rows: list[Cells] = [
        (
            Text(points_text(told.line.points - told.unheld), "yellow"),
            Text(plain(told.line.name)),
            Text(told.notes[0]),
        )
        for told in explanation.told
        if told.capped and told.unheld is not None
    ]
    for line, says in explanation.held:
        rows.append((Text(points_text(line.points), "yellow"), Text(plain(line.name)), Text(plain(says))))
    return rows


def _coming(explanation: Explanation) -> list[Cells]:
    rows: list[Cells] = []
    for moment, told in explanation.coming:
        when = Text.assemble(moment_text(moment, explanation.as_of), (f"  {format_moment(moment)}", "dim"))
        rows.append((Text(points_text(told.line.points), "dim"), Text(plain(told.line.name)), when))
    return rows
