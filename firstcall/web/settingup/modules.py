"""Modules on pages: what they are called, their layouts, and everything as YAML."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from firstcall.access.errors import ChangedMeanwhileError
from firstcall.records.defining import parts
from firstcall.records.defining.actions import delete_module
from firstcall.records.defining.reading import label_of
from firstcall.records.defining.shapes import EntryShape, LayoutShape, ModuleShape, shape_of
from firstcall.records.defining.writing import write_modules
from firstcall.records.errors import InvalidModulesError
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Module
from firstcall.records.uses import users_of_module
from firstcall.web.frame import Known
from firstcall.web.settingup.field_kinds import KINDS
from firstcall.web.settingup.refusing import kept_version, tell_messages, tell_problems
from firstcall.web.settingup.sections import section, show

PATH = "set-up-modules"
API_NAME = r"^[a-z][a-z0-9_]{0,62}$"


class ModuleForm(forms.Form):
    name = forms.RegexField(API_NAME, max_length=63)
    label = forms.CharField(max_length=100, required=False)
    people = forms.BooleanField(required=False)


class ChangedModuleForm(forms.Form):
    label = forms.CharField(max_length=100)
    title = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)


class LayoutForm(forms.Form):
    name = forms.RegexField(API_NAME, max_length=63)
    label = forms.CharField(max_length=100, required=False)
    all_fields = forms.BooleanField(required=False)
    default = forms.BooleanField(required=False)


@section(PATH)
def module_list(request: Known) -> HttpResponse:
    modules = Module.objects.annotate(n_fields=Count("fields")).order_by("pk")
    return show(request, "settingup/module_list.html", {"modules": modules})


@section(PATH)
def module_new(request: Known) -> HttpResponse:
    form = ModuleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        shape = ModuleShape(given["name"], given["label"] or label_of(given["name"]), given["people"])
        try:
            made = parts.make_module(shape)
        except InvalidModulesError as error:
            tell_problems(form, error.problems)
        else:
            return redirect("set-up-module", made.name)
    status = 422 if request.method == "POST" else 200
    return show(request, "settingup/module_new.html", {"form": form}, status=status)


@section(PATH)
def module_detail(request: Known, name: str) -> HttpResponse:
    module = get_definition(name)
    shape = shape_of(module)
    form = ChangedModuleForm(request.POST or None, initial={"label": shape.label, "title": list(shape.title)})
    titles = form.fields["title"]
    assert isinstance(titles, forms.MultipleChoiceField)  # noqa: S101
    titles.choices = [(field.name, field.called) for field in shape.fields if field.kind in ("text", "email")]
    newer: ChangedMeanwhileError | None = None
    stamp = parts.stamp_of(parts.bare(shape))
    if request.method == "POST" and form.is_valid():
        said = {"label": form.cleaned_data["label"], "title": tuple(form.cleaned_data["title"])}
        try:
            parts.change_module(module, stamp=request.POST.get("version") or None, **said)
        except InvalidModulesError as error:
            tell_problems(form, error.problems)
        except ChangedMeanwhileError as error:
            newer = error
        else:
            messages.success(request, gettext("Saved."))
            return redirect("set-up-module", name)
    standard = set(module.fields.filter(is_standard=True).values_list("name", flat=True))
    told = {
        "module": module,
        "shape": shape,
        "form": form,
        "version": kept_version(request, stamp, newer),
        "newer": newer,
        "kind": "module",
        "fields": [(field, KINDS[FieldKind(field.kind)]) for field in shape.fields],
        "standard": standard,
        "users": users_of_module(module),
    }
    status = 422 if request.method == "POST" else 200
    return show(request, "settingup/module_detail.html", told, status=status)


@section(PATH)
@require_POST
def module_delete(request: Known, name: str) -> HttpResponse:
    try:
        delete_module(get_definition(name))
    except InvalidModulesError as error:
        tell_messages(request, error.problems)
        return redirect("set-up-module", name)
    messages.success(request, gettext("Deleted."))
    return redirect(PATH)


@section(PATH)
def module_file(request: Known, name: str = "") -> HttpResponse:
    """One module, or all, as the YAML that `firstcall modules apply` and the API take."""
    modules = [get_definition(name)] if name else list(Module.objects.order_by("pk"))
    text = write_modules(shape_of(module) for module in modules)
    headers = {"Content-Disposition": f'attachment; filename="{name or "modules"}.yaml"'}
    return HttpResponse(text, content_type="application/yaml; charset=utf-8", headers=headers)


@section(PATH)
def layout_form(request: Known, name: str, layout: str = "") -> HttpResponse:
    """A new one, or what one is: which fields it has, and which of them it requires."""
    module = get_definition(name)
    shape = shape_of(module)
    current = shape.layout(layout) if layout else None
    if layout and current is None:
        raise Http404
    initial = {} if current is None else _initial(current)
    form = LayoutForm(request.POST or None, initial=initial)
    if current is not None:
        form.fields["name"].disabled = True
    entries = {entry.field: entry for entry in current.fields} if current else {}
    newer: ChangedMeanwhileError | None = None
    if request.method == "POST":
        entries = _entries(request, shape, entries)
        if form.is_valid():
            try:
                _save_layout(module, current, form, tuple(entries.values()), request.POST.get("version"))
            except InvalidModulesError as error:
                tell_problems(form, error.problems)
            except ChangedMeanwhileError as error:
                newer = error
            else:
                messages.success(request, gettext("Saved."))
                return redirect("set-up-module", name)
    told = {
        "module": module,
        "layout": current,
        "form": form,
        "rows": [(field, entries.get(field.name)) for field in shape.fields],
        "newer": newer,
        "kind": "layout",
        "version": kept_version(request, parts.stamp_of(current), newer) if current else "",
    }
    status = 422 if request.method == "POST" else 200
    return show(request, "settingup/layout_form.html", told, status=status)


def _initial(layout: LayoutShape) -> dict[str, Any]:
    return {key: getattr(layout, key) for key in ("name", "label", "all_fields", "default")}


def _entries(request: Known, shape: ModuleShape, before: dict[str, EntryShape]) -> dict[str, EntryShape]:
    """Choices that the layout narrows stay as they are."""
    has, needs = set(request.POST.getlist("has")), set(request.POST.getlist("needs"))
    whole = bool(request.POST.get("all_fields"))
    found = {}
    for field in shape.fields:
        old = before.get(field.name)
        required = True if field.name in needs else None
        choices = old.choices if old else None
        if whole and required is None and choices is None:
            continue
        if whole or field.name in has or required:
            found[field.name] = EntryShape(field.name, required, choices)
    return found


def _save_layout(
    module: Module,
    current: LayoutShape | None,
    form: LayoutForm,
    entries: tuple[EntryShape, ...],
    stamp: str | None,
) -> None:
    given = form.cleaned_data
    if current is None:
        label = given["label"] or label_of(given["name"])
        shape = LayoutShape(given["name"], label, given["default"], given["all_fields"], entries)
        return parts.add_layout(module, shape)
    said: dict[str, Any] = {"all_fields": given["all_fields"], "fields": entries}
    said |= {"label": given["label"]} if given["label"] else {}
    said |= {"default": True} if given["default"] else {}
    return parts.change_layout(module, current.name, stamp=stamp or None, **said)


@section(PATH)
@require_POST
def layout_delete(request: Known, name: str, layout: str) -> HttpResponse:
    try:
        parts.remove_layout(get_definition(name), layout)
    except InvalidModulesError as error:
        tell_messages(request, error.problems)
    else:
        messages.success(request, gettext("Deleted."))
    return redirect("set-up-module", name)


def get_definition(name: str) -> Module:
    found = Module.objects.filter(name=name).first()
    if found is None:
        raise Http404
    return found
