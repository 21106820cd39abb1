"""Tasks on records: one's own that are open, those of a record, how many there are."""

from __future__ import annotations

from typing import Annotated, Literal

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from firstcall.api.authority import Request, needs
from firstcall.api.etags import IfMatch, asked_version, etag
from firstcall.api.exact import exactly
from firstcall.api.paging import Page, PageQuery, Paging, page
from firstcall.api.problems import Fault, invalid
from firstcall.api.types import AskedId, Day, Given, GivenId, Id, Moment, Stripped, told_moment
from firstcall.followups.models import Priority, Task
from firstcall.followups.tasks import (
    UNSAID,
    Due,
    change_task,
    complete_task,
    count_open_tasks,
    create_task,
    delete_task,
    get_task,
    put_off,
    reopen_task,
    tasks_for,
    tasks_of,
)
from firstcall.moments import now
from firstcall.records.seeing import get_any_record

router = Router(tags=["Tasks"])

Subject = Annotated[str, StringConstraints(min_length=1, max_length=200), Stripped]
type PriorityName = Literal["low", "normal", "high"]
_ORDERS = {"open": ("due_by", "id"), "done": ("-done_at", "-id"), "all": ("-id",)}


class DueGiven(Given):
    """`due_at` is a moment, `due_on` a day; at most one of them."""

    due_at: Moment | None = None
    due_on: Day | None = None

    def due(self) -> Due:
        if self.due_at is not None and self.due_on is not None:
            raise invalid(
                [Fault("due_on", "does not go with due_at.", "Give the moment or the day, not both.")]
            )
        return self.due_at or self.due_on


class TaskGiven(DueGiven):
    """`owner` is the id of the user who is to do it: the caller if left out, nobody if null."""

    subject: Subject
    priority: PriorityName = "normal"
    owner: GivenId | None = None


class TaskChange(DueGiven):
    """What is left out stays; a due moment or day of null takes both away."""

    subject: Subject | None = None
    priority: PriorityName | None = None
    owner: GivenId | None = None


class TaskOut(Schema):
    """`is_overdue`: it is open, and its moment, or its day in UTC, is past."""

    id: int
    record: int
    subject: str
    priority: PriorityName
    owner: int | None
    due_at: Moment | None
    due_on: Day | None
    is_overdue: bool
    done_at: Moment | None
    done_by: int | None
    created_at: Moment
    created_by: int | None
    version: int


class TasksQuery(Schema):
    """Open ones come in the order in which they are due, done ones the newest first, all the newest first."""

    status: Literal["open", "done", "all"] = "open"


class MyTasksQuery(TasksQuery):
    """`owner` is a user's id, `nobody` or `anyone`; the caller if left out. `due_before`: those overdue then."""

    owner: AskedId | Literal["nobody", "anyone"] | None = None
    due_before: Moment | None = None


class CountsQuery(Schema):
    record: list[AskedId] = Field([], max_length=500)


class TaskCounts(Schema):
    """`next` is the task that is due first."""

    record: int
    open: int
    overdue: int
    next: int | None


class TaskCountList(Schema):
    items: list[TaskCounts]


@router.get("/tasks", auth=needs("records:read"), response=Page[TaskOut])
def list_tasks(request: Request, asked: Query[MyTasksQuery], paging: Paging) -> HttpResponse:
    """One's own, or another's, on records that the caller sees."""
    viewer = request.auth.viewer
    rows = _of_status(tasks_for(viewer, owner=asked.owner or request.auth.user.pk), asked.status)
    if asked.due_before is not None:
        rows = rows.filter(due_by__lte=asked.due_before)
    return _listed(rows, paging, asked.status)


@router.get("/task-counts", auth=needs("records:read"), response=TaskCountList)
def count_tasks(request: Request, asked: Query[CountsQuery]) -> TaskCountList:
    """Of each of the records that the caller sees: how many tasks are open and overdue, and which is next."""
    found = count_open_tasks(asked.record, viewer=request.auth.viewer, now=now())
    items = [
        TaskCounts(record=id, open=of.open, overdue=of.overdue, next=of.next) for id, of in found.items()
    ]
    return TaskCountList(items=items)


