"""Invariants 4 and 5 on the real service: whatever is killed when, what was acknowledged is there once, and the scores
are right; and a database that is away is answered for, waited for, and found again."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from firstcall.engines.embedded_postgres import EmbeddedPostgres, find_running
from tests.journeys.upping import (
    Service,
    descendants,
    environment,
    running,
    temporary_folder,
    until,
)
from tests.journeys.visiting import PEOPLE, Tracker, introduce
from tests.serving import free_port

ROOT = Path(__file__).parents[2]
VICTIMS = (
    ["web"] * 5 + ["keeper"] * 5 + ["postgres"] * 5 + ["jobs"] * 2 + ["columns", "supervisor", "supervisor"]
)


def ask(dsn: str, task: str) -> Any:
    """Have a task of `company` done on the service's database."""
    command = [sys.executable, "-m", "tests.journeys.company", task]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment(DATABASE_URL=dsn), capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@contextmanager
def trackers(url: str, key: str, count: int) -> Iterator[list[Tracker]]:
    sending = [Tracker(url, key, seed) for seed in range(count)]
    for tracker in sending:
        tracker.start()
    try:
        yield sending
    finally:
        for tracker in sending:
            tracker.stop.set()
        for tracker in sending:
            tracker.join(timeout=60)


def settled(dsn: str) -> Any:
    """What is stored once nothing is left to do."""
    until(lambda: not any(ask(dsn, "waiting").values()), what="the end of what was to be done")
    return ask(dsn, "judge")


def assert_right(stored: Any, sending: list[Tracker]) -> None:
    acknowledged = {id for tracker in sending for id in tracker.acknowledged}
    given_up = {id for tracker in sending for id in tracker.given_up}
    there = stored["touchpoints"]
    assert len(there) == len(set(there))
    assert acknowledged <= set(there)
    assert set(there) <= acknowledged | given_up
    assert len(acknowledged) > 100
    # Whoever asked while something was away was told so, or heard nothing; nothing else went wrong.
    answers = {answer for tracker in sending for answer in tracker.answers if answer.isdigit()}
    assert answers <= {"200", "503"}
    assert (stored["records"], stored["scores"], stored["without_record"]) == (PEOPLE, 2 * PEOPLE, 0)
    assert stored["failed"] == []
    assert stored["wrong"] == []


def kill(service: Service, victim: str) -> bool:
    """Says whether there was one to kill."""
    pids = service.pids(victim) if victim != "supervisor" else [service.process.pid]
    for pid in pids[:1]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return bool(pids)


@pytest.mark.slow
def test_everything_killed_at_random_moments_under_load(folder: Path) -> None:
    chance = random.Random(3)
    victims = list(VICTIMS)
    chance.shuffle(victims)
    with contextlib.ExitStack() as started:
        port = free_port()
        service = started.enter_context(running(folder, port=port))
        dsn = find_running(folder / "postgres")
        assert dsn is not None
        key = ask(dsn, "found")["key"]
        introduce(service.url, key)
        with trackers(service.url, key, 2) as sending:
            for number, victim in enumerate(victims):
                time.sleep(chance.uniform(0.2, 1.2))
                if number == 8:
                    until(lambda: find_running(folder / "postgres"))
                    ask(dsn, "edit")
                until(partial(kill, service, victim), what=f"a {victim} to kill")
                if victim == "supervisor":
                    service.end()
                    service = started.enter_context(running(folder, port=port))
            until(lambda: httpx.get(f"{service.url}/readyz", timeout=30).status_code == 200)
            counts = [len(tracker.acknowledged) for tracker in sending]
            until(lambda: all(len(t.acknowledged) > n for t, n in zip(sending, counts, strict=True)))
        assert_right(settled(dsn), sending)
        assert service.stop() == 0


@pytest.mark.slow
def test_a_database_that_is_away_is_answered_for_and_waited_for(folder: Path) -> None:
    cluster = folder / "postgres"
    with (
        temporary_folder() as empty,
        EmbeddedPostgres(cluster) as database,
        running(empty, DATABASE_URL=database.dsn) as service,
    ):
        assert {path.name for path in empty.iterdir()} <= {"secret_key", "columns"}
        key = ask(database.dsn, "found")["key"]
        introduce(service.url, key)
        until(lambda: httpx.get(f"{service.url}/readyz").status_code == 200)
        names = ("web", "keeper", "jobs", "columns")
        before = {name: service.pids(name) for name in names}
        with trackers(service.url, key, 2) as sending:
            until(lambda: all(tracker.acknowledged for tracker in sending))
            # Dies, and nobody is there to bring it back for a while.
            file = cluster / "cluster" / "postmaster.pid"
            os.kill(int(file.read_text().splitlines()[0]), signal.SIGKILL)
            until(lambda: all(tracker.answers["503"] > 3 for tracker in sending), what="the answer 503")
            assert httpx.get(f"{service.url}/healthz").status_code == 200
            away = httpx.get(f"{service.url}/readyz", timeout=30)
            assert (away.status_code, away.json()["checks"]) == (503, {"database": "does not answer"})
            time.sleep(8)
            database.revive()
            counts = [len(tracker.acknowledged) for tracker in sending]
            until(lambda: all(len(t.acknowledged) > n + 50 for t, n in zip(sending, counts, strict=True)))
            until(lambda: httpx.get(f"{service.url}/readyz", timeout=30).status_code == 200)
        assert {name: service.pids(name) for name in names} == before
        assert set.union(*(tracker.retry_after for tracker in sending)) == {"5"}
        assert {answer for tracker in sending for answer in tracker.answers} == {"200", "503"}
        assert_right(settled(database.dsn), sending)
        # Who was waited for does the next job too.
        ask(database.dsn, "edit")
        assert_right(settled(database.dsn), sending)
        assert service.stop() == 0


@pytest.mark.slow
def test_a_database_that_hangs_is_noticed_and_answered_for(folder: Path) -> None:
    """Its processes are stopped: connections stay open and nothing answers, as with a disk that has gone."""
    cluster = folder / "postgres"
    with (
        temporary_folder() as empty,
        EmbeddedPostgres(cluster) as database,
        running(empty, DATABASE_URL=database.dsn) as service,
    ):
        key = ask(database.dsn, "found")["key"]
        introduce(service.url, key)
        until(lambda: httpx.get(f"{service.url}/readyz").status_code == 200)
        before = service.pids("web")
        with trackers(service.url, key, 6) as sending:  # more than the web server has threads
            until(lambda: all(tracker.acknowledged for tracker in sending))
            server = int((cluster / "cluster" / "postmaster.pid").read_text().splitlines()[0])
            stopped = [*descendants(server), server]
            try:
                for pid in stopped:
                    os.kill(pid, signal.SIGSTOP)
                until(lambda: all(tracker.answers["503"] > 3 for tracker in sending), what="the answer 503")
                assert httpx.get(f"{service.url}/healthz").status_code == 200
                assert httpx.get(f"{service.url}/readyz").json()["checks"] == {"database": "does not answer"}
                assert httpx.get(f"{service.url}/metrics").status_code == 503
            finally:
                for pid in stopped:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGCONT)
            counts = [len(tracker.acknowledged) for tracker in sending]
            until(lambda: all(len(t.acknowledged) > n + 20 for t, n in zip(sending, counts, strict=True)))
        assert service.pids("web") == before
        assert set.union(*(tracker.retry_after for tracker in sending)) == {"5"}
        assert {answer for tracker in sending for answer in tracker.answers} == {"200", "503"}
        assert_right(settled(database.dsn), sending)
        assert service.stop() == 0
