"""The table of jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from firstcall.jobs.errors import JobCancelledError, JobInterruptedError, JobTakenOverError
from firstcall.moments import MomentField
from firstcall.scoring.saying import ENGLISH


class JobStatus(models.TextChoices):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (JobStatus.WAITING, JobStatus.RUNNING)


class Job(models.Model):
    """One piece of long work.

    parameters   what was asked for; never changed
    state        the function's own notes: where to go on after a crash, and in the end what came of it
    done, total  progress, in whatever the function counts; total is None while nobody knows
    message      what is going on; of a failed job, why
    attempt      how many times it was taken up; a process that was taken for dead can save nothing more
    stalled      how many times in a row without a step
    entry        its number in the queue
    language     of who asked for it: the job speaks it, in its message as in what it finds
    """

    kind = models.CharField(max_length=100)
    parameters = models.JSONField(default=dict)
    state = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=JobStatus.choices, default=JobStatus.WAITING)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    message = models.TextField(blank=True)
    cancel_asked = models.BooleanField(default=False)
    created_at = MomentField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    started_at = MomentField(null=True)
    ended_at = MomentField(null=True)
    attempt = models.PositiveIntegerField(default=0)
    stalled = models.PositiveIntegerField(default=0)
    entry = models.BigIntegerField(null=True)
    language = models.CharField(max_length=20, default=ENGLISH.language)

    class Meta:
        indexes = (
            models.Index(
                fields=["status"],
                name="job_unfinished",
                condition=models.Q(status__in=["waiting", "running"]),
            ),
            models.Index(fields=["ended_at"], name="job_ended", condition=models.Q(ended_at__isnull=False)),
        )

    stopping: ClassVar[Callable[[], bool]] = staticmethod(lambda: False)
    """Whether the process is to end; set by the worker."""

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def seconds_left(self, now: datetime) -> float | None:
        """An estimate from how fast it went so far; None while nobody knows."""
        if self.status != JobStatus.RUNNING or self.started_at is None or not self.done or self.total is None:
            return None
        seconds: float = (now - self.started_at).total_seconds()
        return round(seconds / self.done * max(self.total - self.done, 0), 1)

    def advance(
        self,
        *,
        done: int | None = None,
        total: int | None = None,
        message: str | None = None,
        state: Mapping[str, Any] | None = None,
    ) -> None:
        """Save how far the job is; what is None stays as it was. The last thing in a step's transaction.

        Raises a JobLeftError, which undoes the step's transaction, where the job is to stop here.
        """
        given = {"done": done, "total": total, "message": message, "state": state}
        changed = {name: value for name, value in given.items() if value is not None}
        mine = Job.objects.filter(pk=self.pk, attempt=self.attempt, status=JobStatus.RUNNING)
        if not mine.update(stalled=0, **changed):
            raise JobTakenOverError
        for name, value in changed.items():
            setattr(self, name, value)
        if mine.filter(cancel_asked=True).exists():
            raise JobCancelledError
        if type(self).stopping():
            raise JobInterruptedError
