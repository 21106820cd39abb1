"""Sources: where touchpoints come from, their write keys, what to paste where, and what arrives."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from firstcall.access.errors import ChangedMeanwhileError, ConflictError
from firstcall.moments import now
from firstcall.monitoring.proxies import own_address
from firstcall.records.models import Module
from firstcall.touchpoints.arriving import arrivals
from firstcall.touchpoints.catalogue import list_types
from firstcall.touchpoints.errors import InvalidSourceError
from firstcall.touchpoints.models import SHARED, Source, SourceKind
from firstcall.touchpoints.sightings import list_sightings
from firstcall.touchpoints.sources import (
    SourceShape,
    change_source,
    delete_source,
    issue_key,
    make_source,
    revoke_key,
    shape_of,
    stamp_of,
)
from firstcall.web.frame import Known
from firstcall.web.settingup import mappings
from firstcall.web.settingup.arriving import lines
from firstcall.web.settingup.refusing import kept_version
from firstcall.web.settingup.sections import section, show

PATH = "set-up-sources"
MOST_SIGHTINGS = 8
KINDS = {
    SourceKind.WEBSITE: gettext_lazy("Web site"),
    SourceKind.APP: gettext_lazy("App"),
    SourceKind.SERVER: gettext_lazy("Server"),
    SourceKind.MAIL: gettext_lazy("Mail service"),
    SourceKind.IMPORT: gettext_lazy("Import"),
    SourceKind.OTHER: gettext_lazy("Something else"),
}


class SourceForm(forms.Form):
    name = forms.CharField(max_length=100)
    kind = forms.ChoiceField(choices=lambda: list(KINDS.items()))
    module = forms.ChoiceField(required=False)
    namespace = forms.RegexField(
        r"^[a-z0-9_-]+$",
        max_length=63,
        initial=SHARED,
        error_messages={"invalid": gettext_lazy("Small letters, digits, - and _ alone.")},
    )
    is_active = forms.BooleanField(required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Module.objects.filter(is_people=True).order_by("pk")
        chosen = self.fields["module"]
        assert isinstance(chosen, forms.ChoiceField)  # noqa: S101
        chosen.choices = [
            ("", gettext("Leads, where nothing is said")),
            *((m.name, m.called) for m in people),
        ]

    def shape(self, mapping: dict[str, Any]) -> SourceShape:
        given = self.cleaned_data
        return SourceShape(
            given["name"],
            SourceKind(given["kind"]),
            given["module"] or None,
            given["namespace"],
            mapping,
            given["is_active"],
        )


@section(PATH)
def source_list(request: Known) -> HttpResponse:
    sources = Source.objects.select_related("module").annotate(
        keys=Count("write_keys", filter=Q(write_keys__revoked_at=None))
    )
    rows = [(source, KINDS[SourceKind(source.kind)]) for source in sources.order_by("name")]
    return show(request, "settingup/source_list.html", {"sources": rows})


@section(PATH)
def source_detail(request: Known, id: int) -> HttpResponse:
    source = _source(id)
    told = {
        "source": source,
        "kind": KINDS[SourceKind(source.kind)],
        "lines": lines(arrivals(request.viewer, source=source.pk), request.GET.get("after", "")),
    }
    if "part" in request.GET:
        return render(request, "settingup/_arrivals.html", told)
    keys = list(source.write_keys.order_by("-pk"))
    living = [key for key in keys if key.revoked_at is None]
    protocol, host = own_address(request)
    told |= {
        "keys": keys,
        "key": living[0].key if living else "",
        "server": f"{protocol}://{host}",
        "sightings": list_sightings(source=source.pk)[:MOST_SIGHTINGS],
    }
    return show(request, "settingup/source_detail.html", told)


@section(PATH)
def source_form(request: Known, id: int | None = None) -> HttpResponse:
    """A new one, or what one is. What was typed stays where it is refused."""
    source = None if id is None else _source(id)
    newer: ChangedMeanwhileError | None = None
    if request.method == "POST":
        form, mapping = SourceForm(request.POST), mappings.read(request.POST)
        faults: list[str] = []
        if form.is_valid():
            try:
                saved = _save(source, form.shape(mapping), request.POST.get("version"))
            except InvalidSourceError as error:
                for fault in error.faults:
                    if fault.at in form.fields:
                        form.add_error(fault.at, fault.says)
                    else:
                        faults.append(f"{fault.at.removeprefix('mapping.')} {fault.says}")
            except ConflictError as error:
                form.add_error("name", str(error))
            except ChangedMeanwhileError as error:
                newer = error
            else:
                messages.success(request, gettext("Saved."))
                return redirect("set-up-source", saved.pk)
        return _form(request, source, form, mapping, faults, newer=newer, status=422)
    initial = {} if source is None else _initial(source)
    mapping = {} if source is None else dict(source.mapping)
    for asked, part in (("trait", "traits"), ("event", "events")):
        if name := request.GET.get(asked, "")[:200]:  # a row to begin with, for what came and nobody knows
            mapping[part] = {**(mapping.get(part) or {}), name: None}
    return _form(request, source, SourceForm(initial=initial), mapping, [])


def _save(source: Source | None, shape: SourceShape, stamp: str | None) -> Source:
    if source is None:
        return make_source(shape, at=now())
    change_source(
        source, stamp=stamp or None, **{each.name: getattr(shape, each.name) for each in fields(shape)}
    )
    return source


def _initial(source: Source) -> dict[str, Any]:
    shape = shape_of(source)
    return {
        "name": shape.name,
        "kind": shape.kind.value,
        "module": shape.module or "",
        "namespace": shape.namespace,
        "is_active": shape.is_active,
    }


def _form(
    request: Known,
    source: Source | None,
    form: SourceForm,
    mapping: dict[str, Any],
    faults: list[str],
    *,
    newer: ChangedMeanwhileError | None = None,
    status: int = 200,
) -> HttpResponse:
    told = {
        "source": source,
        "newer": newer,
        "version": kept_version(request, stamp_of(source), newer) if source else "",
        "form": form,
        "mapping": mappings.shown(mapping),
        "faults": faults,
        "targets": mappings.targets(source),
        "types": list_types(),
    }
    return show(request, "settingup/source_form.html", told, status=status)


@section(PATH)
@require_POST
def source_delete(request: Known, id: int) -> HttpResponse:
    source = _source(id)
    try:
        delete_source(source)
    except ConflictError as error:
        messages.error(request, str(error))
        return redirect("set-up-source", id)
    messages.success(request, gettext("Deleted."))
    return redirect(PATH)


@section(PATH)
@require_POST
def key_issue(request: Known, id: int) -> HttpResponse:
    issue_key(_source(id), at=now())
    messages.success(request, gettext("There is a new key. The others go on until you revoke them."))
    return redirect("set-up-source", id)


@section(PATH)
@require_POST
def key_revoke(request: Known, id: int, key: int) -> HttpResponse:
    found = _source(id).write_keys.filter(pk=key).first()
    if found is None:
        raise Http404
    revoke_key(found, at=now())
    messages.success(request, gettext("Nothing comes in by this key any more."))
    return redirect("set-up-source", id)


def _source(id: int) -> Source:
    found = Source.objects.select_related("module").filter(pk=id).first()
    if found is None:
        raise Http404
    return found
