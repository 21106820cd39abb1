"""Scores: of a record, why they are so, how they changed, and the ranked list of a rule."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from firstcall.access.scopes import Scope
from firstcall.api.authority import Request, needs
from firstcall.api.exact import exactly
from firstcall.api.paging import PageQuery, Paging, page, whole_cursor, write_cursor
from firstcall.api.problems import missing
from firstcall.api.types import AskedId, Id, Moment, told_moment
from firstcall.moments import now
from firstcall.records.seeing import get_any_record
from firstcall.scorekeeping.evidence import Counted, evidence_of
from firstcall.scorekeeping.explaining import explanation
from firstcall.scorekeeping.finding import get_rule
from firstcall.scorekeeping.following import Mark, changes_after, mark_of
from firstcall.scorekeeping.models import ScoreChange, StoredScore
from firstcall.scorekeeping.standings import Standing, ranking, standings
from firstcall.scoring.compiling import SIX_FIGURES
from firstcall.scoring.numbers import points_decimal
from firstcall.scoring.times import format_moment, moment_of

router = Router(tags=["Scores"])


class Figures(Schema):
    """Points, exact to the hundredth."""

    positive: float
    negative: float
    touchpoint_positive: float
    touchpoint_negative: float
    touchpoint_total: float
    total: float
    grade: str | None


class ScoreOut(Schema):
    """A record's score by a rule.

    `score` is null where the rule does not apply, or has not come to the record. `is_pending`: something happened that
    it does not hold yet. `as_of` is when it last changed; if it is not pending it is right now, and until
    `next_change_at` if nothing happens. `is_active` is false where the rule has stopped and the score stays as it is.
    """

    rule: int
    name: str
    is_active: bool
    is_pending: bool
    version: int | None
    score: Figures | None
    as_of: Moment | None
    next_change_at: Moment | None


class CountedOut(Schema):
    """A touchpoint that a line counts. `points` is null where only all together give something; `until` where time alone
    does not end it."""

    id: int
    type: str
    occurred_at: Moment
    points: float | None
    until: Moment | None


class LineEvidence(Schema):
    """`count` is how many there are."""

    name: str
    count: int
    touchpoints: list[CountedOut]


class EnoughOut(Schema):
    """That the criterion `name` is met, or met `times` more often."""

    name: str
    times: int
    points: float


class WayOut(Schema):
    """`part` in two-part grades: fit or touchpoints."""

    grade: str
    points_missing: float
    part: str | None
    changes: list[EnoughOut]


class EvidenceOut(Schema):
    lines: list[LineEvidence]
    next_grades: list[WayOut]


class ChangeOut(Schema):
    """`before` and `after` are the totals; null is no score. `cause`: touchpoint, revoke, merge, field, rule or time.

    `is_bulk`: it came of work on many records that was not to be told of.
    """

    record: int
    rule: int
    version: int
    at: Moment
    cause: str
    is_bulk: bool
    before: float | None
    after: float | None
    grade_before: str | None
    grade_after: str | None


class Changes(Schema):
    """`next` is null where there are no more yet; `mark` goes on from here another time, as `after`."""

    items: list[ChangeOut]
    next: str | None
    mark: str


class ChangesQuery(PageQuery):
    """Of one rule, of one record; without those of work on many records where `bulk` is false."""

    rule: AskedId | None = None
    record: AskedId | None = None
    bulk: bool = True


class Ranked(Figures):
    record: int
    as_of: Moment
    next_change_at: Moment | None


class Ranking(Schema):
    items: list[Ranked]
    next: str | None


class RankingQuery(Schema):
    """`grade` may be given several times; an empty one stands for no grade."""

    grade: list[str] = Field([], max_length=100)
    layout: str | None = Field(None, max_length=63)
    owner: AskedId | None = None


class AsOf(Schema):
    """Now, if left out."""

    as_of: Moment | None = None


@router.get("/records/{id}/scores", auth=needs("scores:read"), response=list[ScoreOut])
def list_scores(request: Request, id: Id) -> HttpResponse:
    """By every rule of the record's module that is active, or left it a score when it stopped."""
    return exactly(
        [_standing(standing) for standing in standings(get_any_record(request.auth.viewer, id), now=now())]
    )


@router.get("/records/{id}/scores/{rule}", auth=needs("scores:read"), response=ScoreOut)
def read_score(request: Request, id: Id, rule: Id) -> HttpResponse:
    for standing in standings(get_any_record(request.auth.viewer, id), now=now()):
        if standing.rule.pk == rule:
            return exactly(_standing(standing))
    raise missing("score")


