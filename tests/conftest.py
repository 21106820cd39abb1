"""Engines that tests share: each is started when the first test of a worker asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg.conninfo import conninfo_to_dict

from firstcall.engines.embedded_postgres import EmbeddedPostgres
from firstcall.engines.spark_session import SparkMissingError, spark_session
from tests.serving import alone, at_rest, browser, server, server_folder, site

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["alone", "at_rest", "browser", "server", "server_folder", "site"]

# How long an example takes is the machine's affair, and no property of the code.
settings.register_profile("firstcall", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("firstcall")


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed is as wide and as coloured as in a pipe, whatever terminal the tests run in."""
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """The real number of rounds takes a third of a second, and most tests have users. The processes that tests start read
    these hashes too."""
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    PBKDF2PasswordHasher.iterations = 1


@pytest.fixture(scope="session", autouse=True)
def emptied_in_the_end() -> None:
    """Tables are emptied after a test while a server of an earlier one writes its counts: PostgreSQL may undo either, for
    the locks of the other."""
    from django.db import OperationalError
    from django.db.backends.postgresql.operations import DatabaseOperations

    from firstcall.connecting.errors import is_undone

    empty = DatabaseOperations.execute_sql_flush

    def empty_again(operations: DatabaseOperations, statements: list[str]) -> None:
        for _ in range(4):
            try:
                return empty(operations, statements)
            except OperationalError as error:
                if not is_undone(error):
                    raise
        return empty(operations, statements)

    DatabaseOperations.execute_sql_flush = empty_again  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def postgres_dsn() -> Iterator[str]:
    """A PostgreSQL server of this worker's own."""
    with EmbeddedPostgres() as server:
        yield server.dsn


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres_dsn: str) -> None:
    """Django's tests make their database on this worker's server."""
    from django.conf import settings

    told = conninfo_to_dict(postgres_dsn)
    settings.DATABASES["default"] |= {"HOST": told["host"], "USER": told["user"]}


@pytest.fixture
def postgres(postgres_dsn: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection whose work is undone after the test."""
    with psycopg.connect(postgres_dsn) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def spark() -> SparkSession:
    """A Spark in this worker, the one that there is; an engine that a test has closed has stopped it. Tests that use it are
    marked slow."""
    try:
        session = spark_session("local[2]")
    except SparkMissingError as error:
        pytest.skip(str(error))
    session.conf.set("spark.sql.shuffle.partitions", "2")
    return session


def pytest_make_parametrize_id(val: object) -> str | None:
    """Names of tests are short, and the same in every worker: packed bytes hold the moment they were packed at."""
    if isinstance(val, bytes):
        return "bytes"
    return f"{val[:40]}…" if isinstance(val, str) and len(val) > 60 else None
