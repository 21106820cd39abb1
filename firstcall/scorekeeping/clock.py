"""What time alone changes: scores whose moment has come make their records dirty, and records that may enter a rule."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import Min

from firstcall.records.models import Turn
from firstcall.scorekeeping.models import StoredScore, Waiting
from firstcall.scoring.times import moment_of

BATCH = 10_000

_WAKE = f"""
WITH due AS (
  SELECT id, next_change_at, next_change_at <= %(at)s AS is_due
  FROM scorekeeping_storedscore
  WHERE wake_at <= %(at)s
  ORDER BY wake_at
  LIMIT %(most)s
  FOR UPDATE SKIP LOCKED
),
woken AS (
  UPDATE scorekeeping_storedscore AS score
  SET wake_at = CASE WHEN NOT due.is_due THEN due.next_change_at END
  FROM due
  WHERE score.id = due.id
  RETURNING score.record_id, due.is_due
),
entering AS (
  SELECT rule_id, record_id
  FROM scorekeeping_waiting
  WHERE next_change_at <= %(at)s
  ORDER BY next_change_at
  LIMIT %(most)s
  FOR UPDATE SKIP LOCKED
),
called AS (
  DELETE FROM scorekeeping_waiting AS waiting
  USING entering
  WHERE (waiting.rule_id, waiting.record_id) = (entering.rule_id, entering.record_id)
  RETURNING waiting.record_id
),
dirty AS (
  INSERT INTO records_dirtyrecord (record_id, cause, since, turn, types)
  SELECT record_id, 'time', %(at)s, {Turn.TIME:d}, CAST('{{}}' AS TEXT[])
  FROM woken
  WHERE is_due
  UNION
  SELECT record_id, 'time', %(at)s, {Turn.TIME:d}, CAST('{{}}' AS TEXT[])
  FROM called
)
SELECT (SELECT COUNT(*) FROM woken) + (SELECT COUNT(*) FROM called)"""


def wake(now: datetime, *, most: int = BATCH) -> int:
    """Make the records of due scores dirty; says how many scores it was woken for, and 0 when none is due. One statement:
    all of it or nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_WAKE, {"at": moment_of(now), "most": most})
        [(woken,)] = cursor.fetchall()
    return int(woken)


def next_due() -> datetime | None:
    """When the clock is to look next: no later than the next change by time alone."""
    moments = [
        StoredScore.objects.aggregate(at=Min("wake_at"))["at"],
        Waiting.objects.aggregate(at=Min("next_change_at"))["at"],
    ]
    return min((moment for moment in moments if moment is not None), default=None)
