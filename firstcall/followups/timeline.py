"""All that happened to a record in one order, the newest first: touchpoints, changes of fields and scores, and what people
did about it. A page begins behind the last entry of the one before, whatever was added since."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from heapq import merge
from itertools import islice
from typing import Any

from django.db.models import Model, Q, QuerySet

from firstcall.followups.effects import Effect, effects_of
from firstcall.followups.models import AttachedFile, Feedback, Note, Task
from firstcall.records.models import FieldChange, Record
from firstcall.scorekeeping.models import ScoreChange
from firstcall.touchpoints.by_time import touchpoints_by_time
from firstcall.touchpoints.models import Touchpoint


class Kind(StrEnum):
    """In the order in which things of one moment stand: what came of something above it."""

    SCORE_CHANGE = "score_change"
    TASK_DONE = "task_done"
    TASK_ADDED = "task_added"
    NOTE = "note"
    FILE = "file"
    FEEDBACK = "feedback"
    CALL = "call"
    TOUCHPOINT = "touchpoint"
    FIELD_CHANGE = "field_change"
    CREATED = "created"


_RANKS = {kind: rank for rank, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Place:
    """Behind which entry to go on."""

    at: datetime
    kind: Kind
    id: int


@dataclass(frozen=True, slots=True)
class Entry:
    """
    thing    the row that tells of it: of a touchpoint or call the touchpoint, of what it was created by the record
    by       the id of who did it, where somebody did
    effects  what a touchpoint or a call did to scores
    """

    kind: Kind
    at: datetime
    id: int
    thing: Any
    by: int | None = None
    effects: Sequence[Effect] = ()

    @property
    def place(self) -> Place:
        return Place(self.at, self.kind, self.id)

    @property
    def _order(self) -> tuple[datetime, int, int]:
        return self.at, -_RANKS[self.kind], self.id


def timeline(
    record: Record,
    *,
    until: datetime,
    most: int,
    kinds: Collection[Kind] = (),
    after: Place | None = None,
) -> tuple[list[Entry], Place | None]:
    """A page, and the place of its last entry where more follow. What is still to come, and touchpoints that count no
    longer, are left out.

    kinds  these alone; none: all
    """
    streams = [
        _STREAMS[kind](record, kind, until, after, most + 1) for kind in Kind if not kinds or kind in kinds
    ]
    found = list(islice(merge(*streams, key=lambda one: one._order, reverse=True), most + 1))
    page = found[:most]
    return _with_effects(record, page), page[-1].place if len(found) > most else None


def _with_effects(record: Record, entries: list[Entry]) -> list[Entry]:
    rows = [one.thing for one in entries if isinstance(one.thing, Touchpoint)]
    effects = effects_of(record, rows)
    return [
        Entry(one.kind, one.at, one.id, one.thing, one.by, effects.get(one.id, ()))
        if isinstance(one.thing, Touchpoint)
        else one
        for one in entries
    ]


def _rows[M: Model](
    rows: QuerySet[M], column: str, kind: Kind, until: datetime, after: Place | None, most: int
) -> QuerySet[M]:
    """Those behind the place, in order."""
    rows = rows.filter(**{f"{column}__lte": until})
    if after is not None:
        before = Q(**{f"{column}__lt": after.at})
        match _RANKS[kind] - _RANKS[after.kind]:
            case 0:
                rows = rows.filter(**{f"{column}__lte": after.at})
                before |= Q(pk__lt=after.id)
            case behind if behind > 0:
                before = Q(**{f"{column}__lte": after.at})
        rows = rows.filter(before)
    return rows.order_by(f"-{column}", "-pk")[:most]


type _Stream = Callable[[Record, Kind, datetime, Place | None, int], Iterable[Entry]]


def _of(rows: Callable[[Record], QuerySet[Any]], column: str, by: str = "") -> _Stream:
    def stream(
        record: Record, kind: Kind, until: datetime, after: Place | None, most: int
    ) -> Iterable[Entry]:
        for row in _rows(rows(record), column, kind, until, after, most):
            yield Entry(kind, getattr(row, column), row.pk, row, getattr(row, by) if by else None)

    return stream


def _calls(record: Record, kind: Kind, until: datetime, after: Place | None, most: int) -> Iterable[Entry]:
    rows = Touchpoint.objects.filter(record=record, revoked_at__isnull=True, logged_call__isnull=False)
    rows = rows.select_related("logged_call")
    for row in _rows(rows, "occurred_at", kind, until, after, most):
        yield Entry(kind, row.occurred_at, row.pk, row, row.logged_call.by_id)


def _touchpoints(
    record: Record, kind: Kind, until: datetime, after: Place | None, most: int
) -> Iterable[Entry]:
    """An index tells which they are: a row is a page of the disk, and there may be thousands."""
    known = touchpoints_by_time(record.pk).filter(logged_call__isnull=True)
    ids = _rows(known, "occurred_at", kind, until, after, most).values("pk")
    for row in Touchpoint.objects.filter(pk__in=ids).order_by("-occurred_at", "-pk"):
        yield Entry(kind, row.occurred_at, row.pk, row)


def _creation(record: Record, kind: Kind, until: datetime, after: Place | None, most: int) -> Iterable[Entry]:
    entry = Entry(kind, record.created_at, record.pk, record, record.created_by_id)
    is_behind = after is None or entry._order < Entry(after.kind, after.at, after.id, None)._order
    return [entry] if record.created_at <= until and is_behind else []


_STREAMS: Mapping[Kind, _Stream] = {
    Kind.SCORE_CHANGE: _of(
        lambda record: ScoreChange.objects.filter(record=record).select_related("rule", "version"), "at"
    ),
    Kind.TASK_DONE: _of(
        lambda record: Task.objects.filter(record=record, done_at__isnull=False), "done_at", "done_by_id"
    ),
    Kind.TASK_ADDED: _of(lambda record: Task.objects.filter(record=record), "created_at", "created_by_id"),
    Kind.NOTE: _of(lambda record: Note.objects.filter(record=record), "created_at", "created_by_id"),
    Kind.FILE: _of(lambda record: AttachedFile.objects.filter(record=record), "created_at", "created_by_id"),
    Kind.FEEDBACK: _of(
        lambda record: Feedback.objects.filter(record=record).select_related("rule", "version"), "at", "by_id"
    ),
    Kind.CALL: _calls,
    Kind.TOUCHPOINT: _touchpoints,
    Kind.FIELD_CHANGE: _of(lambda record: FieldChange.objects.filter(record=record), "at", "by_id"),
    Kind.CREATED: _creation,
}
