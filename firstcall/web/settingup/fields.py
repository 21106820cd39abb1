"""Fields of a module on pages: what kind of values they take, and what would miss them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from firstcall.access.errors import ChangedMeanwhileError
from firstcall.records.defining import parts
from firstcall.records.defining.reading import label_of
from firstcall.records.defining.shapes import CHOSEN, FieldShape, shape_of
from firstcall.records.errors import InvalidModulesError
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Module, WrittenBy
from firstcall.records.uses import users_of_field
from firstcall.web.frame import Known
from firstcall.web.records.editing import typed_value
from firstcall.web.settingup.field_kinds import KINDS
from firstcall.web.settingup.modules import API_NAME, PATH, get_definition
from firstcall.web.settingup.refusing import kept_version, tell_messages, tell_problems
from firstcall.web.settingup.sections import section, show


class FieldForm(forms.Form):
    """Choices stand one a line."""

    label = forms.CharField(max_length=100, required=False)
    name = forms.RegexField(API_NAME, max_length=63)
    kind = forms.ChoiceField(choices=lambda: [(kind.value, says) for kind, says in KINDS.items()])
    choices = forms.CharField(required=False, max_length=200_000, widget=forms.Textarea(attrs={"rows": 6}))
    target = forms.ChoiceField(required=False)
    currency = forms.CharField(required=False, max_length=3)
    default = forms.CharField(required=False, max_length=1_000)
    required = forms.BooleanField(required=False)
    unique = forms.BooleanField(required=False)
    external_id = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        target = self.fields["target"]
        assert isinstance(target, forms.ChoiceField)  # noqa: S101
        modules = [(one.name, one.called) for one in Module.objects.order_by("pk")]
        target.choices = [("", gettext("none")), *modules]

    def shape(self) -> FieldShape:
        given = self.cleaned_data
        kind = FieldKind(given["kind"])
        lines = [line.strip() for line in given["choices"].splitlines()]
        return FieldShape(
            given["name"],
            given["label"] or label_of(given["name"]),
            kind.value,
            tuple(line for line in lines if line) if kind in CHOSEN else (),
            given["required"],
            given["unique"],
            given["external_id"],
            typed_value(kind, given["default"].strip()),
            (given["target"] or None) if kind is FieldKind.LOOKUP else None,
            given["currency"].upper() if kind is FieldKind.CURRENCY else "",
        )


def _typed_default(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


@section(PATH)
def field_form(request: Known, name: str, field: str = "") -> HttpResponse:
    """A new one, or what one is; beside it what uses it."""
    module = get_definition(name)
    current = shape_of(module).field(field) if field else None
    if field and current is None:
        raise Http404
    form = FieldForm(request.POST or None, initial=_initial(current) if current else {"kind": "text"})
    if current is not None:
        form.fields["name"].disabled = True
    newer: ChangedMeanwhileError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            _save(module, current, form.shape(), request.POST.get("version"))
        except InvalidModulesError as error:
            tell_problems(form, error.problems)
        except ChangedMeanwhileError as error:
            newer = error
        else:
            messages.success(request, gettext("Saved."))
            return redirect("set-up-module", name)
    row = module.fields.filter(name=field).first() if field else None
    told = {
        "module": module,
        "field": current,
        "form": form,
        "newer": newer,
        "kind": "field",
        "version": kept_version(request, parts.stamp_of(current), newer) if current else "",
        "users": users_of_field(row) if row else [],
        "is_standard": row is not None and row.is_standard,
        "is_of_rule": row is not None and row.written_by == WrittenBy.RULE,
    }
    return show(request, "settingup/field_form.html", told, status=422 if request.method == "POST" else 200)


def _initial(shape: FieldShape) -> dict[str, Any]:
    names = ("label", "name", "kind", "currency", "required", "unique", "external_id")
    plain = {name: getattr(shape, name) for name in names}
    choices = "\n".join(shape.choices)
    return {
        **plain,
        "choices": choices,
        "target": shape.target or "",
        "default": _typed_default(shape.default),
    }


def _save(module: Module, current: FieldShape | None, given: FieldShape, stamp: str | None) -> None:
    if current is None:
        parts.add_field(module, given)
        return
    names = ("label", "kind", "choices", "required", "unique", "external_id", "default", "target", "currency")
    said = {name: getattr(given, name) for name in names}
    parts.change_field(module, current.name, stamp=stamp or None, **said)


@section(PATH)
@require_POST
def field_delete(request: Known, name: str, field: str) -> HttpResponse:
    try:
        parts.remove_field(get_definition(name), field)
    except InvalidModulesError as error:
        tell_messages(request, error.problems)
        return redirect("set-up-field", name, field)
    messages.success(request, gettext("Deleted."))
    return redirect("set-up-module", name)
