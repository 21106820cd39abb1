"""Calls that people log by hand."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpResponse
from ninja import Router, Schema, Status
from pydantic import Field

from firstcall.api.authority import Request, needs
from firstcall.api.exact import exactly
from firstcall.api.paging import Page, Paging, page
from firstcall.api.types import Given, Id, Moment, told_moment
from firstcall.followups.calls import Call, Direction, Outcome, calls_of, get_call, log_call, undo_call
from firstcall.moments import now
from firstcall.records.seeing import get_any_record
from firstcall.touchpoints.models import Touchpoint

router = Router(tags=["Calls"])

Seconds = Annotated[int, Field(ge=0, le=86_400, strict=True)]


class CallGiven(Given):
    """`duration` is in seconds; `text` says what it was about. It occurred now if nothing else is said."""

    outcome: Outcome
    direction: Direction = Direction.OUTGOING
    duration: Seconds | None = None
    text: str = Field("", max_length=5_000)
    occurred_at: Moment | None = None


class CallOut(Schema):
    """`id` is that of its touchpoint, of the type `type`. Undone, it has a `revoked_at`."""

    id: int
    record: int
    type: str
    outcome: Outcome
    direction: Direction
    duration: int | None
    text: str
    occurred_at: Moment
    by: int | None
    revoked_at: Moment | None


@router.get("/records/{id}/calls", auth=needs("touchpoints:read"), response=Page[CallOut])
def list_calls(request: Request, id: Id, paging: Paging) -> HttpResponse:
    """Those that were logged by hand and not undone, the newest first."""
    rows = calls_of(get_any_record(request.auth.viewer, id))
    found, following = page(rows, paging, order=("-occurred_at", "-id"))
    return exactly({"items": [_told(call) for call in found], "next": following})


@router.post("/records/{id}/calls", auth=needs("touchpoints:write"), response={201: CallOut})
def log(request: Request, id: Id, given: CallGiven) -> HttpResponse:
    """For everybody who sees the record. It is a touchpoint, so the scores follow."""
    viewer = request.auth.viewer
    call = Call(given.outcome, given.direction, given.duration, given.text.strip())
    record = get_any_record(viewer, id)
    touchpoint = log_call(record, call, viewer=viewer, at=now(), occurred_at=given.occurred_at)
    return exactly(_told(touchpoint), status=201)


@router.get("/calls/{id}", auth=needs("touchpoints:read"), response=CallOut)
def read(request: Request, id: Id) -> HttpResponse:
    return exactly(_told(get_call(request.auth.viewer, id)))


@router.delete("/calls/{id}", auth=needs("touchpoints:write"), response={204: None})
def undo(request: Request, id: Id) -> Status[None]:
    """It was logged by mistake: it counts no longer. A second time does nothing."""
    viewer = request.auth.viewer
    undo_call(get_call(viewer, id), viewer=viewer, by=request.auth.user, at=now())
    return Status(204, None)


def _told(call: Touchpoint) -> dict[str, object]:
    told = call.properties
    return {
        "id": call.pk,
        "record": call.record_id,
        "type": call.type,
        "outcome": told["outcome"],
        "direction": told["direction"],
        "duration": told.get("duration"),
        "text": told.get("text", ""),
        "occurred_at": told_moment(call.occurred_at),
        "by": call.logged_call.by_id,
        "revoked_at": told_moment(call.revoked_at),
    }
