"""Touchpoints that should not count: revoked, counted again, given to the record that they are truly of.

Of a touchpoint that no longer counts as it did, an earlier stay is kept, so that scores as of past moments stay what
they were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from firstcall.access.models import User
from firstcall.access.viewer import PRODUCT, Viewer
from firstcall.access.viewing import find_viewer
from firstcall.jobs.actions import start
from firstcall.jobs.models import Job
from firstcall.records.models import Record, Turn
from firstcall.scoring.saying import said, whole
from firstcall.scoring.times import moment_of
from firstcall.touchpoints.models import Revocation, Touchpoint
from firstcall.touchpoints.seeing import seen_touchpoints


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

    def rows(self, viewer: Viewer = PRODUCT) -> QuerySet[Touchpoint]:
        """Of those that the viewer sees."""
        wanted: dict[str, Any] = {
            "pk__in": self.ids,
            "source": self.source,
            "record": self.record,
            "type": self.type,
            "occurred_at__gte": self.since,
            "occurred_at__lt": self.until,
        }
        given = {name: value for name, value in wanted.items() if value is not None}
        return seen_touchpoints(viewer).filter(**given)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Selection:
        moments = {name: datetime.fromisoformat(told[name]) for name in ("since", "until") if told.get(name)}
        return cls(**{**told, **moments, "ids": tuple(told["ids"]) if "ids" in told else None})

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
  INSERT INTO records_dirtyrecord (record_id, cause, since, turn)
  SELECT DISTINCT record_id, 'revoke', %s::bigint, %s::smallint
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
  LIMIT %s
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
  INSERT INTO records_dirtyrecord (record_id, cause, since, turn)
  SELECT DISTINCT record_id, 'revoke', %s::bigint, %s::smallint
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

MOST_AT_ONCE = 10_000  # in a request, and in a step of a job
MOST_MOVED = 100_000
REVOKE, COUNT_AGAIN = "touchpoints.revoke", "touchpoints.count_again"  # the kinds of jobs


class TooManyError(ValueError):
    """So many are not moved at once."""


@transaction.atomic
def begin_revoking(
    selection: Selection, *, reason: str, at: datetime, by: User | None = None, viewer: Viewer = PRODUCT
) -> Revocation:
    """The same as `revoke_selected`; of very many by a job, which the revocation names."""
    if not _is_many(selection.rows(viewer).filter(revoked_at__isnull=True)):
        return revoke_selected(selection, reason=reason, at=at, by=by, viewer=viewer)
    made = Revocation.objects.create(reason=reason, selection=selection.as_json(), at=at, by=by)
    return _by_job(made, REVOKE, at, by)


def go_on_revoking(job: Job, *, now: Callable[[], datetime]) -> None:
    """In steps, from where the job was; ends where the revocation has ended meanwhile. What came in since it was
    asked for counts."""
    after = int(job.state.get("after", 0))
    while True:
        with transaction.atomic():
            revocation = Revocation.objects.select_for_update().get(pk=job.parameters["revocation"])
            viewer = PRODUCT if revocation.by_id is None else find_viewer(revocation.by_id)
            rows = Selection.from_json(revocation.selection).rows(viewer)
            rows = rows.filter(revoked_at__isnull=True, received_at__lte=revocation.at, pk__gt=after)
            ids = list(rows.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
            if not ids or revocation.ended_at is not None:
                return
            moment = moment_of(now())
            revocation.touchpoints += _count(_REVOKE, moment, revocation.pk, ids, moment, Turn.BULK)
            revocation.save(update_fields=["touchpoints"])
            after = ids[-1]
            job.advance(done=revocation.touchpoints, state={"after": after})


@transaction.atomic
def begin_ending(revocation: Revocation, *, at: datetime, by: User | None = None) -> tuple[int, Job | None]:
    """The same as `end_revocation`; of very many by a job, which then says how many."""
    current = Revocation.objects.select_for_update().get(pk=revocation.pk)
    if not _is_many(Touchpoint.objects.filter(revocation=current)):
        return end_revocation(current, at=at, by=by), None
    if current.ended_at is None:
        current.ended_at, current.ended_by = at, by
        current.save(update_fields=["ended_at", "ended_by"])
        _by_job(current, COUNT_AGAIN, at, by)
    return 0, current.job


def go_on_ending(job: Job, *, now: Callable[[], datetime]) -> None:
    """In steps; those that are left still belong to the revocation."""
    revocation, done = job.parameters["revocation"], job.done
    while True:
        with transaction.atomic():
            moment = moment_of(now())
            back = _count(_COUNT_AGAIN, revocation, MOST_AT_ONCE, moment, moment, Turn.BULK)
            done += back
            job.advance(done=done)
        if back < MOST_AT_ONCE:
            return


def _is_many(rows: QuerySet[Touchpoint]) -> bool:
    return len(rows.values_list("pk", flat=True)[: MOST_AT_ONCE + 1]) > MOST_AT_ONCE


def _by_job(revocation: Revocation, kind: str, at: datetime, by: User | None) -> Revocation:
    revocation.job = start(kind, {"revocation": revocation.pk}, at=at, by=by)
    revocation.save(update_fields=["job"])
    return revocation


@transaction.atomic
def revoke_selected(
    selection: Selection, *, reason: str, at: datetime, by: User | None = None, viewer: Viewer = PRODUCT
) -> Revocation:
    """Let the selected touchpoints that are there count no longer; the scores heal. What comes later counts."""
    revocation = Revocation.objects.create(reason=reason, selection=selection.as_json(), at=at, by=by)
    moment = moment_of(at)
    for ids in _in_parts(selection.rows(viewer).filter(revoked_at__isnull=True)):
        revocation.touchpoints += _count(_REVOKE, moment, revocation.pk, ids, moment, Turn.FRESH)
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
    return _count(_COUNT_AGAIN, current.pk, None, moment, moment, Turn.FRESH)


@transaction.atomic
def move_selected(selection: Selection, record: Record, *, at: datetime, viewer: Viewer = PRODUCT) -> int:
    """Give the selected touchpoints to the record that they are truly of; the scores of all concerned heal. Raises
    TooManyError."""
    moment, moved = moment_of(at), 0
    rows = selection.rows(viewer).exclude(record=record)
    if len(rows.values_list("pk", flat=True)[: MOST_MOVED + 1]) > MOST_MOVED:
        raise TooManyError(said("These are more than {most} touchpoints.", most=whole(MOST_MOVED)))
    for ids in _in_parts(rows):
        moved += _count(_MOVE, ids, record.pk, moment, moment, moment, record.pk, moment, moment, record.pk)
    return moved


def _in_parts(rows: QuerySet[Touchpoint]) -> Sequence[list[int]]:
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    return [ids[first : first + MOST_AT_ONCE] for first in range(0, len(ids), MOST_AT_ONCE)]


def _count(sql: str, *parameters: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        [(count,)] = cursor.fetchall()
    return int(count)


def revoke(touchpoints: Sequence[Touchpoint], *, at: datetime) -> int:
    """Of these few; says how many counted until now."""
    selection = Selection(ids=tuple(touchpoint.pk for touchpoint in touchpoints))
    return revoke_selected(selection, reason="", at=at).touchpoints
