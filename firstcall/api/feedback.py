"""Feedback on scores: a good lead or a bad one, and why."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from firstcall.access.scopes import Scope
from firstcall.api.authority import Request, needs
from firstcall.api.exact import exactly
from firstcall.api.paging import Page, PageQuery, Paging, page
from firstcall.api.scores import Figures as FiguresOut
from firstcall.api.types import AskedId, Given, Id, Moment, told_moment
from firstcall.followups.feedback import (
    Opinion,
    count_by_grade,
    feedback_by,
    feedback_on,
    get_feedback,
    give_feedback,
    take_back,
)
from firstcall.followups.models import Feedback, Verdict
from firstcall.moments import now
from firstcall.records.seeing import get_any_record
from firstcall.scorekeeping.finding import get_rule
from firstcall.scoring.compiling import SIX_FIGURES
from firstcall.scoring.numbers import points_decimal

router = Router(tags=["Feedback"])

type Judged = Literal["good", "bad"]


class FeedbackGiven(Given):
    """`reason` of a good lead: good_fit, in_need, ready_to_buy, decides, engaged, other; of a bad one: bad_fit, no_need,
    no_budget, bad_timing, wrong_person, unreachable, competitor, duplicate, not_real, other."""

    verdict: Judged
    reason: str = Field("", max_length=30)
    comment: str = Field("", max_length=2_000)


class FeedbackOut(Schema):
    """`version` and `score` are as they were at `at`; no score: the rule did not apply. `ended_at`: since then it counts
    no longer, as it was said anew or taken back."""

    id: int
    record: int
    rule: int
    version: int
    verdict: Judged
    reason: str
    comment: str
    by: int | None
    at: Moment
    score: FiguresOut | None
    scored_as_of: Moment | None
    ended_at: Moment | None


class FeedbackWhole(FeedbackOut):
    """`explanation` is in the form of `firstcall explain --json`."""

    explanation: dict[str, Any]


class FeedbackFilter(Schema):
    """`grade` is that of then, and may be given several times; an empty one stands for no grade."""

    verdict: Judged | None = None
    reason: str | None = Field(None, max_length=30)
    by: AskedId | None = None
    grade: list[str] = Field([], max_length=100)
    version: int | None = Field(None, ge=1, lt=2**31)


class GradeCounts(Schema):
    grade: str | None
    good: int
    bad: int


class FeedbackCounts(Schema):
    items: list[GradeCounts]


@router.get("/records/{id}/feedback", auth=needs("scores:read"), response=Page[FeedbackOut])
def list_of_record(request: Request, id: Id, paging: Paging) -> HttpResponse:
    """What counts, by everybody and of every rule, the newest first."""
    return _listed(feedback_on(get_any_record(request.auth.viewer, id)), paging)


@router.put("/records/{id}/scores/{rule}/feedback", auth=needs("scores:read"), response=FeedbackWhole)
def give(request: Request, id: Id, rule: Id, given: FeedbackGiven) -> HttpResponse:
    """In place of what the caller said of it before. For everybody who sees the record; it needs `records:write` too. 404
    where no version of the rule scored the record."""
    request.auth.needs_scope(Scope.RECORDS_WRITE)
    viewer = request.auth.viewer
    record = get_any_record(viewer, id)
    opinion = Opinion(Verdict(given.verdict), given.reason, given.comment.strip())
    return exactly(_whole(give_feedback(record, get_rule(viewer, rule), opinion, viewer=viewer, at=now())))


@router.get("/feedback/{id}", auth=needs("scores:read"), response=FeedbackWhole)
def read(request: Request, id: Id) -> HttpResponse:
    """With the explanation of the score as it was then."""
    return exactly(_whole(get_feedback(request.auth.viewer, id)))


@router.delete("/feedback/{id}", auth=needs("scores:read"), response={204: None})
def delete(request: Request, id: Id) -> Status[None]:
    """Take it back: it counts no longer. It needs `records:write` too."""
    request.auth.needs_scope(Scope.RECORDS_WRITE)
    take_back(get_feedback(request.auth.viewer, id), viewer=request.auth.viewer, at=now())
    return Status(204, None)


@router.get("/rules/{id}/feedback", auth=needs("scores:read"), response=Page[FeedbackOut])
def list_of_rule(request: Request, id: Id, asked: Query[FeedbackFilter], paging: Paging) -> HttpResponse:
    """What counts, of the records that the caller sees, the newest first."""
    viewer = request.auth.viewer
    wanted = {**asked.dict(), "grades": asked.grade}
    wanted.pop("grade")
    return _listed(feedback_by(get_rule(viewer, id), viewer=viewer, **wanted), paging)


@router.get("/rules/{id}/feedback-counts", auth=needs("scores:read"), response=FeedbackCounts)
def count(request: Request, id: Id) -> FeedbackCounts:
    """How many were called good and bad, by the grade that they had then; of the records that the caller sees."""
    viewer = request.auth.viewer
    found = count_by_grade(feedback_by(get_rule(viewer, id), viewer=viewer))
    return FeedbackCounts(items=[GradeCounts(grade=one.grade, good=one.good, bad=one.bad) for one in found])


def _listed(rows: QuerySet[Feedback], paging: PageQuery) -> HttpResponse:
    found, following = page(rows, paging, order=("-id",))
    return exactly({"items": [_told(row) for row in found], "next": following})


def _whole(row: Feedback) -> dict[str, object]:
    return {**_told(row), "explanation": msgspec.Raw(row.explanation.encode())}


def _told(row: Feedback) -> dict[str, object]:
    figures = {name: points_decimal(int(getattr(row, name))) for name in SIX_FIGURES}
    return {
        "id": row.pk,
        "record": row.record_id,
        "rule": row.rule_id,
        "version": row.version.number,
        "verdict": row.verdict,
        "reason": row.reason,
        "comment": row.comment,
        "by": row.by_id,
        "at": told_moment(row.at),
        "score": {**figures, "grade": row.grade} if row.has_score else None,
        "scored_as_of": told_moment(row.scored_as_of),
        "ended_at": told_moment(row.ended_at),
    }
