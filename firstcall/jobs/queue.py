"""The tasks of the queue: one that does any job, and one for each line of the schedule that starts a job."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from procrastinate.contrib.django import app

from firstcall.jobs.actions import TASK, start
from firstcall.jobs.doing import do_job
from firstcall.jobs.models import UNFINISHED, Job
from firstcall.moments import now


@app.task(name=TASK)
def run_job(job_id: int) -> None:
    do_job(job_id, now=now)


def _put_on_schedule(kind: str, cron: str) -> None:
    def start_scheduled(timestamp: int) -> None:
        # One at a time: what has not ended yet covers this turn too.
        if not Job.objects.filter(kind=kind, status__in=UNFINISHED).exists():
            start(kind, {}, at=now())

    task: Any = app.task(name=f"schedule {kind}", queueing_lock=f"schedule {kind}")(start_scheduled)
    app.periodic(cron=cron)(task)


for _kind, _cron in settings.SCHEDULE:
    _put_on_schedule(_kind, _cron)
