"""Makes what a plan needs in its module: fields for columns that had none, choices that were not known."""

from __future__ import annotations

from firstcall.records.importing.planning import Plan
from firstcall.records.models import Field, Module


def make_fields(module: Module, plan: Plan) -> None:
    """Part of the transaction that keeps the plan."""
    last = module.fields.count()
    for number, new in enumerate(plan.new_fields, last + 1):
        Field.objects.create(
            module=module,
            name=new.name,
            label=new.label,
            kind=new.kind,
            is_external_id=new.is_external_id,
            position=number,
        )
    for name, choices in plan.new_choices.items():
        field = module.fields.get(name=name)
        field.choices = [*field.choices, *(choice for choice in choices if choice not in field.choices)]
        field.save(update_fields=["choices"])
