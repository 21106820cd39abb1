"""Writing rules: every edit is a version, with who and when. Switching them on and off: `switching`."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from firstcall.access.models import User
from firstcall.access.viewer import PRODUCT, Viewer
from firstcall.records.models import Module
from firstcall.scorekeeping.checking import CheckedRule, check_rule
from firstcall.scorekeeping.errors import (
    InvalidRuleError,
    RuleInUseError,
    SwitchedMeanwhileError,
)
from firstcall.scorekeeping.locks import lock_rule
from firstcall.scorekeeping.models import (
    RuleVersion,
    ScoreChange,
    ScoreField,
    StoredRule,
    StoredScore,
    TakenOver,
    Waiting,
)
from firstcall.scorekeeping.switching import cancel_plan, deactivate, expect_version, last_switched
from firstcall.scorekeeping.uses import users_of
from firstcall.scoring.documents.renaming import renamed
from firstcall.scoring.problems import Problem
from firstcall.scoring.saying import said


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
def create_rule(text: str, *, at: datetime, by: User | None = None, viewer: Viewer = PRODUCT) -> StoredRule:
    """Store a rule as a draft; it scores once it is activated. Raises InvalidRuleError with every problem."""
    checked = check_rule(text, viewer=viewer)
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
    rule: StoredRule,
    text: str,
    *,
    at: datetime,
    by: User | None = None,
    expected: int | None = None,
    viewer: Viewer = PRODUCT,
) -> RuleVersion:
    """Store the next version; the active one goes on scoring until another is activated.

    A text that is the newest version's makes no other. Another name in it renames the rule.

    expected  the version that the edit began from; any, where None
    Raises InvalidRuleError with every problem, EditedMeanwhileError, HiddenError where the rule is gone.
    """
    checked = check_rule(text, viewer=viewer)
    Module.objects.select_for_update(no_key=True).get(pk=rule.module_id)
    current = lock_rule(rule.pk)
    newest = current.newest
    if newest.text == checked.text:
        return newest
    expect_version(current, expected, "edit that version")
    if checked.module.pk != current.module_id:
        says = said("The rule scores {module}, and a rule stays in its module.", module=current.module)
        place = checked.loaded.places.get(("module",))
        raise InvalidRuleError(
            [Problem(("module",), "other-module", says, said("Make a rule of its own."), place)]
        )
    if problems := _taken(checked, current):
        raise InvalidRuleError(problems)
    if current.name != checked.rule.name:
        current.name = checked.rule.name
        current.save(update_fields=["name"])
    return _add_version(current, checked, newest.number + 1, at, by)


def clone_rule(rule: StoredRule, name: str, *, at: datetime, by: User | None = None) -> StoredRule:
    """A rule of its own, a draft, that says what the newest version says. Raises InvalidRuleError."""
    return create_rule(renamed(rule.newest.text, name), at=at, by=by)


def delete_rule(
    rule: StoredRule,
    *,
    at: datetime,
    by: User | None = None,
    after: int | None = None,
    expected: int | None = None,
) -> None:
    """Delete the rule with its versions, scores, score changes and score fields.

    It stops first, in a transaction of its own, so that no keeper waits for the rest.

    after, expected  the last switching and the newest version that the one who asks knows of, as of `activate`
    Raises RuleInUseError, SwitchedMeanwhileError and EditedMeanwhileError where somebody switched or edited it since,
    also while it was being deleted, HiddenError where somebody has deleted it.
    """
    if users := users_of(rule):
        raise RuleInUseError(users)
    deactivate(rule, at=at, by=by, after=after, expected=expected)
    cancel_plan(rule, at=at, by=by)
    with transaction.atomic():
        locked = lock_rule(rule.pk)
        if locked.active_id is not None and (switched := last_switched(locked)) is not None:
            raise SwitchedMeanwhileError(switched)
        expect_version(locked, expected, "decide anew: the rule is stopped, and not deleted")
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
        layouts=checked.layouts,
        created_at=at,
        created_by=by,
    )


def _taken(checked: CheckedRule, rule: StoredRule | None = None) -> list[Problem]:
    others = StoredRule.objects.filter(module=checked.module, name=checked.rule.name)
    if rule is not None:
        others = others.exclude(pk=rule.pk)
    if not others.exists():
        return []
    says = said("There is a rule {name} for {module} already.", name=checked.rule.name, module=checked.module)
    place = checked.loaded.places.get(("name",))
    return [Problem(("name",), "name-taken", says, said("Choose another name, or edit that rule."), place)]


def _too_many(checked: CheckedRule) -> list[Problem]:
    most = settings.CONFIGURATION.most_rules
    count = StoredRule.objects.filter(module=checked.module).count()
    if not most or count < most:
        return []
    says = said(
        "There are {count} rules for {module} already, and {most} are the most allowed here.",
        count=count,
        module=checked.module,
        most=most,
    )
    return [Problem((), "too-many-rules", says, said("Delete one, or ask for the setting to be raised."))]
