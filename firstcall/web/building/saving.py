"""Storing a rule that was built: as a draft, or switched on, now or later; who was slower is told what changed. What is
stored stays so where it cannot be switched on."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from django.contrib import messages
from django.http import JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from firstcall.access.rights import Right
from firstcall.moments import now
from firstcall.scorekeeping.actions import create_rule, edit_rule
from firstcall.scorekeeping.errors import (
    AlreadyPlannedError,
    EditedMeanwhileError,
    InvalidRuleError,
    PastPlanError,
    SwitchedMeanwhileError,
)
from firstcall.scorekeeping.finding import get_rule
from firstcall.scorekeeping.models import Reach, RuleVersion, StoredRule
from firstcall.scorekeeping.switching import Rescoring, activate, last_switched, plan
from firstcall.scoring.differing import differences
from firstcall.scoring.problems import RuleError
from firstcall.web.building.views import given_text
from firstcall.web.frame import Known, page
from firstcall.web.labelling import FieldLabels
from firstcall.web.numbers import whole
from firstcall.web.rules.switching import planned_already


@page
@require_POST
def rule_save(request: Known) -> JsonResponse:
    """`rule`, `version` and `after`, the last switching, say what the edit began from; `then` is draft, now or later,
    with `at` and `records`."""
    request.viewer.require_right(Right.MANAGE_SCORING)
    given, text = request.POST, given_text(request)
    # A rule that cannot be is missing, and never a new one.
    rule = get_rule(request.viewer, whole(given["rule"]) or 0) if given.get("rule") else None
    moment = _moment(given.get("at", ""))
    if given.get("then") == "later" and (moment is None or moment <= now()):
        return _refused(gettext("Choose a moment to come."))
    try:
        version = _stored(request, rule, text)
    except InvalidRuleError as error:
        return _refused(gettext("It cannot be saved yet."), [str(problem) for problem in error.problems[:20]])
    except EditedMeanwhileError as error:
        return _conflict(request, given.get("version", ""), error, text)
    return _switched(request, version, moment)


def _stored(request: Known, rule: StoredRule | None, text: str) -> RuleVersion:
    if rule is None:
        return create_rule(text, at=now(), by=request.user, viewer=request.viewer).newest
    expected = whole(request.POST.get("version", ""), digits=9) or 0
    return edit_rule(rule, text, at=now(), by=request.user, expected=expected, viewer=request.viewer)


def _switched(request: Known, version: RuleVersion, moment: datetime | None) -> JsonResponse:
    given, rule = request.POST, version.rule
    after = whole(given.get("after", "")) or 0
    rescoring = Rescoring(Reach.NEW if given.get("records") == "new" else Reach.ALL)
    says = gettext("Saved as version %(number)s. It does not score yet.")
    address = reverse("rule-edit", args=[rule.pk])
    try:
        if given.get("then") == "now":
            activate(version, at=now(), by=request.user, rescoring=rescoring, after=after)
            says, address = gettext("Version %(number)s scores from now on."), reverse("rule", args=[rule.pk])
        elif given.get("then") == "later" and moment is not None:
            plan(version, at=moment, now=now(), by=request.user, rescoring=rescoring)
            says = gettext("Saved as version %(number)s. It will be switched on when its moment has come.")
            address = reverse("rule", args=[rule.pk])
    except SwitchedMeanwhileError as error:
        return _only_stored(request, version, HTTPStatus.CONFLICT, meanwhile=error.switched)
    except InvalidRuleError as error:
        problems = [str(problem) for problem in error.problems[:20]]
        return _only_stored(request, version, HTTPStatus.UNPROCESSABLE_ENTITY, problems=problems)
    except PastPlanError:
        says = gettext("This moment has passed.")
        return _only_stored(request, version, HTTPStatus.UNPROCESSABLE_ENTITY, problems=[says])
    except AlreadyPlannedError as error:
        return _only_stored(
            request, version, HTTPStatus.UNPROCESSABLE_ENTITY, problems=[planned_already(error)]
        )
    messages.success(request, says % {"number": version.number})
    return JsonResponse({"address": address})


def _only_stored(request: Known, version: RuleVersion, status: HTTPStatus, **told: object) -> JsonResponse:
    """It is not switched on, and why. `stored` is what the next attempt begins from."""
    last = last_switched(version.rule)
    html = render_to_string("building/_only_stored.html", {"version": version, **told}, request)
    stored = {"rule": version.rule_id, "version": version.number, "after": 0 if last is None else last.pk}
    return JsonResponse({"html": html, "stored": stored}, status=status)


def _refused(says: str, problems: list[str] | None = None) -> JsonResponse:
    html = render_to_string("building/_refused.html", {"says": says, "problems": problems or []})
    return JsonResponse({"html": html}, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _conflict(request: Known, began: str, error: EditedMeanwhileError, text: str) -> JsonResponse:
    """What the other changed, and what this edit would then change."""
    newest = error.newest
    number = whole(began, digits=9)
    before = None if number is None else newest.rule.versions.filter(number=number).first()
    told = {
        "newest": newest,
        "theirs": [] if before is None else _differences(before.text, newest.text),
        "mine": _differences(newest.text, text),
    }
    html = render_to_string("building/_conflict.html", told, request)
    return JsonResponse({"html": html, "newest": newest.number}, status=HTTPStatus.CONFLICT)


def _differences(old: str, new: str) -> list[str]:
    try:
        return [found.says for found in differences(old, new, labels=FieldLabels().label)]
    except RuleError:
        return []


def _moment(typed: str) -> datetime | None:
    """As it was chosen, in the reader's zone."""
    try:
        found = parse_datetime(typed)
    except ValueError:
        found = None
    return None if found is None else (found if found.tzinfo else timezone.make_aware(found))
