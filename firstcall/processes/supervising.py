"""Keeps processes running: one that ends is started again, sooner the first time and later the next."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from firstcall.processes.ending import PARENT

log = logging.getLogger(__name__)

LOOK = 0.1  # seconds between two looks at the processes
FIRST_WAIT, LONGEST_WAIT = 0.1, 5.0  # seconds until a process that ended is started again
HEALTHY = 30.0  # whoever lived so long begins again with the first wait
PATIENCE = 20.0  # seconds that all may take to stop


class Revivable(Protocol):
    """The database that runs as a child too."""

    def is_running(self) -> bool: ...
    def revive(self) -> None: ...


def wait_after(failures: int) -> float:
    """Seconds until a process is started again that has ended so many times in a row.

    >>> [wait_after(failures) for failures in (1, 2, 3, 100)]
    [0.1, 0.2, 0.4, 5.0]
    """
    return min(FIRST_WAIT * 2.0 ** min(failures - 1, 16), LONGEST_WAIT)


class Child:
    """One process and its command; started, watched, started again, stopped."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.name = name
        self._command = list(command)
        self._environment = {**environment, PARENT: str(os.getpid())}
        self._process: subprocess.Popen[bytes] | None = None
        self._born = 0.0
        self._failures = 0
        self._due = 0.0

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def look(self) -> None:
        """Start it where it is not running and its turn has come."""
        if self._process is not None and (code := self._process.poll()) is not None:
            self._process = None
            lived = time.monotonic() - self._born
            self._failures = 1 if lived > HEALTHY else self._failures + 1
            wait = wait_after(self._failures)
            self._due = time.monotonic() + wait
            log.warning("%s ended with %s; starting it again in %.1f s", self.name, code, wait)
        if self._process is None and time.monotonic() >= self._due:
            self._born = time.monotonic()
            # A session of its own: Ctrl-C is for the supervisor, which then stops its children in order.
            self._process = subprocess.Popen(  # noqa: S603
                self._command, env=self._environment, stdin=subprocess.DEVNULL, start_new_session=True
            )
            log.info("%s started as process %s", self.name, self._process.pid)

    def ask_to_stop(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()

    def wait(self, deadline: float) -> None:
        """Until it has ended; at the deadline it is killed."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("%s does not stop; killing it", self.name)
            self._process.kill()
            self._process.wait()
        self._process = None


def supervise(
    children: Sequence[Child],
    stop: threading.Event,
    *,
    database: Revivable | None = None,
    at_look: Callable[[], None] = lambda: None,
) -> None:
    """Keep them running until `stop` is set, then stop them all; the database is for the caller to stop, last.

    at_look  called each time
    """
    try:
        while not stop.is_set():
            if database is not None and not database.is_running():
                log.warning("PostgreSQL ended; starting it again")
                database.revive()
                log.info("PostgreSQL runs again")
            for child in children:
                child.look()
            at_look()
            stop.wait(LOOK)
    finally:
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + PATIENCE
        for child in children:
            child.wait(deadline)
