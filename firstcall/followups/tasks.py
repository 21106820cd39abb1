"""Tasks on records: made, changed, put off, done; whose they are, and how many are open or overdue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum, auto
from typing import Any, Final, Literal

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from firstcall.access.models import User
from firstcall.access.viewer import Viewer
from firstcall.access.viewing import viewer_of
from firstcall.followups.acting import get_of, require_own, seen_of
from firstcall.followups.errors import ChangedMeanwhileError, UnfitError
from firstcall.followups.models import NEVER, Priority, Task
from firstcall.records.models import Record
from firstcall.records.seeing import seen_ids
from firstcall.scoring.saying import said
from firstcall.scoring.times import moment_of

type Due = datetime | date | None
"""A moment, a day, or neither."""


class Unsaid(Enum):
    UNSAID = auto()


UNSAID: Final = Unsaid.UNSAID

_COUNTS = """
SELECT record_id, COUNT(*), COUNT(*) FILTER (WHERE due_by <= %s), (ARRAY_AGG(id ORDER BY due_by, id))[1]
FROM followups_task
WHERE record_id = ANY(%s) AND done_at IS NULL
GROUP BY record_id"""


@dataclass(frozen=True, slots=True)
class OpenTasks:
    """Of a record.

    next  the id of the one that is due first
    """

    open: int = 0
    overdue: int = 0
    next: int | None = None


def due_by(due: Due) -> datetime:
    """Since when it is overdue: a day is over when it is in UTC."""
    if isinstance(due, datetime):
        return due
    if due is None or due >= NEVER.date():
        return NEVER
    return datetime.combine(due + timedelta(days=1), time(), UTC)


def create_task(
    record: Record,
    subject: str,
    *,
    viewer: Viewer,
    at: datetime,
    owner: int | None = None,
    due: Due = None,
    priority: Priority = Priority.NORMAL,
) -> Task:
    """For whoever sees the record. Raises UnfitError for an owner who does not."""
    _check_owner(record, owner)
    return Task.objects.create(
        record=record,
        subject=subject,
        priority=priority,
        owner_id=owner,
        created_at=at,
        created_by_id=viewer.user,
        **_due_columns(due),
    )


def get_task(viewer: Viewer, id: int) -> Task:
    """Raises HiddenError."""
    return get_of(Task.objects.all(), viewer, id, "task")


@transaction.atomic
def change_task(
    task: Task,
    *,
    viewer: Viewer,
    version: int | None = None,
    subject: str | None = None,
    priority: Priority | None = None,
    owner: int | Unsaid | None = UNSAID,
    due: Due | Unsaid = UNSAID,
) -> Task:
    """What is left out stays. Raises ForbiddenError, UnfitError, and ChangedMeanwhileError unless it has the version."""
    row = _locked(task, viewer, version)
    if owner is not UNSAID and owner != row.owner_id:
        _check_owner(task.record, owner)
    said: dict[str, Any] = {
        **({} if subject is None else {"subject": subject}),
        **({} if priority is None else {"priority": priority}),
        **({} if owner is UNSAID else {"owner_id": owner}),
        **({} if isinstance(due, Unsaid) else _due_columns(due)),
    }
    return _save(row, said)


def put_off(task: Task, due: datetime | date, *, viewer: Viewer, now: datetime) -> Task:
    """Let an open task be due later. Raises UnfitError for what is not to come."""
    if task.is_done:
        raise UnfitError("until", said("is for tasks that are open."), said("Open it again first."))
    if due_by(due) <= now:
        raise UnfitError("until", said("is past."), said("Name a moment or a day to come."))
    return change_task(task, viewer=viewer, due=due)


@transaction.atomic
def complete_task(task: Task, *, viewer: Viewer, at: datetime) -> Task:
    """A second time does nothing."""
    row = _locked(task, viewer)
    return row if row.is_done else _save(row, {"done_at": at, "done_by_id": viewer.user})


@transaction.atomic
def reopen_task(task: Task, *, viewer: Viewer) -> Task:
    row = _locked(task, viewer)
    return _save(row, {"done_at": None, "done_by_id": None}) if row.is_done else row


@transaction.atomic
def delete_task(task: Task, *, viewer: Viewer) -> None:
    _locked(task, viewer).delete()


def tasks_of(record: Record) -> QuerySet[Task]:
    return Task.objects.filter(record=record)


def tasks_for(viewer: Viewer, *, owner: int | Literal["anyone", "nobody"]) -> QuerySet[Task]:
    """Those on records that the viewer sees, of one user, of nobody, of anyone."""
    rows = seen_of(Task.objects.all(), viewer)
    if owner == "anyone":
        return rows
    return rows.filter(owner__isnull=True) if owner == "nobody" else rows.filter(owner=owner)


def tasks_due(viewer: Viewer, *, now: datetime, today: date) -> QuerySet[Task]:
    """The viewer's own that are open and due on a day, overdue or later that day; the day ends where the viewer is.

    today  the day on which `now` is there
    """
    end = datetime.combine(today + timedelta(days=1), time(), now.tzinfo)
    is_due = Q(due_at__lt=end) | Q(due_on__lte=today)
    return tasks_for(viewer, owner=viewer.user or 0).filter(is_due, done_at__isnull=True)


def tasks_done(viewer: Viewer, *, since: datetime) -> QuerySet[Task]:
    """What the viewer has done."""
    return seen_of(Task.objects.all(), viewer).filter(done_by=viewer.user, done_at__gte=since)


def next_tasks(records: Iterable[int], *, viewer: Viewer, now: datetime) -> dict[int, tuple[Task, OpenTasks]]:
    """By record, the open task that is due first, and how many there are."""
    counts = count_open_tasks(records, viewer=viewer, now=now)
    found = Task.objects.in_bulk([of.next for of in counts.values() if of.next is not None])
    return {id: (found[of.next], of) for id, of in counts.items() if of.next in found}


def count_open_tasks(records: Iterable[int], *, viewer: Viewer, now: datetime) -> dict[int, OpenTasks]:
    """By the ids of those of the records that the viewer sees."""
    ids = sorted(seen_ids(viewer, records))
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [moment_of(now), ids])
        found = {id: OpenTasks(*counts) for id, *counts in cursor.fetchall()}
    return {id: found.get(id, OpenTasks()) for id in ids}


def _due_columns(due: Due) -> dict[str, Any]:
    is_moment = isinstance(due, datetime)
    return {
        "due_at": due if is_moment else None,
        "due_on": None if is_moment else due,
        "due_by": due_by(due),
    }


def _check_owner(record: Record, owner: int | None) -> None:
    if owner is None:
        return
    user = User.objects.select_related("profile").filter(pk=owner, is_active=True).first()
    if user is None:
        raise UnfitError("owner", said("There is no active user {owner}.", owner=owner))
    if not viewer_of(user).sees(record.module.name, record.owner_id):
        raise UnfitError("owner", said("does not see this record."), said("Give it to somebody who does."))


def _locked(task: Task, viewer: Viewer, version: int | None = None) -> Task:
    """As it is now. Raises ForbiddenError, ChangedMeanwhileError."""
    row = Task.objects.select_for_update().filter(pk=task.pk).first()
    if row is None:
        raise ChangedMeanwhileError("task")
    require_own(viewer, task.record, (row.owner_id, row.created_by_id))
    if version is not None and version != row.version:
        raise ChangedMeanwhileError("task")
    row.record = task.record
    return row


def _save(row: Task, said: dict[str, Any]) -> Task:
    if any(getattr(row, name) != value for name, value in said.items()):
        for name, value in {**said, "version": row.version + 1}.items():
            setattr(row, name, value)
        row.save()
    return row
