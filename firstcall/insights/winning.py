"""Which records were won: a field with a value, or a touchpoint that came after the moment of the score."""

from __future__ import annotations

import re
from dataclasses import dataclass

from firstcall.engines.duckdb import DuckDBEngine
from firstcall.engines.engine import Scope
from firstcall.engines.reading import Source
from firstcall.engines.workspace import Workspace
from firstcall.insights.looking import known_values, moment_reading, of_types, one_row
from firstcall.scoring.columns import Column
from firstcall.scoring.operators import Empty, Is
from firstcall.scoring.problems import nearest
from firstcall.scoring.rules import Criterion, FieldMeasure, Measured, Points, Rule, Test
from firstcall.scoring.times import format_duration, format_moment, parse_duration
from firstcall.scoring.values import Kind, Operand

_TYPE = re.compile(r"\*|[a-z0-9_]+\.(?:[a-z0-9_]+|\*)")
_WITHIN = re.compile(r"(?P<type>\S+)\s+within\s+(?P<span>.+)")
_YES, _NO = ("true", "yes", "y", "t", "1"), ("false", "no", "n", "f", "0")


class OutcomeError(Exception):
    """An outcome that cannot be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class FieldOutcome:
    """Won is who has one of the values in the field; `*` is any value at all. Texts as typed."""

    field: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.field}={'|'.join(self.values)}"


@dataclass(frozen=True, slots=True)
class TouchpointOutcome:
    """Won is who has such a touchpoint after the as-of moment, at most `within` microseconds later."""

    type: str
    within: int | None = None

    def __str__(self) -> str:
        return self.type + (f" within {format_duration(self.within)}" if self.within else "")


type Outcome = FieldOutcome | TouchpointOutcome


@dataclass(frozen=True, slots=True)
class Decided:
    """What `decide` found.

    empty      records without a value in the field of the outcome
    undecided  records left out as neither won nor lost
    remarks    what should be known before the outcome is believed
    """

    won: int
    lost: int
    empty: int = 0
    undecided: int = 0
    remarks: tuple[str, ...] = ()


def parse_outcome(text: str) -> Outcome:
    """`field=value`, `field=value|value`, `field=*`, `web.purchase` or `web.purchase within 30 days`.

    >>> parse_outcome("Stage = Closed Won|Signed")
    FieldOutcome(field='Stage', values=('Closed Won', 'Signed'))
    >>> parse_outcome("web.purchase within 2 weeks").type
    'web.purchase'
    """
    field, equals, listed = text.partition("=")
    if equals:
        values = tuple(value.strip() for value in listed.split("|") if value.strip())
        if field.strip() and values:
            return FieldOutcome(field.strip(), values)
    else:
        match = _WITHIN.fullmatch(text.strip())
        type, span = (match["type"], match["span"]) if match else (text.strip(), None)
        within = None if span is None else parse_duration(span.strip())
        if _TYPE.fullmatch(type) and (span is None) == (within is None):
            return TouchpointOutcome(type, within)
    raise OutcomeError(
        f'{text!r} does not say who was won. Write a field and its value ("converted=1",'
        ' "status=Closed Won|Signed"), or a touchpoint that counts when it comes later ("web.purchase within'
        ' 30 days").'
    )


def decide(
    won: Outcome, lost: FieldOutcome | None, source: Source, scope: Scope, workspace: Workspace
) -> Decided:
    """Fill the table `outcomes` (id, won) with the records that were decided. Raises OutcomeError."""
    if isinstance(won, TouchpointOutcome):
        decided = _by_touchpoint(won, source, scope, workspace)
    else:
        decided = _by_field(won, lost, source, scope, workspace)
    if not decided.won or not decided.lost:
        raise OutcomeError(_one_sided(won, lost, decided, source, scope, workspace))
    return decided


# --- by field


def find_column(source: Source, name: str) -> Column:
    """The field of that name, capitals aside. Raises OutcomeError with the nearest name."""
    fields = source.columns.records.fields
    if name in fields:
        return fields[name]
    alike = [column for known, column in fields.items() if known.casefold() == name.casefold()]
    if len(alike) == 1:
        return alike[0]
    guess = nearest(name, fields)
    hint = f"Did you mean {guess}?" if guess else f"There are: {', '.join(list(fields)[:12])}."
    raise OutcomeError(f"The records have no field {name}. {hint}")


def _by_field(
    won: FieldOutcome, lost: FieldOutcome | None, source: Source, scope: Scope, workspace: Workspace
) -> Decided:
    conditions = [_condition(won, source), _is_empty(won, source)]
    if lost is not None:
        conditions.append(_condition(lost, source))
    criteria = [Criterion(f"{i}", condition, Points(100)) for i, condition in enumerate(conditions)]
    # The outcome is compared as any condition of a rule is: numbers as numbers, texts but for case.
    DuckDBEngine().judge(Rule("outcome", "", tuple(criteria)), source, Scope(scope.as_of), workspace)
    is_lost = "points_3 > 0" if lost is not None else "TRUE"
    workspace.run(
        "CREATE OR REPLACE TABLE outcomes AS SELECT id, points_1 > 0 AS won, points_2 > 0 AS empty,\n"
        f"points_1 > 0 OR {is_lost} AS decided FROM judged"
    )
    row = one_row(
        workspace,
        "SELECT count(*) FILTER (won), count(*) FILTER (decided AND NOT won),\n"
        "count(*) FILTER (decided AND empty), count(*) FILTER (NOT decided) FROM outcomes",
    )
    workspace.run("DELETE FROM outcomes WHERE NOT decided")
    return Decided(won=row[0], lost=row[1], empty=row[2], undecided=row[3])


def _condition(outcome: FieldOutcome, source: Source) -> Measured:
    column = find_column(source, outcome.field)
    measure = FieldMeasure(column.name)
    if outcome.values == ("*",):
        return Measured(measure, (Test("empty", Empty(), negated=True),))
    test = Is(tuple(_operand(value, column.kind) for value in outcome.values))
    if not test.fits(column.kind):
        raise OutcomeError(
            f"{outcome}: {column.name} holds {_kinds_of_value(column.kind)}, and"
            f" {' and '.join(outcome.values)} cannot be compared with that."
        )
    return Measured(measure, (Test("in", test),))


def _is_empty(outcome: FieldOutcome, source: Source) -> Measured:
    return Measured(FieldMeasure(find_column(source, outcome.field).name), (Test("empty", Empty()),))


def _operand(value: str, kind: Kind) -> Operand:
    """The value as the field's kind has it: `converted=1` finds true, `converted=true` finds 1."""
    said = value.casefold()
    truth = True if said in _YES else False if said in _NO else None
    if kind is Kind.TRUTH and truth is not None:
        return Operand(truth)
    if kind is Kind.NUMBER and truth is not None:
        return Operand("1" if truth else "0")
    return Operand(value)


