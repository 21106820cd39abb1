"""Doing one job: takes it up, calls its function, and keeps what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction

from firstcall.counts.tallying import count
from firstcall.jobs.actions import enqueue
from firstcall.jobs.errors import JobCancelledError, JobInterruptedError, JobTakenOverError
from firstcall.jobs.kinds import function_of, personal_kinds, tell_abandoned
from firstcall.jobs.models import UNFINISHED, Job, JobStatus
from firstcall.scoring.saying import said, whole
from firstcall.wording import in_language

log = logging.getLogger(__name__)

PATIENCE = 5  # so many times a job is taken up again without a step in between


def do_job(job_id: int, *, now: Callable[[], datetime]) -> None:
    """Do the job, or go on with it. One that has ended, or is no more, is left alone.

    A database that goes away is raised: the job is as its last step left it, and is taken up again.
    """
    job = _take_up(job_id, now)
    if job is None:
        return
    log.info("job %s begins: %s, attempt %s", job.pk, job.kind, job.attempt)
    try:
        with in_language(job.language):
            function_of(job.kind)(job)
    except JobTakenOverError:
        log.warning("job %s goes on elsewhere", job.pk)
    except JobInterruptedError:
        _give_back(job)
    except JobCancelledError:
        _end(job, JobStatus.CANCELLED, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("job %s failed", job.pk)
        _end(job, JobStatus.FAILED, now, str(error) or type(error).__name__)
    else:
        _end(job, JobStatus.DONE, now)


@transaction.atomic
def _take_up(job_id: int, now: Callable[[], datetime]) -> Job | None:
    job = Job.objects.select_for_update().filter(pk=job_id, status__in=UNFINISHED).first()
    if job is None:
        return None
    job.attempt += 1
    job.stalled += 1
    job.status = JobStatus.RUNNING
    job.started_at = job.started_at or now()
    job.save(update_fields=["attempt", "stalled", "status", "started_at"])
    if job.cancel_asked:
        _end(job, JobStatus.CANCELLED, now)
        return None
    if job.kind in personal_kinds() and job.created_by is not None and not job.created_by.is_active:
        with in_language(job.language):
            says = said("Who began it is not active any more.")
        _end(job, JobStatus.CANCELLED, now, says)
        return None
    if job.stalled > PATIENCE:
        with in_language(job.language):
            says = said(
                "It was begun {count} times and its process ended each time before the next step.",
                count=whole(PATIENCE),
            )
        _end(job, JobStatus.FAILED, now, says)
        return None
    return job


@transaction.atomic
def _give_back(job: Job) -> None:
    mine = Job.objects.filter(pk=job.pk, attempt=job.attempt, status=JobStatus.RUNNING)
    if mine.update(status=JobStatus.WAITING, stalled=0):
        enqueue(job)
        log.info("job %s is left for the next worker", job.pk)


@transaction.atomic
def _end(job: Job, status: JobStatus, now: Callable[[], datetime], message: str | None = None) -> None:
    changed = {"status": status, "ended_at": now()} | ({} if message is None else {"message": message})
    mine = Job.objects.filter(pk=job.pk, attempt=job.attempt, status=JobStatus.RUNNING)
    if mine.update(**changed):
        if status != JobStatus.DONE:
            tell_abandoned(Job.objects.get(pk=job.pk))
        count("jobs_ended", status=status)
        log.info("job %s ends: %s", job.pk, status)
