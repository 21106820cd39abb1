"""How well a rule would have told won from lost: asking for a backtest, and looking at what came of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

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
from firstcall.records.models import Field
from firstcall.scorekeeping.errors import InvalidRuleError
from firstcall.scorekeeping.finding import get_version
from firstcall.scorekeeping.models import StoredRule
from firstcall.scoring.times import datetime_of, moment_of
from firstcall.web.frame import Known, is_part, page
from firstcall.web.rules.managing import ask, managed_rule
from firstcall.web.rules.switching import midnight
from firstcall.web.templatetags.web import points as said_points

WIDTH, HEIGHT = 720, 160
MOST = 10  # past ones that are listed
_GAP = 4


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


@dataclass(frozen=True, slots=True)
class Row:
    """Records with a grade or a score, and how many of them were won; `rate` and the interval in percent, `wide` for
    drawing, 0 to 100."""

    name: str
    records: int
    won: int
    rate: Decimal | None
    low: Decimal | None
    high: Decimal | None
    wide: float


@dataclass(frozen=True, slots=True)
class Column:
    """A bar of the picture, with the line of its interval."""

    says: str
    x: float
    y: float
    width: float
    height: float
    middle: float
    low: float
    high: float


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
    told = {"form": form, "numbers": numbers, "past": _past(request, rule)}
    return ask(request, "_backtest.html", rule, told, status=422 if form.is_bound else 200)


@page
def backtested(request: Known, id: int, job: int) -> HttpResponse:
    """`part`: how far it is, until it has ended."""
    rule = managed_rule(request, id)
    found = _find(request, rule, job)
    told: dict[str, object] = {"rule": rule, "job": found, "asked": _told(found)}
    if found.status in UNFINISHED and is_part(request):
        return render(request, "rules/_backtesting.html", told)
    told |= {"runs": found.status in UNFINISHED, "width": WIDTH, "height": HEIGHT}
    if (result := result_of(found)) is not None:
        told |= _drawn(result)
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


# --- what came of it


def _drawn(result: Mapping[str, Any]) -> dict[str, object]:
    brackets = [_row(_span(one), one, _highest(result["brackets"])) for one in result["brackets"]]
    return {
        "result": result,
        "rate": _percent(result["conversion"]),
        "chance": _chance(result),
        "often": None if result["auc"] is None else round(100 * result["auc"]),
        "columns": _columns(result["brackets"], brackets),
        "brackets": brackets[::-1],
        "top": _percent(_highest(result["brackets"])),
        "grades": [
            _row(one["grade"] or gettext("no grade"), one, _highest(result["grades"])) for one in result["grades"]
        ],
        "best_fifth": _percent(result["deciles"][1]["won_so_far"]) if result["deciles"] else None,
        "criteria": [
            {"name": one["criterion"], "backwards": move["backwards"], "points": _hundredths(move["average_points"]),
             "with": _percent(move["with"]["conversion"]), "records": move["with"]["records"],
             "without": _percent(move["without"]["conversion"])}
            for one in result["criteria"]
            for move in one["moves"]
        ],
        "unmoved": [one["criterion"] for one in result["criteria"] if not one["moves"]],
    }  # fmt: skip


def _chance(result: Mapping[str, Any]) -> str:
    """Whether the area under the curve is `better` than chance, `worse`, or neither; empty without one."""
    if result["auc_interval"] is None:
        return ""
    low, high = result["auc_interval"]
    return "better" if low > 0.5 else "worse" if high < 0.5 else "none"


def _row(name: str, of: Mapping[str, Any], highest: float) -> Row:
    low, high = of["interval"] or (None, None)
    wide = 100 * (of["conversion"] or 0) / highest
    return Row(
        name, of["records"], of["won"], _percent(of["conversion"]), _percent(low), _percent(high), wide
    )


def _highest(rows: Sequence[Mapping[str, Any]]) -> float:
    """Of the upper ends of the intervals, above 0."""
    return max([0.0001, *(float(one["interval"][1]) for one in rows if one["interval"])])


def _columns(brackets: Sequence[Mapping[str, Any]], rows: Sequence[Row]) -> list[Column]:
    highest = _highest(brackets)
    across = WIDTH / max(len(brackets), 1)
    columns = []
    for n, (one, row) in enumerate(zip(brackets, rows, strict=True)):
        if one["interval"] is None:
            continue
        rate, low, high = (HEIGHT * of / highest for of in (one["conversion"], *one["interval"]))
        says = gettext("%(score)s: %(won)s of %(records)s won, %(rate)s %%") % {
            "score": row.name,
            "won": row.won,
            "records": row.records,
            "rate": row.rate,
        }
        x = n * across + _GAP / 2
        columns.append(
            Column(
                says, x, HEIGHT - rate, across - _GAP, rate, (n + 0.5) * across, HEIGHT - low, HEIGHT - high
            )
        )
    return columns


def _span(of: Mapping[str, Any]) -> str:
    low, high = of["from"], of["below"]
    if low is None and high is None:
        return gettext("all")
    if low is None:
        return gettext("below %(high)s") % {"high": _plain(high)}
    if high is None:
        return gettext("%(low)s or more") % {"low": _plain(low)}
    return gettext("%(low)s to below %(high)s") % {"low": _plain(low), "high": _plain(high)}


def _plain(points: float) -> str:
    return said_points(_hundredths(points))


def _hundredths(points: float) -> int:
    return round(points * 100)


def _percent(share: float | None) -> Decimal | None:
    return None if share is None else round(Decimal(100 * share), 1)
