"""The list of scoring rules: found by name, module, layout and state; each with what it scores and its last change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from firstcall.access.models import User
from firstcall.access.rights import Right
from firstcall.moments import now
from firstcall.records.models import Layout, Module
from firstcall.records.seeing import seen_modules
from firstcall.scorekeeping.finding import RuleState, narrowed, seen_rules, state_of
from firstcall.scorekeeping.models import Activation, PlannedActivation, RuleVersion, StoredRule
from firstcall.web.frame import Known, page
from firstcall.web.numbers import whole

LINES = 50
STATES: Mapping[RuleState, str | Promise] = {
    RuleState.ACTIVE: gettext_lazy("Active"),
    RuleState.DRAFT: gettext_lazy("Draft"),
    RuleState.INACTIVE: gettext_lazy("Stopped"),
    RuleState.SET_ASIDE: gettext_lazy("Set aside"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """
    changed  when the rule was last edited or switched, whichever came later; `switched` where it was that
    """

    rule: StoredRule
    state: RuleState
    says: str | Promise
    newest: RuleVersion
    changed: datetime
    by: User | None
    switched: Activation | None
    planned: PlannedActivation | None

    @property
    def has_draft(self) -> bool:
        return self.rule.active is not None and self.rule.active.number != self.newest.number


@page
def rule_list(request: Known) -> HttpResponse:
    get = request.GET.get
    name, module, layout = (get(key, "").strip()[:200] for key in ("name", "module", "layout"))
    state = next((one for one in RuleState if one == get("status")), None)
    modules = seen_modules(request.viewer)
    rules = narrowed(seen_rules(request.viewer), name=name, module=module, layout=layout, state=state)
    start = _start(get("from", ""))
    found = list(rules.order_by("name", "pk")[start : start + LINES + 1])
    told = {
        "here": reverse("rules"),
        "lines": lines(found[:LINES]),
        "following": start + LINES if len(found) > LINES else None,
        "modules": modules,
        "layouts": _layouts(modules, module),
        "states": STATES,
        "asked": {"name": name, "module": module, "layout": layout, "status": state or ""},
        "is_narrowed": bool(name or module or layout or state),
        "may_manage": request.viewer.has(Right.MANAGE_SCORING),
        "now": now(),
    }
    return render(request, "rules/rule_list.html", told)


def lines(rules: Sequence[StoredRule]) -> list[Line]:
    """Whatever many rules there are, by a few queries."""
    versions = RuleVersion.objects.filter(rule__in=rules).select_related("created_by").defer("text")
    newest = {one.rule_id: one for one in versions.order_by("rule", "-number").distinct("rule")}
    switchings = Activation.objects.filter(rule__in=rules).select_related("by", "version")
    switched = {one.rule_id: one for one in switchings.order_by("rule", "-pk").distinct("rule")}
    plans = PlannedActivation.objects.filter(rule__in=rules, ended_at=None).select_related("version", "by")
    planned = {one.rule_id: one for one in plans}
    return [
        _line(rule, newest[rule.pk], switched.get(rule.pk), planned.get(rule.pk))
        for rule in rules
        if rule.pk in newest
    ]


def _line(
    rule: StoredRule, newest: RuleVersion, switched: Activation | None, planned: PlannedActivation | None
) -> Line:
    state = state_of(rule)
    later = switched if switched is not None and switched.at >= newest.created_at else None
    return Line(
        rule,
        state,
        STATES[state],
        newest,
        newest.created_at if later is None else later.at,
        newest.created_by if later is None else later.by,
        later,
        planned,
    )


def _layouts(modules: Sequence[Module], chosen: str) -> list[str]:
    """The names of layouts, of the chosen module where one is."""
    of = [module for module in modules if chosen in ("", module.name)]
    names = Layout.objects.filter(module__in=of).order_by("name").values_list("name", flat=True)
    return list(dict.fromkeys(names))


def _start(asked: str) -> int:
    return whole(asked, digits=6) or 0
