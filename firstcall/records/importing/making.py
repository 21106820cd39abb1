"""Makes what a plan needs in its module: fields for columns that had none, choices that were not known."""

from __future__ import annotations

from dataclasses import replace

from firstcall.records.defining.actions import define_modules
from firstcall.records.defining.shapes import FieldShape, ModuleShape, shape_of
from firstcall.records.errors import InvalidModulesError
from firstcall.records.importing.errors import ImportRefusedError
from firstcall.records.importing.planning import Plan
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Module


def make_fields(module: Module, plan: Plan) -> None:
    """Part of the transaction that keeps the plan. Raises ImportRefusedError."""
    if not plan.new_fields and not plan.new_choices:
        return
    shape = shape_of(module)
    fields = [
        replace(field, choices=tuple(dict.fromkeys((*field.choices, *plan.new_choices.get(field.name, ())))))
        for field in shape.fields
    ]
    fields += [
        FieldShape(new.name, new.label, new.kind, external_id=new.is_external_id) for new in plan.new_fields
    ]
    named = [field.name for field in fields if field.kind in (FieldKind.TEXT, FieldKind.EMAIL)]
    title = shape.title or tuple(named[:1])
    _define(replace(shape, fields=tuple(fields), title=title))


def make_module(name: str, label: str, *, people: bool = False) -> Module:
    """A module without fields, which the import that follows makes of its columns. Raises ImportRefusedError."""
    _define(ModuleShape(name, label, people))
    return Module.objects.get(name=name)


def _define(shape: ModuleShape) -> None:
    try:
        define_modules([shape])
    except InvalidModulesError as error:
        raise ImportRefusedError(error.problems) from error
