"""The job that makes up a company, on the first run, where it is asked for."""

from __future__ import annotations

from firstcall.demo.company import seed_once
from firstcall.jobs.actions import start
from firstcall.jobs.kinds import job
from firstcall.jobs.models import Job
from firstcall.moments import now

KIND = "demo.seed"


@job(KIND)
def seed_demo(job: Job) -> None:
    """In one transaction: after a crash it begins again with nothing. Taken up a second time while the first still is at
    it, it waits, and finds the company there."""
    job.advance(message="making up a company")
    made = seed_once(at=now())
    if made is None:
        job.advance(message="the company is there already")
        return
    told = f"{made.leads:,} leads, {made.contacts:,} contacts, {made.deals:,} deals"
    job.advance(message=f"made up {told} and {made.touchpoints:,} touchpoints")


def start_demo() -> bool:
    """Have it made, once in the life of a database; says whether it begins now."""
    if Job.objects.filter(kind=KIND).exists():
        return False
    start(KIND, {}, at=now())
    return True
