"""Lets the made-up company's last weeks pass: its scores move from day to day, each with its cause, as if the service
had been there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from firstcall.records.models import DirtyRecord, Record
from firstcall.scorekeeping.keeper import keep_all
from firstcall.touchpoints.models import Touchpoint

DAYS = 30

type Passed = Callable[[int], None]


def live_through(*, until: datetime, days: int = DAYS, passed: Passed = lambda day: None) -> None:
    """Score all records as of so many days before, and then on each day those that were new or did something."""
    DirtyRecord.objects.all().delete()
    before = None
    for day in range(days + 1):
        now = until - timedelta(days=days - day)
        _make_dirty(_within(Record, "created_at", before, now, "pk"), "field", now)
        if before is not None:
            _make_dirty(_within(Touchpoint, "occurred_at", before, now, "record_id"), "touchpoint", now)
        keep_all(now=lambda now=now: now)  # type: ignore[misc]
        before = now
        passed(day)


def _within(
    of: type[Record | Touchpoint], moment: str, after: datetime | None, until: datetime, id: str
) -> Iterable[int]:
    found = of.objects.filter(**{f"{moment}__lte": until})
    if after is not None:
        found = found.filter(**{f"{moment}__gt": after})
    return found.order_by(id).values_list(id, flat=True).distinct()


def _make_dirty(records: Iterable[int], cause: str, at: datetime) -> None:
    DirtyRecord.objects.bulk_create(DirtyRecord(record_id=id, cause=cause, since=at) for id in records)
