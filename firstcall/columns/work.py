"""The work of the process that follows: looks, brings the copy up to date, rests, until it is told to stop."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import datetime

from django.db import connection

from firstcall.columns.folder import copy_folder, held
from firstcall.columns.following import Follower
from firstcall.connecting.errors import DATABASE_AWAY, log_failure
from firstcall.counts.tallying import see

log = logging.getLogger(__name__)

REST = 1.0  # seconds between two looks
# Most of a step's work is the same however little is new, so while much comes in, longer rests make it less.
SHARE = 0.05  # of one processor's time that following takes in the long run
LONGEST_REST = 10.0
AWAY = (
    2.0  # seconds until a database that does not answer, or a folder that another process has, is tried again
)
FAILED = 10.0  # the same where following itself failed
NICENESS = 10


def follow(*, now: Callable[[], datetime], stop: threading.Event) -> None:
    """Keep this machine's copy up to date until `stop` is set. Of several processes of one folder one does."""
    _give_way()
    folder = copy_folder()
    while not stop.is_set():
        with held(folder) as is_mine:
            if is_mine:
                _follow(Follower(folder, now=now), stop)
        stop.wait(AWAY)


def _give_way() -> None:
    """Whoever waits for an answer or a score goes first. Of this thread and those that it starts, where the system has
    priorities of threads."""
    with contextlib.suppress(OSError):
        own = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, own, max(NICENESS, os.getpriority(os.PRIO_PROCESS, own)))


def _follow(follower: Follower, stop: threading.Event) -> None:
    while not stop.is_set():
        began = time.process_time()
        try:
            follower.step()
            see("columns", follower.now())
        except DATABASE_AWAY as error:
            log_failure(error, log)
            connection.close()
            stop.wait(AWAY)
        except Exception:
            # It is a copy: nothing else waits for it, and the next look may find what this one did not.
            log.exception("following the database failed; trying again")
            connection.close()
            stop.wait(FAILED)
        stop.wait(min(LONGEST_REST, max(REST, (time.process_time() - began) / SHARE)))
