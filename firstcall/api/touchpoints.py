"""Touchpoints: in, one or many, and to be read."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema, Status
from pydantic import Field

from firstcall.access.rights import Verb
from firstcall.access.viewer import PRODUCT, Viewer
from firstcall.api.authority import Request, needs
from firstcall.api.bodies import decode
from firstcall.api.paging import Page, Paging, page
from firstcall.api.problems import Fault, Refused, invalid, missing
from firstcall.api.senders import SenderRequest, sends
from firstcall.api.types import AskedId, Id, Moment
from firstcall.moments import now
from firstcall.records.seeing import seen_ids
from firstcall.touchpoints.calls import Arrival
from firstcall.touchpoints.given import KEYS, NAMES, Flaw, Read, read_touchpoints
from firstcall.touchpoints.intake import accept_each
from firstcall.touchpoints.models import Identity, Source, Touchpoint
from firstcall.touchpoints.seeing import LEADS, seen_touchpoints
from firstcall.touchpoints.sources import source_of_the_api

router = Router(tags=["Touchpoints"])

MOST = 2_500
_TEXT = {"type": ["string", "null"]}
_ONE = {
    "type": "object",
    "required": ["type"],
    "additionalProperties": False,
    "properties": {
        **dict.fromkeys(KEYS, _TEXT),
        "message_id": {
            "type": ["string", "null"],
            "description": "A second one with the same id does nothing.",
        },
        "type": {"type": "string", "examples": ["email.clicked"]},
        "occurred_at": {"type": ["string", "null"], "format": "date-time", "description": "Without it, now."},
        "properties": {"type": ["object", "null"]},
        "record_id": {"type": ["integer", "null"]},
    },
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "description": f"One, or up to {MOST:,}. Whose it is: record_id, or {', '.join(NAMES)}.",
                    "anyOf": [
                        _ONE,
                        {"type": "array", "items": _ONE},
                        {
                            "type": "object",
                            "required": ["touchpoints"],
                            "additionalProperties": False,
                            "properties": {"touchpoints": {"type": "array", "items": _ONE}},
                        },
                    ],
                },
                "example": {
                    "type": "email.clicked",
                    "email": "ann@example.com",
                    "properties": {"url": "/pricing"},
                },
            }
        },
    }
}


class TouchpointFault(Schema):
    at: str
    says: str
    fix: str = ""


class Result(Schema):
    """What became of one. `record_id` is null while it waits for a person to be known."""

    status: Literal["accepted", "duplicate", "rejected"]
    message_id: str | None = None
    id: int | None = None
    record_id: int | None = None
    faults: list[TouchpointFault] = Field(default_factory=list)


class Results(Schema):
    accepted: int
    duplicate: int
    rejected: int
    results: list[Result]


class Named(Schema):
    kind: str
    value: str


class TouchpointOut(Schema):
    id: int
    source_id: int
    message_id: str
    record_id: int | None
    type: str
    occurred_at: Moment
    received_at: Moment
    joined_at: Moment | None
    properties: dict[str, Any]
    identities: list[Named]
    revoked_at: Moment | None
    revocation_id: int | None


class TouchpointQuery(Schema):
    """Which touchpoints; all that is given must hold. `type` may be a whole channel: `email.*`."""

    record: AskedId | None = None
    source: AskedId | None = None
    type: str | None = Field(None, pattern=r"^[a-z][a-z0-9_]*\.([a-z][a-z0-9_]*|\*)$", max_length=120)
    since: Moment | None = None
    until: Moment | None = None
    revoked: bool | None = None
    waiting: bool | None = Field(None, description="Without a record yet.")


SourceName = Annotated[str | None, Query(max_length=100, description="The source's name, with an API token.")]


@router.post("/touchpoints", auth=sends(), response={200: Results, 207: Results}, openapi_extra=_BODY)
def send_touchpoints(request: SenderRequest, source: SourceName = None) -> Status[Results]:
    """Durable once answered. 200: all were taken. 207: some were rejected, and the others taken. 422: none could be.

    With a write key of a source, or with a token that may do touchpoints:write.
    """
    given = _given(decode(request.body))
    received_at = now()
    of = request.auth.source or _source_named(source, received_at)
    viewer = PRODUCT if request.auth.actor is None else request.auth.actor.viewer
    if viewer is not PRODUCT:
        viewer.require(Verb.EDIT, of.module.name if of.module else LEADS)
    read = read_touchpoints(given, received_at=received_at, region=of.mapping.get("region"), viewer=viewer)
    arrivals = [one for one in read if isinstance(one, Arrival)]
    if not arrivals:
        raise invalid(_faults(read, is_single=len(given) == 1))
    added = accept_each(of, arrivals, received_at=received_at)
    results = _results(of, read, added, viewer)
    status = HTTPStatus.OK if len(arrivals) == len(read) else HTTPStatus.MULTI_STATUS
    return Status(status.value, results)


def _given(body: Any) -> Sequence[object]:
    if isinstance(body, dict) and "touchpoints" in body:
        strange = [Fault(name, "stands beside `touchpoints`.") for name in body if name != "touchpoints"]
        if strange:
            raise invalid(strange)
        body = body["touchpoints"]
        if not isinstance(body, list):
            raise invalid([Fault("touchpoints", "takes a list.")])
    given = body if isinstance(body, list) else [body]
    if not given:
        raise invalid([Fault("touchpoints", "is empty.", "Send one at least.")])
    if len(given) > MOST:
        says = f"{len(given):,} touchpoints are too many for one request; send up to {MOST:,} at a time."
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-many", says)
    return given


def _source_named(name: str | None, at: Any) -> Source:
    if name is None:
        return source_of_the_api(at=at)
    source = Source.objects.filter(name=name, is_active=True).first()
    if source is None:
        raise invalid([Fault("source", "is no active source.", "Make one at /sources, or leave it out.")])
    return source


def _faults(read: Sequence[Read], *, is_single: bool) -> list[Fault]:
    faults = []
    for number, flaws in enumerate(read):
        for flaw in flaws if isinstance(flaws, list) else ():
            place = flaw.at if is_single else f"touchpoints[{number}]" + (f".{flaw.at}" if flaw.at else "")
            faults.append(Fault(place or "touchpoint", flaw.says, flaw.fix))
    return faults


def _results(source: Source, read: Sequence[Read], added: set[str], viewer: Viewer) -> Results:
    """A record that the viewer does not see is not told."""
    ids = [one.message_id for one in read if isinstance(one, Arrival)]
    rows = Touchpoint.objects.filter(source=source, message_id__in=ids).values_list(
        "message_id", "id", "record_id"
    )
    kept: dict[str, tuple[int, int | None]] = {message: (id, record) for message, id, record in rows}
    if not viewer.sees_all:
        told = seen_ids(viewer, {record for _, record in kept.values() if record is not None})
        kept = {message: (id, record if record in told else None) for message, (id, record) in kept.items()}
    fresh, results = set(added), []
    for one in read:
        if isinstance(one, list):
            results.append(Result(status="rejected", faults=[_told(flaw) for flaw in one]))
            continue
        status: Literal["accepted", "duplicate"] = "accepted" if one.message_id in fresh else "duplicate"
        fresh.discard(one.message_id)
        id, record = kept.get(one.message_id, (None, None))
        results.append(Result(status=status, message_id=one.message_id, id=id, record_id=record))
    counts = [sum(r.status == status for r in results) for status in ("accepted", "duplicate", "rejected")]
    return Results(accepted=counts[0], duplicate=counts[1], rejected=counts[2], results=results)


def _told(flaw: Flaw) -> TouchpointFault:
    return TouchpointFault(at=flaw.at, says=flaw.says, fix=flaw.fix)


@router.get("/touchpoints", auth=needs("touchpoints:read"), response=Page[TouchpointOut])
def list_touchpoints(request: Request, wanted: Query[TouchpointQuery], paging: Paging) -> Page[TouchpointOut]:
    """Of a record, the latest that occurred first; of all, the latest that arrived first."""
    filters: dict[str, Any] = {
        "record": wanted.record,
        "source": wanted.source,
        "occurred_at__gte": wanted.since,
        "occurred_at__lt": wanted.until,
        "revoked_at__isnull": None if wanted.revoked is None else not wanted.revoked,
        "record__isnull": wanted.waiting,
    }
    if wanted.type is not None:
        is_channel = wanted.type.endswith("*")
        filters["type__startswith" if is_channel else "type"] = wanted.type.rstrip("*")
    seen = seen_touchpoints(request.auth.viewer)
    rows = seen.filter(**{name: value for name, value in filters.items() if value is not None})
    order = ("-occurred_at", "-id") if wanted.record is not None else ("-id",)
    found, following = page(rows, paging, order=order)
    return Page[TouchpointOut](items=_told_touchpoints(found), next=following)


@router.get("/touchpoints/{id}", auth=needs("touchpoints:read"), response=TouchpointOut)
def get_touchpoint(request: Request, id: Id) -> TouchpointOut:
    row = seen_touchpoints(request.auth.viewer).filter(pk=id).first()
    if row is None:
        raise missing("touchpoint")
    return _told_touchpoints([row])[0]


def _told_touchpoints(rows: Sequence[Touchpoint]) -> list[TouchpointOut]:
    """With the names that each came with, read in one statement."""
    ids = {id for row in rows for id in row.identities or ()}
    names = {i.pk: Named(kind=i.kind, value=i.value) for i in Identity.objects.filter(pk__in=ids)}
    return [
        TouchpointOut(
            **{name: getattr(row, name) for name in TouchpointOut.model_fields if name != "identities"},
            identities=[names[id] for id in row.identities or () if id in names],
        )
        for row in rows
    ]
