"""What all pages that do something with a rule have in common: the rule itself, and the form as a page or in a dialog."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from firstcall.access.rights import Right
from firstcall.scorekeeping.finding import get_rule
from firstcall.scorekeeping.models import StoredRule
from firstcall.scorekeeping.switching import last_switched
from firstcall.web.frame import Known, is_part


def managed_rule(request: Known, id: int) -> StoredRule:
    """Hidden comes before forbidden: who may not see the rule is not told that there is one."""
    rule = get_rule(request.viewer, id)
    request.viewer.require_right(Right.MANAGE_SCORING)
    return rule


def ask(
    request: Known, form: str, rule: StoredRule, told: Mapping[str, object], *, status: int = 200
) -> HttpResponse:
    """The form alone for a dialog; as a page of its own where it is opened so, or where something was wrong with it."""
    last = last_switched(rule)
    every = {
        "here": reverse("rules"),
        "rule": rule,
        "form_template": f"rules/{form}",
        "after": 0 if last is None else last.pk,
        **told,
    }
    template = f"rules/{form}" if is_part(request) else "rules/asking.html"
    return render(request, template, {**every, "in_dialog": is_part(request)}, status=status)
