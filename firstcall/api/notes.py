"""Notes on records, and what they said before."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpResponse
from ninja import Router, Schema, Status
from pydantic import Field, StrictBool, StringConstraints

from firstcall.api.authority import Request, needs
from firstcall.api.etags import IfMatch, asked_version, etag
from firstcall.api.exact import exactly
from firstcall.api.paging import Page, Paging, page
from firstcall.api.types import Given, Id, Moment, Stripped, told_moment
from firstcall.followups.models import Note
from firstcall.followups.notes import (
    LONGEST_NOTE,
    change_note,
    delete_note,
    edits_of,
    get_note,
    notes_of,
    write_note,
)
from firstcall.moments import now
from firstcall.records.seeing import get_any_record

router = Router(tags=["Notes"])

Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NOTE), Stripped]


class NoteGiven(Given):
    text: Text
    is_pinned: StrictBool = Field(False, description="Stands before those that are not.")


class NoteChange(Given):
    """What is left out stays."""

    text: Text | None = None
    is_pinned: StrictBool | None = None


class NoteOut(Schema):
    """`edited_at` is null as long as it says what it said first."""

    id: int
    record: int
    text: str
    is_pinned: bool
    created_at: Moment
    created_by: int | None
    edited_at: Moment | None
    edited_by: int | None
    version: int


class EditOut(Schema):
    """`text` stood there until then; `by` wrote something else."""

    text: str
    until: Moment
    by: int | None


@router.get("/records/{id}/notes", auth=needs("records:read"), response=Page[NoteOut])
def list_notes(request: Request, id: Id, paging: Paging) -> HttpResponse:
    """Those that are pinned first, and then the newest."""
    rows = notes_of(get_any_record(request.auth.viewer, id))
    found, following = page(rows, paging, order=("-is_pinned", "-id"))
    return exactly({"items": [_told(note) for note in found], "next": following})


@router.post("/records/{id}/notes", auth=needs("records:write"), response={201: NoteOut})
def create(request: Request, id: Id, given: NoteGiven) -> HttpResponse:
    """For everybody who sees the record."""
    viewer = request.auth.viewer
    record = get_any_record(viewer, id)
    note = write_note(record, given.text, viewer=viewer, at=now(), is_pinned=given.is_pinned)
    return _answered(note, status=201)


@router.get("/notes/{id}", auth=needs("records:read"), response=NoteOut)
def read(request: Request, id: Id) -> HttpResponse:
    return _answered(get_note(request.auth.viewer, id))


@router.patch("/notes/{id}", auth=needs("records:write"), response=NoteOut)
def change(request: Request, id: Id, given: NoteChange, if_match: IfMatch = "") -> HttpResponse:
    """By who wrote it, and by those who may edit the module's records; what it said before is kept. With `If-Match` a
    change that somebody else made in between is not undone: 412."""
    viewer = request.auth.viewer
    version = asked_version(if_match, "note")
    note = change_note(
        get_note(viewer, id),
        viewer=viewer,
        at=now(),
        version=version,
        text=given.text,
        is_pinned=given.is_pinned,
    )
    return _answered(note)


@router.delete("/notes/{id}", auth=needs("records:write"), response={204: None})
def delete(request: Request, id: Id) -> Status[None]:
    """With what it said before."""
    delete_note(get_note(request.auth.viewer, id), viewer=request.auth.viewer)
    return Status(204, None)


@router.get("/notes/{id}/history", auth=needs("records:read"), response=Page[EditOut])
def history(request: Request, id: Id, paging: Paging) -> HttpResponse:
    """What it said before, the newest first."""
    found, following = page(edits_of(get_note(request.auth.viewer, id)), paging, order=("-id",))
    items = [{"text": edit.text, "until": told_moment(edit.until), "by": edit.by_id} for edit in found]
    return exactly({"items": items, "next": following})


def _answered(note: Note, *, status: int = 200) -> HttpResponse:
    return exactly(_told(note), status=status, headers=etag(note.version))


def _told(note: Note) -> dict[str, object]:
    return {
        "id": note.pk,
        "record": note.record_id,
        "text": note.text,
        "is_pinned": note.is_pinned,
        "created_at": told_moment(note.created_at),
        "created_by": note.created_by_id,
        "edited_at": told_moment(note.edited_at),
        "edited_by": note.edited_by_id,
        "version": note.version,
    }