@router.get("/records/{id}/scores/{rule}/explanation", auth=needs("scores:read"), response=dict[str, Any])
def explain_score(request: Request, id: Id, rule: Id, asked: Query[AsOf]) -> HttpResponse:
    """Why the score is, or was at any moment, what it is: in the form of `firstcall explain --json`, with the number of
    the version. It is computed anew from what was known then. 404 where no version scored the record then."""
    told = explanation(
        get_any_record(request.auth.viewer, id), get_rule(request.auth.viewer, rule), asked.as_of or now()
    )
    if told is None:
        raise missing("score")
    return exactly(told)


@router.get("/records/{id}/scores/{rule}/evidence", auth=needs("scores:read"), response=EvidenceOut)
def tell_evidence(request: Request, id: Id, rule: Id, asked: Query[AsOf]) -> HttpResponse:
    """Behind each line of the explanation that brought or took points: the record's own touchpoints that it counts, the
    newest 20; what each gives by itself, where one alone gives something, and until when. `next_grades`: the single
    changes that would be enough, before groups and limits. It needs `touchpoints:read` too."""
    request.auth.needs_scope(Scope.TOUCHPOINTS_READ)
    viewer = request.auth.viewer
    found = evidence_of(get_any_record(viewer, id), get_rule(viewer, rule), asked.as_of or now())
    lines = [
        {"name": name, "count": one.count, "touchpoints": [_counted(each) for each in one.counted]}
        for name, one in found.behind.items()
    ]
    ways = [
        {
            "grade": way.grade,
            "points_missing": points_decimal(way.missing),
            "part": way.part,
            "changes": [
                {"name": one.criterion.name, "times": one.times, "points": points_decimal(one.gain)}
                for one in way.changes
            ],
        }
        for way in found.ways
    ]
    return exactly({"lines": lines, "next_grades": ways})


def _counted(one: Counted) -> dict[str, object]:
    return {
        "id": one.touchpoint.pk,
        "type": one.touchpoint.type,
        "occurred_at": told_moment(one.touchpoint.occurred_at),
        "points": None if one.points is None else points_decimal(one.points),
        "until": told_moment(one.until),
    }


@router.get("/score-changes", auth=needs("scores:read"), response=Changes)
def list_changes(request: Request, asked: Query[ChangesQuery]) -> HttpResponse:
    """How scores changed and why, in an order that nothing is put in between later: follow it by `mark`."""
    mark = Mark(*whole_cursor(asked.after)) if asked.after else Mark()
    found = changes_after(
        mark,
        most=asked.limit + 1,
        viewer=request.auth.viewer,
        rule=asked.rule,
        record=asked.record,
        with_bulk=asked.bulk,
    )
    shown = found[: asked.limit]
    last = mark_of(shown[-1]) if shown else mark
    cursor = write_cursor([last.transaction, last.id])
    following = cursor if len(found) > asked.limit else None
    return exactly({"items": [_change(change) for change in shown], "next": following, "mark": cursor})


@router.get("/rankings/{rule}", auth=needs("scores:read"), response=Ranking)
def rank(request: Request, rule: Id, asked: Query[RankingQuery], paging: Paging) -> HttpResponse:
    """Whom to call first: the highest total first, of equal ones the oldest record."""
    viewer = request.auth.viewer
    found_rule = get_rule(viewer, rule)
    rows = ranking(found_rule, viewer=viewer, grades=asked.grade, layout=asked.layout, owner=asked.owner)
    if paging.after:
        # What `page` asks for leaves the index no place to begin at.
        rows = rows.filter(total__lte=whole_cursor(paging.after)[0])
    found, following = page(rows, paging, order=("-total", "record_id"))
    items = [
        {
            "record": score.record_id,
            **_figures(score),
            "as_of": _moment(score.as_of),
            "next_change_at": _moment(score.next_change_at),
        }
        for score in found
    ]
    return exactly({"items": items, "next": following})


def _standing(standing: Standing) -> dict[str, object]:
    score = standing.score
    return {
        "rule": standing.rule.pk,
        "name": standing.rule.name,
        "is_active": standing.rule.active_id is not None,
        "is_pending": standing.is_pending,
        "version": None if score is None else score.version.number,
        "score": None if score is None else _figures(score),
        "as_of": None if score is None else _moment(score.as_of),
        "next_change_at": _moment(standing.next_change_at),
    }


def _figures(score: StoredScore) -> dict[str, object]:
    return {**{name: _points(getattr(score, name)) for name in SIX_FIGURES}, "grade": score.grade}


def _change(change: ScoreChange) -> dict[str, object]:
    return {
        "record": change.record_id,
        "rule": change.rule_id,
        "version": change.version.number,
        "at": _moment(change.at),
        "cause": change.cause,
        "is_bulk": change.is_bulk,
        "before": _points(change.old_total),
        "after": _points(change.new_total),
        "grade_before": change.old_grade,
        "grade_after": change.new_grade,
    }


def _points(hundredths: Decimal | None) -> Decimal | None:
    return None if hundredths is None else points_decimal(int(hundredths))


def _moment(at: Any) -> str | None:
    return None if at is None else format_moment(moment_of(at))
