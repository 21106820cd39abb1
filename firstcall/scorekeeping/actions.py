"""Writing rules: every edit is a version, with who and when. Switching them on and off: `switching`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from firstcall.access.models import User
from firstcall.records.models import Module
from firstcall.scorekeeping.compiled import module_columns
from firstcall.scorekeeping.errors import EditedMeanwhileError, InvalidRuleError, RuleInUseError
from firstcall.scorekeeping.models import (
    RuleVersion,
    ScoreChange,
    ScoreField,
    StoredRule,
    StoredScore,
    TakenOver,
    Waiting,
)
from firstcall.scorekeeping.switching import cancel_plan, deactivate
from firstcall.scorekeeping.uses import users_of
from firstcall.scoring.checking import check_columns
from firstcall.scoring.documents.renaming import renamed
from firstcall.scoring.operators import Is
from firstcall.scoring.problems import Problem, RuleError, nearest
from firstcall.scoring.reading import LoadedRule, read_rule
from firstcall.scoring.rules import FieldMeasure, Measured, Rule

FILE = "rule"
"""What a text that comes without a file is called in messages."""


@dataclass(frozen=True, slots=True)
class CheckedRule:
    """A text that can be stored; `loaded` has the warnings too."""

    text: str
    loaded: LoadedRule
    module: Module
    warnings: tuple[Problem, ...]

    @property
    def rule(self) -> Rule:
        return self.loaded.rule


def check_rule(text: str | bytes, file: str = FILE) -> CheckedRule:
    """Raises InvalidRuleError with every problem of the rule, alone and with the fields of its module."""
    try:
        loaded = read_rule(text, file)
    except RuleError as error:
        raise InvalidRuleError(error.problems) from error
    module = Module.objects.filter(name=loaded.rule.module).first()
    if module is None:
        raise InvalidRuleError([_unknown_module(loaded)])
    found = check_columns(loaded, module_columns(module).columns)
    errors = [problem for problem in found if problem.severity == "error"]
    if errors:
        raise InvalidRuleError(errors)
    held = text if isinstance(text, str) else text.decode()
    warnings = (*loaded.warnings, *(problem for problem in found if problem.severity == "warning"))
    return CheckedRule(held.removeprefix("\ufeff"), loaded, module, warnings)


def _unknown_module(loaded: LoadedRule) -> Problem:
    known = list(Module.objects.order_by("name").values_list("name", flat=True))
    near = nearest(loaded.rule.module, known)
    fix = f"Did you mean {near}?" if near else f"There are: {', '.join(known)}."
    place = loaded.places.get(("module",))
    return Problem(("module",), "unknown-module", f"There is no module {loaded.rule.module}.", fix, place)


@transaction.atomic
def write_rule(text: str, *, at: datetime, by: User | None = None) -> RuleVersion:
    """Store a rule, or a new version of the one with its name; it scores once it is activated.

    Raises InvalidRuleError with every problem. A text that is the newest version's makes no other.
    """
    checked = check_rule(text)
    rule = StoredRule.objects.filter(module=checked.module, name=checked.rule.name).first()
    if rule is None:
        return create_rule(text, at=at, by=by).newest
    return edit_rule(rule, text, at=at, by=by)


@transaction.atomic
def create_rule(text: str, *, at: datetime, by: User | None = None) -> StoredRule:
    """Store a rule as a draft; it scores once it is activated. Raises InvalidRuleError with every problem."""
    checked = check_rule(text)
    # One after the other in a module, so that of two with one name the second is told.
    Module.objects.select_for_update(no_key=True).get(pk=checked.module.pk)
    problems = [*_taken(checked), *_too_many(checked)]
    if problems:
        raise InvalidRuleError(problems)
    rule = StoredRule.objects.create(
        module=checked.module, name=checked.rule.name, created_at=at, created_by=by
    )
    _add_version(rule, checked, 1, at, by)
    return rule


@transaction.atomic
def edit_rule(
    rule: StoredRule, text: str, *, at: datetime, by: User | None = None, expected: int | None = None
) -> RuleVersion:
    """Store the next version; the active one goes on scoring until another is activated.

    A text that is the newest version's makes no other. Another name in it renames the rule.

    expected  the version that the edit began from; any, where None
    Raises InvalidRuleError with every problem, EditedMeanwhileError.
    """
    checked = check_rule(text)
    Module.objects.select_for_update(no_key=True).get(pk=rule.module_id)
    current = StoredRule.objects.select_for_update().get(pk=rule.pk)
    newest = current.newest
    if newest.text == checked.text:
        return newest
    if expected is not None and newest.number != expected:
        raise EditedMeanwhileError(newest)
    if checked.module.pk != current.module_id:
        says = f"The rule scores {current.module}, and a rule stays in its module."
        place = checked.loaded.places.get(("module",))
        raise InvalidRuleError([Problem(("module",), "other-module", says, "Make a rule of its own.", place)])
    if problems := _taken(checked, current):
        raise InvalidRuleError(problems)
    if current.name != checked.rule.name:
        current.name = checked.rule.name
        current.save(update_fields=["name"])
    return _add_version(current, checked, newest.number + 1, at, by)


def clone_rule(rule: StoredRule, name: str, *, at: datetime, by: User | None = None) -> StoredRule:
    """A rule of its own, a draft, that says what the newest version says. Raises InvalidRuleError."""
    return create_rule(renamed(rule.newest.text, name), at=at, by=by)


def delete_rule(rule: StoredRule, *, at: datetime, by: User | None = None) -> None:
    """Delete the rule with its versions, scores, score changes and score fields. Raises RuleInUseError.

    It stops first, in a transaction of its own, so that no keeper waits for the rest.
    """
    if users := users_of(rule):
        raise RuleInUseError(users)
    cancel_plan(rule, at=at, by=by)
    deactivate(rule, at=at, by=by)
    with transaction.atomic():
        locked = StoredRule.objects.select_for_update().filter(pk=rule.pk, active__isnull=True).first()
        if locked is None:
            return
        if users := users_of(locked):
            raise RuleInUseError(users)
        for field in ScoreField.objects.filter(rule=locked).select_related("field"):
            field.field.delete()
        # By statements: Django would read every row to be deleted.
        for rows in (
            StoredScore.objects.filter(rule=locked),
            ScoreChange.objects.filter(rule=locked),
            Waiting.objects.filter(rule=locked),
            TakenOver.objects.filter(activation__rule=locked),
        ):
            rows._raw_delete(rows.db)
        locked.delete()


def _add_version(
    rule: StoredRule, checked: CheckedRule, number: int, at: datetime, by: User | None
) -> RuleVersion:
    return RuleVersion.objects.create(
        rule=rule,
        number=number,
        text=checked.text,
        layouts=layouts_of(checked.rule),
        created_at=at,
        created_by=by,
    )


def layouts_of(rule: Rule) -> list[str]:
    """The layouts that `applies_to` asks for; empty where it asks for none."""
    wanted: set[str] | None = None
    for condition in rule.applies_to:
        if isinstance(condition, Measured) and condition.measure == FieldMeasure("layout"):
            for test in condition.tests:
                if isinstance(test.operator, Is) and not test.negated:
                    named = {operand.text for operand in test.operator.operands if operand.text is not None}
                    wanted = named if wanted is None else wanted & named
    return sorted(wanted or ())


def _taken(checked: CheckedRule, rule: StoredRule | None = None) -> list[Problem]:
    others = StoredRule.objects.filter(module=checked.module, name=checked.rule.name)
    if rule is not None:
        others = others.exclude(pk=rule.pk)
    if not others.exists():
        return []
    says = f"There is a rule {checked.rule.name} for {checked.module} already."
    place = checked.loaded.places.get(("name",))
    return [Problem(("name",), "name-taken", says, "Choose another name, or edit that rule.", place)]


def _too_many(checked: CheckedRule) -> list[Problem]:
    most = settings.CONFIGURATION.most_rules
    count = StoredRule.objects.filter(module=checked.module).count()
    if not most or count < most:
        return []
    says = f"There are {count} rules for {checked.module} already, and {most} are the most allowed here."
    return [Problem((), "too-many-rules", says, "Delete one, or ask for the setting to be raised.")]
