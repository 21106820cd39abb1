"""Keeping views, changing them, and choosing the one to begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Q, QuerySet

from firstcall.access.errors import ChangedMeanwhileError, ForbiddenError, HiddenError
from firstcall.access.models import User
from firstcall.access.rights import Right, Verb
from firstcall.access.viewer import Viewer
from firstcall.records.models import Module
from firstcall.records.seeing import seen_modules
from firstcall.saved_views.errors import InvalidViewError
from firstcall.saved_views.models import DefaultView, SavedView, Sharing
from firstcall.scoring.saying import said

PARAMETERS = ("col", "f", "t", "v", "grade", "whose", "tag", "sort", "rule")
MOST_VIEWS = 100  # of one person in one module
_LONGEST = 1_800  # characters of the address that a view becomes


def seen_views(user: User, module: Module) -> QuerySet[SavedView]:
    """One's own, and those that others share; by name."""
    views = SavedView.objects.filter(_seen_by(user), module=module)
    return views.select_related("owner").order_by("name", "pk")


def every_view(user: User, viewer: Viewer) -> QuerySet[SavedView]:
    """The same of all modules that the user may look into; by name."""
    views = SavedView.objects.filter(_seen_by(user), module__in=seen_modules(viewer))
    return views.select_related("owner", "module").order_by("name", "pk")


def _seen_by(user: User) -> Q:
    seen = Q(owner=user) | Q(shared=Sharing.EVERYONE)
    return seen if user.team_id is None else seen | Q(shared=Sharing.TEAM, owner__team=user.team_id)


def get_view(user: User, viewer: Viewer, id: int) -> SavedView:
    """Raises HiddenError for one that the user does not see."""
    views = SavedView.objects.filter(_seen_by(user)).select_related("module", "owner")
    found = views.filter(pk=id).first() if 0 < id < 2**63 else None
    if found is None or not viewer.may(Verb.VIEW, found.module.name):
        raise HiddenError("view")
    return found


def may_change(view: SavedView, viewer: Viewer) -> bool:
    """Its owner; those shared by others, whoever manages settings too."""
    is_shared = view.shared != Sharing.PRIVATE
    return view.owner_id == viewer.user or (is_shared and viewer.has(Right.MANAGE_SETTINGS))


@transaction.atomic
def keep_view(
    module: Module, name: str, query: Mapping[str, Sequence[str]], *, shared: str, at: datetime, by: User
) -> SavedView:
    """A new view of the user's. Raises InvalidViewError."""
    checked = _name(name)
    _lock_views_of(by.pk)
    own = SavedView.objects.filter(owner=by, module=module)
    if own.filter(name=checked).exists():
        raise InvalidViewError(
            "name",
            said(
                "You have a view called {name} already. Take another name, or change that one.",
                name=checked,
            ),
        )
    if own.count() >= MOST_VIEWS:
        raise InvalidViewError(
            "name",
            said("You have {most} views of {label}. Delete one first.", most=MOST_VIEWS, label=module.label),
        )
    return SavedView.objects.create(
        module=module,
        owner=by,
        name=checked,
        query=_query(query),
        shared=_sharing(shared),
        created_at=at,
        changed_at=at,
        changed_by=by,
    )


@transaction.atomic
def change_view(
    view: SavedView,
    *,
    at: datetime,
    viewer: Viewer,
    name: str | None = None,
    query: Mapping[str, Sequence[str]] | None = None,
    shared: str | None = None,
    version: int | None = None,
) -> SavedView:
    """What is None stays. Raises ForbiddenError, InvalidViewError, HiddenError where it is gone, and where it no longer
    has the version ChangedMeanwhileError."""
    _lock_views_of(view.owner_id)
    current = _locked(view)
    _require(current, viewer)
    if version is not None and current.version != version:
        by = "" if current.changed_by is None else str(current.changed_by)
        raise ChangedMeanwhileError("view", by=by, at=current.changed_at)
    if name is not None and _name(name) != current.name:
        current.name = _name(name)
        if SavedView.objects.filter(owner=current.owner, module=current.module, name=current.name).exists():
            says = said("There is a view called {name} already. Take another name.", name=current.name)
            raise InvalidViewError("name", says)
    current.query = current.query if query is None else _query(query)
    current.shared = current.shared if shared is None else _sharing(shared)
    current.version += 1
    current.changed_at = at
    current.changed_by_id = viewer.user
    current.save()
    return current


def delete_view(view: SavedView, *, viewer: Viewer) -> None:
    """Raises ForbiddenError."""
    _require(view, viewer)
    view.delete()


@transaction.atomic
def begin_with(user: User, module: Module, view: SavedView | None) -> None:
    """The user's list of the module begins with the view; None: with all records. Raises HiddenError where the view is
    gone."""
    if view is None:
        DefaultView.objects.filter(user=user, module=module).delete()
    else:
        _locked(view)
        DefaultView.objects.update_or_create(user=user, module=module, defaults={"view": view})


def default_view(user: User, module: Module) -> SavedView | None:
    """None too where the view is shared with the user no longer."""
    found = DefaultView.objects.filter(user=user, module=module).first()
    return None if found is None else seen_views(user, module).filter(pk=found.view_id).first()


def begun_with(user: User) -> frozenset[int]:
    """The ids of those that the user's lists begin with."""
    return frozenset(DefaultView.objects.filter(user=user).values_list("view", flat=True))


def _lock_views_of(owner: int) -> None:
    """Of two who name views at once, the second sees what the first did."""
    User.objects.select_for_update(no_key=True).get(pk=owner)


def _locked(view: SavedView) -> SavedView:
    rows = SavedView.objects.select_for_update(of=("self",)).select_related("owner", "module", "changed_by")
    current = rows.filter(pk=view.pk).first()
    if current is None:
        raise HiddenError("view")
    return current


def _require(view: SavedView, viewer: Viewer) -> None:
    if not may_change(view, viewer):
        raise ForbiddenError(said("This view is somebody else's. Keep one of your own."))


def _name(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > 100:
        raise InvalidViewError("name", said("A view needs a name of at most 100 characters."))
    return plain


def _sharing(shared: str) -> str:
    if shared not in Sharing.values:
        raise InvalidViewError(
            "shared", said("A view is shared with one of: {values}.", values=", ".join(Sharing.values))
        )
    return shared


def _query(query: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    kept = {name: list(query[name]) for name in PARAMETERS if query.get(name)}
    if len(urlencode(kept, doseq=True)) > _LONGEST:
        raise InvalidViewError("query", said("The view asks for too much at once."))
    return kept
