"""Long work: how far it is, and asking it to end."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from ninja import Query, Router, Schema
from pydantic import Field

from firstcall.access.scopes import Scope
from firstcall.api.authority import Actor, Request, needs
from firstcall.api.paging import Page, Paging, page
from firstcall.api.problems import missing
from firstcall.api.types import Id, Moment
from firstcall.jobs.actions import cancel
from firstcall.jobs.models import Job, JobStatus
from firstcall.moments import now
from firstcall.scorekeeping.finding import managed_runs

router = Router(tags=["Jobs"])


class JobOut(Schema):
    """`done` and `total` are counted in whatever the job works through; `total` is null while nobody knows.

    `seconds_left` is an estimate from how fast it went so far.
    """

    id: int
    kind: str
    status: JobStatus
    done: int
    total: int | None
    seconds_left: float | None
    message: str
    cancel_asked: bool
    created_at: Moment
    started_at: Moment | None
    ended_at: Moment | None


class JobQuery(Schema):
    status: JobStatus | None = None
    kind: str = Field("", max_length=100)


@router.get("/jobs", auth=needs(), response=Page[JobOut])
def list_jobs(request: Request, asked: Query[JobQuery], paging: Paging) -> Page[JobOut]:
    """One's own jobs, the newest first; those that score by rules, for whoever manages them (`rules:write`); of all, for
    whoever may do everything."""
    rows = _visible(request.auth)
    if asked.status:
        rows = rows.filter(status=asked.status)
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    found, following = page(rows, paging, order=("-id",))
    return Page[JobOut](items=[_out(job) for job in found], next=following)


@router.get("/jobs/{id}", auth=needs(), response=JobOut)
def read_job(request: Request, id: Id) -> JobOut:
    return _out(_find(request.auth, id))


@router.delete("/jobs/{id}", auth=needs(), response=JobOut)
def cancel_job(request: Request, id: Id) -> JobOut:
    """Ask it to end at its next step. What it did so far stays; one that has ended stays as it is."""
    return _out(cancel(_find(request.auth, id), at=now()))


def own_job(actor: Actor, id: int, kinds: Iterable[str], called: str) -> Job:
    """A job of these kinds that the actor began; others are as if they were not there."""
    job = Job.objects.filter(pk=id, kind__in=list(kinds), created_by=actor.user).first()
    if job is None:
        raise missing(called)
    return job


def _visible(actor: Actor) -> models.QuerySet[Job]:
    if Scope.ADMIN in actor.scopes:
        return Job.objects.all()
    managed = managed_runs(actor.viewer) if Scope.RULES_WRITE in actor.scopes else models.Q(pk__in=())
    return Job.objects.filter(models.Q(created_by=actor.user) | managed)


def _find(actor: Actor, id: int) -> Job:
    job = _visible(actor).filter(pk=id).first()
    if job is None:
        raise missing("job")
    return job


def _out(job: Job) -> JobOut:
    return JobOut(
        id=job.pk,
        kind=job.kind,
        status=JobStatus(job.status),
        done=job.done,
        total=job.total,
        seconds_left=job.seconds_left(now()),
        message=job.message,
        cancel_asked=job.cancel_asked,
        created_at=job.created_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
    )
