"""Exports: begun from a list, watched, downloaded while they are kept, ended or deleted; those of before on a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstcall.access.rights import Right, Verb
from firstcall.jobs.actions import start
from firstcall.jobs.models import UNFINISHED, Job
from firstcall.moments import now
from firstcall.records.choosing import Choice
from firstcall.records.models import Module
from firstcall.saved_views.asking import columns_of_file
from firstcall.scorekeeping.exporting import SCORES, ExportAsked
from firstcall.scorekeeping.past_exports import (
    EXPORT,
    end_export,
    every_export,
    exports_of,
    kept_file,
    modules_of,
)
from firstcall.web.frame import Known, page
from firstcall.web.importing.finding import file_answer
from firstcall.web.records.asking import Wishes

SHOWN = 100
FORMATS: dict[str, str | Promise] = {
    "csv": gettext_lazy("CSV, for every program"),
    "xlsx": gettext_lazy("Excel"),
    "parquet": gettext_lazy("Parquet, for tools of data"),
}
NAMES = {"csv": "CSV", "xlsx": "Excel", "parquet": "Parquet", "jsonl": "JSON Lines"}


@dataclass(frozen=True, slots=True)
class Past:
    """One line of those of before. `many` were chosen one by one; none: all, or what a list had.

    size  of the file in bytes; None where it is not there
    """

    job: Job
    module: str
    href: str
    format: str
    many: int | None
    is_narrowed: bool
    size: int | None
    is_own: bool
    is_under_way: bool


def begin_export(request: Known, wishes: Wishes, choice: Choice) -> Job:
    """Of what was chosen on a list, as the form beside it says."""
    given = request.POST
    form, scores = given.get("format", ""), given.get("scores", "")
    columns = () if given.get("all_columns") else columns_of_file(wishes.module, wishes.columns)
    asked = ExportAsked(
        choice,
        form if form in FORMATS else "csv",
        columns,
        scores if scores in SCORES else "total",
    )
    return start(EXPORT, {"asked": asked.to_json()}, at=now(), by=request.user)


@page
def exports(request: Known) -> HttpResponse:
    """One's own; everybody's for those who manage users, who may know of them, and not have their files."""
    sees_all = request.viewer.has(Right.MANAGE_USERS)
    own = exports_of(request.user)
    if not sees_all and not request.viewer.may_somewhere(Verb.EXPORT) and not own.exists():
        raise PermissionDenied
    found = list(_asked(request, own, sees_all)[: SHOWN + 1])
    told = {
        "here": "",
        "rows": past(request, found[:SHOWN]),
        "is_more": len(found) > SHOWN,
        "sees_all": sees_all,
        "whose": request.GET.get("whose", ""),
        "is_under_way": any(job.status in UNFINISHED for job in found[:SHOWN]),
        "modules": [
            module
            for module in Module.objects.order_by("pk")
            if request.viewer.may(Verb.VIEW, module.name) and request.viewer.may(Verb.EXPORT, module.name)
        ],
    }
    return render(request, "records/_exports.html" if "part" in request.GET else "records/exports.html", told)


def _asked(request: Known, own: QuerySet[Job], sees_all: bool) -> QuerySet[Job]:
    return every_export() if sees_all and request.GET.get("whose") != "mine" else own


def past(request: Known, jobs: Sequence[Job]) -> list[Past]:
    modules = {module.name: module.called for module in Module.objects.filter(name__in=modules_of(jobs))}
    return [_past(request, job, modules) for job in jobs]


def _past(request: Known, job: Job, modules: dict[str, str]) -> Past:
    asked = ExportAsked.from_json(job.parameters["asked"])
    choice, own = asked.choice, job.created_by_id == request.user.pk
    file = kept_file(job)
    return Past(
        job,
        modules.get(choice.module, choice.module),
        choice.module if choice.module in modules and request.viewer.may(Verb.VIEW, choice.module) else "",
        NAMES.get(asked.format, asked.format),
        None if choice.ids is None else len(choice.ids),
        bool(choice.filter or choice.owner is not None or choice.tags or choice.layout or choice.imported),
        None if file is None else file.stat().st_size,
        own,
        job.status in UNFINISHED,
    )


@page
def export(request: Known, id: int) -> HttpResponse:
    job = own_export(request, id)
    told = {
        "job": job,
        "here": "",
        "is_under_way": job.status in UNFINISHED,
        "file": kept_file(job),
        "rows": job.state.get("rows"),
    }
    template = "records/_export.html" if "part" in request.GET else "records/export.html"
    return render(request, template, told)


@page
def export_file(request: Known, id: int) -> HttpResponseBase:
    job = own_export(request, id)
    request.viewer.require(Verb.EXPORT, ExportAsked.from_json(job.parameters["asked"]).choice.module)
    return file_answer(kept_file(job))


@page
@require_POST
def export_end(request: Known, id: int) -> HttpResponse:
    """What is under way ends; of what has ended the file goes."""
    end_export(own_export(request, id), at=now())
    return redirect("exports")


def own_export(request: Known, id: int) -> Job:
    job = exports_of(request.user).filter(pk=id).first() if id < 2**63 else None
    if job is None:
        raise Http404
    return job
