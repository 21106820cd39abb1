"""Records that the caller does not want to be shown for a while."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router, Schema, Status

from firstcall.api.authority import Request, needs
from firstcall.api.exact import exactly
from firstcall.api.paging import Page, Paging, page
from firstcall.api.types import Given, Id, Moment, told_moment
from firstcall.followups.models import Snooze
from firstcall.followups.snoozing import snooze, snoozes_of, wake
from firstcall.moments import now
from firstcall.records.seeing import get_any_record

router = Router(tags=["Snoozes"])


class SnoozeGiven(Given):
    until: Moment


class SnoozeOut(Schema):
    record: int
    until: Moment
    at: Moment


@router.get("/snoozes", auth=needs("records:read"), response=Page[SnoozeOut])
def list_snoozes(request: Request, paging: Paging) -> HttpResponse:
    """The caller's own that are not over; the one that is over first comes first."""
    rows = snoozes_of(request.auth.viewer, now=now())
    found, following = page(rows, paging, order=("until", "id"))
    return exactly({"items": [_told(one) for one in found], "next": following})


@router.put("/records/{id}/snooze", auth=needs("records:write"), response=SnoozeOut)
def put_aside(request: Request, id: Id, given: SnoozeGiven) -> HttpResponse:
    """The caller's start page leaves the record out until then; for everybody who sees it. Nobody else notices."""
    viewer = request.auth.viewer
    return exactly(_told(snooze(get_any_record(viewer, id), given.until, viewer=viewer, at=now())))


@router.delete("/records/{id}/snooze", auth=needs("records:write"), response={204: None})
def take_back(request: Request, id: Id) -> Status[None]:
    """It is shown again at once. A second time does nothing."""
    viewer = request.auth.viewer
    wake(get_any_record(viewer, id), viewer=viewer)
    return Status(204, None)


def _told(one: Snooze) -> dict[str, object]:
    return {"record": one.record_id, "until": told_moment(one.until), "at": told_moment(one.at)}
