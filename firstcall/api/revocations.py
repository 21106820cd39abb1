"""Touchpoints that should not count: bots, tests, the wrong person's."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from ninja import Router, Schema, Status
from pydantic import Field

from firstcall.api.authority import Actor, Request, needs
from firstcall.api.paging import Page, Paging, page
from firstcall.api.problems import Fault, invalid, missing
from firstcall.api.types import Given, GivenId, Id, Moment
from firstcall.moments import now
from firstcall.records.seeing import seen_records
from firstcall.touchpoints.models import Revocation
from firstcall.touchpoints.revoking import (
    Selection,
    TooManyError,
    begin_ending,
    begin_revoking,
    move_selected,
)
from firstcall.touchpoints.seeing import require_editing_people, sees_all_people

router = Router(tags=["Touchpoints"])
MOST_IDS = 10_000


class Selected(Given):
    """Which touchpoints; all that is given must hold, and ids, source or record must be."""

    ids: list[GivenId] | None = Field(None, min_length=1, max_length=MOST_IDS)
    source: GivenId | None = None
    record: GivenId | None = None
    type: str | None = Field(None, max_length=120)
    since: Moment | None = Field(None, description="Occurred then or later.")
    until: Moment | None = Field(None, description="Occurred before then.")

    def selection(self) -> Selection:
        chosen = Selection(
            None if self.ids is None else tuple(self.ids),
            self.source,
            self.record,
            self.type,
            self.since,
            self.until,
        )
        if chosen.is_empty:
            raise invalid(
                [Fault("ids", "is missing.", "Give ids, source or record: never all that there is.")]
            )
        return chosen


class RevocationGiven(Selected):
    reason: str = Field("", max_length=200, examples=["a bot"])


class Move(Selected):
    to: GivenId


class RevocationOut(Schema):
    """`touchpoints` is how many it has revoked; ended, they count again. `job_id` is of the job that does so with very
    many."""

    id: int
    reason: str
    selection: dict[str, Any]
    touchpoints: int
    at: Moment
    by_id: int | None
    ended_at: Moment | None
    ended_by_id: int | None
    job_id: int | None


class Counted(Schema):
    touchpoints: int


class Ended(Counted):
    """Of very many the job `job_id` says how many."""

    job_id: int | None


@router.post("/revocations", auth=needs("touchpoints:write"), response={201: RevocationOut})
def revoke(request: Request, wanted: RevocationGiven) -> Status[Revocation]:
    """Let touchpoints that are there count no longer; the scores of their records heal. More than 10,000 are revoked by
    a job."""
    viewer, chosen = request.auth.viewer, wanted.selection()
    require_editing_people(viewer)
    made = begin_revoking(chosen, reason=wanted.reason, at=now(), by=request.auth.user, viewer=viewer)
    return Status(201, made)


@router.get("/revocations", auth=needs("touchpoints:read"), response=Page[RevocationOut])
def list_revocations(request: Request, paging: Paging) -> Page[RevocationOut]:
    """One's own; of all for those who see every record of people."""
    rows, following = page(_told(request.auth), paging, order=("-id",))
    return Page[RevocationOut](items=[RevocationOut.from_orm(row) for row in rows], next=following)


@router.delete("/revocations/{id}", auth=needs("touchpoints:write"), response=Ended)
def end(request: Request, id: Id) -> Ended:
    """Let what it revoked count again, from now on. A second time does nothing."""
    revocation = _told(request.auth).filter(pk=id).first()
    if revocation is None:
        raise missing("revocation")
    require_editing_people(request.auth.viewer)
    count, job = begin_ending(revocation, at=now(), by=request.auth.user)
    return Ended(touchpoints=count, job_id=None if job is None else job.pk)


@router.post("/touchpoint-moves", auth=needs("touchpoints:write"), response=Counted)
def move(request: Request, wanted: Move) -> Counted:
    """Give touchpoints to the record that they are truly of."""
    viewer = request.auth.viewer
    require_editing_people(viewer)
    record = seen_records(viewer).filter(pk=wanted.to, deleted_at=None).first()
    if record is None:
        raise invalid([Fault("to", f"There is no record {wanted.to}.")])
    try:
        return Counted(touchpoints=move_selected(wanted.selection(), record, at=now(), viewer=viewer))
    except TooManyError as error:
        raise invalid([Fault("ids", str(error), "Move them in parts, by since and until.")]) from None


def _told(actor: Actor) -> QuerySet[Revocation]:
    rows = Revocation.objects.all()
    return rows if sees_all_people(actor.viewer) else rows.filter(by=actor.user)
