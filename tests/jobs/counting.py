"""Kinds of jobs for the tests; each step leaves a row that could not be left twice."""

from __future__ import annotations

import os
import signal
import time

from django.contrib.auth.models import Group
from django.db import OperationalError, transaction

from firstcall.jobs.kinds import job
from firstcall.jobs.models import Job
from firstcall.scoring.saying import said, whole


@job("tests.count")
def count(job: Job) -> None:
    """To `to`, a step a number, from where the last attempt ended."""
    to = job.parameters["to"]
    for number in range(job.state.get("counted", 0) + 1, to + 1):
        with transaction.atomic():
            Group.objects.create(name=f"{job.pk}/{number}")
            job.advance(done=number, total=to, state={"counted": number}, message=f"at {number}")
        time.sleep(job.parameters.get("seconds", 0))


@job("tests.fail")
def fail(job: Job) -> None:
    with transaction.atomic():
        Group.objects.create(name="undone")
        raise ValueError("The third row is no row.")


@job("tests.say")
def say(job: Job) -> None:
    job.advance(message=said("{texts} and {count} more", texts="Ann", count=whole(12345)))
    raise ValueError(said("is required"))


@job("tests.die")
def die(job: Job) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@job("tests.lose_the_database")
def lose_the_database(job: Job) -> None:
    raise OperationalError("the connection is lost")
