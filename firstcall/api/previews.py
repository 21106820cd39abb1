"""What a draft of a scoring rule would do to everything, before it is stored or switched on."""

from __future__ import annotations

from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field

from firstcall.access.scopes import Scope
from firstcall.api.authority import Request, needs
from firstcall.api.exact import exactly
from firstcall.api.problems import Fault, Refused, invalid
from firstcall.api.rules import ProblemOut
from firstcall.api.types import Given, GivenId, Moment
from firstcall.columns.reading import NoCopyError
from firstcall.insights.previewing.asking import OtherModuleError, Previewed, preview_text
from firstcall.insights.previewing.coverage import Coverage
from firstcall.insights.previewing.differences import Crossing, Distribution, Mover
from firstcall.insights.previewing.keeping import TooLongError
from firstcall.insights.ranking import Share
from firstcall.moments import now
from firstcall.scorekeeping.finding import get_rule
from firstcall.scoring.numbers import points_decimal
from firstcall.scoring.problems import problem_object
from firstcall.scoring.times import format_moment, moment_of

router = Router(tags=["Scoring rules"])

RETRY_AFTER = 5  # seconds


class PreviewAsked(Given):
    """`text`: YAML or JSON. `against`: the rule whose active version it is held against; without one, the rule of the
    draft's name. `as_of`: send what the answer said, to go on from it: what was measured then is not measured again, so
    that changed points take a moment. `most`: so many records are named of each kind. `hot_days`: over so many days
    new records in the best grade are counted; 0 leaves it out."""

    text: str = Field(max_length=1_100_000)
    against: GivenId | None = None
    as_of: Moment | None = None
    most: int = Field(10, ge=0, le=100)
    hot_days: int = Field(0, ge=0, le=90)


class CopyOut(Schema):
    """The columnar copy that was asked: the state it shows, of which moment that is, and how many seconds ago."""

    generation: int
    shows: Moment
    behind: float


class AgainstOut(Schema):
    rule: int
    name: str
    version: int


class BinOut(Schema):
    """From `low` to below `high`; null where it is open."""

    low: float | None
    high: float | None
    before: int
    after: int


class FigureOut(Schema):
    """How a figure is distributed over the records that each rule applies to, lowest first."""

    figure: str
    average_before: float | None
    average_after: float | None
    median_before: float | None
    median_after: float | None
    bins: list[BinOut]


class GradeOut(Schema):
    """`grade` is null for no grade; `before` without another rule."""

    grade: str | None
    before: int | None
    after: int


class NamedOut(Schema):
    """`before` and `after` are totals; null where the rule does not apply."""

    record: int
    title: str
    before: float | None
    after: float | None
    grade_before: str | None
    grade_after: str | None


class CrossingOut(Schema):
    """So many go from one grade to another; null is no grade. `was_outside`, `is_outside`: the rule did, does not apply."""

    grade_before: str | None
    grade_after: str | None
    was_outside: bool
    is_outside: bool
    count: int
    records: list[NamedOut]


class ShareOut(Schema):
    """`won` of `decided`; `rate` from 0 to 1, null of none."""

    won: int
    decided: int
    rate: float | None


class CriterionOut(Schema):
    """`position` is its place in the text. `records` of `of` meet it: `share`. `says` tells it in words."""

    position: int
    name: str
    sentence: str
    is_touchpoint: bool
    records: int
    of: int
    share: float
    meets: ShareOut
    others: ShareOut
    says: str


class MoversOut(Schema):
    up: list[NamedOut]
    down: list[NamedOut]


class HotLeadsOut(Schema):
    """New records in the best grade a day: those that have it now and had it not `days` before, by the fields of today."""

    days: int
    before: float | None
    after: float | None


class PreviewOut(Schema):
    """`records` are those that the caller may see; the rules apply to `scored_before` and `scored_after` of them.
    `outcome` says how won and lost are told. `never`, `always`: criteria that no record or every one meets; `together`:
    those that the same records meet. `problems` are what is doubtful in the text."""

    as_of: Moment
    says: str
    columns: CopyOut
    module: str
    against: AgainstOut | None
    records: int
    scored_before: int | None
    scored_after: int
    figures: list[FigureOut]
    grades: list[GradeOut]
    crossings: list[CrossingOut]
    movers: MoversOut
    criteria: list[CriterionOut]
    never: list[str]
    always: list[str]
    together: list[list[str]]
    outcome: str
    hot_leads: HotLeadsOut | None
    problems: list[ProblemOut]


