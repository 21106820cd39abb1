"""The jobs about scores."""

from __future__ import annotations

from firstcall.jobs.kinds import job
from firstcall.jobs.models import Job
from firstcall.moments import now
from firstcall.scorekeeping.sweeping import sweep
from firstcall.scorekeeping.switching import SWEEP


@job(SWEEP)
def sweep_scores(job: Job) -> None:
    sweep(job, now=now)
