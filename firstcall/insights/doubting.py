"""What makes a backtest hard to believe: too few won, outcomes that leak into the score, moments that do not fit."""

from __future__ import annotations

from collections.abc import Sequence

from firstcall.engines.engine import Scope
from firstcall.engines.reading import Source
from firstcall.engines.workspace import Workspace
from firstcall.insights.hindsight import known_too_early
from firstcall.insights.judging import CriterionResult
from firstcall.insights.looking import field_reading, moment_reading, one_row
from firstcall.insights.ranking import Levels, Share
from firstcall.insights.winning import Decided, FieldOutcome, Outcome, find_column
from firstcall.scoring.columns import Column
from firstcall.scoring.operators import InNext
from firstcall.scoring.rules import FieldMeasure, Rule, types_read
from firstcall.scoring.saying import Forms, number, quoted, said, whole
from firstcall.scoring.times import format_moment
from firstcall.scoring.values import Kind

FEW = 30
# A field or criterion that ranks this well alone is more often a trace of the outcome than a sign of it.
TOO_GOOD = 0.95
# Above this share of won records, a value that all won share says nothing.
RARE_ENOUGH = 0.6
_RARE = 20
_MANY = 10_000

_FEW_WON = Forms(
    "Only {count} won record: too few to tell a good rule from luck. Look again when there are {few} or more.",
    "Only {count} won records: too few to tell a good rule from luck. Look again when there are {few} or more.",
)
_FEW_LOST = Forms(
    "Only {count} lost record: too few to tell a good rule from luck. Look again when there are {few} or more.",
    "Only {count} lost records: too few to tell a good rule from luck. Look again when there are {few} or more.",
)
_EMPTY = Forms(
    "{count} record has nothing in {field} and counts as lost. If it is still open, say who was lost too, and it is"
    " left out.",
    "{count} records have nothing in {field} and count as lost. If they are still open, say who was lost too, and"
    " they are left out.",
)
_TIES = Forms(
    "{count} of the 9 lines between tenths falls among equal scores (~): those records are shared out evenly between"
    " the two tenths.",
    "{count} of the 9 lines between tenths fall among equal scores (~): those records are shared out evenly between"
    " the two tenths.",
)
_NOT_USED = Forms(
    "{count} touchpoint after {whose} are not used.", "{count} touchpoints after {whose} are not used."
)
_LIES_LATER = Forms(
    "{name} lies after the moment of the score for {count} record: was it filled in later?",
    "{name} lies after the moment of the score for {count} records: was it filled in later?",
)


def doubts(
    rule: Rule,
    won: Outcome,
    decided: Decided,
    levels: Levels,
    criteria: Sequence[CriterionResult],
    *,
    source: Source,
    scope: Scope,
    workspace: Workspace,
) -> list[str]:
    """Warnings in words, the gravest first. Reads the tables `tested` and `outcomes`."""
    return [
        *_few(levels),
        *_leaking_fields(rule, won, source, workspace),
        *_leaking_criteria(criteria, levels),
        *known_too_early(rule, won, source=source, scope=scope, workspace=workspace),
        *_moments(rule, won, source, scope, workspace),
        *decided.remarks,
        *_empty_outcomes(won, decided),
        *_ties(levels),
    ]


def _few(levels: Levels) -> list[str]:
    if levels.won_count < FEW:
        return [_FEW_WON(levels.won_count, few=FEW)]
    if levels.lost_count < FEW:
        return [_FEW_LOST(levels.lost_count, few=FEW)]
    return []


def _empty_outcomes(won: Outcome, decided: Decided) -> list[str]:
    if not decided.empty or not isinstance(won, FieldOutcome):
        return []
    return [_EMPTY(decided.empty, count=whole(decided.empty), field=won.field)]


def _ties(levels: Levels) -> list[str]:
    total = levels.won_count + levels.lost_count
    cut = sum(levels.cuts_a_tie(total * tenth / 10) for tenth in range(1, 10))
    if not cut:
        return []
    if cut == 9:
        return [
            said(
                "The lines between all tenths fall among equal scores (~): those records are shared out evenly"
                " between the two tenths."
            )
        ]
    return [_TIES(cut)]


# --- leaks


def _leaking_criteria(criteria: Sequence[CriterionResult], levels: Levels) -> list[str]:
    found = []
    everyone = Share(levels.won_count, levels.won_count + levels.lost_count)
    for criterion in criteria:
        area = criterion.area
        telling = next((arm.met for arm in criterion.arms if _gives_away(arm.met, everyone)), None)
        if area and max(area.value, 1 - area.value) > TOO_GOOD:
            why = said("alone tells won from lost (AUC {value})", value=number(f"{area.value:.3f}"))
        elif telling:
            why = said(
                "almost gives the outcome away: of {count} it moves, {won} were won",
                count=whole(telling.count),
                won=whole(telling.won),
            )
        else:
            continue
        found.append(
            said(
                "The criterion {name} {why}. Does it see what happened after the outcome?",
                name=criterion.name,
                why=why,
            )
        )
    return found


def _gives_away(share: Share, everyone: Share) -> bool:
    """Whether nearly all of a large part of the won are here, and nearly nobody else."""
    interval = share.interval
    return bool(
        interval
        and interval.low > TOO_GOOD
        and share.won >= everyone.won / 10
        and everyone.won < RARE_ENOUGH * everyone.count
    )


