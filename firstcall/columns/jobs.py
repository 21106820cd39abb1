"""The jobs about the copy."""

from __future__ import annotations

from firstcall.columns.following import KEPT
from firstcall.columns.models import Change
from firstcall.jobs.kinds import job
from firstcall.jobs.models import Job
from firstcall.moments import now


@job("columns.tidy")
def forget_changes(job: Job) -> None:
    """A copy that is older than the log is built anew."""
    removed, _ = Change.objects.filter(at__lt=now() - KEPT).delete()
    job.advance(done=removed)
