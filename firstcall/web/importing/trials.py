"""The third step: what the import would do, with all that is wrong; then the import itself is begun."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from firstcall.access.rights import Right, Verb
from firstcall.jobs.models import UNFINISHED, Job
from firstcall.moments import now
from firstcall.records.importing.asking import Asked
from firstcall.records.importing.starting import TRIALS, import_later
from firstcall.records.models import Module
from firstcall.records.seeing import get_module
from firstcall.scoring.times import datetime_of, parse_time
from firstcall.web.frame import Known, page
from firstcall.web.importing.finding import file_answer, here, own_job, require_importing, upload_of
from firstcall.web.importing.reading import told_message


@page
def trial(request: Known, id: int) -> HttpResponse:
    """GET: how far it is, then what it found; POST: does the import."""
    require_importing(request)
    job = own_job(request, id, *TRIALS.values())
    module = get_module(request.viewer, job.parameters["module"], Verb.IMPORT)
    if request.method == "POST":
        return _begin(request, job, module)
    found = job.state.get("found")
    told = {
        "here": here(),
        "step": 3,
        "job": job,
        "module": module,
        "about": _kind(job),
        "file_name": Path(job.parameters["path"]).name,
        "look": job.parameters.get("look"),
        "is_under_way": job.status in UNFINISHED,
        "seconds_left": job.seconds_left(now()),
        "message": told_message(job),
        "found": found,
        "problems": [_explained(problem) for problem in job.state.get("problems", [])],
        "has_rejects": bool(job.state.get("rejects")),
    }
    if found:
        told |= _worded(found)
    return render(request, "importing/_trial.html" if "part" in request.GET else "importing/trial.html", told)


@page
def trial_rejects(request: Known, id: int) -> HttpResponseBase:
    """The rows that would be left out, as they stand in the file, with the reasons."""
    require_importing(request)
    trial = own_job(request, id, *TRIALS.values())
    request.viewer.require(Verb.IMPORT, trial.parameters["module"])
    kept = trial.state.get("rejects")
    return file_answer(Path(kept) if kept else None)


def _begin(request: Known, job: Job, module: Module) -> HttpResponse:
    upload = upload_of(request, job)
    if upload is None or job.state.get("found") is None:
        raise Http404
    kind, asked = _kind(job), job.parameters["asked"]
    makes = kind == "records" and Asked.from_json(asked).wishes.changes_module
    if makes and not request.viewer.has(Right.MANAGE_SETTINGS):
        raise PermissionDenied
    run = import_later(kind, upload, asked, module=module, at=now(), by=request.user)
    return redirect("import", run.pk)


def _kind(job: Job) -> str:
    return next(kind for kind, name in TRIALS.items() if name == job.kind)


def _worded(found: dict[str, Any]) -> dict[str, Any]:
    """What templates want otherwise than it is kept."""
    moments = {name: parse_time(found.get(name) or "") for name in ("from", "until")}
    return {
        "goes_in": found["would_create"] + found.get("would_change", 0),
        "begin": None if moments["from"] is None else datetime_of(moments["from"]),
        "end": None if moments["until"] is None else datetime_of(moments["until"]),
        "unknown_choices": [
            (field, list(values.items())) for field, values in found.get("unknown_choices", {}).items()
        ],
    }


def _explained(problem: dict[str, str]) -> dict[str, str]:
    """With what mends it on these pages."""
    mends = {
        "uncertain-dates": gettext(
            "Go back to the columns and say there whether the day or the month comes first."
        ),
        "uncertain-numbers": gettext("Go back to the columns and say there what stands before the decimals."),
        "no-header": gettext("Go back to the columns and name them under “Read the file otherwise”."),
        "no-columns": gettext("Go back and say what the columns are."),
        "no-key-column": gettext("Go back and find records by something else, or map a column to it."),
    }
    return {**problem, "fix": mends.get(problem["code"], problem["fix"])}
