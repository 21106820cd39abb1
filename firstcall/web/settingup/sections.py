"""What all views of set-up share: who may not see a section is refused, and pages stand beside the list of sections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from itertools import groupby

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from firstcall.access.errors import ForbiddenError
from firstcall.web.frame import Known, View, page
from firstcall.web.settingup.listing import SECTIONS, may_set_up, sections_for


def section(name: str) -> Callable[[View], View]:
    """Decorator of a view of that section: who may not see it is refused."""
    found = next(one for one in SECTIONS if one.name == name)

    def decorate(view: View) -> View:
        @wraps(view)
        def run(request: Known, *args: object, **kwargs: object) -> HttpResponseBase:
            if not found.may(request.viewer):
                raise ForbiddenError(f"This needs a right to {found.label}, which this person does not have.")
            request.META["firstcall.section"] = found.name
            return view(request, *args, **kwargs)

        return page(run)

    return decorate


def show(request: Known, template: str, told: Mapping[str, object], *, status: int = 200) -> HttpResponse:
    """A page of set-up, beside the list of its sections."""
    listed = sections_for(request.viewer)
    groups = [(gettext(group), list(found)) for group, found in groupby(listed, lambda one: one.group)]
    current = next((one for one in listed if one.name == request.META.get("firstcall.section")), None)
    around = {"here": reverse("set-up"), "groups": groups, "current": current}
    return render(request, template, {**around, **told}, status=status)


@page
def index(request: Known) -> HttpResponse:
    if not may_set_up(request.viewer):
        raise ForbiddenError("This needs a right to manage something, which this person does not have.")
    return show(request, "settingup/index.html", {})
