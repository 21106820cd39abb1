"""Imports of records and touchpoints from uploaded files: begun, tried, watched, undone."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase
from ninja import Router, Schema, Status

from firstcall.access.rights import Verb
from firstcall.access.scopes import Scope
from firstcall.api.authority import Actor, Request, needs
from firstcall.api.finding import given_module
from firstcall.api.import_forms import ImportOut, LookForm, RecordsForm, TouchpointsForm
from firstcall.api.jobs import own_job
from firstcall.api.paging import Page, Paging, page
from firstcall.api.problems import Fault, Refused, invalid, missing
from firstcall.api.types import Id
from firstcall.jobs.models import Job, JobStatus
from firstcall.moments import now
from firstcall.records.bulk.changing import BULK
from firstcall.records.bulk.starting import undo_later
from firstcall.records.importing.looking import find_look
from firstcall.records.importing.models import ImportRun
from firstcall.records.importing.rejecting import find_rejects
from firstcall.records.importing.starting import (
    LOOK,
    TRIALS,
    Upload,
    find_upload,
    import_later,
    look_later,
    trial_folder,
    try_later,
)
from firstcall.records.importing.undoing import NotUndoableError, stays_file

router = Router(tags=["Imports"])


class LookOut(Schema):
    """`seen` is there once the job is done."""

    id: int
    status: JobStatus
    message: str
    seen: dict[str, Any] | None


class TrialOut(Schema):
    """`found` is there once the job is done: what the import would do, with every problem. `problems` say what keeps
    the whole file out."""

    id: int
    status: JobStatus
    message: str
    done: int
    total: int | None
    found: dict[str, Any] | None
    problems: list[dict[str, Any]]


@router.post("/imports/records", auth=needs("records:write"), response={201: ImportOut})
def import_records(request: Request, wanted: RecordsForm) -> Status[ImportOut]:
    """Begin an import of records; needs `modules:write` too where it is to make fields or choices."""
    _check_making(request, wanted)
    return _begin(request, "records", wanted)


@router.post("/imports/touchpoints", auth=needs("touchpoints:write"), response={201: ImportOut})
def import_touchpoints(request: Request, wanted: TouchpointsForm) -> Status[ImportOut]:
    """Begin an import of touchpoints of known people."""
    return _begin(request, "touchpoints", wanted)


@router.get("/imports", auth=needs("records:read"), response=Page[ImportOut])
def list_imports(request: Request, paging: Paging) -> Page[ImportOut]:
    """One's own; of all for those who manage users."""
    rows, following = page(
        runs_of(request.auth).exclude(kind=BULK).select_related("module"), paging, order=("-id",)
    )
    return Page[ImportOut](items=[ImportOut.of(row) for row in rows], next=following)


@router.get("/imports/{id}", auth=needs("records:read"), response=ImportOut)
def read_import(request: Request, id: Id) -> ImportOut:
    return ImportOut.of(find_run(request.auth, id))


@router.get("/imports/{id}/rejects", auth=needs("records:read"), response={200: None})
def read_rejects(request: Request, id: Id) -> HttpResponseBase:
    """The rows that were left out, with the reasons, in the format of the file. For those who may import there."""
    run = find_run(request.auth, id)
    run.require_import(request.auth.viewer)
    return file_answer(find_rejects(run.folder), "file of rejects")


@router.get("/imports/{id}/stays", auth=needs("records:read"), response={200: None})
def read_stays(request: Request, id: Id) -> HttpResponseBase:
    """What an undo left as it is, as CSV: record, field, why. For those who may import there."""
    run = find_run(request.auth, id)
    run.require_import(request.auth.viewer)
    return file_answer(stays_file(run), "list of what stays")


@router.delete("/imports/{id}", auth=needs("records:write"), response={202: ImportOut})
def undo_import(request: Request, id: Id) -> Status[ImportOut]:
    """Undo the whole import, by a job."""
    run = find_run(request.auth, id)
    if run.kind == "touchpoints":
        request.auth.needs_scope(Scope.TOUCHPOINTS_WRITE)
    run.require_import(request.auth.viewer)
    return undo(request, run, f"{run.kind}.undo_import")


@router.post("/import-looks", auth=needs("records:write"), response={201: LookOut})
def look_at_file(request: Request, wanted: LookForm) -> Status[LookOut]:
    """A look at a file before it is imported: its columns with some of their values, what each seems to be, how the file
    is read. Nothing is written."""
    upload, module = (
        _upload(request, wanted.upload),
        given_module(request.auth.viewer, wanted.module, Verb.IMPORT),
    )
    file = msgspec.to_builtins(wanted.reading.file())
    return Status(201, _look(look_later(upload, file, module=module, at=now(), by=request.auth.user)))


