"""The types of touchpoints: the product's, and one's own."""

from __future__ import annotations

from itertools import groupby

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from firstcall.access.errors import ConflictError
from firstcall.moments import now
from firstcall.touchpoints.catalogue import PropertyKind, channel_label, list_types
from firstcall.touchpoints.defining_types import define_type, delete_type
from firstcall.touchpoints.sightings import UNKNOWN_TYPE, list_sightings
from firstcall.web.frame import Known
from firstcall.web.settingup.sections import section, show

PATH = "set-up-types"
_PART = r"^[a-z][a-z0-9_]*$"


class TypeForm(forms.Form):
    """Properties stand one a line: a name, and behind a colon its kind, where it is no text."""

    channel = forms.RegexField(_PART, max_length=60)
    event = forms.RegexField(_PART, max_length=59)
    label = forms.CharField(max_length=100)
    properties = forms.CharField(required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 4}))

    def clean_properties(self) -> dict[str, PropertyKind]:
        found = {}
        for line in str(self.cleaned_data["properties"]).splitlines():
            name, _, kind = (part.strip() for part in line.partition(":"))
            if not name:
                continue
            if kind and kind not in set(PropertyKind):
                kinds = ", ".join(PropertyKind)
                says = gettext("%(name)s: %(kind)s is no kind. There are: %(kinds)s.")
                raise forms.ValidationError(says % {"name": name, "kind": kind, "kinds": kinds})
            found[name[:100]] = PropertyKind(kind or "text")
        if len(found) > 100:
            raise forms.ValidationError(gettext("There are at most 100 properties."))
        return found


@section(PATH)
def type_list(request: Known) -> HttpResponse:
    name = request.GET.get("type", "")
    channel, _, event = name.partition(".")
    form = TypeForm(request.POST or None, initial={"channel": channel[:60], "event": event[:59]})
    if request.method == "POST" and form.is_valid():
        try:
            define_type(**form.cleaned_data, at=now())
        except ConflictError as error:
            form.add_error("event", str(error))
        else:
            messages.success(request, gettext("Saved."))
            return redirect(PATH)
    types = sorted(list_types(), key=lambda one: (not one.is_custom, channel_label(one.channel)))
    channels = [
        (channel_label(channel), list(found)) for channel, found in groupby(types, lambda one: one.channel)
    ]
    told = {
        "channels": channels,
        "form": form,
        "sightings": list_sightings(kind=UNKNOWN_TYPE)[:20],
    }
    status = 422 if request.method == "POST" else 200
    return show(request, "settingup/type_list.html", told, status=status)


@section(PATH)
@require_POST
def type_delete(request: Known, name: str) -> HttpResponse:
    """Touchpoints of the type stay, and more are taken."""
    if not delete_type(name):
        raise Http404
    messages.success(request, gettext("Deleted. Touchpoints of the type stay."))
    return redirect(PATH)
