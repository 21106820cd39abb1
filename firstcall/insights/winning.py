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
from firstcall.scoring.saying import AND, Forms, in_turn, said, whole
from firstcall.scoring.times import format_duration, format_moment, parse_duration
from firstcall.scoring.values import Kind, Operand

_TYPE = re.compile(r"\*|[a-z0-9_]+\.(?:[a-z0-9_]+|\*)")
_WITHIN = re.compile(r"(?P<type>\S+)\s+within\s+(?P<span>.+)")
_ENDS_EARLY = Forms(
    "The touchpoints end on {last}, before {within} are over for {count} record: some counted as lost may still be won."
    " Score an earlier moment, or allow less time.",
    "The touchpoints end on {last}, before {within} are over for {count} records: some counted as lost may still be"
    " won. Score an earlier moment, or allow less time.",
)
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
        said(
            '{text} does not say who was won. Write a field and its value ("converted=1", '
            '"status=Closed Won|Signed"), or a touchpoint that counts when it comes later '
            '("web.purchase within 30 days").',
            text=repr(text),
        )
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
    hint = (
        said("Did you mean {near}?", near=guess)
        if guess
        else said("There are: {names}.", names=", ".join(list(fields)[:12]))
    )
    raise OutcomeError(f"{said('The records have no field {name}.', name=name)} {hint}")


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
            said(
                "{outcome}: {name} holds {kind}, and {values} cannot be compared with that.",
                outcome=outcome,
                name=column.name,
                kind=_kinds_of_value(column.kind),
                values=in_turn(AND, list(outcome.values)),
            )
        )
    return Measured(measure, (Test("in", test),))


def _is_empty(outcome: FieldOutcome, source: Source) -> Measured:
    return Measured(FieldMeasure(find_column(source, outcome.field).name), (Test("empty", Empty()),))


def _operand(value: str, kind: Kind) -> Operand:
    """The value as the field's kind has it: `converted=1` finds true, `converted=true` finds 1."""
    folded = value.casefold()
    truth = True if folded in _YES else False if folded in _NO else None
    if kind is Kind.TRUTH and truth is not None:
        return Operand(truth)
    if kind is Kind.NUMBER and truth is not None:
        return Operand("1" if truth else "0")
    return Operand(value)


def _kinds_of_value(kind: Kind) -> str:
    match kind:
        case Kind.NUMBER:
            return said("numbers")
        case Kind.TRUTH:
            return said("true or false")
        case Kind.DATE:
            return said("dates")
        case Kind.TIME:
            return said("times")
    return f"{kind}"


# --- by touchpoint


def _by_touchpoint(won: TouchpointOutcome, source: Source, scope: Scope, workspace: Workspace) -> Decided:
    touchpoints = source.columns.touchpoints
    if touchpoints is None:
        raise OutcomeError(said("Who was won by {won} is seen in touchpoints: give them too.", won=won))
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
        _ENDS_EARLY(late, count=whole(late), last=format_moment(last), within=format_duration(won.within)),
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
        return said("There are no records to test the rule on.")
    if isinstance(won, TouchpointOutcome):
        return _one_sided_touchpoint(won, decided, scope)
    if not decided.won:
        compared = said("No record is won by {won}, so there is nothing to compare.", won=won)
    elif lost is None:
        compared = said("Every record is won by {won}, so there is nothing to compare.", won=won)
    else:
        compared = said(
            "Every record is won, and none is lost by {lost}, so there is nothing to compare.", lost=lost
        )
    column = find_column(source, won.field)
    held = said("{name} holds {values}.", name=column.name, values=known_values(workspace, column))
    return f"{compared} {held}"


def _one_sided_touchpoint(won: TouchpointOutcome, decided: Decided, scope: Scope) -> str:
    moment = said("its own as-of moment") if scope.as_of is None else format_moment(scope.as_of)
    if decided.won:
        return said(
            "Every record has {won} after {moment}, so there is nothing to compare.", won=won, moment=moment
        )
    return said(
        "No record has {won} after {moment}, so there is nothing to compare. Check the type, or score an earlier"
        " moment.",
        won=won,
        moment=moment,
    )
