"""Starting and cancelling jobs, and bringing back those whose process died."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Exists, OuterRef
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from firstcall.jobs.kinds import function_of, personal_kinds, tell_abandoned
from firstcall.jobs.models import UNFINISHED, Job, JobStatus
from firstcall.scoring.saying import language

TASK = "run_job"
KEPT = timedelta(days=30)


@transaction.atomic
def start(
    kind: str, parameters: Mapping[str, Any], *, at: datetime, by: AbstractBaseUser | None = None
) -> Job:
    """Have a worker do it in the language of the moment, once the transaction is committed. Raises UnknownJobError."""
    function_of(kind)
    job = Job.objects.create(
        kind=kind,
        parameters=dict(parameters),
        created_at=at,
        created_by_id=None if by is None else by.pk,
        language=language(),
    )
    enqueue(job)
    return job


def enqueue(job: Job) -> None:
    job.entry = app.configure_task(TASK).defer(job_id=job.pk)
    job.save(update_fields=["entry"])


@transaction.atomic
def cancel(job: Job, *, at: datetime) -> Job:
    """Ask a job to end; one that runs does so at its next step. One that has ended stays as it is."""
    current = Job.objects.select_for_update().get(pk=job.pk)
    ends = current.status == JobStatus.WAITING
    if ends:
        current.status, current.ended_at = JobStatus.CANCELLED, at
    if current.status in (JobStatus.RUNNING, JobStatus.CANCELLED):
        current.cancel_asked = True
    current.save(update_fields=["status", "ended_at", "cancel_asked"])
    if ends:
        tell_abandoned(current)
    return current


def end_jobs_of(user: AbstractBaseUser, *, at: datetime) -> None:
    """Ask what is done in the user's name to end, as `cancel` does."""
    for job in Job.objects.filter(created_by_id=user.pk, status__in=UNFINISHED, kind__in=personal_kinds()):
        cancel(job, at=at)


def bring_back() -> int:
    """Enqueue the unfinished jobs that no entry of the queue stands for; says how many."""
    living = ProcrastinateJob.objects.filter(pk=OuterRef("entry"), status__in=["todo", "doing"])
    with transaction.atomic():
        lost = Job.objects.filter(~Exists(living), status__in=UNFINISHED)
        jobs = list(lost.select_for_update(skip_locked=True, of=("self",)))
        for job in jobs:
            enqueue(job)
    return len(jobs)


def forget_old(now: datetime) -> int:
    """Delete the jobs that ended long ago; says how many."""
    return Job.objects.filter(ended_at__lt=now - KEPT).delete()[0]
