"""The top of the ranked list with the strongest reasons: gathered from the scores, then shown as a table or JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from firstcall.cli.opening import Opened
from firstcall.cli.picturing import bar, grade_style, moment_text, points_text
from firstcall.cli.terminal import plain
from firstcall.engines.duckdb import DuckDBEngine
from firstcall.engines.engine import Engine, Scope
from firstcall.scoring.explained_json import score_object
from firstcall.scoring.line_objects import line_object
from firstcall.scoring.rules import Rule
from firstcall.scoring.scores import Line, Score
from firstcall.scoring.times import format_moment
from firstcall.scoring.wording import reason

REASONS = 2
_NARROW = 100  # columns of a terminal below which the figures stand closer


@dataclass(frozen=True)
class Ranking:
    """What one rule says of all records, and of the first few.

    records  how many there are, scored or not
    grades   how many records have each grade, the best first; None is without a grade
    top      the ids with their explained scores, the highest first
    """

    rule: Rule
    records: int
    scored: int
    grades: Mapping[str | None, int]
    top: Sequence[tuple[str, Score]]


def rank(engine: Engine, rules: Sequence[Rule], opened: Opened, scope: Scope, top: int) -> list[Ranking]:
    """The rankings, from the table `scores`."""
    return [_ranking(engine, rule, index, opened, scope, top) for index, rule in enumerate(rules)]


def _ranking(engine: Engine, rule: Rule, index: int, opened: Opened, scope: Scope, top: int) -> Ranking:
    counted = opened.workspace.run(
        "SELECT grade, count(*), max(total) AS best FROM scores WHERE rule = $rule\n"
        "GROUP BY grade ORDER BY best DESC",
        {"rule": index},
    ).fetchall()
    found_ids = opened.workspace.run(
        "SELECT id FROM scores WHERE rule = $rule ORDER BY total DESC, id LIMIT $top",
        {"rule": index, "top": top},
    ).fetchall()
    ids = [str(id) for (id,) in found_ids]
    # All engines agree, so the quickest says why; the reference is asked itself, being asked for to compare.
    explaining = engine if engine.name == "reference" else DuckDBEngine()
    few = Scope(scope.as_of, tuple(ids))
    found = dict(explaining.explain(rule, opened.source, few, opened.workspace)) if ids else {}
    grades = {grade: count for grade, count, _ in counted}
    return Ranking(
        rule,
        opened.source.records,
        sum(grades.values()),
        _in_order(rule, grades),
        [(id, found[id]) for id in ids],
    )


def _in_order(rule: Rule, grades: Mapping[str | None, int]) -> dict[str | None, int]:
    """By the rule's own order where there is one; grades that no record has are 0."""
    if rule.grades is None:
        return {}
    if rule.grades.two_part:
        names = sorted(name for name in grades if name is not None)
    else:
        names = [grade.name for grade in rule.grades.total]
    counted: dict[str | None, int] = {name: grades.get(name, 0) for name in names}
    return {**counted, None: grades[None]} if None in grades else counted


def strongest(score: Score, most: int = REASONS) -> list[Line]:
    """The criteria that moved the most points, either way."""
    moved = [line for line in score.lines if line.kind == "criterion" and line.points]
    return sorted(moved, key=lambda line: -abs(line.points))[:most]


def reasons(rule: Rule, lines: Sequence[Line]) -> list[str]:
    """The lines in words; those of groups and limits under their names."""
    criteria = {criterion.name: criterion for criterion in rule.criteria}
    return [
        reason(criteria[line.name], line)
        if line.kind == "criterion"
        else f"{line.kind} {line.name if line.kind == 'group' else ''}".strip()
        + f" {points_text(line.points)}"
        for line in lines
    ]


def ranking_object(ranking: Ranking, *, explain: bool) -> dict[str, object]:
    """For JSON."""
    return {
        "rule": ranking.rule.name,
        "records": ranking.records,
        "scored": ranking.scored,
        "grades": {name or "": count for name, count in ranking.grades.items()},
        "top": [
            _ranked_object(ranking.rule, rank, id, score, explain=explain)
            for rank, (id, score) in enumerate(ranking.top, 1)
        ],
    }


