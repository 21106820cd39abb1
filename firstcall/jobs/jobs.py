"""The jobs about jobs."""

from __future__ import annotations

from firstcall.jobs.actions import forget_old
from firstcall.jobs.kinds import job
from firstcall.jobs.models import Job
from firstcall.moments import now


@job("jobs.forget_old")
def forget_old_jobs(job: Job) -> None:
    job.advance(done=forget_old(now()))
