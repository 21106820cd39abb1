"""Jobs in processes of their own, killed, frozen and stopped in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection
from procrastinate.contrib.django import app

from firstcall.jobs.actions import cancel, start
from firstcall.jobs.doing import PATIENCE
from firstcall.jobs.models import Job
from tests.jobs import counting

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[2]
assert counting


@contextmanager
def worker(silence: float = 1.5) -> Iterator[subprocess.Popen[bytes]]:
    """A jobs process; whatever became of it, it is gone in the end."""
    told = connection.settings_dict
    dsn = f"host={told['HOST']} user={told['USER']} dbname={told['NAME']}"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.working", str(silence)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": dsn},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not in time: {list(Job.objects.values())}"
        time.sleep(0.02)


def started(to: int, seconds: float) -> Job:
    return start("tests.count", {"to": to, "seconds": seconds}, at=datetime.now(UTC))


def look(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def test_a_job_goes_on_after_its_process_was_killed() -> None:
    job = started(60, 0.05)
    with worker() as first:
        until(lambda: look(job).done > 3)
        first.kill()
        first.wait()
    assert look(job).status == "running"
    with worker():
        until(lambda: look(job).status == "done")
    assert (look(job).done, look(job).attempt, Group.objects.count()) == (60, 2, 60)


def test_a_process_that_was_frozen_does_not_do_what_another_has_taken_up() -> None:
    job = started(40, 0.05)
    with worker() as frozen, worker() as healthy:
        until(lambda: look(job).done > 3)
        # Whichever has it: both are frozen in turn, so one of them is frozen while it holds the job.
        for process in (frozen, healthy):
            process.send_signal(signal.SIGSTOP)
            time.sleep(2.5)
            process.send_signal(signal.SIGCONT)
        until(lambda: look(job).status == "done")
    assert Group.objects.count() == 40


def test_a_stopped_process_leaves_its_job_to_the_next_one() -> None:
    job = started(40, 0.05)
    with worker() as first:
        until(lambda: look(job).done > 3)
        first.terminate()
        assert first.wait(timeout=30) == 0
    left = look(job)
    assert (left.status, left.done) == ("waiting", Group.objects.count())
    with worker():
        until(lambda: look(job).status == "done")
    assert Group.objects.count() == 40


def test_a_running_job_is_cancelled_at_its_next_step() -> None:
    job = started(1_000, 0.02)
    with worker():
        until(lambda: look(job).done > 3)
        cancel(job, at=datetime.now(UTC))
        until(lambda: look(job).status == "cancelled")
    assert look(job).done == Group.objects.count() < 1_000


def test_a_job_that_kills_its_process_does_not_kill_every_other() -> None:
    job = start("tests.die", {}, at=datetime.now(UTC))
    Job.objects.update(stalled=PATIENCE - 1)
    with worker(silence=0.1) as process:
        assert process.wait(timeout=60) == -signal.SIGKILL
    with worker(silence=0.1):
        until(lambda: look(job).status == "failed")


def test_a_database_that_ends_the_connections_is_waited_for() -> None:
    with worker() as process:
        first = started(1, 0)
        until(lambda: look(first).status == "done")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        second = started(3, 0)
        until(lambda: look(second).status == "done")
        assert process.poll() is None


def test_every_line_of_the_schedule_is_a_job_and_a_task_of_the_queue() -> None:
    for kind, cron in settings.SCHEDULE:
        assert start(kind, {}, at=datetime.now(UTC)).kind == kind
        [task] = [
            task
            for task in app.periodic_registry.periodic_tasks.values()
            if task.task.name == f"schedule {kind}"
        ]
        assert task.cron == cron
