"""The modules that come with the product: Leads, Contacts, Accounts and Deals, with the fields that CRMs have."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files

from django.db import transaction

from firstcall.records.defining.actions import define_modules
from firstcall.records.defining.reading import read_modules
from firstcall.records.defining.shapes import ModuleShape, shape_of
from firstcall.records.models import Field, Module


@cache
def standard_shapes() -> tuple[ModuleShape, ...]:
    text = files("firstcall.records").joinpath("standard.yaml").read_text("utf-8")
    return read_modules(text, "standard.yaml").shapes


@transaction.atomic
def ensure_standard_modules() -> list[str]:
    """Make what is missing of them; says what was made, a line each. What a company has changed stays as it is."""
    known = {module.name: shape_of(module) for module in Module.objects.all()}
    wanted = [_with_missing(known.get(shape.name), shape) for shape in standard_shapes()]
    lines = define_modules(wanted, exact=True, standard=True).differences
    for shape in standard_shapes():
        fields = Field.objects.filter(
            module__name=shape.name, name__in=[field.name for field in shape.fields]
        )
        fields.update(is_standard=True)
    Module.objects.filter(name__in=[shape.name for shape in standard_shapes()]).update(is_standard=True)
    return list(lines)


def _with_missing(known: ModuleShape | None, standard: ModuleShape) -> ModuleShape:
    if known is None:
        return standard
    missing = [field for field in standard.fields if known.field(field.name) is None]
    return replace(known, fields=(*known.fields, *missing), title=known.title or standard.title)
