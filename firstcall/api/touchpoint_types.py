"""The catalogue of touchpoint types, types of one's own, and what came in that is worth a look."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from firstcall.access.rights import Right
from firstcall.api.authority import needs
from firstcall.api.problems import missing
from firstcall.api.types import AskedId, Given, Moment, Name
from firstcall.moments import now
from firstcall.touchpoints.catalogue import PropertyKind, list_types
from firstcall.touchpoints.defining_types import define_type, delete_type
from firstcall.touchpoints.sightings import list_sightings

router = Router(tags=["Touchpoints"])
_PART = r"^[a-z][a-z0-9_]*$"


class TypeOut(Schema):
    type: str
    channel: str
    event: str
    label: str
    properties: dict[str, PropertyKind]
    is_custom: bool


class Types(Schema):
    items: list[TypeOut]


class NewType(Given):
    channel: str = Field(pattern=_PART, max_length=60)
    event: str = Field(pattern=_PART, max_length=59)
    label: Name
    properties: dict[str, PropertyKind] = Field({}, max_length=100)


class SightingOut(Schema):
    """`says` is what was wrong, `example` a value that came."""

    source: int
    kind: str
    name: str
    says: str
    example: str
    count: int
    first_at: Moment
    last_at: Moment


class Sightings(Schema):
    items: list[SightingOut]


class SightingQuery(Schema):
    kind: Literal["unknown_type", "unknown_trait", "bad_value", "refused"] | None = None
    source: AskedId | None = None


@router.get("/touchpoint-types", auth=needs("touchpoints:read"), response=Types)
def list_all(request: HttpRequest) -> Types:
    return Types(items=[TypeOut.from_orm(type) for type in list_types()])


@router.post("/touchpoint-types", auth=needs("modules:write"), response={201: TypeOut})
def define(request: HttpRequest, wanted: NewType) -> Status[TypeOut]:
    made = define_type(wanted.channel, wanted.event, wanted.label, wanted.properties, at=now())
    return Status(201, TypeOut.from_orm(made))


@router.delete("/touchpoint-types/{type}", auth=needs("modules:write"), response={204: None})
def remove(request: HttpRequest, type: str) -> Status[None]:
    """Touchpoints of the type stay, and more are taken."""
    if not delete_type(type):
        raise missing("type of one's own")
    return Status(204, None)


@router.get("/sightings", auth=needs("touchpoints:read", right=Right.MANAGE_SETTINGS), response=Sightings)
def list_seen(request: HttpRequest, which: Query[SightingQuery]) -> Sightings:
    """Types that nobody has defined, traits without a field, values that did not fit, calls that were refused."""
    found = list_sightings(kind=which.kind, source=which.source)
    return Sightings(items=[SightingOut.from_orm(one) for one in found])
