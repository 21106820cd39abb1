"""What becomes of a job, without a process of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from firstcall.access.models import User
from firstcall.jobs.actions import bring_back, cancel, forget_old, start
from firstcall.jobs.doing import PATIENCE, do_job
from firstcall.jobs.errors import JobCancelledError, JobTakenOverError, UnknownJobError
from firstcall.jobs.kinds import job as kind
from firstcall.jobs.models import Job, JobStatus
from firstcall.scoring.saying import said
from firstcall.wording import in_language
from tests.jobs.counting import count

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 1, tzinfo=UTC)
LATER = AT + timedelta(minutes=1)


def done(job: Job) -> Job:
    do_job(job.pk, now=lambda: LATER)
    return Job.objects.get(pk=job.pk)


def counted() -> int:
    return Group.objects.count()


def test_a_job_is_done_and_says_how_far_it_came() -> None:
    alice = User.objects.create_user("alice@example.com")
    job = start("tests.count", {"to": 3}, by=alice, at=AT)
    assert (job.status, job.done, job.total, job.created_by) == ("waiting", 0, None, alice)
    ended = done(job)
    assert (ended.status, ended.done, ended.total, ended.message) == ("done", 3, 3, "at 3")
    assert (ended.created_at, ended.started_at, ended.ended_at) == (AT, LATER, LATER)
    assert ended.state == {"counted": 3}


def test_a_job_goes_with_the_transaction_that_started_it() -> None:
    with transaction.atomic():
        start("tests.count", {"to": 3}, at=AT)
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    assert not ProcrastinateJob.objects.exists()


def test_a_kind_that_is_unknown_is_refused() -> None:
    with pytest.raises(UnknownJobError) as refused:
        start("tests.cuont", {}, at=AT)
    assert str(refused.value) == "There are no jobs of the kind tests.cuont. Did you mean tests.count?"


def test_a_kind_has_one_function() -> None:
    with pytest.raises(ValueError, match="two functions for jobs of the kind"):
        kind("tests.count")(lambda job: None)


def test_a_failed_job_says_why_and_leaves_no_half_step() -> None:
    ended = done(start("tests.fail", {}, at=AT))
    assert (ended.status, ended.message, ended.ended_at) == ("failed", "The third row is no row.", LATER)
    assert counted() == 0


@pytest.mark.parametrize(
    ("language", "going_on", "in_the_end", "given_up"),
    [
        ("en", "Ann and 12,345 more", "is required", "It was begun 5 times and"),
        ("de", "Ann und 12.345 weitere", "ist Pflicht", "Es wurde 5 Mal begonnen, und"),
    ],
)
def test_it_speaks_the_language_of_who_asked(
    language: str, going_on: str, in_the_end: str, given_up: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str | None] = []
    monkeypatch.setattr(Job, "advance", lambda self, *, message: told.append(message))
    with in_language(language):
        job, other = start("tests.say", {}, at=AT), start("tests.say", {}, at=AT)
    Job.objects.filter(pk=other.pk).update(stalled=PATIENCE)
    assert done(job).message == in_the_end
    assert told == [going_on]
    assert done(other).message.startswith(given_up)
    assert said("is required") == "is required"


def test_it_goes_on_from_its_last_step() -> None:
    job = start("tests.count", {"to": 5}, at=AT)
    Job.objects.filter(pk=job.pk).update(status=JobStatus.RUNNING, state={"counted": 3}, attempt=1)
    assert (done(job).done, counted()) == (5, 2)


def test_a_job_that_waits_is_cancelled_at_once() -> None:
    job = cancel(start("tests.count", {"to": 5}, at=AT), at=LATER)
    assert (job.status, job.ended_at) == ("cancelled", LATER)
    assert (done(job).status, counted()) == ("cancelled", 0)


def test_a_job_that_runs_is_cancelled_at_its_next_step() -> None:
    job = start("tests.count", {"to": 5}, at=AT)
    Job.objects.filter(pk=job.pk).update(status=JobStatus.RUNNING)
    assert cancel(job, at=LATER).status == "running"
    Job.objects.filter(pk=job.pk).update(attempt=1)
    running = Job.objects.get(pk=job.pk)
    with pytest.raises(JobCancelledError):
        count(running)
    assert counted() == 0
    assert done(job).status == "cancelled"


def test_a_job_that_has_ended_is_not_cancelled() -> None:
    job = start("tests.count", {"to": 1}, at=AT)
    done(job)
    assert cancel(job, at=LATER).status == "done"


def test_whoever_was_taken_for_dead_saves_nothing_more() -> None:
    job = start("tests.count", {"to": 5}, at=AT)
    Job.objects.filter(pk=job.pk).update(status=JobStatus.RUNNING, attempt=1)
    slow = Job.objects.get(pk=job.pk)
    assert done(job).done == 5
    with pytest.raises(JobTakenOverError):
        slow.advance(done=1)
    assert Job.objects.get(pk=job.pk).done == 5


def test_a_database_that_goes_away_fails_no_job() -> None:
    job = start("tests.lose_the_database", {}, at=AT)
    with pytest.raises(OperationalError):
        do_job(job.pk, now=lambda: LATER)
    assert Job.objects.get(pk=job.pk).status == "running"


def test_a_job_that_always_ends_its_process_is_given_up() -> None:
    job = start("tests.count", {"to": 5}, at=AT)
    Job.objects.filter(pk=job.pk).update(status=JobStatus.RUNNING, attempt=PATIENCE, stalled=PATIENCE)
    ended = done(job)
    assert (ended.status, counted()) == ("failed", 0)
    assert ended.message == "It was begun 5 times and its process ended each time before the next step."


def test_a_job_whose_entry_is_lost_gets_another() -> None:
    job = start("tests.count", {"to": 1}, at=AT)
    ended = start("tests.count", {"to": 1}, at=AT)
    done(ended)
    assert bring_back() == 0
    Job.objects.update(entry=-1)
    assert bring_back() == 1
    assert ProcrastinateJob.objects.filter(pk=Job.objects.get(pk=job.pk).entry).exists()


def test_old_jobs_are_forgotten_and_those_that_go_on_are_kept() -> None:
    done(start("tests.count", {"to": 1}, at=AT))
    start("tests.count", {"to": 1}, at=AT)
    assert forget_old(AT + timedelta(days=30)) == 0
    assert forget_old(AT + timedelta(days=31)) == 1
    assert [job.status for job in Job.objects.all()] == ["waiting"]


def test_the_schedule_forgets_old_jobs() -> None:
    done(start("tests.count", {"to": 1}, at=datetime(2020, 1, 1, tzinfo=UTC)))
    Job.objects.update(ended_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert done(start("jobs.forget_old", {}, at=AT)).done == 1


@kind("tests.in_name", in_name=True)
def _count_in_name(job: Job) -> None:
    count(job)


def test_what_is_done_in_the_name_of_one_who_is_not_active_any_more_ends() -> None:
    alice, bob = (User.objects.create_user(f"{name}@example.com") for name in ("alice", "bob"))
    hers, his = (start("tests.in_name", {"to": 3}, by=user, at=AT) for user in (alice, bob))
    of_all = start("tests.count", {"to": 3}, by=alice, at=AT)
    nobodys = start("tests.in_name", {"to": 3}, at=AT)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    ended = done(hers)
    assert (ended.status, ended.message, ended.done) == (
        "cancelled",
        "Who began it is not active any more.",
        0,
    )
    assert [done(job).status for job in (his, of_all, nobodys)] == ["done", "done", "done"]
