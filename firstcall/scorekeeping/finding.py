"""Finding stored rules: those that a viewer sees, narrowed, and how each stands."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import Exists, OuterRef, Q, QuerySet

from firstcall.access.errors import HiddenError
from firstcall.access.rights import Right, Verb
from firstcall.access.viewer import Viewer
from firstcall.records.seeing import seen_modules
from firstcall.scorekeeping.models import RuleVersion, StoredRule
from firstcall.scorekeeping.switching import SWEEP


class RuleState(StrEnum):
    """`draft` was never active; `inactive` was stopped by somebody, `set_aside` by the product."""

    DRAFT = "draft"
    ACTIVE = "active"
    INACTIVE = "inactive"
    SET_ASIDE = "set_aside"


def seen_rules(viewer: Viewer) -> QuerySet[StoredRule]:
    """Those of the modules that the viewer may look into."""
    rules = StoredRule.objects.select_related("module", "active", "created_by")
    return rules.filter(module__in=[module.pk for module in seen_modules(viewer)])


def get_rule(viewer: Viewer, id: int) -> StoredRule:
    """Raises HiddenError, too for one of a module that the viewer may not look into."""
    rules = StoredRule.objects.select_related("module", "active", "created_by")
    rule = rules.filter(pk=id).first() if id < 2**63 else None
    if rule is None or not viewer.may(Verb.VIEW, rule.module.name):
        raise HiddenError("rule")
    return rule


def managed_runs(viewer: Viewer) -> Q:
    """Of the jobs, those that score by rules which the viewer manages, whoever began them."""
    if not viewer.has(Right.MANAGE_SCORING):
        return Q(pk__in=())
    return Q(kind=SWEEP, parameters__module__in=[module.pk for module in seen_modules(viewer)])


def get_version(rule: StoredRule, number: int) -> RuleVersion:
    """Raises HiddenError."""
    version = rule.versions.filter(number=number).first() if number < 2**31 else None
    if version is None:
        raise HiddenError("version")
    return version


def narrowed(
    rules: QuerySet[StoredRule],
    *,
    name: str = "",
    module: str = "",
    layout: str = "",
    state: RuleState | None = None,
) -> QuerySet[StoredRule]:
    """
    name    what the rule's name contains, in any case
    layout  rules that score its records, those that score every layout's too
    """
    if name:
        rules = rules.filter(name__icontains=name)
    if module:
        rules = rules.filter(module__name=module)
    if layout:
        newest = RuleVersion.objects.filter(rule=OuterRef("pk"))
        suiting = newest.filter(Q(layouts=[]) | Q(layouts__contains=[layout]))
        later = RuleVersion.objects.filter(rule=OuterRef("rule"), number__gt=OuterRef("number"))
        rules = rules.filter(Exists(suiting.filter(~Exists(later))))
    return rules if state is None else rules.filter(_in_state(state))


def state_of(rule: StoredRule) -> RuleState:
    if rule.active_id is not None:
        return RuleState.ACTIVE
    if rule.set_aside_at is not None:
        return RuleState.SET_ASIDE
    return RuleState.INACTIVE if rule.activations.exists() else RuleState.DRAFT


def _in_state(state: RuleState) -> Q:
    match state:
        case RuleState.ACTIVE:
            return Q(active__isnull=False)
        case RuleState.SET_ASIDE:
            return Q(active__isnull=True, set_aside_at__isnull=False)
        case RuleState.DRAFT:
            return Q(active__isnull=True, activations__isnull=True)
    stopped = StoredRule.objects.filter(
        active__isnull=True, set_aside_at__isnull=True, activations__isnull=False
    )
    return Q(pk__in=stopped)
