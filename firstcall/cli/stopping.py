"""Ctrl-C and the signals like it become an exception, in queries too, so that everything is put away."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType

from firstcall.cli.failing import INTERRUPTED, TERMINATED

_interrupts: list[Callable[[], None]] = []


@contextlib.contextmanager
def interruptible(interrupt: Callable[[], None]) -> Iterator[None]:
    """Tell something at work, such as a database, of a signal at once."""
    _interrupts.append(interrupt)
    try:
        yield
    finally:
        _interrupts.remove(interrupt)


class Stop:
    """Turns SIGTERM and SIGHUP into an exception, as Ctrl-C is one.

    DuckDB answers a signal during a query with a plain RuntimeError; `signal` tells it from others. And unless
    its query is interrupted first, it may wait for the query's end before it lets the exception out.
    """

    def __init__(self) -> None:
        self.signal: int | None = None

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        numbers = [getattr(signal, n) for n in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, n)]
        before = {number: signal.signal(number, self._stop) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @property
    def code(self) -> int:
        return INTERRUPTED if self.signal in (None, signal.SIGINT) else TERMINATED

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.signal = number
        for interrupt in _interrupts:
            interrupt()
        raise KeyboardInterrupt
