"""The job that makes up a company, on the first run, where it is asked for."""

from __future__ import annotations

from firstcall.demo.company import is_seeded, seed
from firstcall.jobs.actions import start
from firstcall.jobs.kinds import job
from firstcall.jobs.models import Job
from firstcall.moments import now

KIND = "demo.seed"


@job(KIND)
def seed_demo(job: Job) -> None:
    """In one transaction: after a crash it begins again with nothing."""
    job.advance(message="making up a company")
    if not is_seeded():
        made = seed(at=now())
        told = f"{made.leads:,} leads, {made.contacts:,} contacts, {made.deals:,} deals"
        job.advance(message=f"made up {told} and {made.touchpoints:,} touchpoints")


def start_demo() -> bool:
    """Have it made, once in the life of a database; says whether it begins now."""
    if Job.objects.filter(kind=KIND).exists():
        return False
    start(KIND, {}, at=now())
    return True
