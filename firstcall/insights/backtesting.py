"""How well a rule would have told won from lost: conversion by grade and bracket, lift, and where it is backwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from firstcall.engines.duckdb import DuckDBEngine
from firstcall.engines.engine import Scope
from firstcall.engines.reading import Source
from firstcall.engines.workspace import Workspace
from firstcall.insights.brackets import Bracket, brackets_of
from firstcall.insights.doubting import doubts
from firstcall.insights.judging import CriterionResult, judge_criteria
from firstcall.insights.ranking import (
    Area,
    Decile,
    Interval,
    Levels,
    Share,
    deciles,
    is_clearly_lower,
    rate_difference,
)
from firstcall.insights.winning import Decided, FieldOutcome, Outcome, OutcomeError, decide
from firstcall.scoring.rules import Rule
from firstcall.scoring.saying import Pattern

_NONE_WON = Pattern(
    "The rule {name} applies to no won record, so there is nothing to compare. Look at its applies_to."
)
_NONE_LOST = Pattern(
    "The rule {name} applies to no lost record, so there is nothing to compare. Look at its applies_to."
)


@dataclass(frozen=True, slots=True)
class GradeResult:
    """Conversion of the records with a grade; None is no grade."""

    grade: str | None
    share: Share


@dataclass(frozen=True, slots=True)
class BracketResult:
    bracket: Bracket
    share: Share


@dataclass(frozen=True, slots=True)
class Fall:
    """A higher bracket that converts less than the one below it; `difference` is higher minus lower."""

    lower: BracketResult
    higher: BracketResult
    difference: Interval

    @property
    def is_clear(self) -> bool:
        """Whether chance alone would hardly do it."""
        return is_clearly_lower(self.higher.share, self.lower.share)


@dataclass(frozen=True)
class Backtest:
    """A rule against what became of the records. Points are hundredths.

    totals     the distinct scores, lowest first, `levels` the won and lost records at each
    left_out   decided records that the rule does not apply to
    """

    rule: Rule
    won: str
    scope: Scope
    decided: Decided
    left_out: int
    totals: tuple[int, ...]
    levels: Levels
    grades: tuple[GradeResult, ...]
    brackets: tuple[BracketResult, ...]
    deciles: tuple[Decile, ...]
    criteria: tuple[CriterionResult, ...]
    warnings: tuple[str, ...] = ()

    @property
    def share(self) -> Share:
        return Share(self.levels.won_count, self.levels.won_count + self.levels.lost_count)

    @property
    def area(self) -> Area | None:
        return self.levels.area()

    @property
    def average_won(self) -> float:
        """The mean score of the won, in hundredths."""
        return _mean(self.totals, self.levels.won.tolist())

    @property
    def average_lost(self) -> float:
        return _mean(self.totals, self.levels.lost.tolist())

    @property
    def falls(self) -> tuple[Fall, ...]:
        """Where conversion falls as the score rises, from one bracket with records to the next."""
        found = []
        for lower, higher in pairwise(result for result in self.brackets if result.share.count):
            difference = rate_difference(higher.share, lower.share)
            if difference and higher.share.won * lower.share.count < lower.share.won * higher.share.count:
                found.append(Fall(lower, higher, difference))
        return tuple(found)


def backtest(
    rule: Rule,
    won: Outcome,
    source: Source,
    scope: Scope,
    workspace: Workspace,
    *,
    lost: FieldOutcome | None = None,
) -> Backtest:
    """Score the decided records and hold the scores against the outcome. Raises OutcomeError.

    lost  who counts as lost; without it all who were not won. Records that are neither are left out
    """
    decided = decide(won, lost, source, scope, workspace)
    DuckDBEngine().judge(rule, source, scope, workspace)
    workspace.run(
        "CREATE OR REPLACE TABLE tested AS SELECT judged.*, won FROM judged JOIN outcomes USING (id)"
    )
    totals, levels = _totals(workspace)
    _require_both(rule, levels)
    criteria = judge_criteria(rule, workspace)
    result = Backtest(
        rule=rule,
        won=str(won),
        scope=scope,
        decided=decided,
        left_out=decided.won + decided.lost - levels.won_count - levels.lost_count,
        totals=totals,
        levels=levels,
        grades=_grades(rule, workspace),
        brackets=_brackets(totals, levels),
        deciles=tuple(deciles(levels)),
        criteria=criteria,
    )
    warnings = doubts(rule, won, decided, levels, criteria, source=source, scope=scope, workspace=workspace)
    return replace(result, warnings=tuple(warnings))


def _require_both(rule: Rule, levels: Levels) -> None:
    if not levels.decides:
        raise OutcomeError((_NONE_LOST if levels.won_count else _NONE_WON)(name=rule.name))


def _totals(workspace: Workspace) -> tuple[tuple[int, ...], Levels]:
    rows = workspace.run(
        "SELECT total, count(*) FILTER (won), count(*) FILTER (NOT won) FROM tested GROUP BY total ORDER BY total"
    ).fetchall()
    return tuple(row[0] for row in rows), Levels.of([row[1] for row in rows], [row[2] for row in rows])


def _mean(points: Sequence[int], counts: Sequence[float]) -> float:
    return sum(p * n for p, n in zip(points, counts, strict=True)) / sum(counts)


# --- grades and brackets


def grade_names(rule: Rule) -> list[str]:
    """Every grade that the rule can give, best first; of two-part grades by the fit first."""
    if rule.grades is None:
        return []
    if not rule.grades.two_part:
        return [grade.name for grade in rule.grades.total]
    both = [fit.name + touch.name for fit in rule.grades.fit for touch in rule.grades.touchpoints]
    return list(dict.fromkeys(both))


def _grades(rule: Rule, workspace: Workspace) -> tuple[GradeResult, ...]:
    names = grade_names(rule)
    if not names:
        return ()
    rows = workspace.run(
        "SELECT grade, count(*) FILTER (won), count(*) FROM tested GROUP BY grade"
    ).fetchall()
    shares = {row[0]: Share(row[1], row[2]) for row in rows}
    listed: list[str | None] = [*names, None] if None in shares else [*names]
    return tuple(GradeResult(name, shares.get(name, Share(0, 0))) for name in listed)


def _brackets(totals: Sequence[int], levels: Levels) -> tuple[BracketResult, ...]:
    won, lost = levels.won.astype(int).tolist(), levels.lost.astype(int).tolist()
    counts = [w + n for w, n in zip(won, lost, strict=True)]
    results = []
    for bracket in brackets_of(totals, counts):
        inside = [i for i, total in enumerate(totals) if total in bracket]
        results.append(
            BracketResult(bracket, Share(sum(won[i] for i in inside), sum(counts[i] for i in inside)))
        )
    return tuple(results)
