"""Backtests of stored rules by a job: how well one would have told won from lost."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from ninja import Query, Router, Schema, Status
from pydantic import Field

from firstcall.access.errors import HiddenError
from firstcall.api.authority import Request, needs
from firstcall.api.jobs import own_job
from firstcall.api.paging import Page, Paging, page
from firstcall.api.previews import RETRY_AFTER
from firstcall.api.problems import Fault, Refused, invalid
from firstcall.api.types import AskedId, Given, GivenId, Id, Moment
from firstcall.columns.reading import NoCopyError
from firstcall.insights.past_backtests import BACKTEST, backtests_of, begin_backtest, result_of
from firstcall.insights.stored import Asked, AskedError
from firstcall.jobs.models import Job, JobStatus
from firstcall.moments import now
from firstcall.scorekeeping.finding import get_rule, get_version
from firstcall.scorekeeping.models import RuleVersion
from firstcall.scoring.times import datetime_of, moment_of

router = Router(tags=["Scoring rules"])


class BacktestAsked(Given):
    """`version`: the one that scores if left out, or the newest of a rule that does not. `won`: `status=Closed Won|Signed`,
    or a touchpoint that came later, `web.purchase within 30 days`; `lost`: `status=Lost`, without which all are lost who
    were not won. `as_of`: the moment of the scores, now if left out; or `as_of_field`, the field of each record's own:
    `created_at + 30 days`."""

    rule: GivenId
    version: int | None = Field(None, ge=1, lt=2**31, strict=True)
    won: str = Field(max_length=2_000)
    lost: str = Field("", max_length=2_000)
    as_of: Moment | None = None
    as_of_field: str = Field("", max_length=200)


class BacktestOut(Schema):
    """`result` is there once it is done: what `firstcall backtest --json` prints. `message` says what is going on, or why
    it failed."""

    id: int
    rule: int
    version: int
    won: str
    lost: str
    as_of: Moment | None
    as_of_field: str
    status: JobStatus
    message: str
    created_at: Moment
    ended_at: Moment | None
    result: dict[str, Any] | None


class BacktestQuery(Schema):
    rule: AskedId | None = None


@router.get("/backtests", auth=needs("rules:read"), response=Page[BacktestOut])
def list_backtests(request: Request, asked: Query[BacktestQuery], paging: Paging) -> Page[BacktestOut]:
    """One's own, the newest first; they are kept for 30 days."""
    rows = backtests_of(request.auth.user)
    if asked.rule is not None:
        rows = rows.filter(parameters__rule=asked.rule)
    found, following = page(rows, paging, order=("-id",))
    return Page[BacktestOut](items=[_out(job) for job in found], next=following)


@router.post("/backtests", auth=needs("rules:write"), response={201: BacktestOut})
def begin(request: Request, given: BacktestAsked) -> Status[BacktestOut]:
    """Hold a rule against what became of the records that the caller may see, over the columnar copy; 503 where there is
    none yet. `DELETE /jobs/{id}` ends it."""
    if given.as_of is not None and given.as_of_field:
        raise invalid([Fault("as_of_field", "is each record's own moment, as_of one for all: give one.")])
    version = _version(request, given)
    asked = Asked(
        given.won, given.lost, None if given.as_of is None else moment_of(given.as_of), given.as_of_field
    )
    try:
        job = begin_backtest(version, asked, viewer=request.auth.viewer, at=now(), by=request.auth.user)
    except AskedError as error:
        raise invalid([Fault(error.part, error.says)]) from None
    except NoCopyError as error:
        raise Refused(
            HTTPStatus.SERVICE_UNAVAILABLE, "no-copy", str(error), headers={"Retry-After": str(RETRY_AFTER)}
        ) from None
    return Status(201, _out(job))


@router.get("/backtests/{id}", auth=needs("rules:read"), response=BacktestOut)
def read_backtest(request: Request, id: Id) -> BacktestOut:
    return _out(own_job(request.auth, id, (BACKTEST,), "backtest"))


def _version(request: Request, given: BacktestAsked) -> RuleVersion:
    try:
        rule = get_rule(request.auth.viewer, given.rule)
    except HiddenError:
        raise invalid([Fault("rule", "There is no such rule.")]) from None
    try:
        return (rule.active or rule.newest) if given.version is None else get_version(rule, given.version)
    except HiddenError:
        raise invalid([Fault("version", "The rule has no such version.")]) from None


def _out(job: Job) -> BacktestOut:
    asked = Asked.from_json(job.parameters["asked"])
    return BacktestOut(
        id=job.pk,
        rule=job.parameters["rule"],
        version=job.parameters["version"],
        won=asked.won,
        lost=asked.lost,
        as_of=None if asked.as_of is None else datetime_of(asked.as_of),
        as_of_field=asked.as_of_field,
        status=JobStatus(job.status),
        message=job.message,
        created_at=job.created_at,
        ended_at=job.ended_at,
        result=result_of(job),
    )
