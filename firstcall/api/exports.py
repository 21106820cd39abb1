"""Exports of records with their scores, by a job; the file is there once it is done."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpResponseBase
from ninja import Router, Schema, Status
from pydantic import Field, StrictBool

from firstcall.access.errors import ForbiddenError
from firstcall.access.rights import Verb
from firstcall.access.scopes import Scope
from firstcall.access.viewer import Viewer
from firstcall.api.authority import Actor, Request, needs
from firstcall.api.finding import given_module
from firstcall.api.imports import file_answer
from firstcall.api.jobs import own_job
from firstcall.api.paging import Page, Paging, page
from firstcall.api.problems import Fault, invalid
from firstcall.api.types import Given, GivenId, Id, Moment
from firstcall.api.viewing import asked_view
from firstcall.jobs.actions import start
from firstcall.jobs.models import Job, JobStatus
from firstcall.moments import now
from firstcall.records.choosing import MOST_IDS, Choice
from firstcall.records.exporting.columns import UnknownColumnsError, columns_of
from firstcall.records.models import Module
from firstcall.saved_views.asking import ListAsked, columns_of_file
from firstcall.scorekeeping.exporting import ExportAsked
from firstcall.scorekeeping.past_exports import EXPORT, end_export, every_export, exports_of, kept_file

router = Router(tags=["Exports"])


class Chosen(Given):
    """Which records: those of the ids, and of the filter, and with all the tags, and of the layout and owner; and of the
    view, as its list has them when it is asked."""

    module: str = Field(max_length=63)
    filter: Any = Field(
        None, description='Conditions as in a rule\'s applies_to: [{"field": "industry", "is": "IT"}].'
    )
    ids: list[GivenId] | None = Field(None, max_length=MOST_IDS)
    owner: int | None = Field(
        None, ge=0, lt=2**63, strict=True, description="The id of a user; 0: of nobody."
    )
    tags: list[str] = Field([], max_length=100)
    layout: str | None = Field(None, max_length=63)
    view: GivenId | None = Field(None, description="The id of a view that the caller sees.")

    def viewed(self, caller: Actor, verb: Verb) -> ListAsked | None:
        """What the view asks, to do that with the records of its list. Raises Refused, ForbiddenError, HiddenError."""
        module = given_module(caller.viewer, self.module, verb)
        return None if self.view is None else asked_view(caller.user, caller.viewer, module, self.view)

    def choice(self, viewer: Viewer, view: ListAsked | None) -> Choice:
        """
        view  as `viewed` has found it
        Raises InvalidFilterError.
        """
        ids = None if self.ids is None else tuple(self.ids)
        chosen = Choice(self.module, self.filter, ids, self.owner, tuple(self.tags), self.layout)
        chosen.selection(viewer)
        if view is not None:
            chosen = chosen.within(view.choice(now=now()))
            chosen.selection(viewer)
        return chosen


class ExportForm(Chosen):
    """`columns`: all where none is named; those of the view's list, where it has chosen some."""

    format: Literal["csv", "xlsx", "parquet", "jsonl"] = "csv"
    columns: list[str] = Field([], max_length=1_000)
    scores: Literal["total", "all", "none"] = "total"
    as_is: StrictBool = Field(
        False, description="Put no apostrophe before what looks like a formula, in a CSV."
    )


class ExportOut(Schema):
    """`rows` is there once the file was written; `bytes` as long as it is kept."""

    id: int
    module: str
    format: str
    status: JobStatus
    message: str
    done: int
    total: int | None
    rows: int | None
    bytes: int | None
    created_by: int | None
    created_at: Moment
    ended_at: Moment | None


@router.get("/exports", auth=needs("records:read"), response=Page[ExportOut])
def list_exports(request: Request, paging: Paging) -> Page[ExportOut]:
    """One's own, the newest first; whoever may do everything is told of those of all, whose files stay theirs."""
    sees_all = Scope.ADMIN in request.auth.scopes
    found = every_export() if sees_all else exports_of(request.auth.user)
    rows, following = page(found, paging, order=("-id",))
    return Page[ExportOut](items=[_out(job) for job in rows], next=following)


@router.post("/exports", auth=needs("records:read"), response={201: ExportOut})
def begin_export(request: Request, wanted: ExportForm) -> Status[ExportOut]:
    """Begin an export; with scores it needs `scores:read` too."""
    if wanted.scores != "none" and Scope.SCORES_READ not in request.auth.scopes:
        raise ForbiddenError("Scores need scores:read, which this caller may not do. Ask for scores: none.")
    view = wanted.viewed(request.auth, Verb.EXPORT)
    choice = wanted.choice(request.auth.viewer, view)
    columns = tuple(wanted.columns)
    if view is not None and view.chosen and not columns:
        columns = columns_of_file(view.module, view.chosen)
    try:
        columns_of(Module.objects.get(name=wanted.module), columns)
    except UnknownColumnsError as error:
        raise invalid([Fault("columns", line) for line in str(error).splitlines()]) from None
    asked = ExportAsked(choice, wanted.format, columns, wanted.scores, wanted.as_is)
    return Status(201, _out(start(EXPORT, {"asked": asked.to_json()}, at=now(), by=request.auth.user)))


@router.get("/exports/{id}", auth=needs("records:read"), response=ExportOut)
def read_export(request: Request, id: Id) -> ExportOut:
    return _out(own_job(request.auth, id, (EXPORT,), "export"))


@router.delete("/exports/{id}", auth=needs("records:read"), response={204: None})
def remove_export(request: Request, id: Id) -> Status[None]:
    """What is under way is asked to end; of what has ended the file is deleted, before its seven days are over."""
    end_export(own_job(request.auth, id, (EXPORT,), "export"), at=now())
    return Status(204, None)


@router.get("/exports/{id}/file", auth=needs("records:read"), response={200: None})
def read_file(request: Request, id: Id) -> HttpResponseBase:
    """The file, once the export is done. It is kept for seven days."""
    job = own_job(request.auth, id, (EXPORT,), "export")
    request.auth.viewer.require(Verb.EXPORT, ExportAsked.from_json(job.parameters["asked"]).choice.module)
    return file_answer(kept_file(job), "file")


def _out(job: Job) -> ExportOut:
    asked, file = ExportAsked.from_json(job.parameters["asked"]), kept_file(job)
    return ExportOut(
        id=job.pk,
        module=asked.choice.module,
        format=asked.format,
        status=JobStatus(job.status),
        message=job.message,
        done=job.done,
        total=job.total,
        rows=job.state.get("rows"),
        bytes=None if file is None else file.stat().st_size,
        created_by=job.created_by_id,
        created_at=job.created_at,
        ended_at=job.ended_at,
    )
