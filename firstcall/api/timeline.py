"""All that happened to a record in one order."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from firstcall.access.scopes import Scope
from firstcall.api.authority import Request, needs
from firstcall.api.exact import exactly
from firstcall.api.paging import Page, Paging, no_cursor, read_cursor, write_cursor
from firstcall.api.types import Id, Moment, told_moment
from firstcall.followups.effects import Effect
from firstcall.followups.timeline import Entry, Kind, Place, timeline
from firstcall.moments import now
from firstcall.records.seeing import get_any_record
from firstcall.scorekeeping.models import ScoreChange
from firstcall.scoring.numbers import points_decimal
from firstcall.scoring.times import datetime_of, moment_of

router = Router(tags=["Records"])


class TimelineQuery(Schema):
    """`kind` may be given several times; without it all are told."""

    kind: list[Kind] = Field([], max_length=20)


class EffectOut(Schema):
    """A change of the score by `rule` that came of a touchpoint, and of `others` that came in together with it."""

    rule: int
    before: float | None
    after: float | None
    grade_before: str | None
    grade_after: str | None
    others: int


class EntryOut(Schema):
    """`id` is that of what happened, of its kind; `by` the user who did it. `told` says what it was: of a touchpoint
    `type` and `properties`, of a field `field`, `old` and `new`, of a score what `EffectOut` has, and `cause`; of a task
    `subject`, of a note `text`, of a file `name` and
    `size`, of feedback `rule`, `verdict` and `reason`."""

    kind: Kind
    id: int
    at: Moment
    by: int | None
    told: dict[str, Any]
    effects: list[EffectOut]


@router.get("/records/{id}/timeline", auth=needs("records:read"), response=Page[EntryOut])
def read(request: Request, id: Id, asked: Query[TimelineQuery], paging: Paging) -> HttpResponse:
    """The newest first: touchpoints with what each did to the scores, calls, changes of fields and of scores, tasks, notes
    and feedback. It needs `touchpoints:read` and `scores:read` too."""
    for scope in (Scope.TOUCHPOINTS_READ, Scope.SCORES_READ):
        request.auth.needs_scope(scope)
    record = get_any_record(request.auth.viewer, id)
    after = _place(paging.after)
    found, last = timeline(record, until=now(), most=paging.limit, kinds=asked.kind, after=after)
    following = last and write_cursor([moment_of(last.at), last.kind.value, last.id])
    return exactly({"items": [_told(one) for one in found], "next": following})


def _place(cursor: str) -> Place | None:
    if not cursor:
        return None
    try:
        at, kind, id = read_cursor(cursor, 3)
        return Place(datetime_of(_whole(at)), Kind(kind), _whole(id))
    except (ValueError, TypeError, OverflowError):
        raise no_cursor() from None


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(value)
    return value


def _told(one: Entry) -> dict[str, object]:
    return {
        "kind": one.kind.value,
        "id": one.id,
        "at": told_moment(one.at),
        "by": one.by,
        "told": _what(one),
        "effects": [_effect(effect) for effect in one.effects],
    }


def _what(one: Entry) -> dict[str, object]:
    thing = one.thing
    match one.kind:
        case Kind.TOUCHPOINT | Kind.CALL:
            return {"type": thing.type, "properties": thing.properties}
        case Kind.FIELD_CHANGE:
            return {"field": thing.field, "old": thing.old, "new": thing.new}
        case Kind.SCORE_CHANGE:
            return {**_change(thing), "cause": thing.cause}
        case Kind.TASK_ADDED | Kind.TASK_DONE:
            return {"subject": thing.subject}
        case Kind.NOTE:
            return {"text": thing.text}
        case Kind.FILE:
            return {"name": thing.name, "size": thing.size}
        case Kind.FEEDBACK:
            return {"rule": thing.rule_id, "verdict": thing.verdict, "reason": thing.reason}
        case Kind.CREATED:
            return {}


def _effect(effect: Effect) -> dict[str, object]:
    return {**_change(effect.change), "others": effect.others}


def _change(change: ScoreChange) -> dict[str, object]:
    before, after = (
        None if total is None else points_decimal(int(total))
        for total in (change.old_total, change.new_total)
    )
    grades = {"grade_before": change.old_grade, "grade_after": change.new_grade}
    return {"rule": change.rule_id, "before": before, "after": after, **grades}
