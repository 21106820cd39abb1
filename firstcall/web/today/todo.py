"""What stands beside the ranked lines: the reader's tasks of today, and what they have put aside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.utils import timezone

from firstcall.access.viewer import Viewer
from firstcall.followups.models import Snooze, Task
from firstcall.followups.snoozing import snoozes_of
from firstcall.followups.tasks import tasks_done, tasks_due
from firstcall.records.schema import name_of
from firstcall.web.followups.dues import Due, due_of

MOST = 50
MOST_DONE = 5


@dataclass(frozen=True, slots=True)
class Item:
    task: Task
    title: str
    due: Due


@dataclass(frozen=True, slots=True)
class Aside:
    snooze: Snooze
    title: str


@dataclass(frozen=True, slots=True)
class Todo:
    """`done` are the newest of today; `more`: there are more open ones than are shown."""

    open: Sequence[Item]
    more: bool
    done: Sequence[Item]
    aside: Sequence[Aside]

    @property
    def overdue(self) -> int:
        return sum(item.due.is_overdue for item in self.open)


def todo(viewer: Viewer, *, now: datetime) -> Todo:
    local = timezone.localtime(now)
    since = timezone.make_aware(datetime.combine(local.date(), time()))
    due = tasks_due(viewer, now=local, today=local.date()).select_related("record__module")
    done = tasks_done(viewer, since=since).select_related("record__module")
    found = list(due.order_by("due_by", "pk")[: MOST + 1])
    snoozes = snoozes_of(viewer, now=now).select_related("record__module").order_by("until")[:MOST]
    return Todo(
        _items(found[:MOST], now),
        len(found) > MOST,
        _items(done.order_by("-done_at", "-pk")[:MOST_DONE], now),
        [Aside(one, name_of(one.record)) for one in snoozes],
    )


def _items(tasks: Iterable[Task], now: datetime) -> list[Item]:
    return [
        Item(
            task,
            name_of(task.record),
            due_of(task, now=now),
        )
        for task in tasks
    ]
