"""The lines of the start page: records by their score, each with what one wants to know before a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from firstcall.access.viewer import Viewer
from firstcall.records.models import Record
from firstcall.records.schema import title_of
from firstcall.scorekeeping.glancing import Move, Reason, moves, reasons, ways
from firstcall.scorekeeping.models import StoredRule, StoredScore
from firstcall.scorekeeping.standings import behind, ranking
from firstcall.touchpoints.catalogue import label_of
from firstcall.touchpoints.latest import latest_touchpoints
from firstcall.touchpoints.models import Touchpoint
from firstcall.web.drawing import Bar, Spark, bars, spark
from firstcall.web.grading import Shown, shown

TREND = timedelta(days=14)
LINES = 25


@dataclass(frozen=True, slots=True)
class Line:
    """
    about  what else tells who it is: the job title, the company
    """

    record: Record
    title: str
    about: str
    score: StoredScore
    grade: Shown | None
    bar: Bar
    trend: Spark
    reasons: Sequence[Reason]
    touchpoint: Touchpoint | None
    did: str

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
    """The hottest first, from behind `after` (a total and a record's id), and where the next begin."""
    scores = ranking(rule, viewer=viewer, owner=owner)
    if after is not None:
        scores = behind(scores, *after)
    found = list(
        scores.select_related("record__module", "version").order_by("-total", "record_id")[: LINES + 1]
    )
    page, more = found[:LINES], len(found) > LINES
    last = (int(page[-1].total), page[-1].record_id) if more else None
    return _lines(rule, page, now), last


def _lines(rule: StoredRule, scores: Sequence[StoredScore], now: datetime) -> list[Line]:
    ids = [score.record_id for score in scores]
    why, way, touched = reasons(scores), ways(rule, ids, since=now - TREND), latest_touchpoints(ids)
    return [
        Line(
            score.record,
            title_of(score.record.module, score.record.values) or f"#{score.record_id}",
            about(score.record),
            score,
            shown(score.grade, score.version),
            bar,
            spark(way.get(score.record_id, ()), since=now - TREND, until=now, now_at=score.total),
            why[score.pk],
            touched.get(score.record_id),
            label_of(touched[score.record_id].type) if score.record_id in touched else "",
        )
        for score, bar in zip(scores, bars(scores), strict=True)
    ]


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
            title_of(records[move.record].module, records[move.record].values) or f"#{move.record}",
            move.before,
            move.after,
            move.by,
        )
        for move in found
        if move.record in records
    ]
