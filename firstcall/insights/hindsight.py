"""What a score knew too early: fields that were changed, and touchpoints that came, after the outcome or the moment.

Only a source that tells when fields were changed can be asked: the columnar copy of what is stored.
"""

from __future__ import annotations

from firstcall.engines.engine import Scope
from firstcall.engines.reading import Source
from firstcall.engines.workspace import Workspace
from firstcall.insights.looking import moment_reading, of_types, one_row
from firstcall.insights.winning import FieldOutcome, Outcome, find_column
from firstcall.scoring.compiling.duckdb import DuckDB
from firstcall.scoring.rules import Rule, fields_read, types_read
from firstcall.scoring.saying import Forms, Pattern, said, whole

_DIALECT = DuckDB()

_CHANGED_AFTER = Forms(
    "{name} was changed after {after} for {count} record, and the score sees what it became: it may be a trace of the"
    " outcome.",
    "{name} was changed after {after} for {count} records, and the score sees what it became: it may be a trace of the"
    " outcome.",
)
_CAME_AFTER = Forms(
    "{count} touchpoints of {records} record came after those were won or lost, and count in the score: score an"
    " earlier moment.",
    "{count} touchpoints of {records} records came after those were won or lost, and count in the score: score an"
    " earlier moment.",
)


def known_too_early(
    rule: Rule, won: Outcome, *, source: Source, scope: Scope, workspace: Workspace
) -> list[str]:
    """Warnings in words. Reads the table `tested`.

    A record was won or lost when its field of the outcome was changed last; of one that came with its outcome, nobody
    knows when.
    """
    if not source.has_history:
        return []
    outcome = find_column(source, won.field).name if isinstance(won, FieldOutcome) else None
    _lay_out(outcome, scope, workspace)
    found = _changed_fields(rule, outcome, scope, workspace)
    if outcome is not None:
        found += _later_touchpoints(rule, source, workspace)
    return found


def _lay_out(outcome: str | None, scope: Scope, workspace: Workspace) -> None:
    """The table `told`: of each tested record the moment of its score and, where that is known, of its outcome."""
    as_of = "r.as_of" if scope.as_of is None else str(scope.as_of)
    closes = f"WHERE field = {_DIALECT.literal(outcome)}" if outcome is not None else "WHERE FALSE"
    workspace.run(
        f"CREATE OR REPLACE TABLE told AS\nSELECT r.id, {as_of} AS as_of, closed_at\n"
        "FROM tested JOIN records AS r ON CAST(r.id AS VARCHAR) = tested.id\n"
        f"LEFT JOIN (SELECT record_id, max(changed_at) AS closed_at FROM history {closes} GROUP BY record_id) AS closes\n"
        "ON closes.record_id = r.id",
        doing="looking at moments",
    )


def _changed_fields(rule: Rule, outcome: str | None, scope: Scope, workspace: Workspace) -> list[str]:
    names = sorted(fields_read(rule) - {outcome})
    if not names:
        return []
    # With one moment for all, fields are as they were then; with a moment of each record's own, as they are now.
    seen, after = (
        (
            "least(as_of, coalesce(closed_at, as_of))",
            Pattern("the moment of the score or the outcome", "after"),
        )
        if scope.as_of is None
        else ("closed_at", Pattern("the outcome", "after"))
    )
    until = "" if scope.as_of is None else " AND changed_at <= as_of"
    rows = workspace.run(
        "SELECT field, count(DISTINCT record_id) FROM history JOIN told ON told.id = record_id\n"
        f"WHERE field IN ({', '.join(map(_DIALECT.literal, names))}) AND changed_at > {seen}{until}\n"
        "GROUP BY field ORDER BY field",
        doing="looking at moments",
    ).fetchall()
    return [_CHANGED_AFTER(count, count=whole(count), name=name, after=after()) for name, count in rows]


def _later_touchpoints(rule: Rule, source: Source, workspace: Workspace) -> list[str]:
    touchpoints, types = source.columns.touchpoints, types_read(rule).get(None, ())
    if touchpoints is None or not types:
        return []
    moment = moment_reading("t.occurred_at", touchpoints.occurred_at)
    count, records = one_row(
        workspace,
        "SELECT count(*), count(DISTINCT told.id) FROM touchpoints AS t JOIN told ON told.id = t.record_id\n"
        f"WHERE {of_types('t.type', types)} AND {moment} > closed_at AND {moment} <= as_of",
        doing="looking at moments",
    )
    if not count:
        return []
    if count == 1:
        return [
            said(
                "1 touchpoint came after its record was won or lost, and counts in the score: score an earlier moment."
            )
        ]
    return [_CAME_AFTER(records, count=whole(count), records=whole(records))]
