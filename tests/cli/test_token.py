"""`firstcall token` on a database of its own: what it prints opens the API, within the scopes that were asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from firstcall.access.models import Token, User
from firstcall.access.scopes import Scope
from firstcall.access.tokens import find_token
from firstcall.moments import now
from tests.journeys.upping import environment

pytestmark = pytest.mark.django_db(transaction=True)


def token(*arguments: str) -> subprocess.CompletedProcess[str]:
    from django.db import connection

    told = connection.get_connection_params()
    dsn = f"postgresql:///{told['dbname']}?host={told['host']}&user={told['user']}"
    command = [sys.executable, "-m", "firstcall", "token", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment(DATABASE_URL=dsn))


def test_the_token_that_is_printed_opens_what_was_asked_for():
    ann = User.objects.create_administrator("ann@example.com", "a long enough password")
    done = token("Export", "--user", "Ann@example.com", "--scope", "records:read", "--days", "3")
    assert (done.returncode, done.stderr) == (0, "")
    found = find_token(done.stdout.strip(), at=now())
    assert found is not None
    assert (found.user, found.granted()) == (ann, {Scope.RECORDS_READ})
    assert found.expires_at is not None
    assert 2.9 < (found.expires_at - now()).total_seconds() / 86_400 < 3
    again = token("Export", "--user", "ann@example.com")
    assert (again.returncode, again.stderr) == (1, "There is a token Export already. Choose another name.\n")


def test_all_that_is_wrong_is_told_at_once():
    done = token("Export", "--user", "nobody@example.com", "--scope", "record:read")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "There is no user nobody@example.com. Name one with --user.\nThere is no scope record:read. There are: "
    )
    assert not Token.objects.exists()
