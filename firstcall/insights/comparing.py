"""A dry run of a rule change: who moves up or down a grade, how the scores are spread, and what moved whom."""

from __future__ import annotations

from dataclasses import dataclass

from firstcall.engines.duckdb import DuckDBEngine
from firstcall.engines.engine import Scope
from firstcall.engines.reading import Source
from firstcall.engines.workspace import Workspace
from firstcall.insights.backtesting import grade_names
from firstcall.insights.brackets import Bracket, brackets_of
from firstcall.insights.changes import Change, changes
from firstcall.insights.looking import one_row
from firstcall.scoring.rules import Rule
from firstcall.scoring.scores import Score


@dataclass(frozen=True, slots=True)
class Spread:
    """How many records a grade or a bracket holds before and after."""

    label: str | Bracket | None
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Move:
    """One record before and after; a total is None where that rule does not apply to it."""

    id: str
    before: int | None
    after: int | None
    grade_before: str | None
    grade_after: str | None

    @property
    def change(self) -> int:
        return (self.after or 0) - (self.before or 0)


@dataclass(frozen=True, slots=True)
class Cause:
    """A criterion, group or limit that gave a record other points than before."""

    name: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Mover:
    """A record whose score changed most, with the causes, largest first."""

    move: Move
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class Regrading:
    """The records that went from one grade to another; `direction` is 1 up, -1 down, 0 where the two rules'
    grades cannot be ordered."""

    before: str | None
    after: str | None
    count: int
    direction: int
    named: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Points are hundredths. `new_rows` and `gone_rows` are scored by just one of the rules.

    mean_change, rank_correlation  over the records that both rules score; the second is Spearman's, with mean
                                   ranks for ties, and None where either rule gives all the same score
    kept_on_top                    how many of the old best `top` are among the new best `top`
    """

    old: Rule
    new: Rule
    changes: tuple[Change, ...]
    both: int
    changed: int
    newly_scored: int
    no_longer_scored: int
    newly_named: tuple[Move, ...]
    no_longer_named: tuple[Move, ...]
    mean_change: float | None
    rank_correlation: float | None
    top: int
    kept_on_top: int
    grades: tuple[Spread, ...]
    brackets: tuple[Spread, ...]
    regraded: tuple[Regrading, ...]
    movers: tuple[Mover, ...]

    @property
    def moved_up(self) -> int:
        return sum(regrading.count for regrading in self.regraded if regrading.direction > 0)

    @property
    def moved_down(self) -> int:
        return sum(regrading.count for regrading in self.regraded if regrading.direction < 0)


def compare(
    old: Rule, new: Rule, source: Source, scope: Scope, workspace: Workspace, *, top: int = 20
) -> Comparison:
    """Score the records by both rules in one pass and compare. `top` bounds every list of names."""
    DuckDBEngine().score([old, new], source, scope, workspace)
    workspace.run(_PAIRS)
    figures = one_row(workspace, _FIGURES, doing="comparing")
    both, changed, appeared, gone, mean_change, correlation = figures
    return Comparison(
        old=old,
        new=new,
        changes=tuple(changes(old, new)),
        both=both,
        changed=changed,
        newly_scored=appeared,
        no_longer_scored=gone,
        newly_named=_moves(workspace, "before IS NULL", "after DESC", top),
        no_longer_named=_moves(workspace, "after IS NULL", "before DESC", top),
        mean_change=mean_change,
        rank_correlation=correlation,
        top=top,
        kept_on_top=_kept_on_top(workspace, top),
        grades=_grade_spread(old, new, workspace),
        brackets=_bracket_spread(workspace),
        regraded=_regraded(old, new, workspace, top),
        movers=_movers(old, new, source, scope, workspace, top),
    )


_PAIRS = """
CREATE OR REPLACE TABLE pairs AS
SELECT id, o.total AS before, n.total AS after, o.grade AS grade_before, n.grade AS grade_after
FROM (SELECT * FROM scores WHERE rule = 0) AS o
FULL JOIN (SELECT * FROM scores WHERE rule = 1) AS n USING (id)"""

_FIGURES = """
WITH ranked AS (
  SELECT before, after,
         rank() OVER (ORDER BY before) + (count(*) OVER (PARTITION BY before) - 1) / 2 AS rank_before,
         rank() OVER (ORDER BY after) + (count(*) OVER (PARTITION BY after) - 1) / 2 AS rank_after
  FROM pairs WHERE before IS NOT NULL AND after IS NOT NULL
)
SELECT (SELECT count(*) FROM ranked), (SELECT count(*) FROM ranked WHERE before <> after),
       (SELECT count(*) FROM pairs WHERE before IS NULL), (SELECT count(*) FROM pairs WHERE after IS NULL),
       (SELECT avg(after - before) FROM ranked),
       (SELECT CASE WHEN var_pop(rank_before) > 0 AND var_pop(rank_after) > 0
               THEN corr(rank_before, rank_after) END FROM ranked)"""


def _moves(workspace: Workspace, where: str, order: str, most: int) -> tuple[Move, ...]:
    rows = workspace.run(
        "SELECT id, before, after, grade_before, grade_after FROM pairs\n"
        f"WHERE {where} ORDER BY {order}, id LIMIT {most}"
    ).fetchall()
    return tuple(Move(*row) for row in rows)


def _kept_on_top(workspace: Workspace, top: int) -> int:
    (kept,) = one_row(
        workspace,
        "SELECT count(*) FROM\n"
        f"(SELECT id FROM pairs WHERE before IS NOT NULL ORDER BY before DESC, id LIMIT {top}) SEMI JOIN\n"
        f"(SELECT id FROM pairs WHERE after IS NOT NULL ORDER BY after DESC, id LIMIT {top}) USING (id)",
    )
    return int(kept)


# --- how the scores are spread


def _grade_spread(old: Rule, new: Rule, workspace: Workspace) -> tuple[Spread, ...]:
    names = list(dict.fromkeys([*grade_names(new), *grade_names(old)]))
    if not names:
        return ()
    before = _counts(workspace, "grade_before", "before")
    after = _counts(workspace, "grade_after", "after")
    if before.get(None) or after.get(None):
        return tuple(Spread(name, before.get(name, 0), after.get(name, 0)) for name in (*names, None))
    return tuple(Spread(name, before.get(name, 0), after.get(name, 0)) for name in names)


def _counts(workspace: Workspace, value: str, scored: str) -> dict[str | None, int]:
    rows = workspace.run(
        f"SELECT {value}, count(*) FROM pairs WHERE {scored} IS NOT NULL GROUP BY 1"
    ).fetchall()
    return dict(rows)


def _bracket_spread(workspace: Workspace) -> tuple[Spread, ...]:
    """One scale for both: brackets of all scores, before and after taken together."""
    rows = workspace.run(
        "SELECT total, count(*) FILTER (rule = 0), count(*) FILTER (rule = 1) FROM scores GROUP BY 1 ORDER BY 1"
    ).fetchall()
    spreads = []
    for bracket in brackets_of([row[0] for row in rows], [row[1] + row[2] for row in rows]):
        inside = [row for row in rows if row[0] in bracket]
        spreads.append(Spread(bracket, sum(row[1] for row in inside), sum(row[2] for row in inside)))
    return tuple(spreads)


# --- who moves


def _regraded(old: Rule, new: Rule, workspace: Workspace, top: int) -> tuple[Regrading, ...]:
    """Every move from one grade to another, most records first."""
    ranks = _ranks(old, new)
    rows = workspace.run(
        "SELECT grade_before, grade_after, count(*) FROM pairs\n"
        "WHERE before IS NOT NULL AND after IS NOT NULL AND grade_before IS DISTINCT FROM grade_after\n"
        "GROUP BY ALL ORDER BY count(*) DESC, grade_before, grade_after"
    ).fetchall()
    found = []
    for before, after, count in rows:
        direction = 0 if ranks is None else 1 if ranks[after] > ranks[before] else -1
        where = f"before IS NOT NULL AND after IS NOT NULL AND {_equals('grade_before', before)}"
        where += f" AND {_equals('grade_after', after)}"
        named = _moves(workspace, where, "abs(after - before) DESC", top)
        found.append(Regrading(before, after, count, direction, named))
    return tuple(found)


def _ranks(old: Rule, new: Rule) -> dict[str | None, int] | None:
    """How high each grade stands, no grade lowest; None unless both rules have the same grades in one order.

    Grades of two parts are ordered by the fit first.
    """
    names = grade_names(new)
    if names != grade_names(old):
        return None
    return {None: 0, **{name: len(names) - position for position, name in enumerate(names)}}


def _equals(column: str, grade: str | None) -> str:
    if grade is None:
        return f"{column} IS NULL"
    return f"{column} = '" + grade.replace("'", "''") + "'"


def _movers(
    old: Rule, new: Rule, source: Source, scope: Scope, workspace: Workspace, top: int
) -> tuple[Mover, ...]:
    moves = _moves(
        workspace,
        "before IS NOT NULL AND after IS NOT NULL AND before <> after",
        "abs(after - before) DESC, after DESC",
        top,
    )
    if not moves:
        return ()
    only = Scope(scope.as_of, tuple(move.id for move in moves))
    before, after = (dict(DuckDBEngine().explain(rule, source, only, workspace)) for rule in (old, new))
    return tuple(Mover(move, _causes(before[move.id], after[move.id])) for move in moves)


def _causes(before: Score, after: Score) -> tuple[Cause, ...]:
    """The lines that differ, matched by kind and name."""
    old, new = ({(line.kind, line.name): line.points for line in score.lines} for score in (before, after))
    causes = [
        Cause(name, old.get((kind, name), 0), new.get((kind, name), 0))
        for kind, name in dict.fromkeys([*new, *old])
        if old.get((kind, name), 0) != new.get((kind, name), 0)
    ]
    return tuple(sorted(causes, key=_weight))


def _weight(cause: Cause) -> int:
    return -abs(cause.after - cause.before)
