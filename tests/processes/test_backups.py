"""A backup brings back everything, or the database stays as it was; and the scores go on being right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from firstcall.processes.backing_up import back_up, environment_for
from firstcall.processes.errors import CannotRunError
from firstcall.processes.preparing import known_migrations
from firstcall.processes.restoring import restore
from firstcall.records.actions import create_record
from firstcall.records.models import Record
from firstcall.scorekeeping.keeper import keep_all
from firstcall.scorekeeping.models import StoredScore
from firstcall.touchpoints.calls import Arrival
from firstcall.touchpoints.intake import accept
from firstcall.touchpoints.models import Touchpoint
from tests.scorekeeping.company import START, found_company, lead, wrong_scores

AWKWARD = "tab\t, backslash \\. and line\nend, \\N, ﷽, 'quote', %s"


@pytest.fixture
def dsn() -> str:
    told = connection.settings_dict
    return make_conninfo(host=told["HOST"], user=told["USER"], dbname=told["NAME"])


@pytest.fixture
def empty(postgres_dsn: str) -> Iterator[str]:
    """Another database of the same server."""
    with psycopg.connect(postgres_dsn, autocommit=True) as server:
        server.execute("CREATE DATABASE empty")
    yield make_conninfo(postgres_dsn, dbname="empty")
    with psycopg.connect(postgres_dsn, autocommit=True) as server:
        server.execute("DROP DATABASE empty WITH (FORCE)")


def refused(dsn: str, file: Path, *, replace: bool = False) -> str:
    with pytest.raises(CannotRunError) as error:
        restore(dsn, file, known=known_migrations(), replace=replace)
    return str(error.value)


def tables(dsn: str) -> int:
    with psycopg.connect(dsn) as other:
        found = other.execute("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert found is not None
    return int(found[0])


@pytest.mark.usefixtures("alone")
def test_what_was_there_is_there_again_and_scores_go_on_being_right(dsn: str, tmp_path: Path) -> None:
    module, source = found_company()
    records = [create_record(module, lead(job_title=title), at=START) for title in ("Director", AWKWARD)]
    arrivals = [Arrival(f"m{record.pk}", "web.visited", START, record_id=record.pk) for record in records]
    accept(source, arrivals, received_at=START)
    keep_all(now=lambda: START)
    file = tmp_path / "all.dump"
    assert back_up(dsn, file) == file.stat().st_size
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["all.dump"]
    counted = [model.objects.count() for model in (Record, Touchpoint, StoredScore)]

    Touchpoint.objects.all().delete()
    StoredScore.objects.all().delete()
    connection.close()
    assert "The database is not empty" in refused(dsn, file)
    assert restore(dsn, file, known=known_migrations(), replace=True).rows > sum(counted)
    assert [model.objects.count() for model in (Record, Touchpoint, StoredScore)] == counted
    assert Record.objects.get(pk=records[1].pk).values["job_title"] == AWKWARD
    # A new row gets a number that no other has.
    create_record(module, lead(), at=START)
    # Moments have passed while it lay on the shelf.
    later = START + timedelta(days=5)
    assert keep_all(now=lambda: later) > 0
    assert wrong_scores(later) == []


@pytest.mark.usefixtures("alone")
def test_a_restore_that_fails_changes_nothing(dsn: str, empty: str, tmp_path: Path) -> None:
    file = tmp_path / "all.dump"
    back_up(dsn, file)
    broken = tmp_path / "broken.dump"
    broken.write_bytes(file.read_bytes()[:-5_000])
    with psycopg.connect(empty) as other:
        other.execute("CREATE TABLE mine AS SELECT 7 AS x")
    said = refused(empty, broken, replace=True)
    assert "Nothing was restored" in said or "is no backup of Firstcall" in said
    assert tables(empty) == 1


@pytest.mark.usefixtures("alone")
def test_a_file_of_a_newer_version_is_refused(dsn: str, empty: str, tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('records', '9999_to_come', now())"
        )
    file = tmp_path / "newer.dump"
    try:
        back_up(dsn, file)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_to_come'")
    assert refused(empty, file) == (
        f"{file} was written by a newer version of Firstcall (records 9999_to_come). Install that version to restore it."
    )
    assert tables(empty) == 0


@pytest.mark.usefixtures("alone")
def test_what_is_no_backup_is_refused(empty: str, tmp_path: Path) -> None:
    text = tmp_path / "text.dump"
    text.write_text("hello")
    assert refused(empty, text).startswith(
        f"{text} is no backup of Firstcall, or only a part of one: pg_restore:"
    )
    other = tmp_path / "other.dump"
    back_up(empty, other)
    assert refused(empty, other) == f"{other} is a dump of PostgreSQL, but none of Firstcall."


def test_a_backup_needs_its_folder(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError) as error:
        back_up("", tmp_path / "no" / "such.dump")
    assert str(error.value) == f"There is no folder {tmp_path / 'no'}. Make it first."


def test_a_backup_that_fails_leaves_the_old_one(postgres_dsn: str, tmp_path: Path) -> None:
    file = tmp_path / "all.dump"
    file.write_text("the old one")
    with pytest.raises((CannotRunError, psycopg.OperationalError)) as error:
        back_up(make_conninfo(postgres_dsn, dbname="no_such"), file)
    assert re.search("no_such", str(error.value))
    assert [path.read_text() for path in tmp_path.iterdir()] == ["the old one"]


def test_a_password_is_never_an_argument(postgres_dsn: str) -> None:
    told = environment_for(make_conninfo(postgres_dsn, password="s3cret"))
    assert told["PGPASSWORD"] == "s3cret"
    assert told["PGDATABASE"] == "postgres"
