"""Switching rules on and off, now or at a moment to come, each time with who and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from firstcall.access.models import User
from firstcall.jobs.actions import cancel, start
from firstcall.records.models import Record
from firstcall.scorekeeping.checking import check_rule
from firstcall.scorekeeping.errors import (
    AlreadyPlannedError,
    EditedMeanwhileError,
    InvalidRuleError,
    PastPlanError,
    SwitchedMeanwhileError,
)
from firstcall.scorekeeping.locks import lock_rule, lock_rules
from firstcall.scorekeeping.models import Activation, PlannedActivation, Reach, RuleVersion, StoredRule
from firstcall.scoring.saying import said

SWEEP = "scores.sweep"


@dataclass(frozen=True, slots=True)
class Rescoring:
    """What becomes of the records that are there already when a version is switched on.

    changed_since  for Reach.CHANGED: those created or changed in their fields from then on
    tells          whether automations are told of the scores that change by it
    """

    reach: Reach = Reach.ALL
    changed_since: datetime | None = None
    tells: bool = False

    def __post_init__(self) -> None:
        if (self.reach == Reach.CHANGED) != (self.changed_since is not None):
            raise ValueError("`changed_since` goes with the reach `changed`, and with no other")


@transaction.atomic
def activate(
    version: RuleVersion,
    *,
    at: datetime,
    by: User | None = None,
    rescoring: Rescoring | None = None,
    after: int | None = None,
    expected: int | None = None,
) -> Activation:
    """Let the version score, in the place of the one before, from now on.

    Records that are there already are taken over by a job, as `rescoring` says; see `assigning`.

    after     the last switching that the one who asks knows of (`last_switched`); any, where None
    expected  the newest version that the one who asks knows of; any, where None
    Raises InvalidRuleError where the version does not fit the fields as they are by now, SwitchedMeanwhileError,
    EditedMeanwhileError, HiddenError where the rule is gone.
    """
    rescoring = rescoring or Rescoring()
    check_rule(version.text)
    rule = _locked(version.rule_id)
    _expect(rule, after)
    expect_version(rule, expected)
    _end_sweep(rule, at)
    activation = Activation.objects.create(
        rule=rule,
        version=version,
        at=at,
        by=by,
        reach=rescoring.reach,
        changed_since=rescoring.changed_since,
    )
    if not Record.objects.filter(module_id=rule.module_id).exists():
        activation.complete_at = at
    elif rescoring.reach != Reach.NEW:
        parameters = {"activations": [activation.pk], "module": rule.module_id, "tells": rescoring.tells}
        if rescoring.changed_since is not None:
            parameters["changed_since"] = rescoring.changed_since.isoformat()
        activation.job = start(SWEEP, parameters, at=at, by=by)
    activation.save(update_fields=["complete_at", "job"])
    rule.active, rule.activation = version, activation
    rule.set_aside_at, rule.set_aside_why = None, ""
    rule.save(update_fields=["active", "activation", "set_aside_at", "set_aside_why"])
    return activation


@transaction.atomic
def deactivate(
    rule: StoredRule,
    *,
    at: datetime,
    by: User | None = None,
    after: int | None = None,
    expected: int | None = None,
) -> None:
    """Let the rule score no longer: its scores stay as they are, and nothing changes them.

    after, expected  as of `activate`
    Raises SwitchedMeanwhileError, EditedMeanwhileError, HiddenError.
    """
    locked = _locked(rule.pk)
    _expect(locked, after)
    expect_version(locked, expected)
    _end_sweep(locked, at)
    _stop(locked, at, by)


@transaction.atomic
def set_aside(rule: int, activation: int, *, why: str, at: datetime) -> None:
    """Stop a rule that cannot be computed, unless it has been switched meanwhile."""
    stored = StoredRule.objects.filter(pk=rule).first()
    if stored is None:
        return
    locked = _locked(rule)
    if locked.activation_id != activation or locked.active_id is None:
        return
    _stop(locked, at, None, why)
    locked.set_aside_at, locked.set_aside_why = at, why
    locked.save(update_fields=["set_aside_at", "set_aside_why"])


def _stop(rule: StoredRule, at: datetime, by: User | None, why: str = "") -> None:
    """The rule's sweep, if any, notices at its next step."""
    if rule.active_id is None:
        return
    rule.active, rule.activation = None, None
    rule.save(update_fields=["active", "activation"])
    Activation.objects.create(rule=rule, version=None, at=at, by=by, why=why)


