"""Touchpoints that should not count: revoked, counted again, given to the record that they are truly of.

Of a touchpoint that no longer counts as it did, an earlier stay is kept, so that scores as of past moments stay what
they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from firstcall.access.models import User
from firstcall.records.models import Record
from firstcall.scoring.times import moment_of
from firstcall.touchpoints.models import Revocation, Touchpoint


@dataclass(frozen=True, slots=True)
class Selection:
    """Which touchpoints are meant; all that is given must hold.

    since, until  bounds of when they occurred, half-open
    """

    ids: tuple[int, ...] | None = None
    source: int | None = None
    record: int | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_empty(self) -> bool:
        return self.ids is None and self.source is None and self.record is None

    def rows(self) -> QuerySet[Touchpoint]:
        wanted: dict[str, Any] = {
            "pk__in": self.ids,
            "source": self.source,
            "record": self.record,
            "type": self.type,
            "occurred_at__gte": self.since,
            "occurred_at__lt": self.until,
        }
        given = {name: value for name, value in wanted.items() if value is not None}
        return Touchpoint.objects.filter(**given)

    def as_json(self) -> dict[str, Any]:
        told = {name: value for name, value in asdict(self).items() if value is not None}
        return {name: v.isoformat() if isinstance(v, datetime) else v for name, v in told.items()}


# In the order of ids: two that revoke the same ones would wait for each other forever.
_REVOKE = """
WITH revoked AS (
  UPDATE touchpoints_touchpoint
  SET revoked_at = %s, revocation_id = %s
  WHERE id IN (SELECT id FROM touchpoints_touchpoint WHERE id = ANY(%s) AND revoked_at IS NULL ORDER BY id FOR UPDATE)
  RETURNING record_id
),
dirty AS (
  INSERT INTO records_dirtyrecord (record_id, cause, since)
  SELECT DISTINCT record_id, 'revoke', %s::bigint
  FROM revoked
  WHERE record_id IS NOT NULL
)
SELECT COUNT(*) FROM revoked"""

_COUNT_AGAIN = """
WITH before AS (
  SELECT id, record_id, COALESCE(joined_at, received_at) AS since, revoked_at
  FROM touchpoints_touchpoint
  WHERE revocation_id = %s
  ORDER BY id
  FOR UPDATE
),
stays AS (
  INSERT INTO touchpoints_earlierstay (touchpoint_id, record_id, since, until)
  SELECT id, record_id, since, revoked_at
  FROM before
  WHERE record_id IS NOT NULL AND since < revoked_at
),
back AS (
  UPDATE touchpoints_touchpoint AS touchpoint
  SET revoked_at = NULL, revocation_id = NULL, joined_at = %s
  FROM before
  WHERE touchpoint.id = before.id
  RETURNING touchpoint.record_id
),
dirty AS (
  INSERT INTO records_dirtyrecord (record_id, cause, since)
  SELECT DISTINCT record_id, 'revoke', %s::bigint
  FROM back
  WHERE record_id IS NOT NULL
)
SELECT COUNT(*) FROM back"""

_MOVE = """
WITH before AS (
  SELECT id, record_id, COALESCE(joined_at, received_at) AS since, revoked_at
  FROM touchpoints_touchpoint
  WHERE id = ANY(%s) AND record_id IS DISTINCT FROM %s::bigint
  ORDER BY id
  FOR UPDATE
),
stays AS (
  INSERT INTO touchpoints_earlierstay (touchpoint_id, record_id, since, until)
  SELECT id, record_id, since, LEAST(COALESCE(revoked_at, %s::bigint), %s::bigint)
  FROM before
  WHERE record_id IS NOT NULL AND since < COALESCE(revoked_at, %s::bigint)
),
moved AS (
  UPDATE touchpoints_touchpoint AS touchpoint
  SET record_id = %s::bigint, joined_at = %s::bigint
  FROM before
  WHERE touchpoint.id = before.id
),
dirty AS (
  INSERT INTO records_dirtyrecord (record_id, cause, since)
  SELECT DISTINCT of.id, 'revoke', %s::bigint
  FROM before
  CROSS JOIN LATERAL (VALUES (before.record_id), (%s::bigint)) AS of(id)
  WHERE of.id IS NOT NULL
)
SELECT COUNT(*) FROM before"""

_MOST_AT_ONCE = 100_000  # ids in one statement


@transaction.atomic
def revoke_selected(selection: Selection, *, reason: str, at: datetime, by: User | None = None) -> Revocation:
    """Let the selected touchpoints that are there count no longer; the scores heal. What comes later counts."""
    revocation = Revocation.objects.create(reason=reason, selection=selection.as_json(), at=at, by=by)
    moment = moment_of(at)
    for ids in _in_parts(selection.rows().filter(revoked_at__isnull=True)):
        revocation.touchpoints += _count(_REVOKE, moment, revocation.pk, ids, moment)
    revocation.save(update_fields=["touchpoints"])
    return revocation


@transaction.atomic
def end_revocation(revocation: Revocation, *, at: datetime, by: User | None = None) -> int:
    """Let what was revoked count again, from now on; says how many. A second time does nothing."""
    current = Revocation.objects.select_for_update().get(pk=revocation.pk)
    if current.ended_at is not None:
        return 0
    current.ended_at, current.ended_by = at, by
    current.save(update_fields=["ended_at", "ended_by"])
    moment = moment_of(at)
    return _count(_COUNT_AGAIN, current.pk, moment, moment)


@transaction.atomic
def move_selected(selection: Selection, record: Record, *, at: datetime) -> int:
    """Give the selected touchpoints to the record that they are truly of; the scores of all concerned heal."""
    moment, moved = moment_of(at), 0
    for ids in _in_parts(selection.rows().exclude(record=record)):
        moved += _count(_MOVE, ids, record.pk, moment, moment, moment, record.pk, moment, moment, record.pk)
    return moved


def _in_parts(rows: QuerySet[Touchpoint]) -> Sequence[list[int]]:
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    return [ids[start : start + _MOST_AT_ONCE] for start in range(0, len(ids), _MOST_AT_ONCE)]


def _count(sql: str, *parameters: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        [(count,)] = cursor.fetchall()
    return int(count)


def revoke(touchpoints: Sequence[Touchpoint], *, at: datetime) -> int:
    """Of these few; says how many counted until now."""
    selection = Selection(ids=tuple(touchpoint.pk for touchpoint in touchpoints))
    return revoke_selected(selection, reason="", at=at).touchpoints
