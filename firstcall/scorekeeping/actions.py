"""Writing rules: every edit is a version, every switch is kept, and all that it bears on is scored again."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from firstcall.access.models import User
from firstcall.records.models import Module
from firstcall.scorekeeping.compiled import module_columns
from firstcall.scorekeeping.errors import InvalidRuleError
from firstcall.scorekeeping.models import Activation, RuleVersion, StoredRule, StoredScore
from firstcall.scoring.checking import check_columns
from firstcall.scoring.problems import Problem, RuleError
from firstcall.scoring.reading import read_rule
from firstcall.scoring.times import moment_of


@transaction.atomic
def write_rule(text: str, *, at: datetime, by: User | None = None) -> RuleVersion:
    """Store a rule, or a new version of the one with its name; it scores once it is activated.

    Raises InvalidRuleError with every problem. A text that is the newest version's makes no other.
    """
    try:
        loaded = read_rule(text, "rule")
    except RuleError as error:
        raise InvalidRuleError(error.problems) from error
    module = Module.objects.filter(name=loaded.rule.module).first()
    if module is None:
        known = ", ".join(Module.objects.order_by("name").values_list("name", flat=True))
        says = f"There is no module {loaded.rule.module}."
        raise InvalidRuleError([Problem(("module",), "unknown-module", says, f"There are: {known}.")])
    errors = [p for p in check_columns(loaded, module_columns(module).columns) if p.severity == "error"]
    if errors:
        raise InvalidRuleError(errors)
    rule, _ = StoredRule.objects.get_or_create(module=module, name=loaded.rule.name)
    StoredRule.objects.select_for_update().get(pk=rule.pk)
    newest = rule.versions.order_by("-number").first()
    if newest is not None and newest.text == text:
        return newest
    number = (rule.versions.aggregate(most=Max("number"))["most"] or 0) + 1
    return RuleVersion.objects.create(rule=rule, number=number, text=text, created_at=at, created_by=by)


@transaction.atomic
def activate(version: RuleVersion, *, at: datetime, by: User | None = None) -> None:
    """Let the version score, in the place of the one before; every record of the module becomes dirty."""
    rule = StoredRule.objects.select_for_update().get(pk=version.rule_id)
    rule.active = version
    rule.save(update_fields=["active"])
    Activation.objects.create(rule=rule, version=version, at=at, by=by)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO records_dirtyrecord (record_id, cause, since)"
            " SELECT id, 'rule', %s FROM records_record WHERE module_id = %s ORDER BY id",
            [moment_of(at), rule.module_id],
        )


@transaction.atomic
def deactivate(rule: StoredRule, *, at: datetime, by: User | None = None) -> None:
    """Let the rule score no longer: its scores stay as they are, and time changes them no more."""
    locked = StoredRule.objects.select_for_update().get(pk=rule.pk)
    if locked.active is None:
        return
    locked.active = None
    locked.save(update_fields=["active"])
    Activation.objects.create(rule=locked, version=None, at=at, by=by)
    StoredScore.objects.filter(rule=locked).update(next_change_at=None)
