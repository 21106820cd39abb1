"""`firstcall token` on a database of its own: what it prints opens the API, within the scopes that were asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from firstcall.access.models import Token, User
from firstcall.access.scopes import Scope
from firstcall.access.tokens import find_token
from firstcall.moments import now
from tests.journeys.upping import environment

pytestmark = pytest.mark.django_db(transaction=True)


def token(*arguments: str) -> subprocess.CompletedProcess[str]:
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


def test_a_folder_without_a_service_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    for command in (
        ["token", "Export"],
        ["rules", "pull", str(tmp_path / "rules")],
        ["backup", str(tmp_path / "b")],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "firstcall", *command, "--data", str(folder)],
            capture_output=True,
            text=True,
            env=environment(),
        )
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == (
            f"There is no database in {folder}. Start the service there with `firstcall up`, or name the folder of"
            " another with --data.\n"
        )
    assert not folder.exists()


def test_a_database_without_its_tables_is_told() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'access' RETURNING *")
        applied = cursor.fetchall()
    try:
        done = token("Export")
    finally:
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO django_migrations VALUES (%s, %s, %s, %s)", applied)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        "The database has no tables yet, or those of an older version. Start the service"
    )
