"""Touchpoints of records by time: which are the newest, and when each came in. An index tells it without their rows."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from firstcall.touchpoints.models import Touchpoint

_LATEST = """
SELECT touchpoint.*
FROM unnest(CAST(%s AS BIGINT[])) AS asked(id)
CROSS JOIN LATERAL (
  SELECT id, record_id, type, occurred_at, properties
  FROM touchpoints_touchpoint
  WHERE record_id = asked.id AND revoked_at IS NULL AND slotted >= 0
  ORDER BY occurred_at DESC
  LIMIT 1
) AS touchpoint"""


def latest_touchpoints(records: Collection[int]) -> dict[int, Touchpoint]:
    """By record; one that has none that counts is not in it."""
    found: dict[int, Touchpoint] = {}
    for touchpoint in Touchpoint.objects.raw(_LATEST, [list(records)]):
        assert touchpoint.record_id is not None  # noqa: S101  it is looked up by it
        found[touchpoint.record_id] = touchpoint
    return found


def touchpoints_by_time(record: int) -> QuerySet[Touchpoint]:
    """Those of a record that count. `id`, `occurred_at`, `received_at` and `joined_at` come from the index alone."""
    rows = Touchpoint.objects.filter(record=record, revoked_at__isnull=True)
    return rows.extra(where=["slotted >= 0"])  # as the index is told
