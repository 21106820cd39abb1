"""How the service is: freshness and health in words and small pictures, jobs, backups."""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from firstcall.counts.reading import last_seen
from firstcall.counts.tallying import BUCKETS
from firstcall.jobs.actions import cancel
from firstcall.jobs.models import UNFINISHED, Job, JobStatus
from firstcall.moments import now
from firstcall.monitoring.figures import figures
from firstcall.web.frame import Known
from firstcall.web.settingup.sections import section, show

JOBS = 50
STATUSES = {
    JobStatus.WAITING: (gettext_lazy("waits"), ""),
    JobStatus.RUNNING: (gettext_lazy("runs"), "is-cool"),
    JobStatus.DONE: (gettext_lazy("done"), "is-good"),
    JobStatus.FAILED: (gettext_lazy("failed"), "is-bad"),
    JobStatus.CANCELLED: (gettext_lazy("ended early"), ""),
}
KINDS = {
    "records.import": gettext_lazy("Import of records"),
    "records.look_at_file": gettext_lazy("Look at a file before its import"),
    "records.try_import": gettext_lazy("Trial of an import"),
    "records.undo_import": gettext_lazy("Undoing an import"),
    "records.bulk": gettext_lazy("Change of many records"),
    "records.export": gettext_lazy("Export"),
    "records.empty_trash": gettext_lazy("Emptying the trash"),
    "records.forget_files": gettext_lazy("Forgetting old files"),
    "records.rekey_phones": gettext_lazy("Renewing search keys"),
    "touchpoints.import": gettext_lazy("Import of touchpoints"),
    "touchpoints.try_import": gettext_lazy("Trial of an import of touchpoints"),
    "touchpoints.undo_import": gettext_lazy("Undoing an import of touchpoints"),
    "touchpoints.revoke": gettext_lazy("Revoking touchpoints"),
    "touchpoints.count_again": gettext_lazy("Counting revoked touchpoints again"),
    "touchpoints.settle": gettext_lazy("Settling what is clear by now"),
    "touchpoints.tidy": gettext_lazy("Tidying touchpoints"),
    "scores.sweep": gettext_lazy("Scoring all records"),
    "rules.backtest": gettext_lazy("Backtest of a rule"),
    "columns.tidy": gettext_lazy("Tidying the columnar copy"),
    "access.forget_old": gettext_lazy("Forgetting old traces"),
    "jobs.forget_old": gettext_lazy("Forgetting old jobs"),
    "demo.seed": gettext_lazy("Making up the demo company"),
}
_WITHIN = (
    (0.1, gettext_lazy("0.1 s")),
    (0.5, gettext_lazy("0.5 s")),
    (1.0, gettext_lazy("1 s")),
    (5.0, gettext_lazy("5 s")),
    (60.0, gettext_lazy("1 min")),
)
TALLEST = 64


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    many: int
    height: float

    @property
    def y(self) -> float:
        return TALLEST - self.height


@section("set-up-health")
def health(request: Known) -> HttpResponse:
    told = {"figures": (now_is := figures(at=now())), "bars": _bars(now_is.spread)}
    if "part" in request.GET:
        return render(request, "settingup/_health.html", told)
    return show(request, "settingup/health.html", told)


def _bars(spread: tuple[int, ...]) -> list[Bar]:
    """How many scores came within how long, for a picture."""
    counted: list[tuple[str, int]] = []
    low = 0.0
    for bound, label in (*_WITHIN, (math.inf, gettext_lazy("longer"))):
        uppers = (*BUCKETS, math.inf)
        many = sum(n for n, upper in zip(spread, uppers, strict=True) if low < upper <= bound)
        counted.append((str(label), many))
        low = bound
    most = max(many for _, many in counted) or 1
    return [Bar(label, many, round(many / most * TALLEST, 1)) for label, many in counted]


@section("set-up-jobs")
def job_list(request: Known) -> HttpResponse:
    """The newest first; by `status` where one is asked for. Those that end every few minutes by themselves only then."""
    status = request.GET.get("status", "")
    jobs = Job.objects.select_related("created_by").order_by("-pk")
    if status in set(JobStatus):
        jobs = jobs.filter(status=status)
    elif status != "all":
        status = ""
        jobs = jobs.exclude(status=JobStatus.DONE, created_by=None)
    rows = [
        {
            "job": job,
            "label": KINDS.get(job.kind, job.kind),
            "status": STATUSES[JobStatus(job.status)],
            "is_under_way": job.status in UNFINISHED,
        }
        for job in jobs[:JOBS]
    ]
    told = {"rows": rows, "status": status, "statuses": [(key, says) for key, (says, _) in STATUSES.items()]}
    template = "settingup/_jobs.html" if "part" in request.GET else "settingup/job_list.html"
    return render(request, template, told) if "part" in request.GET else show(request, template, told)


@section("set-up-jobs")
@require_POST
def job_cancel(request: Known, id: int) -> HttpResponse:
    """At its next step; what it did so far stays."""
    job = Job.objects.filter(pk=id).first()
    if job is None:
        raise Http404
    cancel(job, at=now())
    messages.success(request, gettext("It ends at its next step. What it has done so far stays."))
    return redirect("set-up-jobs")


@section("set-up-backups")
def backups(request: Known) -> HttpResponse:
    return show(request, "settingup/backups.html", {"at": last_seen("backup")})
