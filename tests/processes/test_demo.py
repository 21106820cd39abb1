"""The made-up company comes once, whoever makes it up twice."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from django.db import connection

from firstcall.access.models import User
from firstcall.demo import company
from firstcall.jobs.doing import do_job
from firstcall.jobs.models import Job
from firstcall.moments import now
from firstcall.processes import demo
from firstcall.records.models import Record
from firstcall.touchpoints.models import Touchpoint


@pytest.mark.django_db(transaction=True)
def test_a_worker_taken_for_dead_and_the_next_make_up_one_company(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second takes the job up while the first is at it; it waits, and ends the job."""
    assert demo.start_demo()
    job, made = Job.objects.get(), list[company.Company | None]()
    is_at_it, both = threading.Event(), threading.Barrier(2)

    def make(**given: object) -> company.Company | None:
        is_at_it.set()
        both.wait(60)
        made.append(company.seed_once(at=now(), leads=40))
        return made[-1]

    monkeypatch.setattr(demo, "seed_once", make)

    def take() -> None:
        try:
            do_job(job.pk, now=now)
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(2)]
    threads[0].start()
    assert is_at_it.wait(60)
    threads[1].start()
    for thread in threads:
        thread.join()
    job.refresh_from_db()
    assert (job.status, job.attempt) == ("done", 2)
    one = next(found for found in made if found)
    assert made.count(None) == 1
    assert Record.objects.filter(module__name="leads").count() == one.leads
    assert Touchpoint.objects.count() == one.touchpoints
    assert User.objects.filter(email__startswith="mara").count() == 1
    assert not demo.start_demo()
    do_job(job.pk, now=partial(now))
    assert Touchpoint.objects.count() == one.touchpoints
