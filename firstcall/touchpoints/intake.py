"""The one way in: touchpoints become durable, once each, and their records' scores due, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from firstcall.records.actions import mark_dirty
from firstcall.scoring.times import moment_of
from firstcall.touchpoints.models import Source, Touchpoint

_encode = msgspec.json.Encoder().encode

# In the order of message ids: two intakes with the same ones in different orders would wait for each other forever.
_INSERT = """
WITH given AS (
  SELECT *
  FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::text[])
       AS given(message_id, record_id, type, occurred_at, properties)
),
added AS (
  INSERT INTO touchpoints_touchpoint
         (source_id, message_id, record_id, type, occurred_at, received_at, properties)
  SELECT %s, given.message_id, record.id, given.type, given.occurred_at, %s, given.properties::jsonb
  FROM given
  LEFT JOIN records_record AS record ON record.id = given.record_id
  ORDER BY given.message_id
  ON CONFLICT (source_id, message_id) DO NOTHING
  RETURNING record_id
),
dirty AS (
  INSERT INTO records_dirtyrecord (record_id, cause, since)
  SELECT DISTINCT record_id, 'touchpoint', %s
  FROM added
  WHERE record_id IS NOT NULL
)
SELECT COUNT(*) FROM added"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A touchpoint on its way in.

    record_id  the record it belongs to; None, or the id of no record: it is kept and counts for none
    """

    message_id: str
    type: str
    occurred_at: datetime
    record_id: int | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)


def accept(source: Source, arrivals: Sequence[Arrival], *, received_at: datetime) -> int:
    """Add the touchpoints that are new; says how many. Those that came before are left as they are.

    When it returns outside a transaction, they are durable.
    """
    # Of several with one message id in the same batch the first counts.
    unique = {arrival.message_id: arrival for arrival in reversed(arrivals)}.values()
    received = moment_of(received_at)
    parameters: list[Any] = [
        [arrival.message_id for arrival in unique],
        [arrival.record_id for arrival in unique],
        [arrival.type for arrival in unique],
        [moment_of(arrival.occurred_at) for arrival in unique],
        [_encode(arrival.properties).decode() for arrival in unique],
        source.pk,
        received,
        received,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, parameters)
        [(added,)] = cursor.fetchall()
    return int(added)


@transaction.atomic
def revoke(touchpoints: Sequence[Touchpoint], *, at: datetime) -> int:
    """Let touchpoints count no longer, and the scores heal; says how many counted until now."""
    rows = list(
        Touchpoint.objects.select_for_update()
        .filter(pk__in=[touchpoint.pk for touchpoint in touchpoints], revoked_at__isnull=True)
        .order_by("pk")
    )
    Touchpoint.objects.filter(pk__in=[row.pk for row in rows]).update(revoked_at=at)
    mark_dirty([row.record_id for row in rows if row.record_id is not None], cause="revoke", since=at)
    return len(rows)
