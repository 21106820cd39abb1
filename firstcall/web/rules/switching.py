"""Switching a rule on, now or at a moment to come, and off: asked beforehand what becomes of the records."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from firstcall.moments import now
from firstcall.scorekeeping.errors import (
    AlreadyPlannedError,
    InvalidRuleError,
    PastPlanError,
    SwitchedMeanwhileError,
)
from firstcall.scorekeeping.estimating import estimate
from firstcall.scorekeeping.finding import get_version
from firstcall.scorekeeping.models import Reach, RuleVersion, StoredRule
from firstcall.scorekeeping.switching import Rescoring, activate, cancel_plan, deactivate, plan
from firstcall.web.frame import Known, page
from firstcall.web.numbers import whole
from firstcall.web.rules.managing import ask, managed_rule
from firstcall.web.rules.reading import changes
from firstcall.web.templatetags.web import exact


class SwitchForm(forms.Form):
    """`after` is the last switching of the rule that the form was made with."""

    records = forms.ChoiceField(choices=Reach.choices, initial=Reach.ALL)
    changed_since = forms.DateField(required=False)
    when = forms.ChoiceField(choices=[("now", "now"), ("later", "later")], initial="now")
    at = forms.DateTimeField(required=False)
    tells = forms.BooleanField(required=False)
    after = forms.IntegerField(min_value=0, max_value=2**63 - 1)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("records") == Reach.CHANGED and not given.get("changed_since"):
            self._need("changed_since", gettext_lazy("Say from which day on."))
        if given.get("when") == "later" and not given.get("at"):
            self._need("at", gettext_lazy("Say when."))
        return given

    def _need(self, field: str, says: Any) -> None:
        if field not in self.errors:
            self.add_error(field, says)

    @property
    def rescoring(self) -> Rescoring:
        given = self.cleaned_data
        reach = Reach(given["records"])
        since = midnight(given["changed_since"]) if reach == Reach.CHANGED else None
        return Rescoring(reach, since, given["tells"])


def midnight(day: Any) -> datetime:
    """Where the day begins for the reader."""
    return timezone.make_aware(datetime.combine(day, time()))


@page
def activation(request: Known, id: int) -> HttpResponse:
    """`version` is the newest where none is named."""
    rule = managed_rule(request, id)
    asked = request.POST.get("version") or request.GET.get("version", "")
    # A version that cannot be is missing, and never the newest.
    version = get_version(rule, whole(asked, digits=9) or 0) if asked else rule.newest
    if request.method != "POST":
        return _ask(request, rule, version, SwitchForm(), 200)
    form = SwitchForm(request.POST)
    if form.is_valid():
        try:
            _switch(request, version, form)
        except SwitchedMeanwhileError as error:
            return _ask(request, rule, version, form, 409, meanwhile=error.switched)
        except InvalidRuleError as error:
            for problem in error.problems:
                form.add_error(None, f"{problem.says} {problem.fix}".strip())
        except PastPlanError:
            form.add_error("at", gettext("This moment has passed."))
        except AlreadyPlannedError as error:
            form.add_error(None, planned_already(error))
        else:
            return redirect("rule", rule.pk)
    return _ask(request, rule, version, form, 422)


def _switch(request: Known, version: RuleVersion, form: SwitchForm) -> None:
    at, by, given = now(), request.user, form.cleaned_data
    if given["when"] == "later":
        planned = plan(version, at=given["at"], now=at, by=by, rescoring=form.rescoring)
        told = {"number": version.number, "at": exact(planned.at)}
        messages.success(request, gettext("Version %(number)s will be switched on: %(at)s.") % told)
        return
    activate(version, at=at, by=by, rescoring=form.rescoring, after=given["after"])
    messages.success(request, gettext("Version %(number)s scores from now on.") % {"number": version.number})


def planned_already(error: AlreadyPlannedError) -> str:
    told = {"number": error.planned.version.number, "at": exact(error.planned.at)}
    says = gettext("Version %(number)s is planned for %(at)s already. Cancel that first.")
    return says % told


def _ask(
    request: Known, rule: StoredRule, version: RuleVersion, form: SwitchForm, status: int, **more: object
) -> HttpResponse:
    told = {
        "form": form,
        "version": version,
        "estimate": estimate(rule.module),
        "changes": () if rule.active is None else changes(rule.active, version),
        "tomorrow": timezone.localtime(now() + timedelta(days=1)),
        **more,
    }
    return ask(request, "_activation.html", rule, told, status=status)


@page
def stop(request: Known, id: int) -> HttpResponse:
    rule = managed_rule(request, id)
    if request.method != "POST":
        return ask(request, "_stop.html", rule, {})
    known = whole(request.POST.get("after", "")) or 0
    try:
        deactivate(rule, at=now(), by=request.user, after=known)
    except SwitchedMeanwhileError as error:
        return ask(request, "_stop.html", rule, {"meanwhile": error.switched}, status=409)
    messages.success(request, gettext("The rule has stopped. Its scores stay as they are."))
    return redirect("rule", rule.pk)


@page
@require_POST
def forget_plan(request: Known, id: int) -> HttpResponse:
    rule = managed_rule(request, id)
    if cancel_plan(rule, at=now(), by=request.user):
        messages.success(request, gettext("It will not be switched."))
    else:
        messages.error(request, gettext("Nothing is planned any more: look at what happened meanwhile."))
    return redirect("rule", rule.pk)
