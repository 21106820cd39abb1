"""Sources of touchpoints and their write keys."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status
from pydantic import Field as About
from pydantic import StrictBool

from firstcall.access.rights import Right
from firstcall.api.authority import needs
from firstcall.api.etags import IfMatch, asked_stamp, etag
from firstcall.api.paging import Page, Paging, page
from firstcall.api.problems import Fault, invalid, missing
from firstcall.api.types import Given, Id, Moment, Name
from firstcall.moments import now
from firstcall.touchpoints.models import SHARED, Source, SourceKind
from firstcall.touchpoints.sources import (
    SourceShape,
    change_source,
    delete_source,
    issue_key,
    make_source,
    revoke_key,
    stamp_of,
)

router = Router(tags=["Sources"])


class KeyOut(Schema):
    """It stands in web pages: it lets its holder send, and do nothing else."""

    id: int
    key: str
    created_at: Moment
    revoked_at: Moment | None


class SourceOut(Schema):
    id: int
    name: str
    kind: SourceKind
    module: str | None
    namespace: str
    mapping: dict[str, Any]
    is_active: bool
    created_at: Moment
    write_keys: list[KeyOut]


class SourceGiven(Given):
    """`module` is the people module whose records the touchpoints belong to; leads where none is said."""

    name: Name
    kind: SourceKind = SourceKind.OTHER
    module: str | None = About(None, max_length=63)
    namespace: str = About(SHARED, max_length=63, pattern=r"^[a-z0-9_-]+$")
    mapping: dict[str, Any] = About(default_factory=dict)
    is_active: StrictBool = True


class SourceChanges(Given):
    name: Name | None = None
    kind: SourceKind | None = None
    module: str | None = About(None, max_length=63)
    namespace: str | None = About(None, max_length=63, pattern=r"^[a-z0-9_-]+$")
    mapping: dict[str, Any] | None = None
    is_active: StrictBool | None = None


@router.get("/sources", auth=needs("touchpoints:read", right=Right.MANAGE_SETTINGS), response=Page[SourceOut])
def list_sources(request: HttpRequest, paging: Paging) -> Page[SourceOut]:
    rows, following = page(_all(), paging)
    return Page[SourceOut](items=[_out(row) for row in rows], next=following)


@router.post("/sources", auth=needs("modules:write"), response={201: SourceOut})
def create(request: HttpRequest, wanted: SourceGiven, response: HttpResponse) -> Status[SourceOut]:
    """A source with its first write key."""
    made = make_source(SourceShape(**wanted.model_dump()), at=now())
    return Status(201, _tagged(made.pk, response))


@router.get("/sources/{id}", auth=needs("touchpoints:read", right=Right.MANAGE_SETTINGS), response=SourceOut)
def get(request: HttpRequest, id: Id, response: HttpResponse) -> SourceOut:
    return _tagged(id, response)


@router.patch("/sources/{id}", auth=needs("modules:write"), response=SourceOut)
def change(
    request: HttpRequest, id: Id, wanted: SourceChanges, response: HttpResponse, if_match: IfMatch = ""
) -> SourceOut:
    """With an If-Match only where nobody has changed it since."""
    source = _find(id)
    said = wanted.model_dump(exclude_unset=True)
    nulls = [
        Fault(name, "takes no null.") for name, value in said.items() if value is None and name != "module"
    ]
    if nulls:
        raise invalid(nulls)
    change_source(source, stamp=asked_stamp(if_match, "source"), **said)
    return _tagged(id, response)


@router.delete("/sources/{id}", auth=needs("modules:write"), response={204: None})
def delete(request: HttpRequest, id: Id) -> Status[None]:
    """One that touchpoints have come from stays; it can be made inactive."""
    delete_source(_find(id))
    return Status(204, None)


@router.post("/sources/{id}/write-keys", auth=needs("modules:write"), response={201: KeyOut})
def issue(request: HttpRequest, id: Id) -> Status[KeyOut]:
    """One more; those before it go on until they are revoked."""
    return Status(201, KeyOut.from_orm(issue_key(_find(id), at=now())))


@router.delete("/sources/{id}/write-keys/{key_id}", auth=needs("modules:write"), response={204: None})
def revoke(request: HttpRequest, id: Id, key_id: Id) -> Status[None]:
    key = _find(id).write_keys.filter(pk=key_id).first()
    if key is None:
        raise missing("write key")
    revoke_key(key, at=now())
    return Status(204, None)


def _all() -> QuerySet[Source]:
    return Source.objects.select_related("module").prefetch_related("write_keys")


def _find(id: int) -> Source:
    source = _all().filter(pk=id).first()
    if source is None:
        raise missing("source")
    return source


def _tagged(id: int, response: HttpResponse) -> SourceOut:
    source = _find(id)
    for name, value in etag(stamp_of(source)).items():
        response.headers[name] = value
    return _out(source)


def _out(source: Source) -> SourceOut:
    keys = [KeyOut.from_orm(key) for key in source.write_keys.all()]
    plain = {
        name: getattr(source, name)
        for name in ("id", "name", "namespace", "mapping", "is_active", "created_at")
    }
    module = source.module.name if source.module else None
    return SourceOut(**plain, kind=SourceKind(source.kind), module=module, write_keys=keys)