@router.post("/rules/preview", auth=needs("rules:read"), response=PreviewOut)
def preview(request: Request, given: PreviewAsked) -> HttpResponse:
    """What a draft would do to every record, against the rule that scores now. Nothing is stored.

    Asked of the columnar copy, which is a second or two behind; 503 where this machine has none yet. What the caller
    may not see is left out of every count. Records are named to tokens that may read records.
    """
    against = None if given.against is None else get_rule(request.auth.viewer, given.against)
    at = now()
    if against is not None and against.active is None:
        raise invalid([Fault("against", "is not active: it has no scores to hold the draft against.")])
    try:
        found = preview_text(
            given.text,
            now=at,
            against=against,
            viewer=request.auth.viewer,
            as_of=given.as_of,
            most=given.most if Scope("records:read") in request.auth.scopes else 0,
            hot_days=given.hot_days,
        )
    except OtherModuleError as error:
        raise invalid([Fault("against", str(error))]) from None
    except (NoCopyError, TooLongError) as error:
        is_missing = isinstance(error, NoCopyError)
        raise Refused(
            HTTPStatus.SERVICE_UNAVAILABLE if is_missing else HTTPStatus.UNPROCESSABLE_ENTITY,
            "no-copy" if is_missing else "too-long",
            str(error),
            headers={"Retry-After": str(RETRY_AFTER)} if is_missing else {},
        ) from None
    return exactly(told(found, at=moment_of(at)))


def told(found: Previewed, *, at: int) -> dict[str, Any]:
    """As `PreviewOut` says."""
    preview, behind = found.preview, max(0.0, (at - found.preview.shows) / 1_000_000)
    return {
        "as_of": format_moment(preview.as_of),
        "says": f"As of {format_moment(preview.as_of)[:19].replace('T', ' ')} UTC; {behind:,.0f} s behind.",
        "columns": {
            "generation": preview.generation,
            "shows": format_moment(preview.shows),
            "behind": round(behind, 3),
        },
        "module": found.module.name,
        "against": _against(found),
        "records": preview.records,
        "scored_before": preview.before,
        "scored_after": preview.after,
        "figures": [_figure(one) for one in preview.distributions],
        "grades": [{"grade": name, "before": old, "after": new} for name, old, new in preview.grades],
        "crossings": [_crossing(one, found) for one in preview.crossings],
        "movers": {"up": _named(preview.up, found), "down": _named(preview.down, found)},
        "criteria": [_criterion(one) for one in preview.criteria],
        "never": [one.name for one in preview.criteria if one.is_never],
        "always": [one.name for one in preview.criteria if one.is_always],
        "together": [list(names) for names in preview.together],
        "outcome": preview.outcome,
        "hot_leads": None
        if preview.hot is None
        else {"days": preview.hot.days, "before": preview.hot.before, "after": preview.hot.after},
        "problems": [problem_object(problem) for problem in found.warnings],
    }


def _against(found: Previewed) -> dict[str, Any] | None:
    rule = found.against
    if rule is None or rule.active is None:
        return None
    return {"rule": rule.pk, "name": rule.name, "version": rule.active.number}


def _points(points: int | None) -> Decimal | None:
    return None if points is None else points_decimal(points)


def _average(points: float | None) -> float | None:
    return None if points is None else round(points / 100, 4)


def _figure(of: Distribution) -> dict[str, Any]:
    return {
        "figure": of.figure,
        "average_before": _average(of.average_before),
        "average_after": _average(of.average_after),
        "median_before": _average(of.median_before),
        "median_after": _average(of.median_after),
        "bins": [
            {"low": _points(b.low), "high": _points(b.high), "before": b.before, "after": b.after}
            for b in of.bins
        ],
    }


def _named(movers: tuple[Mover, ...], found: Previewed) -> list[dict[str, Any]]:
    ids = found.preview.ids
    return [
        {
            "record": ids[mover.place],
            "title": found.titles[ids[mover.place]],
            "before": _points(mover.before),
            "after": _points(mover.after),
            "grade_before": mover.grade_before,
            "grade_after": mover.grade_after,
        }
        for mover in movers
        if ids[mover.place] in found.titles
    ]


def _crossing(of: Crossing, found: Previewed) -> dict[str, Any]:
    return {
        "grade_before": of.before,
        "grade_after": of.after,
        "was_outside": of.was_outside,
        "is_outside": of.is_outside,
        "count": of.count,
        "records": _named(of.movers, found),
    }


def _share(of: Share) -> dict[str, Any]:
    return {"won": of.won, "decided": of.count, "rate": None if of.rate is None else round(of.rate, 6)}


def _criterion(of: Coverage) -> dict[str, Any]:
    return {
        "position": of.position,
        "name": of.name,
        "sentence": of.says,
        "is_touchpoint": of.is_touchpoint,
        "records": of.records,
        "of": of.of,
        "share": round(of.records / of.of, 6) if of.of else 0.0,
        "meets": _share(of.meets),
        "others": _share(of.others),
        "says": of.told,
    }
