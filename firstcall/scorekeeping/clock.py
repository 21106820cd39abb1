"""What time alone changes: scores whose moment has come make their records dirty."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import Min

from firstcall.scorekeeping.models import StoredScore
from firstcall.scoring.times import moment_of

BATCH = 10_000

_WAKE = """
WITH due AS (
  SELECT id
  FROM scorekeeping_storedscore
  WHERE next_change_at <= %s
  ORDER BY next_change_at
  LIMIT %s
  FOR UPDATE SKIP LOCKED
),
woken AS (
  UPDATE scorekeeping_storedscore AS score
  SET next_change_at = NULL
  FROM due
  WHERE score.id = due.id
  RETURNING score.record_id
),
dirty AS (
  INSERT INTO records_dirtyrecord (record_id, cause, since)
  SELECT DISTINCT record_id, 'time', %s
  FROM woken
)
SELECT COUNT(*) FROM woken"""


def wake(now: datetime, *, most: int = BATCH) -> int:
    """Make the records of due scores dirty; says how many scores were due. One statement: all of it or nothing."""
    at = moment_of(now)
    with connection.cursor() as cursor:
        cursor.execute(_WAKE, [at, most, at])
        [(woken,)] = cursor.fetchall()
    return int(woken)


def next_due() -> datetime | None:
    """When the next score changes by time alone."""
    found: datetime | None = StoredScore.objects.aggregate(at=Min("next_change_at"))["at"]
    return found