def _ranked_object(rule: Rule, rank: int, id: str, score: Score, *, explain: bool) -> dict[str, object]:
    shown: dict[str, object] = {
        "rank": rank,
        "id": id,
        **score_object(score),
        "reasons": reasons(rule, strongest(score)),
    }
    return {**shown, "lines": [line_object(line) for line in score.lines]} if explain else shown


def show_ranking(ranking: Ranking, console: Console, as_of: int | None, *, explain: bool) -> None:
    """The table, between the rule's name and the counts."""
    when = f" as of {format_moment(as_of)}" if as_of is not None else ", each as of its own moment"
    console.print(
        Text.assemble(("\n" + plain(ranking.rule.name), "bold"), (f"  {ranking.rule.module}{when}", "dim"))
    )
    if ranking.top:
        console.print(_table(ranking, console, as_of, explain=explain))
    console.print(Text("\n") + _counts(ranking))


def _table(ranking: Ranking, console: Console, as_of: int | None, *, explain: bool) -> Table:
    narrow = console.width < _NARROW
    table = Table(
        box=SIMPLE_HEAD, pad_edge=False, padding=(0, 0) if narrow else (0, 1, 0, 0), show_edge=False
    )
    table.add_column("#", justify="right", style="dim")
    table.add_column("id", overflow="fold")
    table.add_column("total", justify="right", style="bold", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("grade", no_wrap=True)
    table.add_column("fit", justify="right", no_wrap=True)
    table.add_column("touchpoints", justify="right", no_wrap=True)
    table.add_column("changes", no_wrap=True)
    table.add_column("reasons" if explain else "strongest reasons", ratio=1, overflow="fold")
    full = ranking.rule.limits.maximum or max((score.total for _, score in ranking.top), default=0)
    for rank, (id, score) in enumerate(ranking.top, 1):
        style = grade_style(ranking.rule, score)
        lines = [line for line in score.lines if line.points] if explain else strongest(score)
        table.add_row(
            str(rank),
            plain(id),
            points_text(score.total, sign=False),
            Text(bar(score.total, full, width=5 if narrow else 10, console=console), style=style),
            Text(plain(score.grade or "–"), style=style),
            _gained_and_lost(score.positive, score.negative),
            _gained_and_lost(score.touchpoint_positive, score.touchpoint_negative),
            Text(moment_text(score.next_change_at, as_of), style="dim"),
            _reasons_text(ranking.rule, lines, "\n" if explain else ", "),
        )
    return table


def _gained_and_lost(gained: int, lost: int) -> Text:
    """`+35 -15`; what is 0 is left out."""
    parts = [(points_text(gained), "green")] if gained else []
    parts += [(points_text(-lost), "red")] if lost else []
    return Text(" ").join([Text(text, style) for text, style in parts]) if parts else Text("0", "dim")


def _reasons_text(rule: Rule, lines: Sequence[Line], between: str) -> Text:
    texts = []
    for line, said in zip(lines, reasons(rule, lines), strict=True):
        name, _, points = plain(said).rpartition(" ")
        texts.append(Text.assemble(name, " ", (points, "green" if line.points > 0 else "red")))
    return Text(between).join(texts)


def _counts(ranking: Ranking) -> Text:
    """`1,204 of 2,000 records scored · Hot 21 · Warm 310`."""
    scored = f"{ranking.scored:,} of {ranking.records:,} records scored"
    if ranking.scored == ranking.records:
        scored = f"{ranking.scored:,} record{'' if ranking.scored == 1 else 's'} scored"
    grades = [f"{plain(name or 'no grade')} {count:,}" for name, count in ranking.grades.items()]
    shown = len(ranking.top)
    top = [f"the top {shown:,} shown"] if shown < ranking.scored else []
    return Text(" · ".join([scored, *grades, *top]), style="dim")