@router.get("/import-looks/{id}", auth=needs("records:write"), response=LookOut)
def read_look(request: Request, id: Id) -> LookOut:
    return _look(own_job(request.auth, id, (LOOK,), "look"))


@router.post("/import-trials/touchpoints", auth=needs("touchpoints:write"), response={201: TrialOut})
def try_touchpoints(request: Request, wanted: TouchpointsForm) -> Status[TrialOut]:
    """A dry run of an import of touchpoints. Nothing is written."""
    return _try(request, "touchpoints", wanted)


@router.post("/import-trials", auth=needs("records:write"), response={201: TrialOut})
def try_import(request: Request, wanted: RecordsForm) -> Status[TrialOut]:
    """A dry run of an import of records: what it would do, with every problem. Nothing is written."""
    _check_making(request, wanted)
    return _try(request, "records", wanted)


@router.get("/import-trials/{id}", auth=needs("records:write"), response=TrialOut)
def read_trial(request: Request, id: Id) -> TrialOut:
    return _trial(own_job(request.auth, id, TRIALS.values(), "trial"))


@router.get("/import-trials/{id}/rejects", auth=needs("records:write"), response={200: None})
def read_trial_rejects(request: Request, id: Id) -> HttpResponseBase:
    """The rows that would be left out, with the reasons."""
    trial = own_job(request.auth, id, TRIALS.values(), "trial")
    request.auth.viewer.require(Verb.IMPORT, trial.parameters["module"])
    kept = trial.state.get("rejects")
    return file_answer(Path(kept) if kept else None, "file of rejects")


# --- what imports and bulk updates share


def runs_of(actor: Actor) -> QuerySet[ImportRun]:
    """What the actor began; of all for those who manage users. Others are as if they were not there."""
    return (
        ImportRun.objects.all()
        if Scope.ADMIN in actor.scopes
        else ImportRun.objects.filter(created_by=actor.user)
    )


def find_run(actor: Actor, id: int, *, bulk: bool = False) -> ImportRun:
    runs = runs_of(actor).select_related("module").filter(pk=id)
    run = (runs.filter(kind=BULK) if bulk else runs.exclude(kind=BULK)).first()
    if run is None:
        raise missing("bulk update" if bulk else "import")
    return run


def undo(request: Request, run: ImportRun, kind: str) -> Status[ImportOut]:
    try:
        begun = undo_later(run, at=now(), by=request.auth.user, kind=kind)
    except NotUndoableError as error:
        raise Refused(HTTPStatus.CONFLICT, "not-undoable", str(error)) from None
    return Status(202, ImportOut.of(begun))


def file_answer(path: Path | None, what: str) -> HttpResponseBase:
    if path is None or not path.is_file():
        raise missing(what)
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=path.name, content_type="application/octet-stream"
    )


# ---


def _begin(request: Request, kind: str, wanted: RecordsForm | TouchpointsForm) -> Status[ImportOut]:
    module, upload = (
        given_module(request.auth.viewer, wanted.module, Verb.IMPORT),
        _upload(request, wanted.upload),
    )
    run = import_later(kind, upload, wanted.asked().to_json(), module=module, at=now(), by=request.auth.user)
    return Status(201, ImportOut.of(run))


def _try(request: Request, kind: str, wanted: RecordsForm | TouchpointsForm) -> Status[TrialOut]:
    module, upload = (
        given_module(request.auth.viewer, wanted.module, Verb.IMPORT),
        _upload(request, wanted.upload),
    )
    job = try_later(kind, upload, wanted.asked().to_json(), module=module, at=now(), by=request.auth.user)
    return Status(201, _trial(job))


def _check_making(request: Request, wanted: RecordsForm) -> None:
    if wanted.asked().wishes.changes_module:
        request.auth.needs_scope(Scope.MODULES_WRITE)


def _look(job: Job) -> LookOut:
    seen = find_look(trial_folder(job.pk)) if job.status == JobStatus.DONE else None
    return LookOut(
        id=job.pk,
        status=JobStatus(job.status),
        message=job.message,
        seen=None if seen is None else seen.to_json(),
    )


def _upload(request: Request, id: str) -> Upload:
    upload = find_upload(id, by=request.auth.user)
    if upload is None:
        raise invalid([Fault("upload", "is no upload of yours.", "Begin one with POST /api/v1/uploads.")])
    return upload


def _trial(job: Job) -> TrialOut:
    return TrialOut(
        id=job.pk,
        status=JobStatus(job.status),
        message=job.message,
        done=job.done,
        total=job.total,
        found=job.state.get("found"),
        problems=job.state.get("problems", []),
    )
