"""The jobs about users and what they leave behind."""

from __future__ import annotations

from firstcall.access.forgetting import forget_old
from firstcall.jobs.kinds import job
from firstcall.jobs.models import Job
from firstcall.moments import now


@job("access.forget_old")
def forget_old_traces(job: Job) -> None:
    job.advance(done=forget_old(at=now()))