def fields_read(rule: Rule) -> list[str]:
    """The fields that the rule reads, each once."""
    names = [leaf.measure.name for leaf in rule.measured if isinstance(leaf.measure, FieldMeasure)]
    return list(dict.fromkeys(names))


def _leaking_fields(rule: Rule, won: Outcome, source: Source, workspace: Workspace) -> list[str]:
    columns = source.columns.records.fields
    outcome = find_column(source, won.field).name if isinstance(won, FieldOutcome) else None
    found = []
    for name in fields_read(rule):
        if name == outcome:
            found.append(
                said("The rule reads {name}, the outcome itself: take it out of the rule.", name=name)
            )
        elif name in columns and (why := _leak(columns[name], workspace)):
            found.append(
                said(
                    "{name} {why} Is it filled in only after the outcome? Then take it out of the rule.",
                    name=name,
                    why=why,
                )
            )
    return found


def _leak(column: Column, workspace: Workspace) -> str | None:
    """Why the field looks like a trace of the outcome; None when it does not."""
    values = _values(column, workspace)
    if values is None:
        return None
    everyone = sum((share for _, share in values), Share(0, 0))
    best = max((_strength(shares) for shares in _orders(column, values)), default=0.5)
    if best > TOO_GOOD:
        return said("alone nearly decides the outcome (AUC {best}).", best=number(f"{best:.3f}"))
    for value, share in values:
        if _gives_away(share, everyone):
            shown = said("being empty") if value is None else quoted(f"{value}")
            return said(
                "almost gives the outcome away: of {count} with {shown}, {won} were won.",
                count=whole(share.count),
                shown=shown,
                won=whole(share.won),
            )
    return None


def _values(column: Column, workspace: Workspace) -> list[tuple[object, Share]] | None:
    """Won and all records at each value; None for lists and for fields that name rather than sort."""
    reading = field_reading(column)
    if column.kind is Kind.LIST:
        return None
    shown = reading.folded or reading.typed_number or reading.moment or reading.x
    rows = workspace.run(
        f"SELECT {shown} AS value, count(*) FILTER (won), count(*)\n"
        "FROM tested JOIN records AS r ON CAST(r.id AS VARCHAR) = tested.id GROUP BY value ORDER BY value NULLS FIRST"
    ).fetchmany(_MANY + 1)
    if len(rows) > _MANY and column.kind is Kind.TEXT:
        return None
    return [(value, Share(won, count)) for value, won, count in rows]


def _orders(column: Column, values: Sequence[tuple[object, Share]]) -> list[list[Share]]:
    """The ways in which the field may rank: by size, by being filled, and by the conversion of each value."""
    filled = [share for value, share in values if value is not None]
    empty = [share for value, share in values if value is None]
    orders = [[*empty, sum(filled, Share(0, 0))]]
    if column.kind in (Kind.NUMBER, Kind.DATE, Kind.TIME):
        orders.append(filled)
    else:
        # Rare values are taken together: each alone would always look decisive.
        rare = sum((share for share in filled if share.count < _RARE), Share(0, 0))
        kept = [share for share in [*filled, *empty] if share.count >= _RARE]
        orders.append(sorted([*kept, *([rare] if rare.count else [])], key=lambda share: share.rate or 0))
    return orders


def _strength(shares: Sequence[Share]) -> float:
    area = Levels.of_shares(shares).area()
    return max(area.value, 1 - area.value) if area else 0.5


# --- moments


def _moments(rule: Rule, won: Outcome, source: Source, scope: Scope, workspace: Workspace) -> list[str]:
    found = _later_dates(rule, source, scope, workspace)
    touchpoints = source.columns.touchpoints
    if touchpoints is None or not types_read(rule):
        return found
    moment = moment_reading("t.occurred_at", touchpoints.occurred_at)
    as_of = "r.as_of" if scope.as_of is None else str(scope.as_of)
    (later,) = one_row(
        workspace,
        f"SELECT count(*) FROM touchpoints AS t JOIN records AS r ON r.id = t.record_id WHERE {moment} > {as_of}",
        doing="looking at moments",
    )
    whose = said("the record's own moment") if scope.as_of is None else f"{format_moment(scope.as_of)}"
    if later:
        found.append(_NOT_USED(later, count=whole(later), whose=whose))
    if scope.as_of is not None and isinstance(won, FieldOutcome):
        found.append(
            said(
                "Every record is scored as of {whose}: touchpoints that came after a record was won "
                "or lost count too. Give each record a moment of its own.",
                whose=whose,
            )
        )
    return found


def _later_dates(rule: Rule, source: Source, scope: Scope, workspace: Workspace) -> list[str]:
    """Dates that lie after the moment of the score may have been filled in later, unless the rule looks ahead."""
    ahead = {
        leaf.measure.name
        for leaf in rule.measured
        if isinstance(leaf.measure, FieldMeasure) and any(isinstance(t.operator, InNext) for t in leaf.tests)
    }
    as_of = "r.as_of" if scope.as_of is None else str(scope.as_of)
    found = []
    for name in fields_read(rule):
        column = source.columns.records.fields.get(name)
        moment = field_reading(column).moment if column else None
        if moment is None or name in ahead:
            continue
        (later,) = one_row(workspace, f"SELECT count(*) FROM records AS r WHERE {moment} > {as_of}")
        if later:
            found.append(_LIES_LATER(later, count=whole(later), name=name))
    return found
