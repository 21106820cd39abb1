"""What stands around every page of somebody who is signed in: where one can go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext

from firstcall.access.errors import ForbiddenError, HiddenError
from firstcall.access.models import User
from firstcall.access.rights import Verb
from firstcall.access.viewer import Viewer
from firstcall.access.viewing import viewer_of
from firstcall.records.seeing import seen_modules
from firstcall.web.settingup.listing import may_set_up

# By the name of the module.
_ICONS = {
    "leads": {"icon": "user-plus"},
    "contacts": {"icon": "users"},
    "accounts": {"icon": "briefcase"},
    "deals": {"icon": "dollar-sign"},
}
_OTHER = {"icon": "layers"}


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go. `key` goes there after `g`."""

    label: str
    href: str
    icon: str
    key: str = ""


class Known(HttpRequest):
    """A request of somebody who is signed in; all is looked at with their eyes."""

    user: User
    viewer: Viewer


type View = Callable[..., HttpResponseBase]


def page(view: View) -> View:
    """Decorator: the view is for those who are signed in; others are led to where they can, and then back. What is
    hidden is not there; what may be seen but not done is forbidden; what PostgreSQL cannot hold is refused here, once for
    all of them."""

    @wraps(view)
    def run(request: Known, *args: object, **kwargs: object) -> HttpResponseBase:
        request.viewer = viewer_of(request.user)
        if "\0" in request.path:
            raise BadRequest
        refuse_nul(request.GET)
        refuse_nul(request.POST)
        try:
            answer = view(request, *args, **kwargs)
        except HiddenError as error:
            raise Http404 from error
        except ForbiddenError as error:
            raise PermissionDenied from error
        # Otherwise going back shows what was, and after signing out what another is not to see.
        answer.headers.setdefault("Cache-Control", "private, no-store")
        return answer

    return login_required(run)


def refuse_nul(given: QueryDict) -> None:
    """Raises BadRequest where the character NUL stands in it."""
    if any("\0" in text for name, texts in given.lists() for text in (name, *texts)):
        raise BadRequest


def is_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page, and not the browser for all of it."""
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def frame(request: HttpRequest) -> dict[str, object]:
    """Context processor; nothing is read where no page shows it."""
    return {"places": SimpleLazyObject(lambda: _places(request)), "languages": settings.LANGUAGES}


def _places(request: HttpRequest) -> list[Place]:
    viewer = getattr(request, "viewer", None)
    user = getattr(request, "user", None)
    if viewer is None and isinstance(user, User):
        viewer = viewer_of(user)  # pages of django-allauth have none
    modules = [] if viewer is None else seen_modules(viewer)
    imports = viewer is not None and viewer.may_somewhere(Verb.IMPORT)
    return [
        Place(gettext("Today"), reverse("home"), icon="sunrise", key="t"),
        *(
            Place(
                module.called,
                reverse("records", args=[module.name]),
                key=module.name[0],
                **_ICONS.get(module.name, _OTHER),
            )
            for module in modules
        ),
        *([Place(gettext("Rules"), reverse("rules"), icon="sliders", key="r")] if modules else []),
        *([Place(gettext("Import"), reverse("imports"), icon="upload", key="i")] if imports else []),
        *([] if viewer is None or not may_set_up(viewer) else [_set_up()]),
    ]


def _set_up() -> Place:
    return Place(gettext("Set-up"), reverse("set-up"), icon="settings", key="s")
