"""What time alone changes: scores whose moment has come, and records that may enter a rule.

Nothing is written to say so: the keeper takes these records as they are due, and their scores get their next moments
as they are stored.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Min

from firstcall.scorekeeping.locks import lock_free_records
from firstcall.scorekeeping.models import StoredScore, Waiting
from firstcall.scorekeeping.statements import run, whole

# $1 the moment, $2 how many at most, $3 how many of the earliest are left out.
_DUE = """
(SELECT record_id FROM scorekeeping_storedscore WHERE wake_at <= $1 ORDER BY wake_at LIMIT $2 OFFSET $3)
UNION ALL
(SELECT record_id FROM scorekeeping_waiting WHERE next_change_at <= $1 ORDER BY next_change_at LIMIT $2 OFFSET $3)"""

# Rules that are not in force, or cannot be computed, leave scores as they were: these are looked at no more. $1 the
# records, $2 the moment.
_REST = """
UPDATE scorekeeping_storedscore
SET wake_at = NULL
WHERE record_id = ANY($1) AND wake_at <= $2"""
_STAY_OUT = """
DELETE FROM scorekeeping_waiting
WHERE record_id = ANY($1) AND next_change_at <= $2"""


def lock_due(at: int, most: int) -> list[tuple[int, int]]:
    """(record, module) of records whose scores time may have changed, those of the earliest moments that nobody else is
    scoring or writing, nor will until the transaction ends."""
    passed = 0
    while due := run(_DUE, at, most, passed, prepared=True).fetchall():
        if locked := lock_free_records(sorted({whole(record) for (record,) in due})):
            return locked
        passed += most
    return []


def look_no_more(records: list[int], at: int) -> None:
    """Of records that were scored as of then: whatever is still due belongs to rules that no longer score."""
    if records:
        run(_REST, records, at, prepared=True)
        run(_STAY_OUT, records, at, prepared=True)


def next_due() -> datetime | None:
    """When the clock is to look next: no later than the next change by time alone."""
    moments = [
        StoredScore.objects.aggregate(at=Min("wake_at"))["at"],
        Waiting.objects.aggregate(at=Min("next_change_at"))["at"],
    ]
    return min((moment for moment in moments if moment is not None), default=None)
