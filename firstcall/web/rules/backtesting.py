"""How well a rule would have told won from lost: asking for a backtest, and looking at what came of one."""

from __future__ import annotations

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from firstcall.columns.reading import NoCopyError
from firstcall.insights.past_backtests import backtests_of, begin_backtest, result_of
from firstcall.insights.previewing.outcomes import tellings_of_modules
from firstcall.insights.stored import Asked, AskedError
from firstcall.jobs.actions import cancel
from firstcall.jobs.models import UNFINISHED, Job
from firstcall.moments import now
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field
from firstcall.scorekeeping.errors import InvalidRuleError
from firstcall.scorekeeping.finding import get_version
from firstcall.scorekeeping.models import StoredRule
from firstcall.scoring.times import datetime_of, moment_of
from firstcall.touchpoints.catalogue import list_types
from firstcall.web.frame import Known, is_part, page
from firstcall.web.rules.backtest_result import drawn
from firstcall.web.rules.managing import ask, managed_rule
from firstcall.web.rules.switching import midnight

MOST = 10  # past ones that are listed
MOST_OFFERED = 300


class BacktestForm(forms.Form):
    version = forms.TypedChoiceField(coerce=int)
    won = forms.CharField(max_length=2_000)
    lost = forms.CharField(max_length=2_000, required=False)
    moment = forms.ChoiceField(choices=[("now", "now"), ("day", "day"), ("own", "own")], initial="now")
    day = forms.DateField(required=False)
    as_of_field = forms.CharField(max_length=200, required=False)

    def clean(self) -> dict[str, object]:
        given = self.cleaned_data
        if given.get("moment") == "day" and not given.get("day") and "day" not in self.errors:
            self.add_error("day", gettext_lazy("Say which day."))
        if given.get("moment") == "own" and not given.get("as_of_field"):
            self.add_error("as_of_field", gettext_lazy("Say which field holds each record's moment."))
        return given

    def asked(self) -> Asked:
        given = self.cleaned_data
        return Asked(
            given["won"],
            given["lost"],
            moment_of(midnight(given["day"])) if given["moment"] == "day" else None,
            given["as_of_field"] if given["moment"] == "own" else "",
        )


@page
def backtest(request: Known, id: int) -> HttpResponse:
    rule = managed_rule(request, id)
    numbers = list(rule.versions.order_by("-number").values_list("number", flat=True))
    scores = (rule.active or rule.newest).number
    begins = {"version": scores, "moment": "now", **_outcome(rule)}
    form = BacktestForm(request.POST or None, initial=begins)
    form.fields["version"].choices = [(number, number) for number in numbers]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        job = _begin(request, rule, form)
        if job is not None:
            return redirect("rule-backtested", rule.pk, job.pk)
    told = {"form": form, "numbers": numbers, "past": _past(request, rule), **_offers(rule)}
    return ask(request, "_backtest.html", rule, told, status=422 if form.is_bound else 200)


@page
def backtested(request: Known, id: int, job: int) -> HttpResponse:
    """`part`: how far it is, until it has ended."""
    rule = managed_rule(request, id)
    found = _find(request, rule, job)
    told: dict[str, object] = {"rule": rule, "job": found, "asked": _told(found)}
    if found.status in UNFINISHED and is_part(request):
        return render(request, "rules/_backtesting.html", told)
    told |= {"runs": found.status in UNFINISHED}
    if (result := result_of(found)) is not None:
        told |= drawn(result)
    response = render(request, "rules/backtested.html", told)
    if is_part(request):
        response["HX-Refresh"] = "true"
    return response


@page
@require_POST
def stop_backtest(request: Known, id: int, job: int) -> HttpResponse:
    rule = managed_rule(request, id)
    cancel(_find(request, rule, job), at=now())
    return redirect("rule-backtested", rule.pk, job)


def _begin(request: Known, rule: StoredRule, form: BacktestForm) -> Job | None:
    """None where something is wrong, which the form then says."""
    version = get_version(rule, form.cleaned_data["version"])
    try:
        return begin_backtest(version, form.asked(), viewer=request.viewer, at=now(), by=request.user)
    except AskedError as error:
        form.add_error(error.part if error.part in form.fields else None, error.says)
    except NoCopyError:
        form.add_error(
            None, gettext("The copy that backtests read is being made. It will be there in a moment.")
        )
    except InvalidRuleError as error:
        form.add_error(None, str(error))
    return None


def _find(request: Known, rule: StoredRule, id: int) -> Job:
    job = _of_rule(request, rule).filter(pk=id).first()
    if job is None:
        raise Http404
    return job


def _past(request: Known, rule: StoredRule) -> list[tuple[Job, dict[str, object]]]:
    return [(job, _told(job)) for job in _of_rule(request, rule)[:MOST]]


def _of_rule(request: Known, rule: StoredRule) -> QuerySet[Job]:
    return backtests_of(request.user).filter(parameters__rule=rule.pk)


def _told(job: Job) -> dict[str, object]:
    asked = Asked.from_json(job.parameters["asked"])
    as_of = None if asked.as_of is None else datetime_of(asked.as_of)
    return {"won": asked.won, "lost": asked.lost, "as_of": as_of, "as_of_field": asked.as_of_field,
            "version": job.parameters["version"]}  # fmt: skip


def _outcome(rule: StoredRule) -> dict[str, str]:
    """As previews tell won and lost: by a picklist of the module's own; nothing where there is none."""
    telling = tellings_of_modules().get(rule.module_id)
    if telling is None:
        return {}
    name = Field.objects.values_list("name", flat=True).get(pk=telling.field)
    lost = f"{name}={'|'.join(telling.lost)}" if telling.lost else ""
    return {"won": f"{name}={'|'.join(telling.won)}", "lost": lost}


def _offers(rule: StoredRule) -> dict[str, list[str]]:
    """What may be typed of how an outcome and a record's moment are told."""
    fields = list(Field.objects.filter(module=rule.module_id).order_by("pk"))
    chosen = [
        f"{field.name}={choice}"
        for field in fields
        if field.kind == FieldKind.PICKLIST
        for choice in field.choices
        if "|" not in choice
    ]
    moments = [field.name for field in fields if field.kind in (FieldKind.DATE, FieldKind.DATE_TIME)]
    return {
        "fields": chosen[:MOST_OFFERED],
        "types": [f"{one.type} within 30 days" for one in list_types()][:MOST_OFFERED],
        "moments": ["created_at", *moments][:MOST_OFFERED],
    }
