"""Views of lists that people keep, for themselves or for others: what a list's tabs are on the pages."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from firstcall.access.rights import Verb
from firstcall.access.viewer import Viewer
from firstcall.api.authority import Request, needs
from firstcall.api.etags import IfMatch, asked_version, etag
from firstcall.api.finding import given_module
from firstcall.api.paging import Page, Paging, page
from firstcall.api.types import Given, Id, Moment, Name
from firstcall.moments import now
from firstcall.records.seeing import get_module
from firstcall.saved_views.actions import (
    begin_with,
    begun_with,
    change_view,
    delete_view,
    every_view,
    get_view,
    keep_view,
    may_change,
)
from firstcall.saved_views.models import SavedView, Sharing

router = Router(tags=["Views"])

Text = Annotated[str, StringConstraints(max_length=1_000)]
Texts = Annotated[list[Text], Field(max_length=100)]
ModuleName = Annotated[str, StringConstraints(max_length=63)]


class ViewAsked(Given):
    """What the list asks, as its address has it: `col` its columns; `f`, `t` and `v` side by side what each condition is
    about, its test and its value; `grade`, of the rule `rule`; `whose` mine or nobody; `tag`; `sort`."""

    col: Texts = Field(default_factory=list)
    f: Texts = Field(default_factory=list)
    t: Texts = Field(default_factory=list)
    v: Texts = Field(default_factory=list)
    grade: Texts = Field(default_factory=list)
    whose: Texts = Field(default_factory=list)
    tag: Texts = Field(default_factory=list)
    sort: Texts = Field(default_factory=list)
    rule: Texts = Field(default_factory=list)


class ViewGiven(Given):
    """`shared`: private, with the owner's team, or with everyone who may look into the module."""

    module: ModuleName
    name: Name
    query: ViewAsked = Field(default_factory=ViewAsked)
    shared: Sharing = Sharing.PRIVATE


class ViewChanges(Given):
    """What is left out stays; a `query` replaces the one before as a whole."""

    name: Name | None = None
    query: ViewAsked | None = None
    shared: Sharing | None = None


class ViewOut(Schema):
    """`is_first`: the caller's list of the module begins with it. `version` is the ETag."""

    id: int
    module: str
    name: str
    owner: int
    shared: Sharing
    query: dict[str, list[str]]
    may_change: bool
    is_first: bool
    version: int
    created_at: Moment
    changed_at: Moment


class ViewQuery(Schema):
    module: str | None = Field(None, max_length=63)


@router.get("/views", auth=needs("records:read"), response=Page[ViewOut])
def list_views(request: Request, asked: Query[ViewQuery], paging: Paging) -> Page[ViewOut]:
    """The caller's own, and those that others share with them; by name."""
    viewer = request.auth.viewer
    views = every_view(request.auth.user, viewer)
    if asked.module is not None:
        views = views.filter(module=get_module(viewer, asked.module))
    rows, following = page(views, paging, order=("name", "id"))
    first = begun_with(request.auth.user)
    return Page[ViewOut](items=[_told(row, viewer, first) for row in rows], next=following)


@router.post("/views", auth=needs("records:write"), response={201: ViewOut})
def create(request: Request, given: ViewGiven, response: HttpResponse) -> Status[ViewOut]:
    """A new one of the caller's. Each has up to 100 of a module, with names of their own."""
    module = given_module(request.auth.viewer, given.module, Verb.VIEW)
    by = request.auth.user
    view = keep_view(module, given.name, given.query.dict(), shared=given.shared, at=now(), by=by)
    return Status(201, _tagged(request, view, response))


@router.get("/views/{id}", auth=needs("records:read"), response=ViewOut)
def read(request: Request, id: Id, response: HttpResponse) -> ViewOut:
    return _tagged(request, _view(request, id), response)


@router.patch("/views/{id}", auth=needs("records:write"), response=ViewOut)
def change(
    request: Request, id: Id, given: ViewChanges, response: HttpResponse, if_match: IfMatch = ""
) -> ViewOut:
    """For its owner, and for who manages settings if it is shared. With an If-Match only where nobody has changed it
    since."""
    view = _view(request, id)
    version = asked_version(if_match, "view")
    query = None if given.query is None else given.query.dict()
    changed = change_view(
        view,
        name=given.name,
        query=query,
        shared=given.shared,
        version=version,
        at=now(),
        viewer=request.auth.viewer,
    )
    return _tagged(request, changed, response)


@router.delete("/views/{id}", auth=needs("records:write"), response={204: None})
def remove(request: Request, id: Id) -> Status[None]:
    """For all with whom it is shared. No record changes."""
    delete_view(_view(request, id), viewer=request.auth.viewer)
    return Status(204, None)


@router.put("/views/{id}/first", auth=needs("records:write"), response=ViewOut)
def begin(request: Request, id: Id, response: HttpResponse) -> ViewOut:
    """The caller's list of the module begins with it."""
    view = _view(request, id)
    begin_with(request.auth.user, view.module, view)
    return _tagged(request, view, response)


@router.delete("/views/{id}/first", auth=needs("records:write"), response={204: None})
def end(request: Request, id: Id) -> Status[None]:
    """The caller's list begins with all records again, if it began with this."""
    view = _view(request, id)
    if view.pk in begun_with(request.auth.user):
        begin_with(request.auth.user, view.module, None)
    return Status(204, None)


def _view(request: Request, id: int) -> SavedView:
    return get_view(request.auth.user, request.auth.viewer, id)


def _tagged(request: Request, view: SavedView, response: HttpResponse) -> ViewOut:
    for name, value in etag(view.version).items():
        response.headers[name] = value
    return _told(view, request.auth.viewer, begun_with(request.auth.user))


def _told(view: SavedView, viewer: Viewer, first: frozenset[int]) -> ViewOut:
    return ViewOut(
        id=view.pk,
        module=view.module.name,
        name=view.name,
        owner=view.owner_id,
        shared=Sharing(view.shared),
        query=view.query,
        may_change=may_change(view, viewer),
        is_first=view.pk in first,
        version=view.version,
        created_at=view.created_at,
        changed_at=view.changed_at,
    )
