"""When a process ends: on a signal, or with the process that started it, however that one ended."""

from __future__ import annotations

import os
import signal
import threading
import time

PARENT = "FIRSTCALL_PARENT"  # in the environment of a child: its parent's number
_LOOK = 0.2
_GRACE = 15.0


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM, SIGINT and SIGHUP set; main thread only."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    return stop


def end_with_parent(parent: int | None = None) -> None:
    """Send this process a SIGTERM once its parent is gone; end it hard if it does not go then.

    parent  its number; the one that the parent left in the environment if left out, and without one nothing is done
    """
    if parent is None:
        told = os.environ.pop(PARENT, "")
        if not told.isdigit():
            return
        parent = int(told)
    threading.Thread(target=_watch, args=(parent,), name="parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE)
    os._exit(1)
