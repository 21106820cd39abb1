"""Watches over a process's waiting for the database, so that a server that hangs is told from a slow statement.

A server that is gone refuses connections at once. One that hangs (a stopped process, a disk or a network that has gone)
answers nothing: each thread that asks it something would wait for ever, and soon there would be none left to answer a
request. So when a statement has waited for a while the watch asks for a connection of its own. Where it gets none, the
database is away: those who wait are woken with an error, and who comes is refused at once, until it answers again.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psycopg

log = logging.getLogger(__name__)

PATIENCE = 2.0  # seconds of waiting after which the database is asked whether it is there
ASKING = 3.0  # seconds that it may take to answer that
EVERY = 0.5  # seconds between two looks


@dataclass
class Watch:
    """One a process, of all its threads. Until `start` it does nothing, and statements may wait as long as they like."""

    is_away: bool = False
    _waiting: dict[int, tuple[int, float]] = field(default_factory=dict)  # thread -> socket, since when
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _answers: Callable[[], bool] | None = None

    def start(self, answers: Callable[[], bool]) -> None:
        """From now on, in a thread. `answers` says whether the database does, within a few seconds."""
        self._answers = answers
        threading.Thread(target=self._look_again_and_again, name="database watch", daemon=True).start()

    def refuse_while_away(self) -> None:
        if self.is_away:
            raise psycopg.OperationalError("the database hangs")

    @contextmanager
    def waiting(self, handle: int) -> Iterator[None]:
        """Around each exchange with the server over the socket."""
        if self._answers is None:
            yield
            return
        self.refuse_while_away()
        thread = threading.get_ident()
        with self._lock:
            self._waiting[thread] = handle, time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                del self._waiting[thread]

    def look(self) -> None:
        """Find out whether the database is away, where there is cause to ask."""
        assert self._answers is not None  # noqa: S101  started
        patient_since = time.monotonic() - PATIENCE
        with self._lock:
            has_cause = any(since < patient_since for _, since in self._waiting.values())
        if not self.is_away and not has_cause:
            return
        if self._answers():
            if self.is_away:
                log.warning("the database answers again")
            self.is_away = False
            return
        if not self.is_away:
            log.warning("the database hangs; requests are refused until it answers")
        self.is_away = True
        self._wake()

    def _wake(self) -> None:
        """Close the sockets that threads wait on, under the lock: so none is another's by now."""
        with self._lock:
            for handle, _ in self._waiting.values():
                with suppress(OSError), socket.socket(fileno=os.dup(handle)) as waited_on:
                    waited_on.shutdown(socket.SHUT_RDWR)

    def _look_again_and_again(self) -> None:
        while True:
            time.sleep(EVERY)
            self.look()


watch = Watch()


def answers_at(dsn: str) -> Callable[[], bool]:
    """Whether the database answers a new connection, be it with a refusal: that it says itself who comes."""

    def answers() -> bool:
        answered = threading.Event()

        def ask() -> None:
            try:
                with psycopg.connect(dsn, connect_timeout=round(ASKING)) as connection:
                    connection.execute("SELECT 1")
            except psycopg.errors.ConnectionTimeout:
                return
            except psycopg.Error:
                log.debug("the database refuses to be asked")
            answered.set()

        # A thread, as a statement could hang where making the connection, which libpq bounds, did not.
        threading.Thread(target=ask, name="database question", daemon=True).start()
        return answered.wait(ASKING)

    return answers
