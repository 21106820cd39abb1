"""The job that makes up a company, on the first run, where it is asked for."""

from __future__ import annotations

import importlib
import importlib.util

from django.db import transaction

from firstcall.jobs.actions import start
from firstcall.jobs.kinds import job
from firstcall.jobs.models import Job
from firstcall.moments import now

KIND = "demo.seed"
_COMPANY = "firstcall.demo.company"


@job(KIND)
def seed_demo(job: Job) -> None:
    """In one transaction: after a crash it begins again with nothing."""
    job.advance(message="making up a company")
    with transaction.atomic():
        importlib.import_module(_COMPANY).seed()
        job.advance(message="a company is made up")


def start_demo() -> bool:
    """Have it made, once in the life of a database; says whether it begins now."""
    if importlib.util.find_spec(_COMPANY) is None or Job.objects.filter(kind=KIND).exists():
        return False
    start(KIND, {}, at=now())
    return True
