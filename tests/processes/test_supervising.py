"""Processes are kept running and stopped in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from firstcall.processes import supervising
from firstcall.processes.errors import CannotRunError
from firstcall.processes.serving import address_of, refuse_taken_port
from firstcall.processes.supervising import Child, supervise, wait_after
from tests.journeys.upping import alive, environment, until
from tests.serving import free_port

SLEEPS = "import time; time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"
)
WATCHES = (
    "from firstcall.processes.ending import end_with_parent; end_with_parent(); import time; time.sleep(600)"
)


class Supervised:
    """A supervisor in a thread."""

    def __init__(self, *scripts: str, database: supervising.Revivable | None = None) -> None:
        self.children = [
            Child(f"child {n}", [sys.executable, "-c", text], environment()) for n, text in enumerate(scripts)
        ]
        self.stop = threading.Event()
        self.thread = threading.Thread(
            target=supervise, args=(self.children, self.stop), kwargs={"database": database}
        )
        self.thread.start()

    def end(self) -> None:
        self.stop.set()
        self.thread.join(timeout=60)
        assert not self.thread.is_alive()


class Database:
    def __init__(self) -> None:
        self.running, self.revived = True, 0

    def is_running(self) -> bool:
        return self.running

    def revive(self) -> None:
        self.running, self.revived = True, self.revived + 1


def test_one_that_is_killed_is_started_again_and_the_others_go_on() -> None:
    supervised = Supervised(SLEEPS, SLEEPS)
    until(lambda: all(child.pid for child in supervised.children))
    first, second = (child.pid for child in supervised.children)
    assert first is not None
    os.kill(first, signal.SIGKILL)
    until(lambda: supervised.children[0].pid not in (first, None))
    assert supervised.children[1].pid == second
    now = [child.pid for child in supervised.children]
    supervised.end()
    assert not any(alive(pid) for pid in now if pid)


def test_one_that_ends_again_and_again_is_started_again_and_again(tmp_path: Path) -> None:
    count = tmp_path / "count"
    supervised = Supervised(f"open({str(count)!r}, 'a').write('.')")
    until(lambda: count.exists() and len(count.read_text()) == 4)
    supervised.end()


def test_each_time_it_is_waited_longer() -> None:
    assert [wait_after(failures) for failures in (1, 2, 3, 6, 7, 10_000)] == [0.1, 0.2, 0.4, 3.2, 5, 5]


def test_one_that_does_not_stop_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervising, "PATIENCE", 0.3)
    supervised = Supervised(STUBBORN)
    until(lambda: supervised.children[0].pid)
    pid = supervised.children[0].pid
    assert pid is not None
    time.sleep(1)
    supervised.end()
    assert not alive(pid)


def test_a_database_that_ended_is_brought_back() -> None:
    database = Database()
    supervised = Supervised(SLEEPS, database=database)
    database.running = False
    until(lambda: database.revived == 1)
    supervised.end()


def test_a_child_ends_with_its_parent() -> None:
    parent = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', sys.argv[1]],"
        " env={**os.environ, 'FIRSTCALL_PARENT': str(os.getpid())})\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)"
    )
    started = subprocess.Popen([sys.executable, "-c", parent, WATCHES], stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    child = int(started.stdout.readline())
    time.sleep(0.5)
    assert alive(child)
    started.kill()
    started.communicate()
    until(lambda: not alive(child), what="the child's end")


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:80/"),
        ("0.0.0.0", "http://127.0.0.1:80/"),
        ("::", "http://[::1]:80/"),
        ("::1", "http://[::1]:80/"),
        ("leads.internal", "http://leads.internal:80/"),
    ],
)
def test_the_address_to_open(host: str, address: str) -> None:
    assert address_of(host, 80) == address


def test_a_port_that_is_free_is_taken_without_a_word() -> None:
    refuse_taken_port("127.0.0.1", free_port())


def test_a_name_that_is_no_address_is_refused() -> None:
    with pytest.raises(CannotRunError) as refused:
        refuse_taken_port("no-such-host.invalid", 8000)
    assert "Nothing can listen at no-such-host.invalid" in str(refused.value)
    assert "--host 127.0.0.1" in str(refused.value)
