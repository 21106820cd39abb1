"""Records of a module: lists, one record, its past, its trash."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from firstcall.access.rights import Verb
from firstcall.access.scopes import Scope
from firstcall.api.authority import Request, needs
from firstcall.api.etags import IfMatch, asked_version, etag
from firstcall.api.exact import exactly
from firstcall.api.modules import PathName
from firstcall.api.paging import Page, Paging
from firstcall.api.problems import missing
from firstcall.api.record_forms import RecordOut, Sheet, Values, WrittenRecord, listed_page
from firstcall.api.types import AskedId, GivenId, Id, Moment
from firstcall.api.viewing import asked_view
from firstcall.moments import now
from firstcall.records.actions import (
    Did,
    change_record,
    create_record,
    delete_records,
    erase_records,
    restore_records,
    upsert_record,
)
from firstcall.records.choosing import Choice
from firstcall.records.errors import InvalidValuesError
from firstcall.records.filtering import LONGEST_FILTER
from firstcall.records.history import record_as_of
from firstcall.records.models import Module, Record
from firstcall.records.searching import LONGEST, SHORTEST, search_records
from firstcall.records.seeing import get_module, get_record
from firstcall.scorekeeping.listing import Listed

router = Router(tags=["Records"])

Tag = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class RecordQuery(Schema):
    """`filter` is JSON: conditions as a scoring rule's `applies_to` has them,
    `[{"field": "industry", "in": ["IT", "Software"]}, {"field": "employees", "gte": 50}]`.

    `view` is the id of a view that the caller sees: its conditions hold beside what is asked here; its order and the
    fields among its columns are those of the list where `sort` and `fields` are left out. `owner` is a user's id, 0 for
    nobody's. `tag` may come several times; all must be there. `sort` is a field, or `score:` and a rule's id, with `-`
    before it the other way round; else it is by id. `fields` names those to be told, with commas between; all if left out.
    """

    view: AskedId | None = None
    filter: str = Field("", max_length=LONGEST_FILTER)
    owner: int | None = Field(None, ge=0, lt=2**63)
    tag: list[Tag] = Field([], max_length=20)
    layout: str | None = Field(None, max_length=63)
    created_since: Moment | None = None
    updated_since: Moment | None = None
    in_trash: bool = False
    sort: str | None = Field(None, max_length=200)
    fields: str | None = Field(None, max_length=10_000)


class SearchQuery(Schema):
    q: str = Field(min_length=SHORTEST, max_length=LONGEST)
    module: list[str] = Field([], max_length=20)
    limit: int = Field(20, ge=1, le=100)


class UpsertGiven(WrittenRecord):
    """`by` is an e-mail, phone, unique or external-id field, whose value finds the record."""

    by: Annotated[str, StringConstraints(max_length=63)]


class ChangeGiven(WrittenRecord):
    values: Values = Field(default_factory=dict)


class Found(Schema):
    id: int
    module: str
    title: str


class FoundList(Schema):
    items: list[Found]


@router.get("/search", auth=needs("records:read"), response=FoundList)
def search(request: Request, asked: Query[SearchQuery]) -> FoundList:
    """Records by how a name, an e-mail address, a phone number (+49 …) or an external id begins."""
    viewer = request.auth.viewer
    modules = [get_module(viewer, name) for name in asked.module] or None
    ids = search_records(asked.q, viewer=viewer, modules=modules, most=asked.limit)
    rows = Record.objects.select_related("module").in_bulk(ids)
    items = [
        Found(id=id, module=rows[id].module.name, title=Sheet.title(rows[id])) for id in ids if id in rows
    ]
    return FoundList(items=items)


@router.get("/modules/{module}/records", auth=needs("records:read"), response=Page[RecordOut])
def list_records(
    request: Request, module: PathName, asked: Query[RecordQuery], paging: Paging
) -> HttpResponse:
    viewer = request.auth.viewer
    found = get_module(viewer, module)
    tags = tuple(tag.casefold() for tag in asked.tag)
    choice = Choice(found.name, asked.filter, owner=asked.owner, tags=tags, layout=asked.layout)
    fields = None if asked.fields is None else asked.fields.split(",")
    listed, sort = Listed(choice.selection(viewer)), asked.sort or "id"
    if asked.view is not None:
        view = asked_view(request.auth.user, viewer, found, asked.view)
        listed = view.within(choice)
        sort = asked.sort or view.order
        fields = view.chosen_fields if fields is None else fields
    listed = replace(
        listed,
        selection=replace(
            listed.selection,
            created_since=asked.created_since,
            updated_since=asked.updated_since,
            in_trash=asked.in_trash,
        ),
    )
    sheet = Sheet(found, names=fields)
    rows, following = listed_page(listed, sort, paging, now=now())
    return exactly({"items": sheet.told_all(rows), "next": following})


@router.post("/modules/{module}/records", auth=needs("records:write"), response={201: RecordOut})
def create(request: Request, module: PathName, given: WrittenRecord) -> HttpResponse:
    found = get_module(request.auth.viewer, module, Verb.CREATE)
    record = create_record(found, given.given(), at=now(), by=request.auth.user, viewer=request.auth.viewer)
    return _answered(found, record, HTTPStatus.CREATED)


@router.post(
    "/modules/{module}/upserts", auth=needs("records:write"), response={200: RecordOut, 201: RecordOut}
)
def upsert(request: Request, module: PathName, given: UpsertGiven) -> HttpResponse:
    """Change the record that has the value, or make it: 201. Where several have it, none is changed: 409."""
    viewer = request.auth.viewer
    viewer.require(Verb.EDIT, module)
    found = get_module(viewer, module, Verb.CREATE)
    record, did = upsert_record(
        found, given.given(), by_field=given.by, at=now(), by=request.auth.user, viewer=viewer
    )
    return _answered(found, record, HTTPStatus.CREATED if did is Did.CREATED else HTTPStatus.OK)


@router.get("/modules/{module}/records/{id}", auth=needs("records:read"), response=RecordOut)
def read(request: Request, module: PathName, id: Id, as_of: Moment | None = None) -> HttpResponse:
    """One in the trash has a `deleted_at`. `as_of` tells what it was at a moment; before it came it was not there."""
    viewer = request.auth.viewer
    found = get_module(viewer, module)
    record = get_record(viewer, found, id)
    if as_of is None:
        return _answered(found, record)
    then = record_as_of(record, as_of)
    if then is None:
        raise missing("record")
    return exactly(Sheet(found).told_then(record, then))


@router.patch("/modules/{module}/records/{id}", auth=needs("records:write"), response=RecordOut)
def change(
    request: Request, module: PathName, id: Id, given: ChangeGiven, if_match: IfMatch = ""
) -> HttpResponse:
    """What is left out stays; a value that is null is cleared. With `If-Match`, the ETag of the record as it was read,
    a change that somebody else made in between is not undone: 412."""
    viewer = request.auth.viewer
    found = get_module(viewer, module, Verb.EDIT)
    record = get_record(viewer, found, id, live=True)
    said = given.given(version=asked_version(if_match, "record"))
    return _answered(found, change_record(record, said, at=now(), by=request.auth.user, viewer=viewer))


@router.delete("/modules/{module}/records/{id}", auth=needs("records:write"), response={204: None})
def delete(request: Request, module: PathName, id: Id, erase: bool = False) -> Status[None]:
    """Into the trash, where it is kept for 30 days. `erase` removes it at once with its history, touchpoints and
    scores, and needs the scope admin."""
    viewer = request.auth.viewer
    found = get_module(viewer, module, Verb.DELETE)
    record = get_record(viewer, found, id, live=not erase)
    if erase:
        request.auth.needs_scope(Scope.ADMIN)
        erase_records([record.pk], at=now(), by=request.auth.user)
    else:
        delete_records(found, [record.pk], at=now(), by=request.auth.user, viewer=viewer)
    return Status(204, None)


@router.post("/modules/{module}/records/{id}/restoration", auth=needs("records:write"), response=RecordOut)
def restore(request: Request, module: PathName, id: Id) -> HttpResponse:
    """Out of the trash. 409 where another record has been given a unique value of its own since."""
    viewer = request.auth.viewer
    found = get_module(viewer, module, Verb.DELETE)
    record = get_record(viewer, found, id)
    if record.deleted_at is None:
        raise missing("record in the trash")
    [outcome] = restore_records(found, [record.pk], at=now(), by=request.auth.user, viewer=viewer)
    if outcome.faults:
        raise InvalidValuesError(outcome.faults)
    return _answered(found, get_record(viewer, found, id))


class Event(Schema):
    """`field` is a field, or owner, layout, tags, deleted_at; created for the first one. Null is no value."""

    field: str
    before: Any
    after: Any
    at: Moment
    by: GivenId | None


@router.get("/modules/{module}/records/{id}/history", auth=needs("records:read"), response=Page[Event])
def history(request: Request, module: PathName, id: Id, paging: Paging) -> HttpResponse:
    """Every change, the newest first; the last is that the record was created."""
    viewer = request.auth.viewer
    found = get_module(viewer, module)
    record = get_record(viewer, found, id)
    items, following = Sheet(found).told_history(record, paging)
    return exactly({"items": items, "next": following})


def _answered(module: Module, record: Record, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    return exactly(Sheet(module).told(record), status=status, headers=etag(record.version))
