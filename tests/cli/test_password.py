"""`firstcall password` on a database of its own: the new one opens, the old one and its sessions no longer do."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.test import Client

from firstcall.access.models import FailedSignIn, User
from tests.journeys.upping import environment

pytestmark = pytest.mark.django_db(transaction=True)

OLD, NEW = "a long enough password", "another that is long"


def password(*arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    from django.db import connection

    told = connection.get_connection_params()
    dsn = f"postgresql:///{told['dbname']}?host={told['host']}&user={told['user']}"
    command = [sys.executable, "-m", "firstcall", "password", *arguments]
    return subprocess.run(
        command, input=said, capture_output=True, text=True, env=environment(DATABASE_URL=dsn)
    )


def opens(client: Client) -> bool:
    return client.get("/api/v1/session").status_code == 200


def signed_in(password: str) -> Client:
    client = Client()
    given = {"email": "ann@example.com", "password": password}
    client.post("/api/v1/session", given, content_type="application/json")
    return client


def test_a_password_from_standard_input_is_the_users_and_ends_the_sessions():
    ann = User.objects.create_administrator("ann@example.com", OLD)
    before = signed_in(OLD)
    assert opens(before)
    for _ in range(10):
        signed_in("wrong")
    assert not opens(signed_in(OLD))
    done = password("Ann@example.com", said=f"{NEW}\n")
    told = "ann@example.com has a new password; sessions by the old one have ended.\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, "", told)
    assert not opens(before)
    ann.refresh_from_db()
    assert ann.check_password(NEW)
    FailedSignIn.objects.all().delete()  # the place from which wrong ones came is not forgiven
    assert opens(signed_in(NEW))
    assert not opens(signed_in(OLD))


def test_one_that_is_made_up_is_printed():
    User.objects.create_user("ann@example.com", OLD)
    done = password("ann@example.com", "--make")
    made = done.stdout.strip()
    assert done.returncode == 0
    assert len(made) >= 16
    assert made not in done.stderr
    assert opens(signed_in(made))


def test_a_weak_one_is_refused_with_every_reason():
    ann = User.objects.create_user("ann@example.com", OLD)
    done = password("ann@example.com", said="12345\n")
    assert done.returncode == 1
    assert done.stderr == (
        "This password is too short. It must contain at least 8 characters.\nThis password is too common.\n"
    )
    ann.refresh_from_db()
    assert ann.check_password(OLD)


def test_who_is_not_there_or_inactive_and_an_empty_input_are_refused():
    ann = User.objects.create_user("ann@example.com", OLD)
    assert password("bob@example.com", "--make").stderr == "There is no user bob@example.com.\n"
    assert password("ann@example.com").stderr == (
        "Standard input has no password. Write it as the first line, or say --make.\n"
    )
    User.objects.update(is_active=False)
    done = password("ann@example.com", "--make")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "ann@example.com is inactive and could not sign in. Say --activate to change that.\n"
    )
    made = password("ann@example.com", "--make", "--activate").stdout.strip()
    ann.refresh_from_db()
    assert ann.is_active
    assert ann.check_password(made)
