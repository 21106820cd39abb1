"""Notes on records: written, pinned, edited; what they said before is kept."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from firstcall.access.viewer import Viewer
from firstcall.followups.acting import get_of, require_own
from firstcall.followups.errors import ChangedMeanwhileError
from firstcall.followups.models import Note, NoteEdit
from firstcall.records.models import Record

LONGEST_NOTE = 20_000


def write_note(record: Record, text: str, *, viewer: Viewer, at: datetime, is_pinned: bool = False) -> Note:
    """For whoever sees the record."""
    return Note.objects.create(
        record=record, text=text, is_pinned=is_pinned, created_at=at, created_by_id=viewer.user
    )


def get_note(viewer: Viewer, id: int) -> Note:
    """Raises HiddenError."""
    return get_of(Note.objects.all(), viewer, id, "note")


@transaction.atomic
def change_note(
    note: Note,
    *,
    viewer: Viewer,
    at: datetime,
    version: int | None = None,
    text: str | None = None,
    is_pinned: bool | None = None,
) -> Note:
    """What is left out stays. Raises ForbiddenError, and ChangedMeanwhileError unless it has the version."""
    row = _locked(note, viewer, version)
    before = (row.text, row.is_pinned)
    if text is not None and text != row.text:
        NoteEdit.objects.create(note=row, text=row.text, until=at, by_id=viewer.user)
        row.text, row.edited_at, row.edited_by_id = text, at, viewer.user
    if is_pinned is not None:
        row.is_pinned = is_pinned
    if (row.text, row.is_pinned) != before:
        row.version += 1
        row.save()
    return row


@transaction.atomic
def delete_note(note: Note, *, viewer: Viewer) -> None:
    """With what it said before."""
    _locked(note, viewer).delete()


def notes_of(record: Record) -> QuerySet[Note]:
    return Note.objects.filter(record=record)


def edits_of(note: Note) -> QuerySet[NoteEdit]:
    return NoteEdit.objects.filter(note=note)


def _locked(note: Note, viewer: Viewer, version: int | None = None) -> Note:
    """As it is now. Raises ForbiddenError, ChangedMeanwhileError."""
    row = Note.objects.select_for_update().filter(pk=note.pk).first()
    if row is None:
        raise ChangedMeanwhileError("note")
    require_own(viewer, note.record, (row.created_by_id,))
    if version is not None and version != row.version:
        raise ChangedMeanwhileError("note")
    row.record = note.record
    return row
