"""Which rules use a field or a module: those that score by it, and those whose newest version would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.db.models import F, Max, Q

from firstcall.records.models import Field, Module
from firstcall.records.uses import tell_users_of_fields
from firstcall.scorekeeping.compiled import rule_of
from firstcall.scorekeeping.models import RuleVersion
from firstcall.scoring.rules import FieldMeasure, Rule

type Fields = Mapping[str, Mapping[str, Field]]
"""By module and name."""


@tell_users_of_fields
def rules_that_use(module: Module, field: Field | None) -> Iterator[str]:
    versions = RuleVersion.objects.annotate(newest=Max("rule__versions__number"))
    versions = versions.filter(Q(pk=F("rule__active_id")) | Q(number=F("newest"))).select_related(
        "rule__module"
    )
    fields: dict[str, dict[str, Field]] = {}
    for known in Field.objects.select_related("module", "target"):
        fields.setdefault(known.module.name, {})[known.name] = known
    for version in versions.order_by("rule__name", "number"):
        of_module = version.rule.module
        if field is None:
            used = of_module == module
        else:
            used = field in fields_used(rule_of(version), of_module.name, fields)
        if used:
            yield f"the rule {version.rule}"


def fields_used(rule: Rule, module: str, fields: Fields) -> set[Field]:
    """Every field that the rule reads, those of the look-ups on its way included."""
    used: set[Field] = set()
    for leaf in rule.measured:
        if isinstance(leaf.measure, FieldMeasure):
            used |= _on_the_way(leaf.measure.name, module, fields)
        elif leaf.measure.of:
            used |= _on_the_way(leaf.measure.of, module, fields)
    return used


def _on_the_way(path: str, module: str, fields: Fields) -> set[Field]:
    """A step is a field of where the way has come to, or a module that has look-ups to there."""
    used: set[Field] = set()
    for step in path.split("."):
        here = fields.get(module, {}).get(step)
        if here is not None:
            used.add(here)
            module = here.target.name if here.target else module
        elif step in fields:
            used |= {known for known in fields[step].values() if known.target and known.target.name == module}
            used |= {
                known
                for known in fields.get(module, {}).values()
                if known.target and known.target.name == step
            }
            module = step
    return used
