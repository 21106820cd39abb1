"""The work of a keeper process, until it is told to stop: what was planned is switched on, what is dirty or due is
re-scored, what rules read gets a slot."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from django.db import connection

from firstcall.connecting.errors import DATABASE_AWAY, log_failure
from firstcall.counts.tallying import see
from firstcall.scorekeeping.keeper import Pace, keep
from firstcall.scorekeeping.slotting import Slotting
from firstcall.scorekeeping.switching import activate_due

log = logging.getLogger(__name__)

FEW = 100  # so few records, and the next ones are waited for: a statement for one costs as much as for dozens
IDLE = 0.02  # seconds to wait for them, or as long as the last ones took, so that half of the time is left to others
RESTING = (
    0.1  # the same where nothing has been due for so long as WHILE: each look costs a millisecond of work
)
WHILE = 5.0
LOOK = 0.2  # seconds between two looks for what was planned
AWAY = 1.0  # seconds until a database that does not answer is asked again


class Plans:
    """Switches on what was planned; looks no more often than anyone would notice."""

    def __init__(self) -> None:
        self._next = 0.0

    def step(self, at: datetime) -> int:
        if time.monotonic() < self._next:
            return 0
        self._next = time.monotonic() + LOOK
        return activate_due(at)


def work(*, now: Callable[[], datetime], stop: threading.Event) -> None:
    """Keep scores right until `stop` is set. A database that goes away is waited for; nothing is lost with it."""
    slotting, plans, pace, worked = Slotting(), Plans(), Pace(), time.monotonic()
    while not stop.is_set():
        began = time.monotonic()
        try:
            done = plans.step(now()) + keep(now=now, pace=pace) + slotting.step()
            see("keeper", now())
        except DATABASE_AWAY as error:
            log_failure(error, log)
            connection.close()
            stop.wait(AWAY)
            continue
        if done:
            worked = time.monotonic()
        if done < FEW:
            took = min(time.monotonic() - began, RESTING)
            stop.wait(max(IDLE, took) if time.monotonic() < worked + WHILE else RESTING)
