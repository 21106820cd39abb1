"""What people do about a record, beside its fields: tasks, notes, files, and what is thought of its scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from firstcall.access.rights import Verb
from firstcall.access.viewer import Viewer
from firstcall.followups.feedback import feedback_on
from firstcall.followups.files import files_of
from firstcall.followups.models import AttachedFile, Feedback, Note, Snooze, Task, Verdict
from firstcall.followups.notes import notes_of
from firstcall.followups.snoozing import snoozes_of
from firstcall.followups.tasks import tasks_of
from firstcall.records.models import Record
from firstcall.web.followups.dues import Due, due_of
from firstcall.web.followups.forms import VERDICTS, WORDED

MOST_OPEN, MOST_DONE, MOST_NOTES = 50, 3, 20


@dataclass(frozen=True, slots=True)
class Item:
    task: Task
    due: Due


@dataclass(frozen=True, slots=True)
class Written:
    note: Note
    is_changeable: bool


@dataclass(frozen=True, slots=True)
class Kept:
    file: AttachedFile
    is_changeable: bool


@dataclass(frozen=True, slots=True)
class Opinion:
    """Somebody's of a score; `is_own`: the reader's."""

    feedback: Feedback
    says: str
    why: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Following:
    open: Sequence[Item]
    done: Sequence[Item]
    notes: Sequence[Written]
    more_notes: bool
    snooze: Snooze | None
    files: Sequence[Kept]


def following(record: Record, viewer: Viewer, *, now: datetime) -> Following:
    tasks = tasks_of(record).select_related("owner", "done_by")
    notes = notes_of(record).select_related("created_by").order_by("-is_pinned", "-pk")
    written = list(notes[: MOST_NOTES + 1])
    may_edit = viewer.may(Verb.EDIT, record.module.name)
    return Following(
        [
            Item(task, due_of(task, now=now))
            for task in tasks.filter(done_at=None).order_by("due_by")[:MOST_OPEN]
        ],
        [
            Item(task, due_of(task, now=now))
            for task in tasks.filter(done_at__isnull=False).order_by("-done_at")[:MOST_DONE]
        ],
        [Written(note, may_edit or note.created_by_id == viewer.user) for note in written[:MOST_NOTES]],
        len(written) > MOST_NOTES,
        snoozes_of(viewer, now=now).filter(record=record).first(),
        [
            Kept(file, may_edit or file.created_by_id == viewer.user)
            for file in files_of(record).select_related("created_by").order_by("-pk")
        ],
    )


def opinions(record: Record, viewer: Viewer) -> dict[int, list[Opinion]]:
    """What counts, by rule; the reader's own first."""
    found: dict[int, list[Opinion]] = {}
    for row in feedback_on(record).select_related("by").order_by("-pk")[:100]:
        worded = Opinion(
            row,
            str(VERDICTS[Verdict(row.verdict)]),
            str(WORDED.get(row.reason, "")),
            row.by_id == viewer.user,
        )
        found.setdefault(row.rule_id, []).append(worded)
    return {rule: sorted(every, key=lambda one: not one.is_own) for rule, every in found.items()}
