"""The last step: the import on its way, what came of it, and its undoing as a whole."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from firstcall.access.rights import Verb
from firstcall.jobs.actions import cancel
from firstcall.moments import now
from firstcall.records.bulk.starting import undo_later
from firstcall.records.importing.models import ImportRun
from firstcall.records.importing.rejecting import find_rejects
from firstcall.records.importing.undoing import NotUndoableError, stays_file
from firstcall.web.frame import Known, page
from firstcall.web.importing.finding import file_answer, find_run, here, require_importing


@page
def run(request: Known, id: int) -> HttpResponse:
    """GET: how far it is; POST: `undo` or `cancel`."""
    require_importing(request)
    found = find_run(request, id)
    if request.method == "POST":
        return _do(request, found)
    told = {
        "here": here(),
        "step": 4,
        "run": found,
        "job": found.job,
        "is_under_way": found.is_under_way,
        "seconds_left": found.job.seconds_left(now()) if found.job else None,
        "message": found.message.replace(f"{found.path}: ", ""),
        "may_undo": found.may_be_undone and _may(request, found),
        "may_cancel": found.is_unfinished and found.job is not None,
        "has_rejects": find_rejects(found.folder) is not None,
        "may_see_files": _may(request, found),
        "stays": found.position.get("stays", 0),
        "leads_to": found.kind == "records" and found.created + found.changed > 0,
    }
    return render(request, "importing/_run.html" if "part" in request.GET else "importing/run.html", told)


@page
def run_rejects(request: Known, id: int) -> HttpResponseBase:
    """The rows that were left out, as they stood in the file, with the reasons."""
    require_importing(request)
    found = find_run(request, id)
    found.require_import(request.viewer)
    return file_answer(find_rejects(found.folder))


@page
def run_stays(request: Known, id: int) -> HttpResponseBase:
    """What an undo left as it is, and why."""
    require_importing(request)
    found = find_run(request, id)
    found.require_import(request.viewer)
    return file_answer(stays_file(found))


def _do(request: Known, found: ImportRun) -> HttpResponse:
    """Whoever sees it may end it: who began it, or manages users. Undoing it is a change of its own."""
    if "cancel" in request.POST and found.job is not None:
        cancel(found.job, at=now())
    elif "undo" in request.POST:
        found.require_import(request.viewer)
        try:
            undo_later(found, at=now(), by=request.user, kind=f"{found.kind}.undo_import")
        except NotUndoableError as error:
            messages.error(request, str(error))
    return redirect("import", found.pk)


def _may(request: Known, found: ImportRun) -> bool:
    return found.module is None or request.viewer.may(Verb.IMPORT, found.module.name)
