"""Follows the score changes: each is read once, in an order that nothing is put in between later.

Ids are given before a transaction commits, so a greater one may be seen before a smaller one. The order is therefore
that of the transactions, and only of those before the oldest that still runs.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from firstcall.access.viewer import Viewer
from firstcall.records.seeing import seen
from firstcall.scorekeeping.models import ScoreChange

MOST_MOVED = 10_000

_MOVED = """
SELECT record_id
FROM scorekeeping_scorechange
WHERE transaction >= %s AND transaction < %s
ORDER BY transaction, id
LIMIT %s"""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """Behind which change to go on."""

    transaction: int = 0
    id: int = 0


def mark_of(change: ScoreChange) -> Mark:
    return Mark(change.transaction, change.pk)


def changes_after(
    mark: Mark,
    *,
    most: int,
    viewer: Viewer,
    rule: int | None = None,
    record: int | None = None,
    with_bulk: bool = True,
) -> list[ScoreChange]:
    """The next changes of records that the viewer sees, in order; fewer than `most` where there are no more yet.

    with_bulk  also those of work on many records, which nobody asked to be told of
    """
    horizon = _horizon()
    found = ScoreChange.objects.filter(
        Q(transaction=mark.transaction, pk__gt=mark.id) | Q(transaction__gt=mark.transaction),
        transaction__gte=mark.transaction,
        transaction__lt=horizon,
    )
    found = found.filter(seen(viewer, "record__"))
    if rule is not None:
        found = found.filter(rule=rule)
    if record is not None:
        found = found.filter(record=record)
    if not with_bulk:
        found = found.filter(is_bulk=False)
    return list(found.select_related("rule", "version").order_by("transaction", "pk")[:most])


def present_mark() -> str:
    """A mark for `moved_since`: all that is not known yet is behind it."""
    return str(_horizon())


def moved_since(mark: str) -> tuple[set[int] | None, str]:
    """The ids of the records whose scores have changed since, None where they are too many to name, and the mark to go on
    from. What is no mark stands for the present."""
    since, horizon = int(mark) if mark.isdecimal() and len(mark) < 19 else 0, _horizon()
    if not since or since > horizon:
        return set(), str(horizon)
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, [since, horizon, MOST_MOVED + 1])
        rows = cursor.fetchall()
    return (None if len(rows) > MOST_MOVED else {record for (record,) in rows}), str(horizon)


def _horizon() -> int:
    """The oldest transaction that still runs: what those before it wrote is all there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)")
        [(horizon,)] = cursor.fetchall()
    return int(horizon)
