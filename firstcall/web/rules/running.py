"""Scoring records again because somebody wants it, how far that is, and ending it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from firstcall.access.rights import Right
from firstcall.jobs.actions import cancel
from firstcall.jobs.models import UNFINISHED, Job
from firstcall.moments import now
from firstcall.records.models import Layout
from firstcall.scorekeeping.estimating import estimate
from firstcall.scorekeeping.finding import get_rule
from firstcall.scorekeeping.models import StoredRule
from firstcall.scorekeeping.sweeping import sweep_later
from firstcall.scorekeeping.switching import SWEEP
from firstcall.web.frame import Known, page
from firstcall.web.rules.managing import ask, managed_rule
from firstcall.web.rules.switching import midnight


class RunForm(forms.Form):
    records = forms.ChoiceField(choices=[("all", "all"), ("changed", "changed")], initial="all")
    changed_since = forms.DateField(required=False)
    layout = forms.ModelChoiceField(Layout.objects.none(), required=False)
    tells = forms.BooleanField(required=False)

    def clean(self) -> dict[str, object]:
        given = self.cleaned_data
        is_missing = given.get("records") == "changed" and not given.get("changed_since")
        if is_missing and "changed_since" not in self.errors:
            self.add_error("changed_since", gettext_lazy("Say from which day on."))
        return given


@page
def run(request: Known, id: int) -> HttpResponse:
    rule = managed_rule(request, id)
    form = RunForm(request.POST or None)
    layouts = Layout.objects.filter(module=rule.module).order_by("name")
    form.fields["layout"].queryset = layouts  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        job = _start(request, rule, form)
        if job is None:
            messages.error(request, gettext("The rule is not active: there is nothing to score by."))
        return redirect("rule", rule.pk)
    told = {"form": form, "estimate": estimate(rule.module), "layouts": layouts}
    return ask(request, "_run.html", rule, told, status=422 if form.is_bound else 200)


def _start(request: Known, rule: StoredRule, form: RunForm) -> Job | None:
    given = form.cleaned_data
    since = midnight(given["changed_since"]) if given["records"] == "changed" else None
    return sweep_later(
        rule.module,
        [rule],
        at=now(),
        by=request.user,
        layout=None if given["layout"] is None else given["layout"].pk,
        changed_since=since,
        tells=given["tells"],
    )


@page
@require_POST
def stop_run(request: Known, id: int, job: int) -> HttpResponse:
    """For whoever began it or manages scoring. What was scored so far stays."""
    rule = get_rule(request.viewer, id)
    found = next((one for one in runs_of(rule) if one.pk == job), None)
    if found is None:
        raise Http404
    if found.created_by != request.user:
        request.viewer.require_right(Right.MANAGE_SCORING)
    cancel(found, at=now())
    messages.success(request, gettext("It ends with the records that it is at."))
    return redirect("rule", rule.pk)


def runs_of(rule: StoredRule) -> list[Job]:
    """Those under way that score by the rule as it was switched on last."""
    if rule.activation_id is None:
        return []
    running = Job.objects.filter(kind=SWEEP, status__in=UNFINISHED)
    of_rule = running.filter(parameters__activations__contains=[rule.activation_id])
    return list(of_rule.select_related("created_by").order_by("pk"))
