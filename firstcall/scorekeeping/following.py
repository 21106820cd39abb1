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
    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)")
        [(horizon,)] = cursor.fetchall()
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
