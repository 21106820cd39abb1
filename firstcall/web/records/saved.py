"""Views that people keep, above a list: shown as tabs, kept, changed, shared, begun with, deleted."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from firstcall.access.errors import ChangedMeanwhileError
from firstcall.access.rights import Verb
from firstcall.moments import now
from firstcall.records.models import Module
from firstcall.records.seeing import get_module
from firstcall.saved_views.actions import (
    PARAMETERS,
    begin_with,
    change_view,
    default_view,
    delete_view,
    get_view,
    keep_view,
    may_change,
    seen_views,
)
from firstcall.saved_views.errors import InvalidViewError
from firstcall.saved_views.models import SavedView
from firstcall.web.frame import Known, page
from firstcall.web.numbers import whole
from firstcall.web.records.asking import Wishes, asked_list

_LONGEST = 1_900  # characters
ALL = "0"
"""Stands in the address for no view: a list that was chosen to show all."""


@dataclass(frozen=True, slots=True)
class Tab:
    view: SavedView
    href: str
    is_here: bool
    is_shared: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """What stands above a list. `is_changed`: the list is no longer what the view here asks."""

    tabs: list[Tab]
    here: SavedView | None
    is_changed: bool
    may_change: bool
    begins: SavedView | None


def shelf(request: Known, wishes: Wishes) -> Shelf:
    asked = wishes.parameters.get("view", "")
    views = list(seen_views(request.user, wishes.module))
    here = next((view for view in views if str(view.pk) == asked), None)
    tabs = [Tab(v, address_of(v), v == here, v.owner_id != request.user.pk) for v in views]
    is_changed = here is not None and here.query != query_of(wishes.parameters)
    return Shelf(
        tabs,
        here,
        is_changed,
        here is not None and may_change(here, request.viewer),
        default_view(request.user, wishes.module),
    )


def address_of(view: SavedView) -> str:
    asked = {name: view.query[name] for name in PARAMETERS if name in view.query}
    return f"?{urlencode({**asked, 'view': view.pk}, doseq=True)}"


def query_of(parameters: QueryDict) -> dict[str, list[str]]:
    return {name: parameters.getlist(name) for name in PARAMETERS if parameters.getlist(name)}


def start_of(request: Known, module: Module) -> str | None:
    """Where a list begins that nothing was asked of."""
    view = None if request.GET else default_view(request.user, module)
    return None if view is None else address_of(view)


@page
@require_POST
def views(request: Known, module: str) -> HttpResponse:
    """Keeps the list that is looked at (`asked`, its query) as a new view."""
    found = get_module(request.viewer, module, Verb.VIEW)
    asked = asked_list(request)
    name, shared = request.POST.get("name", ""), request.POST.get("shared", "private")
    try:
        view = keep_view(found, name, query_of(asked), shared=shared, at=now(), by=request.user)
    except InvalidViewError as error:
        messages.error(request, str(error))
        return _to(found, f"?{asked.urlencode()}")
    if request.POST.get("begins"):
        begin_with(request.user, found, view)
    messages.success(request, gettext("The view is kept."))
    return _to(found, address_of(view))


@page
@require_POST
def view(request: Known, id: int) -> HttpResponse:
    """`do`: save (what is looked at), edit (name and sharing), delete, begin, end."""
    found = get_view(request.user, request.viewer, id)
    does, asked = request.POST.get("do", ""), asked_list(request)
    version = whole(request.POST.get("version", ""), digits=9)
    at, viewer = now(), request.viewer
    try:
        if does == "save":
            found = change_view(found, query=query_of(asked), version=version, at=at, viewer=viewer)
        elif does == "edit":
            name, shared = request.POST.get("name", ""), request.POST.get("shared", "")
            found = change_view(found, name=name, shared=shared, version=version, at=at, viewer=viewer)
        elif does == "delete":
            delete_view(found, viewer=viewer)
            messages.success(request, gettext("The view is gone. No record has changed."))
            return _to(found.module, f"?view={ALL}")
        elif does in ("begin", "end"):
            begin_with(request.user, found.module, found if does == "begin" else None)
    except InvalidViewError as error:
        messages.error(request, str(error))
        return _to(found.module, f"?{asked.urlencode()}")
    except ChangedMeanwhileError:
        says = gettext("Somebody has changed this view meanwhile. Look at it once more, then save again.")
        messages.error(request, says)
        return _to(found.module, f"?{asked.urlencode()}")
    return _to(found.module, address_of(found))


def _to(module: Module, query: str) -> HttpResponseRedirect:
    # Django leads to no address that is longer than browsers take.
    query = query if len(query) < _LONGEST else f"?view={ALL}"
    return HttpResponseRedirect(reverse("records", args=[module.name]) + query, status=HTTPStatus.SEE_OTHER)