@router.get("/records/{id}/tasks", auth=needs("records:read"), response=Page[TaskOut])
def list_tasks_of_record(request: Request, id: Id, asked: Query[TasksQuery], paging: Paging) -> HttpResponse:
    rows = tasks_of(get_any_record(request.auth.viewer, id))
    return _listed(_of_status(rows, asked.status), paging, asked.status)


@router.post("/records/{id}/tasks", auth=needs("records:write"), response={201: TaskOut})
def create(request: Request, id: Id, given: TaskGiven) -> HttpResponse:
    """For everybody who sees the record. Its owner must see it too."""
    viewer = request.auth.viewer
    record = get_any_record(viewer, id)
    owner = given.owner if "owner" in given.model_fields_set else request.auth.user.pk
    priority = Priority[given.priority.upper()]
    task = create_task(
        record, given.subject, viewer=viewer, at=now(), owner=owner, due=given.due(), priority=priority
    )
    return _answered(task, status=201)


@router.get("/tasks/{id}", auth=needs("records:read"), response=TaskOut)
def read(request: Request, id: Id) -> HttpResponse:
    return _answered(get_task(request.auth.viewer, id))


@router.patch("/tasks/{id}", auth=needs("records:write"), response=TaskOut)
def change(request: Request, id: Id, given: TaskChange, if_match: IfMatch = "") -> HttpResponse:
    """By its owner, by who made it, and by those who may edit the module's records. With `If-Match` a change that
    somebody else made in between is not undone: 412."""
    viewer, said = request.auth.viewer, given.model_fields_set
    task = change_task(
        get_task(viewer, id),
        viewer=viewer,
        version=asked_version(if_match, "task"),
        subject=given.subject,
        priority=None if given.priority is None else Priority[given.priority.upper()],
        owner=given.owner if "owner" in said else UNSAID,
        due=given.due() if said & {"due_at", "due_on"} else UNSAID,
    )
    return _answered(task)


@router.delete("/tasks/{id}", auth=needs("records:write"), response={204: None})
def delete(request: Request, id: Id) -> Status[None]:
    delete_task(get_task(request.auth.viewer, id), viewer=request.auth.viewer)
    return Status(204, None)


@router.post("/tasks/{id}/completion", auth=needs("records:write"), response=TaskOut)
def complete(request: Request, id: Id) -> HttpResponse:
    """It is done. A second time does nothing."""
    viewer = request.auth.viewer
    return _answered(complete_task(get_task(viewer, id), viewer=viewer, at=now()))


@router.delete("/tasks/{id}/completion", auth=needs("records:write"), response=TaskOut)
def reopen(request: Request, id: Id) -> HttpResponse:
    """It is to be done again."""
    return _answered(reopen_task(get_task(request.auth.viewer, id), viewer=request.auth.viewer))


@router.post("/tasks/{id}/snooze", auth=needs("records:write"), response=TaskOut)
def snooze(request: Request, id: Id, given: DueGiven) -> HttpResponse:
    """Let an open task be due later: at a moment or on a day to come."""
    due, viewer = given.due(), request.auth.viewer
    task = get_task(viewer, id)
    if due is None:
        raise invalid([Fault("due_at", "is missing.", "Give due_at or due_on.")])
    return _answered(put_off(task, due, viewer=viewer, now=now()))


def _of_status(rows: QuerySet[Task], status: str) -> QuerySet[Task]:
    return rows if status == "all" else rows.filter(done_at__isnull=status == "open")


def _listed(rows: QuerySet[Task], paging: PageQuery, status: str) -> HttpResponse:
    found, following = page(rows, paging, order=_ORDERS[status])
    return exactly({"items": [_told(task) for task in found], "next": following})


def _answered(task: Task, *, status: int = 200) -> HttpResponse:
    return exactly(_told(task), status=status, headers=etag(task.version))


def _told(task: Task) -> dict[str, object]:
    return {
        "id": task.pk,
        "record": task.record_id,
        "subject": task.subject,
        "priority": Priority(task.priority).name.lower(),
        "owner": task.owner_id,
        "due_at": told_moment(task.due_at),
        "due_on": None if task.due_on is None else task.due_on.isoformat(),
        "is_overdue": not task.is_done and task.due_by <= now(),
        "done_at": told_moment(task.done_at),
        "done_by": task.done_by_id,
        "created_at": told_moment(task.created_at),
        "created_by": task.created_by_id,
        "version": task.version,
    }
