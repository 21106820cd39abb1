"""What the first run makes, and no other makes again."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from functools import partial

import pytest
from django.db import connection

from firstcall.access.models import User
from firstcall.configuration import read_configuration
from firstcall.demo import company
from firstcall.jobs.doing import do_job
from firstcall.jobs.models import Job
from firstcall.processes import demo
from firstcall.processes.demo import KIND, start_demo
from firstcall.processes.errors import CannotRunError
from firstcall.processes.preparing import make_administrator, migrate
from firstcall.processes.working import KINDS
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Module, Record

pytestmark = pytest.mark.django_db

AT = datetime(2026, 9, 1, tzinfo=UTC)


def test_the_first_administrator_may_do_everything_and_signs_in_with_what_is_printed() -> None:
    made = make_administrator(read_configuration({"admin_email": "Ada@Example.com"}))
    assert made is not None
    assert made.password is not None
    assert len(made.password) >= 16
    user = User.objects.get()
    assert (user.email, user.profile.is_administrator) == ("ada@example.com", True)
    assert user.check_password(made.password)
    assert make_administrator(read_configuration({})) is None


def test_a_password_that_was_given_is_not_told() -> None:
    made = make_administrator(read_configuration({"admin_password": "analytical-engine"}))
    assert made is not None
    assert made.password is None
    assert User.objects.get().check_password("analytical-engine")


def test_the_company_is_made_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "seed_once", partial(demo.seed_once, leads=60))
    assert start_demo()
    do_job(Job.objects.get(kind=KIND).pk, now=lambda: AT)
    job = Job.objects.get()
    assert (job.status, job.message.partition(" leads")[0].partition(" up ")[0]) == ("done", "made")
    assert Record.objects.count() > 60
    assert not start_demo()
    assert KIND in KINDS


def test_a_company_that_cannot_be_made_up_leaves_nothing_half_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object, **named: object) -> int:
        raise ValueError("There is no more paper.")

    monkeypatch.setattr(demo, "seed_once", partial(demo.seed_once, leads=60))
    monkeypatch.setattr(company, "accept", full)
    start_demo()
    do_job(Job.objects.get().pk, now=lambda: AT)
    assert (Job.objects.get().status, Job.objects.get().message) == ("failed", "There is no more paper.")
    assert not Record.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_migrations_are_run_once_by_whoever_is_first() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'counts'")
        cursor.execute("DROP TABLE counts_count, counts_lately, counts_sighting")
    done: list[list[str]] = []

    def one() -> None:
        done.append(migrate())
        connection.close()

    machines = [threading.Thread(target=one) for _ in range(3)]
    for machine in machines:
        machine.start()
    for machine in machines:
        machine.join()
    assert sorted(done) == [[], [], ["counts 0001_initial"]]


def test_a_module_that_is_unfit_keeps_nobody_from_starting(caplog: pytest.LogCaptureFixture) -> None:
    migrate()
    leads = Module.objects.get(name="leads")
    Field.objects.create(module=leads, name="moods", label="Moods", kind=FieldKind.PICKLIST)
    migrate()
    assert "the standard modules are left as they are: " in caplog.text
    assert "`moods` offers nothing to choose" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_database_that_a_newer_version_has_used_is_refused() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('records', '9999_to_come', now())"
        )
    try:
        with pytest.raises(CannotRunError) as refused:
            migrate()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_to_come'")
    assert str(refused.value) == (
        "A newer version of Firstcall has used this database (records 9999_to_come). Install that version, or restore"
        " a backup from before."
    )
