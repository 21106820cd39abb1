"""The works that a reader may look at, and the files that they left."""

from __future__ import annotations

from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponseBase
from django.urls import reverse

from firstcall.access.rights import Right, Verb
from firstcall.jobs.models import Job
from firstcall.records.bulk.changing import BULK
from firstcall.records.importing.models import ImportRun
from firstcall.records.importing.starting import Upload, find_upload
from firstcall.web.frame import Known


def require_importing(request: Known) -> None:
    if not request.viewer.may_somewhere(Verb.IMPORT):
        raise PermissionDenied


def own_job(request: Known, id: int, *kinds: str) -> Job:
    found = Job.objects.filter(pk=id, kind__in=kinds, created_by=request.user).first() if id < 2**63 else None
    if found is None:
        raise Http404
    return found


def upload_of(request: Known, job: Job) -> Upload | None:
    """The file that the job is about; None: it is kept no longer."""
    return find_upload(job.parameters.get("upload", ""), by=request.user)


def runs_of(request: Known) -> QuerySet[ImportRun]:
    """One's own imports; of all for those who manage users."""
    runs = ImportRun.objects.exclude(kind=BULK).select_related("module", "job", "created_by")
    return runs if request.viewer.has(Right.MANAGE_USERS) else runs.filter(created_by=request.user)


def find_run(request: Known, id: int) -> ImportRun:
    found = runs_of(request).filter(pk=id).first() if id < 2**63 else None
    if found is None:
        raise Http404
    return found


def file_answer(path: Path | None) -> HttpResponseBase:
    if path is None or not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)


def here() -> str:
    """The place in the menu that all of these belong to."""
    return reverse("imports")
