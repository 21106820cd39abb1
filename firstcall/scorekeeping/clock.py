"""What time alone changes: scores whose moment has come, and records that may enter a rule.

Nothing is written to say so: the keeper takes these records as they are due, and their scores get their next moments
as they are stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min

from firstcall.scorekeeping.locks import lock_free_records
from firstcall.scorekeeping.models import StoredScore, Waiting
from firstcall.scorekeeping.statements import run, whole

# $1 the moment, $2 how many at most, $3 how many of the earliest are left out.
_DUE = """
(SELECT record_id, rule_id
 FROM scorekeeping_storedscore WHERE wake_at <= $1 ORDER BY wake_at LIMIT $2 OFFSET $3)
UNION ALL
(SELECT record_id, rule_id
 FROM scorekeeping_waiting WHERE next_change_at <= $1 ORDER BY next_change_at LIMIT $2 OFFSET $3)"""

# $1 and $2 records and rules, pair by pair, $3 the moment.
_REST = """
UPDATE scorekeeping_storedscore
SET wake_at = NULL
WHERE (record_id, rule_id) IN (SELECT * FROM unnest(CAST($1 AS BIGINT[]), CAST($2 AS BIGINT[]))) AND wake_at <= $3"""
_STAY_OUT = """
DELETE FROM scorekeeping_waiting
WHERE (record_id, rule_id) IN (SELECT * FROM unnest(CAST($1 AS BIGINT[]), CAST($2 AS BIGINT[])))
      AND next_change_at <= $3"""


@dataclass(frozen=True, slots=True)
class Due:
    """Whose scores time may have changed.

    modules  of each record
    scores   (record, rule) of those that were looked at because they are due
    """

    modules: dict[int, int]
    scores: list[tuple[int, int]]


def lock_due(at: int, most: int) -> Due:
    """Those of the earliest moments that nobody else is scoring or writing, nor will until the transaction ends."""
    passed = 0
    while due := run(_DUE, at, most, passed, prepared=True).fetchall():
        pairs = [(whole(record), whole(rule)) for record, rule in due]
        if locked := dict(lock_free_records(sorted({record for record, _ in pairs}))):
            return Due(locked, [pair for pair in pairs if pair[0] in locked])
        passed += most
    return Due({}, [])


def look_no_more(scores: Sequence[tuple[int, int]], at: int) -> None:
    """Of rules that no longer score, or cannot: these scores stay as they are, whatever their moment. Of locked records."""
    if scores:
        records, rules = [record for record, _ in scores], [rule for _, rule in scores]
        run(_REST, records, rules, at)
        run(_STAY_OUT, records, rules, at)


def next_due() -> datetime | None:
    """When the clock is to look next: no later than the next change by time alone."""
    moments = [
        StoredScore.objects.aggregate(at=Min("wake_at"))["at"],
        Waiting.objects.aggregate(at=Min("next_change_at"))["at"],
    ]
    return min((moment for moment in moments if moment is not None), default=None)