def last_switched(rule: StoredRule) -> Activation | None:
    """How the rule was switched last, on or off."""
    return rule.activations.select_related("version", "by").order_by("-pk").first()


def _expect(rule: StoredRule, after: int | None) -> None:
    """
    after  0 stands for a rule that was never switched
    """
    last = None if after is None else last_switched(rule)
    if last is not None and last.pk != after:
        raise SwitchedMeanwhileError(last)


def expect_version(rule: StoredRule, expected: int | None, mend: str = "decide anew") -> None:
    """
    expected  any, where None
    Raises EditedMeanwhileError, which says `mend`, where the newest version is another.
    """
    if expected is not None and (newest := rule.newest).number != expected:
        raise EditedMeanwhileError(newest, mend)


def _locked(rule: int) -> StoredRule:
    """Raises HiddenError where somebody has deleted it meanwhile."""
    found = StoredRule.objects.only("module_id").filter(pk=rule).first()
    if found is not None:
        lock_rules(found.module_id)
    return lock_rule(rule)


def _end_sweep(rule: StoredRule, at: datetime) -> None:
    if rule.activation is not None and rule.activation.job is not None:
        cancel(rule.activation.job, at=at)


@transaction.atomic
def plan(
    version: RuleVersion,
    *,
    at: datetime,
    now: datetime,
    by: User | None = None,
    rescoring: Rescoring | None = None,
    expected: int | None = None,
) -> PlannedActivation:
    """Have the version switched on at a moment to come.

    expected  as of `activate`
    Raises PastPlanError, AlreadyPlannedError, EditedMeanwhileError, HiddenError.
    """
    if at <= now:
        raise PastPlanError(said("The moment has passed. Leave it out to activate now."))
    rescoring = rescoring or Rescoring()
    expect_version(lock_rule(version.rule_id), expected)
    waiting = PlannedActivation.objects.filter(rule=version.rule_id, ended_at__isnull=True).first()
    if waiting is not None:
        raise AlreadyPlannedError(waiting)
    return PlannedActivation.objects.create(
        rule_id=version.rule_id,
        version=version,
        at=at,
        by=by,
        created_at=now,
        reach=rescoring.reach,
        changed_since=rescoring.changed_since,
        tells=rescoring.tells,
    )


def cancel_plan(rule: StoredRule, *, at: datetime, by: User | None = None) -> bool:
    """Says whether there was one."""
    waiting = PlannedActivation.objects.filter(rule=rule, ended_at__isnull=True)
    return bool(waiting.update(ended_at=at, is_cancelled=True, cancelled_by=by))


def activate_due(now: datetime) -> int:
    """Switch on what was planned for a moment that has come; says how many. Any number of processes may ask at once."""
    due = PlannedActivation.objects.filter(ended_at__isnull=True, at__lte=now).order_by("at", "pk")
    return sum(_carry_out(id, now) for id in due.values_list("pk", flat=True))


@transaction.atomic
def _carry_out(id: int, now: datetime) -> bool:
    found = PlannedActivation.objects.select_for_update(skip_locked=True).filter(pk=id, ended_at__isnull=True)
    planned = found.first()
    if planned is None:
        return False
    rescoring = Rescoring(Reach(planned.reach), planned.changed_since, planned.tells)
    try:
        activate(planned.version, at=now, by=planned.by, rescoring=rescoring)
    except InvalidRuleError as error:
        # A field that it reads is gone since it was planned.
        planned.failed = str(error)
    planned.ended_at = now
    planned.save(update_fields=["ended_at", "failed"])
    return not planned.failed
