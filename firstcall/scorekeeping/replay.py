"""A record's score and its whole explanation as of any moment: by the rule's version, the fields and the touchpoints
that were known then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from firstcall.records.models import FieldChange, Record
from firstcall.scorekeeping.compiled import compile_for, module_columns, rule_of
from firstcall.scorekeeping.models import RuleVersion, StoredRule
from firstcall.scorekeeping.statements import run, server_major
from firstcall.scoring.compiling import read_explained
from firstcall.scoring.scores import Score
from firstcall.scoring.times import moment_of

# $1 the moment, $2 the record's id, $3 its values then, $4 when they were last changed.
_RECORD = """
SELECT r.id, {columns}
FROM (
  SELECT id, created_at, CAST($4 AS BIGINT) AS updated_at, CAST($3 AS JSONB) AS values
  FROM records_record
  WHERE id = ANY($2)
) AS r"""
# Those that counted for the record then: some joined it later than they came in, some have left it since.
_TOUCHPOINTS = """
SELECT record_id, type, occurred_at, properties
FROM touchpoints_touchpoint
WHERE record_id IS NOT NULL AND COALESCE(joined_at, received_at) <= CAST($1 AS BIGINT)
      AND (revoked_at IS NULL OR revoked_at > CAST($1 AS BIGINT))
UNION ALL
SELECT stay.record_id, touchpoint.type, touchpoint.occurred_at, touchpoint.properties
FROM touchpoints_earlierstay AS stay
JOIN touchpoints_touchpoint AS touchpoint ON touchpoint.id = stay.touchpoint_id
WHERE stay.since <= CAST($1 AS BIGINT) AND stay.until > CAST($1 AS BIGINT)"""


def score_as_of(record: Record, rule: StoredRule, as_of: datetime) -> Score | None:
    """None: the record was not there yet, no version of the rule was active, or it did not apply."""
    version = active_version(rule, as_of)
    if version is None or record.created_at > as_of:
        return None
    values, updated_at = values_as_of(record, as_of)
    columns, parsed = module_columns(record.module), rule_of(version)
    statement = compile_for(
        parsed,
        columns,
        major=server_major(),
        explain=True,
        records=_RECORD.format(columns=", ".join(columns.selected)),
        touchpoints=_TOUCHPOINTS,
    )
    held = msgspec.json.encode(values).decode()
    rows = run(statement.sql, moment_of(as_of), [record.pk], held, moment_of(updated_at)).fetchall()
    return read_explained(parsed, statement, rows[0])[1] if rows else None


def active_version(rule: StoredRule, as_of: datetime) -> RuleVersion | None:
    """The version that scored at the moment."""
    last = rule.activations.filter(at__lte=as_of).order_by("at", "pk").select_related("version").last()
    return None if last is None else last.version


def values_as_of(record: Record, as_of: datetime) -> tuple[Mapping[str, Any], datetime]:
    """The record's values at the moment, and when they had last been changed."""
    values = dict(record.values)
    for change in FieldChange.objects.filter(record=record, at__gt=as_of).order_by("-at", "-pk"):
        values[change.field] = change.old
    before = FieldChange.objects.filter(record=record, at__lte=as_of).order_by("at").last()
    changed_at = record.created_at if before is None else before.at
    return {name: value for name, value in values.items() if value is not None}, changed_at
