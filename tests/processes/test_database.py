"""Which database a command uses, and what it says when that is none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from firstcall.configuration import Configuration, configuration, read_configuration
from firstcall.engines.embedded_postgres import EmbeddedPostgresError
from firstcall.processes import database
from firstcall.processes.database import opened_database
from firstcall.processes.errors import CannotRunError
from tests.journeys.upping import temporary_folder


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """A command tells its children where the database is; no other test is to hear of it."""
    before = os.environ.pop("DATABASE_URL", None)
    yield
    os.environ.pop("DATABASE_URL", None)
    if before is not None:
        os.environ["DATABASE_URL"] = before
    configuration.cache_clear()


@pytest.fixture
def settings() -> Iterator[Configuration]:
    """Of a data folder that is not there yet."""
    with temporary_folder() as made:
        yield read_configuration({"data_folder": str(made / "data")})


def query(dsn: str) -> object:
    with psycopg.connect(dsn) as connection:
        return connection.execute("SELECT 7").fetchone()


def test_without_a_database_url_it_runs_its_own_and_a_second_command_uses_the_same(
    settings: Configuration,
) -> None:
    with opened_database(settings) as first:
        assert first.server is not None
        assert query(os.environ["DATABASE_URL"]) == (7,)
        assert settings.data_folder.stat().st_mode & 0o077 in (0, 0o011)
        with opened_database(settings) as second:
            assert (second.dsn, second.server) == (first.dsn, None)
        refused = pytest.raises(EmbeddedPostgresError, match="Another process is using the database")
        with refused, opened_database(settings, own=True):
            pass


def test_with_a_database_url_it_runs_none(settings: Configuration, postgres_dsn: str) -> None:
    given = settings.model_copy(
        update={"database_url": read_configuration({"database_url": postgres_dsn}).database_url}
    )
    with opened_database(given, own=True) as used:
        assert (used.dsn, used.server) == (postgres_dsn, None)
        assert query(os.environ["DATABASE_URL"]) == (7,)
    assert not Path(settings.data_folder).exists()


def test_a_database_that_is_not_there_is_said_at_once(postgres_dsn: str) -> None:
    wrong = read_configuration(
        {"database_url": make_conninfo(postgres_dsn, dbname="nowhere", password="s3cret")}
    )
    with pytest.raises(CannotRunError) as refused, opened_database(wrong):
        pass
    assert 'database "nowhere" does not exist' in str(refused.value)
    assert str(refused.value).endswith("Start it, or correct DATABASE_URL.")
    assert "s3cret" not in str(refused.value)


def test_a_database_that_does_not_answer_is_waited_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_PATIENCE", 0.2)
    said: list[str] = []
    nobody = read_configuration({"database_url": "host=127.0.0.1 port=1 dbname=x"})
    with (
        pytest.raises(CannotRunError, match="The database does not answer"),
        opened_database(nobody, say=said.append),
    ):
        pass
    assert said == ["Waiting for the database."]


def test_one_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch, postgres_dsn: str) -> None:
    monkeypatch.setattr(database, "OLDEST", 99)
    old = read_configuration({"database_url": postgres_dsn})
    with pytest.raises(CannotRunError) as refused, opened_database(old):
        pass
    assert str(refused.value).endswith(
        "and Firstcall needs 99 or newer. Upgrade it, or unset DATABASE_URL to use the one that Firstcall brings."
    )
