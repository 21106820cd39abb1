"""The start page of whoever calls: their records by score, the hottest first, and who has moved since yesterday."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from firstcall.moments import now
from firstcall.records.seeing import seen_modules
from firstcall.scorekeeping.models import StoredRule
from firstcall.web.drawing import Scale
from firstcall.web.frame import Known, is_part, page
from firstcall.web.numbers import whole
from firstcall.web.today.beginning import first_steps
from firstcall.web.today.ranked import find_line, lines, movers
from firstcall.web.today.todo import todo

YESTERDAY = timedelta(hours=24)


@page
def today(request: Known) -> HttpResponse:
    """`rule` and `whose` (mine, all) are remembered for the next time."""
    rules = _rules(request)
    rule = _chosen(request, rules)
    if rule is None:
        told = {"here": request.path, "todo": todo(request.viewer, now=now()), "steps": first_steps(request)}
        return render(request, "today/nothing.html", told)
    sees_others = request.viewer.owners(rule.module.name) != frozenset({request.user.pk})
    whose = _whose(request, rule) if sees_others else "mine"
    owner = request.user.pk if whose == "mine" else None
    at = now()
    found, following = lines(rule, viewer=request.viewer, owner=owner, after=_after(request), now=at)
    told = {
        "here": request.path,
        "rules": rules,
        "rule": rule,
        "whose": whose,
        "sees_others": sees_others,
        "lines": found,
        "following": following and f"{following[0]}.{following[1]}",
    }
    if is_part(request) and "after" in request.GET:
        return render(request, "today/_lines.html", told)
    told["steps"] = first_steps(request)
    told["todo"] = todo(request.viewer, now=at)
    return render(request, "today/today.html", told)


@page
def line(request: Known, rule: int, id: int) -> HttpResponse:
    """One line as it is now; empty where it is not ranked any more, or put aside."""
    found = get_object_or_404(_rules(request), pk=rule)
    scale = Scale.read(request.GET.get("scale", ""))
    one = find_line(found, id, viewer=request.viewer, scale=scale, now=now())
    return render(request, "today/_lines.html", {"rule": found, "lines": [one] if one else []})


@page
def moved(request: Known, rule: int) -> HttpResponse:
    """Who went up and down since yesterday. Looked for apart: it takes as long as all the lines together."""
    found = get_object_or_404(_rules(request), pk=rule)
    owner = request.user.pk if request.GET.get("whose") != "all" else None
    told = movers(found, viewer=request.viewer, owner=owner, since=now() - YESTERDAY)
    return render(request, "today/_movers.html", {"rule": found, "movers": told})


@page
def tasks(request: Known) -> HttpResponse:
    return render(request, "today/_todo.html", {"todo": todo(request.viewer, now=now())})


def _rules(request: Known) -> QuerySet[StoredRule]:
    rules = StoredRule.objects.filter(active__isnull=False, module__in=seen_modules(request.viewer))
    return rules.select_related("module", "active").order_by("module_id", "name")


def _chosen(request: HttpRequest, rules: Iterable[StoredRule]) -> StoredRule | None:
    asked = request.GET.get("rule") or request.session.get("today_rule")
    every = list(rules)
    found = next((rule for rule in every if str(rule.pk) == str(asked)), every[0] if every else None)
    if found is not None and request.GET.get("rule") and request.session.get("today_rule") != found.pk:
        request.session["today_rule"] = found.pk
    return found


def _whose(request: Known, rule: StoredRule) -> str:
    """Whoever owns nothing sees what all own, until they choose."""
    asked = request.GET.get("whose") or request.session.get("today_whose")
    if asked in ("mine", "all"):
        if request.session.get("today_whose") != asked:
            request.session["today_whose"] = asked
        return str(asked)
    owned = rule.module.record_set.filter(owner=request.user, deleted_at=None)
    return "mine" if owned.exists() else "all"


def _after(request: HttpRequest) -> tuple[int, int] | None:
    typed, _, id = request.GET.get("after", "").partition(".")
    total, record = whole(typed.removeprefix("-")), whole(id)
    if total is None or record is None:
        return None
    return -total if typed.startswith("-") else total, record
