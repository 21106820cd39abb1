"""How fast a long command goes, and how long it will take."""

from __future__ import annotations

import time

from firstcall.cli.terminal import Watch


class Pace:
    """Tells a watch, if there is one, about rows done: how many, how many a second, how long the rest takes."""

    def __init__(self, watch: Watch | None) -> None:
        self._watch = watch
        self._began: float | None = None
        self._first = 0

    def __call__(self, done: int, total: int | None, message: str) -> None:
        if self._watch is None:
            return
        if total is None or not done:
            self._watch(message, None)
            return
        now = time.monotonic()
        if self._began is None:
            self._began, self._first = now, done
        rate = (done - self._first) / max(now - self._began, 0.001)
        told = f"{message}: {done:,} of {total:,}"
        if rate > 0:
            told += f", {rate:,.0f} a second, {lasting((total - done) / rate)} left"
        self._watch(told, done / max(total, 1))


def lasting(seconds: float) -> str:
    """
    >>> lasting(7), lasting(200), lasting(9_000)
    ('7 s', '3 min', '2 h 30 min')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
