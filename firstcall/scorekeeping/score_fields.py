"""Score fields: a figure of a rule's scores, or the grade, read as a field of the record.

Nothing is copied: a score field is read from the stored score (`records.computed`), so it is right whenever the score is.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from firstcall.records.computed import tell_reader
from firstcall.records.errors import Fault, InvalidValuesError
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Module, WrittenBy, api_name
from firstcall.records.schema import RESERVED
from firstcall.records.uses import tell_users_of_fields
from firstcall.scorekeeping.errors import MappedMeanwhileError
from firstcall.scorekeeping.locks import lock_rule
from firstcall.scorekeeping.models import ScoreField, StoredRule
from firstcall.scoring.compiling import FIGURES
from firstcall.scoring.saying import said

GRADE = "grade"
CHOICES = FIGURES[:-1]
"""What a score field can show: the six figures and the grade."""


def mapped_fields(rule: StoredRule) -> dict[str, str]:
    """By the figure: the name of the field."""
    rows = ScoreField.objects.filter(rule=rule).select_related("field").order_by("figure")
    return {mapped.figure: mapped.field.name for mapped in rows}


@transaction.atomic
def map_score_fields(
    rule: StoredRule, fields: Mapping[str, str], *, expected: Mapping[str, str] | None = None
) -> None:
    """From now on the rule's score fields are these, by the figure: the name of the field.

    A field that the module does not have is made. One that the rule wrote and no longer does is deleted.

    expected  what the one who asks believes to be mapped now; anything, where None
    Raises InvalidValuesError with every fault, MappedMeanwhileError, HiddenError where the rule is gone.
    """
    lock_rule(rule.pk)
    if expected is not None and expected != mapped_fields(rule):
        raise MappedMeanwhileError
    there = {field.name: field for field in rule.module.fields.all()}
    others = set(ScoreField.objects.exclude(rule=rule).values_list("field_id", flat=True))
    faults = [fault for figure, name in fields.items() for fault in _faults(figure, name, there, others)]
    doubled = [name for name in set(fields.values()) if list(fields.values()).count(name) > 1]
    faults += [Fault(name, said("is given to two figures")) for name in sorted(doubled)]
    if faults:
        raise InvalidValuesError(faults)
    for mapped in rule.score_fields.select_related("field"):
        if fields.get(mapped.figure) != mapped.field.name:
            mapped.delete()
            if mapped.field.name not in fields.values():
                mapped.field.delete()
    for figure, name in fields.items():
        if not rule.score_fields.filter(figure=figure).exists():
            ScoreField.objects.create(
                rule=rule, figure=figure, field=there.get(name) or _make(rule, figure, name)
            )


def _faults(figure: str, name: str, there: Mapping[str, Field], others: set[int]) -> list[Fault]:
    if figure not in CHOICES:
        return [
            Fault(
                figure,
                said("is no figure; take {choice} or {grade}", choice=", ".join(CHOICES[:-1]), grade=GRADE),
            )
        ]
    if name in RESERVED or not api_name.regex.search(name):  # type: ignore[union-attr]  # compiled when asked
        return [
            Fault(
                name, said("cannot be the name of a field: take small letters, digits and _, a letter first")
            )
        ]
    field = there.get(name)
    if field is None:
        return []
    if field.written_by != WrittenBy.RULE:
        return [Fault(name, said("is written by people; give the score a field of its own"))]
    if field.pk in others:
        return [Fault(name, said("shows a figure of another rule"))]
    if field.kind != _kind(figure):
        return [
            Fault(
                name,
                said(
                    "is of the kind {kind}; {figure} needs {needed}",
                    kind=field.kind,
                    figure=figure,
                    needed=_kind(figure),
                ),
            )
        ]
    return []


def _kind(figure: str) -> FieldKind:
    return FieldKind.TEXT if figure == GRADE else FieldKind.NUMBER


def _make(rule: StoredRule, figure: str, name: str) -> Field:
    label = f"{rule.name}: {figure.replace('_', ' ')}"[:100]
    return Field.objects.create(
        module=rule.module, name=name, label=label, kind=_kind(figure), written_by=WrittenBy.RULE
    )


@tell_users_of_fields
def _rules_that_write(module: Module, field: Field | None) -> list[str]:
    mapped = ScoreField.objects.filter(field=field).select_related("rule") if field else ()
    return [f"the rule {one.rule}, whose {one.figure} it shows," for one in mapped]


@tell_reader
def _read_score_fields(module: int) -> dict[str, str]:
    mapped = ScoreField.objects.filter(field__module=module).select_related("field").order_by("field__name")
    return {field.field.name: _sql(field) for field in mapped}


def _sql(mapped: ScoreField) -> str:
    shown = (
        "score.grade"
        if mapped.figure == GRADE
        else f"CAST(trim_scale(score.{mapped.figure} / 100.0) AS TEXT)"
    )
    return (
        f"(SELECT to_jsonb({shown}) FROM scorekeeping_storedscore AS score"
        f" WHERE score.record_id = {{r}}.id AND score.rule_id = {mapped.rule_id})"
    )
