"""The lines of the start page: records by their score, each with what one wants to know before a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from firstcall.access.viewer import Viewer
from firstcall.followups.models import Task, Verdict
from firstcall.followups.snoozing import awake, back_since
from firstcall.followups.tasks import next_tasks
from firstcall.records.models import Record
from firstcall.records.schema import name_of
from firstcall.scorekeeping.glancing import Move, Reason, moves, reasons, ways
from firstcall.scorekeeping.models import StoredRule, StoredScore
from firstcall.scorekeeping.standings import behind, ranking
from firstcall.touchpoints.by_time import latest_touchpoints
from firstcall.touchpoints.catalogue import label_of
from firstcall.touchpoints.models import Touchpoint
from firstcall.web.drawing import Bar, Scale, Spark, bars, scale_of, spark
from firstcall.web.followups.dues import Due, due_of
from firstcall.web.followups.judging import verdicts
from firstcall.web.grading import Shown, shown
from firstcall.web.labelling import FieldLabels

TREND = timedelta(days=14)
JUST_BACK = timedelta(days=1)
LINES = 25


@dataclass(frozen=True, slots=True)
class Line:
    """
    about    what else tells who it is: the job title, the company
    task     what is to be done next; `due` when; `open` how many tasks there are
    back     when it came back from having been put aside, if that is not long ago
    verdict  what the reader said of it
    scale    that of all bars of the page
    """

    record: Record
    title: str
    about: str
    score: StoredScore
    grade: Shown | None
    bar: Bar
    scale: Scale
    trend: Spark
    reasons: Sequence[Reason]
    touchpoint: Touchpoint | None
    did: str
    task: Task | None
    due: Due
    open: int
    back: datetime | None
    verdict: Verdict | None

    @property
    def email(self) -> str:
        return str(self.record.values.get("email") or "")

    @property
    def phone(self) -> str:
        return str(self.record.values.get("mobile") or self.record.values.get("phone") or "")


@dataclass(frozen=True, slots=True)
class Mover:
    record: int
    title: str
    before: Decimal | None
    after: Decimal | None
    by: Decimal


def lines(
    rule: StoredRule,
    *,
    viewer: Viewer,
    owner: int | None,
    after: tuple[int, int] | None,
    now: datetime,
) -> tuple[list[Line], tuple[int, int] | None]:
    """The hottest first, from behind `after` (a total and a record's id), and where the next begin; without what the
    viewer has put aside."""
    scores = awake(ranking(rule, viewer=viewer, owner=owner), viewer, now=now)
    if after is not None:
        scores = behind(scores, *after)
    found = list(_whole(scores).order_by("-total", "record_id")[: LINES + 1])
    page, more = found[:LINES], len(found) > LINES
    last = (int(page[-1].total), page[-1].record_id) if more else None
    return _lines(rule, page, scale_of(page), viewer, now), last


def find_line(rule: StoredRule, record: int, *, viewer: Viewer, scale: Scale, now: datetime) -> Line | None:
    """One of them as it is now; None: it is not ranked, or put aside."""
    scores = awake(ranking(rule, viewer=viewer).filter(record=record), viewer, now=now)
    found = list(_whole(scores))
    lines = _lines(rule, found, scale_of(found, scale), viewer, now)
    return lines[0] if lines else None


def _whole(scores: QuerySet[StoredScore]) -> QuerySet[StoredScore]:
    return scores.select_related("record__module", "version")


def _lines(
    rule: StoredRule, scores: Sequence[StoredScore], scale: Scale, viewer: Viewer, now: datetime
) -> list[Line]:
    ids = [score.record_id for score in scores]
    why, way, touched = (
        reasons(scores, labels=FieldLabels().label),
        ways(rule, ids, since=now - TREND),
        latest_touchpoints(ids),
    )
    tasks = next_tasks(ids, viewer=viewer, now=now)
    back = back_since(ids, viewer=viewer, since=now - JUST_BACK, now=now)
    said = verdicts(rule, ids, viewer=viewer)
    found = []
    for score, bar in zip(scores, bars(scores, scale=scale), strict=True):
        id = score.record_id
        last, (task, counts) = touched.get(id), tasks.get(id, (None, None))
        found.append(
            Line(
                score.record,
                name_of(score.record),
                about(score.record),
                score,
                shown(score.grade, score.version),
                bar,
                scale,
                spark(way.get(id, ()), since=now - TREND, until=now, now_at=score.total),
                why[score.pk],
                last,
                label_of(last.type) if last else "",
                task,
                due_of(task, now=now) if task else Due(""),
                counts.open if counts else 0,
                back.get(id),
                said.get(id),
            )
        )
    return found


def about(record: Record) -> str:
    parts = [record.values.get(name) for name in ("job_title", "company")]
    return ", ".join(str(part) for part in parts if part)


def movers(rule: StoredRule, *, viewer: Viewer, owner: int | None, since: datetime) -> list[Mover]:
    """Who went up or down most."""
    found: list[Move] = moves(rule, viewer=viewer, since=since, owner=owner, most=8)
    records = Record.objects.select_related("module").in_bulk([move.record for move in found])
    return [
        Mover(
            move.record,
            name_of(records[move.record]),
            move.before,
            move.after,
            move.by,
        )
        for move in found
        if move.record in records
    ]
