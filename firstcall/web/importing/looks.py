"""The second step: what each column is. The guesses are there already; whatever is wrong can be said otherwise."""

from __future__ import annotations

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from firstcall.access.rights import Right, Verb
from firstcall.jobs.models import UNFINISHED, Job
from firstcall.moments import now
from firstcall.records.importing.looking import Look, find_look
from firstcall.records.importing.starting import LOOK, TRIALS, look_later, trial_folder, try_later
from firstcall.records.models import Module
from firstcall.records.seeing import get_module
from firstcall.web.frame import Known, page
from firstcall.web.importing.finding import here, own_job, require_importing, upload_of
from firstcall.web.importing.mapping import RecordsMapping
from firstcall.web.importing.reading import ENCODINGS, file_options, told_message
from firstcall.web.importing.touchpoints import TouchpointsMapping
from firstcall.web.localizing import zone_of
from firstcall.web.numbers import whole

type Mapping = RecordsMapping | TouchpointsMapping


@page
def look(request: Known, id: int) -> HttpResponse:
    """GET: the columns, once they have been looked at, as `trial` (a dry run that was) had them; POST: a dry run, or
    another look with `again`."""
    require_importing(request)
    job = own_job(request, id, LOOK)
    module = get_module(request.viewer, job.parameters["module"], Verb.IMPORT)
    if request.method == "POST":
        return _go_on(request, job, module)
    seen = None if job.status in UNFINISHED else find_look(trial_folder(job.pk))
    told = _told(request, job, module) | {"look": seen}
    if seen is not None:
        told |= {"mapping": _mapping(request, job, module, seen), "file": job.parameters["file"]}
    return render(request, "importing/_look.html" if "part" in request.GET else "importing/look.html", told)


def _told(request: Known, job: Job, module: Module) -> dict[str, object]:
    upload = upload_of(request, job)
    return {
        "here": here(),
        "step": 2,
        "job": job,
        "module": module,
        "about": job.parameters["about"],
        "file_name": upload.path.name if upload else "",
        "is_under_way": job.status in UNFINISHED,
        "message": told_message(job),
        "encodings": ENCODINGS,
    }


def _mapping(request: Known, job: Job, module: Module, seen: Look) -> Mapping:
    zone = zone_of(request).key
    tried = _tried(request, job, whole(request.GET.get("trial", "")) or 0)
    if job.parameters["about"] == "touchpoints":
        upload = upload_of(request, job)
        name = upload.path.stem if upload else ""
        return TouchpointsMapping(module, seen, job.parameters["file"], tried, zone, name)
    may_make = request.viewer.has(Right.MANAGE_SETTINGS)
    return RecordsMapping(module, seen, job.parameters["file"], tried, zone, may_make)


def _tried(request: Known, job: Job, id: int) -> dict[str, object] | None:
    """What was asked of a dry run that came of this look."""
    if not id:
        return None
    trial = own_job(request, id, *TRIALS.values())
    return trial.parameters["asked"] if trial.parameters.get("look") == job.pk else None


def _go_on(request: Known, job: Job, module: Module) -> HttpResponse:
    upload, seen = upload_of(request, job), find_look(trial_folder(job.pk))
    if upload is None or seen is None:
        raise Http404
    about = job.parameters["about"]
    if "again" in request.POST:
        file = msgspec.to_builtins(file_options(request.POST))
        again = look_later(upload, file, module=module, about=about, at=now(), by=request.user)
        return redirect("look", again.pk)
    mapping = _mapping(request, job, module, seen)
    asked, faults = mapping.asked(request.POST)
    if faults:
        told = _told(request, job, module) | {"look": seen, "file": job.parameters["file"], "faults": faults}
        told["mapping"] = mapping.as_given(request.POST)
        return render(request, "importing/look.html", told, status=422)
    if isinstance(mapping, RecordsMapping) and mapping.makes(asked) and not mapping.may_make:
        raise PermissionDenied(gettext("Only who manages settings may make fields."))
    tried = try_later(about, upload, asked, module=module, at=now(), by=request.user, look=job.pk)
    return redirect("trial", tried.pk)
