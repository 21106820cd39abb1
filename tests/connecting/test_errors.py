"""What a worker says of the database while it goes on trying."""

from __future__ import annotations

import logging
import threading

import psycopg
import pytest
from django.db import OperationalError

from firstcall.columns import work as columns_work
from firstcall.scorekeeping import work as keeper_work
from tests.api.conftest import AT

SAYS = [
    (OperationalError(), "WARNING", "the database does not answer; waiting for it"),
    (psycopg.errors.AdminShutdown(), "WARNING", "the database does not answer; waiting for it"),
    (psycopg.errors.DeadlockDetected(), "WARNING", "the database undid a statement; trying again"),
    (psycopg.errors.DiskFull(), "ERROR", "a statement failed; trying again"),
]


def told(caplog: pytest.LogCaptureFixture, package: str) -> list[tuple[str, str]]:
    return [(one.levelname, one.message) for one in caplog.records if one.name.startswith(package)]


@pytest.mark.django_db
@pytest.mark.parametrize(("error", "level", "says"), SAYS, ids=lambda one: type(one).__name__)
def test_the_keeper_says_what_it_was_and_goes_on(
    error: Exception,
    level: str,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stop, tries = threading.Event(), list[int]()

    def keep(**_: object) -> int:
        tries.append(1)
        if len(tries) == 1:
            raise error
        stop.set()
        return 0

    monkeypatch.setattr(keeper_work, "keep", keep)
    monkeypatch.setattr(keeper_work, "AWAY", 0)
    monkeypatch.setattr(keeper_work.connection, "close", lambda: None)
    with caplog.at_level(logging.WARNING):
        keeper_work.work(now=lambda: AT, stop=stop)
    assert (len(tries), told(caplog, "firstcall.scorekeeping")) == (2, [(level, says)])


@pytest.mark.django_db
@pytest.mark.parametrize(("error", "level", "says"), SAYS, ids=lambda one: type(one).__name__)
def test_who_follows_the_database_says_what_it_was_and_goes_on(
    error: Exception,
    level: str,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stop = threading.Event()

    class Follower:
        tries = 0

        def step(self) -> None:
            self.tries += 1
            if self.tries == 1:
                raise error
            stop.set()

        def now(self) -> object:
            return AT

    follower = Follower()
    monkeypatch.setattr(columns_work, "AWAY", 0)
    monkeypatch.setattr(columns_work, "REST", 0)
    monkeypatch.setattr(columns_work, "see", lambda *_: None)
    monkeypatch.setattr(columns_work.connection, "close", lambda: None)
    with caplog.at_level(logging.WARNING):
        columns_work._follow(follower, stop)  # type: ignore[arg-type]
    assert (follower.tries, told(caplog, "firstcall.columns")) == (2, [(level, says)])
