"""The first step: which file, and what it holds. Below it, what has been imported before."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from firstcall.access.rights import Verb
from firstcall.moments import now
from firstcall.records.importing.models import ImportRun
from firstcall.records.importing.staging import FileOptions
from firstcall.records.importing.starting import Upload, begin_upload, find_upload, look_later
from firstcall.records.models import Module
from firstcall.records.seeing import get_module, seen_modules
from firstcall.web.frame import Known, page
from firstcall.web.importing.finding import here, require_importing, runs_of

TOUCHPOINTS = "touchpoints:"
"""Before the name of the module whose people they are of."""
SHOWN = 50


@page
def imports(request: Known) -> HttpResponse:
    """GET: past imports, and the form that begins one; POST: takes a file, or the upload of one, and has a look at it."""
    require_importing(request)
    if request.method != "POST":
        return _shown(request, [])
    into = request.POST.get("into", "")
    module = get_module(request.viewer, into.removeprefix(TOUCHPOINTS), Verb.IMPORT)
    upload = _upload(request)
    if upload is None:
        return _shown(request, [gettext("Choose a file first.")], HTTPStatus.UNPROCESSABLE_ENTITY)
    about = "touchpoints" if into.startswith(TOUCHPOINTS) and module.is_people else "records"
    file = msgspec.to_builtins(FileOptions())
    job = look_later(upload, file, module=module, about=about, at=now(), by=request.user)
    return redirect("look", job.pk)


def _upload(request: Known) -> Upload | None:
    if id := request.POST.get("upload", ""):
        return find_upload(id, by=request.user)
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile) or not file.size:
        return None
    upload = begin_upload(file.name or "file", by=request.user)
    upload.append(file.chunks(), offset=0)
    return upload


def _shown(request: Known, faults: list[str], status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    runs = list(runs_of(request).order_by("-pk")[: SHOWN + 1])
    told = {
        "here": here(),
        "step": 1,
        "choices": choices(request),
        "chosen": request.POST.get("into") or request.GET.get("into", ""),
        "runs": [{"run": run, "href_list": _list_of(run)} for run in runs[:SHOWN]],
        "is_more": len(runs) > SHOWN,
        "faults": faults,
    }
    return render(request, "importing/imports.html", told, status=status)


def _list_of(run: ImportRun) -> bool:
    return run.kind == "records" and run.module is not None


def choices(request: Known) -> list[tuple[str, str]]:
    """What a file may hold: records of each module that one may import into; touchpoints of its people."""
    modules = [
        module for module in seen_modules(request.viewer) if request.viewer.may(Verb.IMPORT, module.name)
    ]
    people = [module for module in modules if module.is_people]
    return [
        *((module.name, module.called) for module in modules),
        *((TOUCHPOINTS + module.name, touchpoints_of(module)) for module in people),
    ]


def touchpoints_of(module: Module) -> str:
    return gettext("Touchpoints of %(module)s") % {"module": module.called}