def _kinds_of_value(kind: Kind) -> str:
    return {Kind.NUMBER: "numbers", Kind.TRUTH: "true or false", Kind.DATE: "dates", Kind.TIME: "times"}.get(
        kind, f"{kind}"
    )


# --- by touchpoint


def _by_touchpoint(won: TouchpointOutcome, source: Source, scope: Scope, workspace: Workspace) -> Decided:
    touchpoints = source.columns.touchpoints
    if touchpoints is None:
        raise OutcomeError(f"Who was won by {won} is seen in touchpoints: give them too.")
    moment = moment_reading("t.occurred_at", touchpoints.occurred_at)
    as_of, parameters = ("r.as_of", {}) if scope.as_of is None else ("$as_of", {"as_of": scope.as_of})
    until = f" AND {moment} <= {as_of} + {won.within}" if won.within else ""
    workspace.run(
        "CREATE OR REPLACE TABLE outcomes AS\n"
        "WITH reached AS (\n"
        "  SELECT DISTINCT r.id FROM records AS r JOIN touchpoints AS t ON t.record_id = r.id\n"
        f"  WHERE {of_types('t.type', [won.type])} AND {moment} > {as_of}{until}\n"
        ")\n"
        "SELECT CAST(r.id AS VARCHAR) AS id, reached.id IS NOT NULL AS won\n"
        "FROM records AS r LEFT JOIN reached ON reached.id = r.id",
        parameters,
        doing="finding the outcome",
    )
    row = one_row(workspace, "SELECT count(*) FILTER (won), count(*) FILTER (NOT won) FROM outcomes")
    return Decided(won=row[0], lost=row[1], remarks=_too_early(won, moment, scope, workspace))


def _too_early(won: TouchpointOutcome, moment: str, scope: Scope, workspace: Workspace) -> tuple[str, ...]:
    """A remark where the touchpoints end before the time that the outcome is given; `moment` is theirs."""
    (last,) = one_row(workspace, f"SELECT max({moment}) FROM touchpoints AS t")
    if last is None or won.within is None:
        return ()
    as_of = "as_of" if scope.as_of is None else str(scope.as_of)
    (late,) = one_row(workspace, f"SELECT count(*) FROM records WHERE {as_of} + {won.within} > {last}")
    if not late:
        return ()
    return (
        f"The touchpoints end on {format_moment(last)}, before {format_duration(won.within)} are over for"
        f" {late:,} record{'' if late == 1 else 's'}: some counted as lost may still be won. Score an earlier"
        " moment, or allow less time.",
    )


# --- when all or none were won


def _one_sided(
    won: Outcome,
    lost: FieldOutcome | None,
    decided: Decided,
    source: Source,
    scope: Scope,
    workspace: Workspace,
) -> str:
    if not decided.won + decided.lost + decided.undecided:
        return "There are no records to test the rule on."
    if isinstance(won, TouchpointOutcome):
        return _one_sided_touchpoint(won, decided, scope)
    all_or_none = "Every record is" if decided.won else "No record is"
    side = f"won by {won}" if lost is None or not decided.won else f"won, and none is lost by {lost}"
    column = find_column(source, won.field)
    compared = f"{all_or_none} {side}, so there is nothing to compare."
    return f"{compared} {column.name} holds {known_values(workspace, column)}."


def _one_sided_touchpoint(won: TouchpointOutcome, decided: Decided, scope: Scope) -> str:
    moment = "its own as-of moment" if scope.as_of is None else format_moment(scope.as_of)
    who, mend = ("Every", "") if decided.won else ("No", " Check the type, or score an earlier moment.")
    return f"{who} record has {won} after {moment}, so there is nothing to compare.{mend}"
