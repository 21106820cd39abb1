"""The whole service: web, keepers, jobs and the columnar copy under one supervisor."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable

from firstcall.configuration import Configuration
from firstcall.processes.supervising import Child, Revivable, supervise


def run_everything(
    settings: Configuration,
    stop: threading.Event,
    *,
    database: Revivable | None,
    announce: Callable[[], None],
) -> None:
    """Until `stop` is set.

    announce  called once, when the web server can be reached
    """
    announced = threading.Event()

    def look() -> None:
        if not announced.is_set() and _answers(settings.host, settings.port):
            announced.set()
            announce()

    supervise(children_of(settings), stop, database=database, at_look=look)


def children_of(settings: Configuration) -> list[Child]:
    keepers = [(f"keeper {n}" if settings.keepers > 1 else "keeper") for n in range(1, settings.keepers + 1)]
    return [
        _child("web", "web"),
        *(_child(name, "worker", "--only", "keeper") for name in keepers),
        _child("jobs", "worker", "--only", "jobs"),
        _child("columns", "worker", "--only", "columns"),
    ]


def _child(name: str, *command: str) -> Child:
    return Child(name, [sys.executable, "-m", "firstcall", *command], os.environ)


def _answers(host: str, port: int) -> bool:
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    try:
        with socket.create_connection((reachable, port), timeout=0.5):
            return True
    except OSError:
        return False
