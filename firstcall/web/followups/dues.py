"""When a task is due, in the reader's day and words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.template.defaultfilters import date as formatted
from django.utils import timezone
from django.utils.translation import gettext

from firstcall.followups.models import Task


@dataclass(frozen=True, slots=True)
class Due:
    """`text` is empty where a task is due on no day."""

    text: str
    is_overdue: bool = False
    is_today: bool = False


def due_of(task: Task, *, now: datetime) -> Due:
    """A day is over when it is where the reader is."""
    today = timezone.localtime(now).date()
    if task.due_at is not None:
        local = timezone.localtime(task.due_at)
        words = gettext("%(day)s, %(time)s") % {
            "day": _day(local.date(), today),
            "time": formatted(local, "TIME_FORMAT"),
        }
        return Due(words, task.due_at <= now and not task.is_done, local.date() == today)
    if task.due_on is not None:
        on = task.due_on
        return Due(_day(on, today), on < today and not task.is_done, on == today)
    return Due("")


def _day(day: date, today: date) -> str:
    match (day - today).days:
        case 0:
            return gettext("today")
        case 1:
            return gettext("tomorrow")
        case -1:
            return gettext("yesterday")
    near = abs(day - today) < timedelta(days=300)
    return formatted(day, "j M" if near else "DATE_FORMAT")
