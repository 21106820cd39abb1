"""Small requests of one source that come while another is being written are written together, in the next transaction.

A single touchpoint costs as much to write as a dozen: the same statements, the same wait for the disk. So nobody who comes
alone waits for others, and the more come at once, the less each of them costs.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from threading import Lock

from django.db import connection

from firstcall.touchpoints.calls import Arrival, Call
from firstcall.touchpoints.intake import accept
from firstcall.touchpoints.models import Source

log = logging.getLogger(__name__)

FEW = 20  # calls of a request that others may join


class _Told(Enum):
    """What one who waits is told."""

    WRITTEN = auto()
    LEAD = auto()  # write all that wait by now
    ALONE = auto()  # some of them cannot be written


@dataclass(frozen=True, slots=True)
class _Request:
    calls: Sequence[Call]
    received_at: datetime
    told: Future[_Told] = field(default_factory=Future)


class _Queue:
    """Who waits at a source; the first of them writes for all."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: list[_Request] = []
        self._is_led = False

    def join(self, request: _Request) -> None:
        with self._lock:
            self._waiting.append(request)
            if not self._is_led:
                self._is_led = True
                request.told.set_result(_Told.LEAD)

    def take(self) -> list[_Request]:
        with self._lock:
            taken, self._waiting = self._waiting, []
        return taken

    def leave(self) -> None:
        with self._lock:
            self._is_led = bool(self._waiting)
            if self._waiting:
                self._waiting[0].told.set_result(_Told.LEAD)


_queues: dict[int, _Queue] = {}


def accept_together(source: Source, calls: Sequence[Call], *, received_at: datetime) -> None:
    """As `accept`; what is written together has come when the last of it came.

    What fails together is tried one by one: each caller gets its own error, and none that of another.
    """
    if connection.in_atomic_block or len(calls) > FEW or not all(isinstance(call, Arrival) for call in calls):
        accept(source, calls, received_at=received_at)
        return
    queue = _queues.setdefault(source.pk, _Queue())
    request = _Request(calls, received_at)
    queue.join(request)
    told = request.told.result()
    if told is _Told.LEAD:
        try:
            _write(source, queue.take())
        finally:
            queue.leave()
    elif told is _Told.ALONE:
        accept(source, calls, received_at=received_at)


def _write(source: Source, requests: Sequence[_Request]) -> None:
    """What the first of them does, who leads; the others are told what came of it."""
    first, *others = requests
    if others:
        told = _Told.ALONE
        try:
            together = [call for request in requests for call in request.calls]
            accept(source, together, received_at=max(request.received_at for request in requests))
            told = _Told.WRITTEN
        except Exception:
            # Whatever it is, it is told to whom it comes again.
            log.debug("what came together could not be written together", exc_info=True)
        finally:
            for request in others:
                request.told.set_result(told)
        if told is _Told.WRITTEN:
            return
    accept(source, first.calls, received_at=first.received_at)
