"""A record's score and its whole explanation as of any moment: by the rule's version, the fields and the touchpoints
that were known then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from psycopg.types.numeric import Int8

from firstcall.records.history import RecordThen, record_as_of
from firstcall.records.models import Record
from firstcall.scorekeeping.assigning import decided
from firstcall.scorekeeping.compiled import ModuleColumns, compile_for, current_columns, rule_of
from firstcall.scorekeeping.models import RuleVersion, StoredRule
from firstcall.scorekeeping.past_around import Around, relations_then
from firstcall.scorekeeping.statements import run, server_major
from firstcall.scoring.compiling import Statement, read_explained
from firstcall.scoring.rules import Rule
from firstcall.scoring.scores import Score
from firstcall.scoring.times import datetime_of, moment_of

# $1 the moment, $2 the record's id, $3 the record as it was and what was around it.
# Those that counted for a record then: they were there, its own, and not revoked. Those revoked since stand apart, as
# each of the indexes by record has one kind.
_TOUCHPOINTS = """
SELECT record_id, type, occurred_at, properties
FROM touchpoints_touchpoint
WHERE record_id IS NOT NULL AND revoked_at IS NULL AND COALESCE(joined_at, received_at) <= CAST($1 AS BIGINT)
UNION ALL
SELECT record_id, type, occurred_at, properties
FROM touchpoints_touchpoint
WHERE record_id IS NOT NULL AND revoked_at > CAST($1 AS BIGINT)
      AND COALESCE(joined_at, received_at) <= CAST($1 AS BIGINT)
UNION ALL
SELECT stay.record_id, touchpoint.type, touchpoint.occurred_at, touchpoint.properties
FROM touchpoints_earlierstay AS stay
JOIN touchpoints_touchpoint AS touchpoint ON touchpoint.id = stay.touchpoint_id
WHERE stay.since <= CAST($1 AS BIGINT) AND stay.until > CAST($1 AS BIGINT)"""


@dataclass(frozen=True, slots=True)
class Deciding:
    """What a rule's score of a record came from as of a moment: the version, and the moment it was computed for,
    which is earlier where the rule had stopped before."""

    version: RuleVersion
    as_of: datetime


def score_as_of(record: Record, rule: StoredRule, as_of: datetime) -> Score | None:
    """None: the record was not there yet, no version of the rule scored it, or the rule did not apply."""
    found = deciding(record, rule, as_of)
    return None if found is None else score_by(record, rule_of(found.version), found.as_of)


def deciding(record: Record, rule: StoredRule, as_of: datetime) -> Deciding | None:
    """By which version the record's score was as of the moment; None where no version scored it."""
    if record.created_at > as_of:
        return None
    found = decided(rule.pk, record.pk, moment_of(as_of))
    if found is None or moment_of(record.created_at) > found[1]:
        return None
    return Deciding(RuleVersion.objects.get(pk=found[0]), datetime_of(found[1]))


def score_by(
    record: Record,
    parsed: Rule,
    as_of: datetime,
    then: RecordThen | None = None,
    *,
    is_draft: bool = False,
) -> Score | None:
    """The score by a rule, as of a moment at which the record was there; None where it does not apply.

    then      the record as it was, where it is known
    is_draft  the rule will hardly be asked for again: its plan is not kept on the server
    """
    then = then or record_as_of(record, as_of)
    if then is None or then.is_deleted:
        return None
    columns = current_columns(record.module_id, slotted=False)
    around = Around(record, then, as_of)
    around.look(parsed, columns.columns)
    statement = _explaining(parsed, columns, server_major())
    ids = [Int8(record.pk)]  # of one type whatever its size: else the statement would be prepared for each
    rows = run(statement.sql, moment_of(as_of), ids, around.encoded(), prepared=not is_draft).fetchall()
    return read_explained(parsed, statement, rows[0])[1] if rows else None


@lru_cache(maxsize=200)
def _explaining(rule: Rule, columns: ModuleColumns, major: int) -> Statement:
    relations = relations_then(columns.module, columns.selected, columns.others, "$3")
    return compile_for(
        rule, columns, major=major, explain=True, past={"touchpoints": _TOUCHPOINTS, **relations}
    )
