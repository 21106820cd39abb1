"""Exports that were begun: whose they are, the files that are still kept, and letting them go before their time."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.db.models import QuerySet

from firstcall.access.models import User
from firstcall.jobs.actions import cancel
from firstcall.jobs.models import UNFINISHED, Job
from firstcall.scorekeeping.exporting import export_folder

EXPORT = "records.export"


def every_export() -> QuerySet[Job]:
    """The newest first, as long as jobs are kept. Who did not begin one may know that it was, and not have its file."""
    return Job.objects.filter(kind=EXPORT).select_related("created_by").order_by("-pk")


def exports_of(user: User) -> QuerySet[Job]:
    return every_export().filter(created_by=user)


def kept_file(job: Job) -> Path | None:
    """None where there is none yet, or no longer."""
    name = job.state.get("file")
    path = export_folder(job.pk) / name if name else None
    return path if path is not None and path.is_file() else None


def end_export(job: Job, *, at: datetime) -> None:
    """What is under way is asked to end; of what has ended the file is deleted. A second time does nothing."""
    if cancel(job, at=at).status in UNFINISHED:
        return
    shutil.rmtree(export_folder(job.pk), ignore_errors=True)


def modules_of(jobs: Sequence[Job]) -> set[str]:
    """The names of the modules whose records they are of."""
    return {job.parameters["asked"]["choice"]["module"] for job in jobs}
