"""Copying a rule, deleting it, bringing an older version back as the newest, and the fields that show its scores."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from firstcall.access.errors import HiddenError
from firstcall.access.rights import Right
from firstcall.moments import now
from firstcall.records.errors import InvalidValuesError
from firstcall.scorekeeping.actions import clone_rule, delete_rule, edit_rule
from firstcall.scorekeeping.errors import (
    EditedMeanwhileError,
    InvalidRuleError,
    MappedMeanwhileError,
    RuleInUseError,
    SwitchedMeanwhileError,
)
from firstcall.scorekeeping.finding import get_version
from firstcall.scorekeeping.losing import loss_of
from firstcall.scorekeeping.models import StoredRule
from firstcall.scorekeeping.score_fields import CHOICES, map_score_fields, mapped_fields
from firstcall.scorekeeping.switching import last_switched
from firstcall.web.frame import Known, page
from firstcall.web.numbers import whole
from firstcall.web.rules.managing import ask, managed_rule
from firstcall.web.rules.wording import FIGURES

LONGEST_NAME = 200


@page
def clone(request: Known, id: int) -> HttpResponse:
    rule = managed_rule(request, id)
    if request.method != "POST":
        name = gettext("%(name)s (copy)") % {"name": rule.name}
        return ask(request, "_clone.html", rule, {"name": name[:LONGEST_NAME]})
    name = request.POST.get("name", "").strip()[:LONGEST_NAME]
    if not name:
        return ask(request, "_clone.html", rule, {"faults": [gettext("It needs a name.")]}, status=422)
    try:
        made = clone_rule(rule, name, at=now(), by=request.user)
    except InvalidRuleError as error:
        faults = [f"{problem.says} {problem.fix}".strip() for problem in error.problems]
        return ask(request, "_clone.html", rule, {"name": name, "faults": faults}, status=422)
    messages.success(request, gettext("This is the copy, a draft of its own."))
    return redirect("rule", made.pk)


@page
def delete(request: Known, id: int) -> HttpResponse:
    if request.method != "POST":
        return _ask_deletion(request, managed_rule(request, id))
    try:
        return _delete(request, id)
    except HiddenError:
        if not request.viewer.has(Right.MANAGE_SCORING):
            raise
        messages.error(request, gettext("The rule is not there any more: somebody else has deleted it."))
        return redirect("rules")


def _delete(request: Known, id: int) -> HttpResponse:
    """Raises HiddenError, also where somebody else was quicker."""
    rule = managed_rule(request, id)
    stamp, after = _stamp(rule)
    if request.POST.get("stamp") != stamp:
        return _ask_deletion(request, rule, is_newer=True, status=409)
    try:
        delete_rule(rule, at=now(), by=request.user, after=after)
    except RuleInUseError:
        return _ask_deletion(request, rule, status=409)
    except SwitchedMeanwhileError:
        return _ask_deletion(request, managed_rule(request, id), is_newer=True, status=409)
    messages.success(request, gettext("The rule %(name)s is deleted.") % {"name": rule.name})
    return redirect("rules")


def _ask_deletion(
    request: Known, rule: StoredRule, *, is_newer: bool = False, status: int = 200
) -> HttpResponse:
    told = {"loss": loss_of(rule), "stamp": _stamp(rule)[0], "is_newer": is_newer}
    return ask(request, "_delete.html", rule, told, status=status)


def _stamp(rule: StoredRule) -> tuple[str, int]:
    """Another one once the rule is edited or switched; and the last switching. Raises HiddenError where it is gone."""
    newest, last = rule.versions.order_by("number").last(), last_switched(rule)
    if newest is None:
        raise HiddenError("rule")
    after = 0 if last is None else last.pk
    return f"{newest.number}.{after}", after


@page
@require_POST
def restore(request: Known, id: int, number: int) -> HttpResponse:
    """`newest` is the version that was the newest when it was asked."""
    rule = managed_rule(request, id)
    version = get_version(rule, number)
    expected = whole(request.POST.get("newest", ""), digits=9) or 0
    try:
        made = edit_rule(
            rule, version.text, at=now(), by=request.user, expected=expected, viewer=request.viewer
        )
    except EditedMeanwhileError as error:
        told = {"number": error.newest.number, "who": error.newest.created_by or "–"}
        messages.error(
            request,
            gettext("%(who)s stored version %(number)s meanwhile. Look at it, and decide again.") % told,
        )
    except InvalidRuleError as error:
        messages.error(request, str(error))
    else:
        told = {"old": number, "new": made.number}
        messages.success(request, gettext("Version %(new)s says what version %(old)s said.") % told)
    return redirect("rule", rule.pk)


@page
def score_fields(request: Known, id: int) -> HttpResponse:
    """`was` is what the form was made with."""
    rule = managed_rule(request, id)
    held = mapped_fields(rule)
    if request.method != "POST":
        return _ask_fields(request, rule, held, held)
    typed = {figure: request.POST.get(figure, "").strip()[:63] for figure in CHOICES}
    wanted = {figure: name for figure, name in typed.items() if name}
    try:
        map_score_fields(rule, wanted, expected=_read(request.POST.get("was", "")))
    except MappedMeanwhileError:
        return _ask_fields(request, rule, wanted, held, is_newer=True, status=409)
    except InvalidValuesError as error:
        faults = [f"{fault.field} {fault.says}." for fault in error.faults]
        return _ask_fields(request, rule, wanted, held, faults=faults, status=422)
    messages.success(request, gettext("Saved."))
    return redirect("rule", rule.pk)


def _read(was: str) -> Mapping[str, str]:
    try:
        told = json.loads(was)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _ask_fields(
    request: Known,
    rule: StoredRule,
    shown: Mapping[str, str],
    held: Mapping[str, str],
    *,
    status: int = 200,
    **more: object,
) -> HttpResponse:
    told = {
        "figures": [(figure, FIGURES[figure], shown.get(figure, "")) for figure in CHOICES],
        "was": json.dumps(held, sort_keys=True),
        "held": held,
        **more,
    }
    return ask(request, "_score_fields.html", rule, told, status=status)
