"""Counting: cheap where things happen; what has come together is added to the tables every few seconds."""

from __future__ import annotations

import atexit
import logging
import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from django.db import Error, connection, transaction

from firstcall.scoring.times import moment_of

log = logging.getLogger(__name__)

# Upper bounds of the buckets in seconds; one more bucket is above them all.
BUCKETS: Final = (
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
    60.0,
    300.0,
    900.0,
    3600.0,
)
EVERY = 2.0  # seconds between two additions to the tables
MINUTES = 10  # so many minutes are kept apart

_MINUTE = 60_000_000
_lock = threading.Lock()
_counts: Counter[tuple[str, str]] = Counter()
_buckets: Counter[tuple[str, int]] = Counter()
_seen: dict[str, int] = {}

# In one order, so that two processes never wait for each other in a circle.
_ADD = """
INSERT INTO counts_count (name, labels, value)
SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS given(name, labels, value)
ORDER BY name, labels
ON CONFLICT (name, labels) DO UPDATE SET value = counts_count.value + EXCLUDED.value"""
_ADD_LATELY = """
INSERT INTO counts_lately (name, minute, bucket, value)
SELECT name, %s, bucket, value
FROM unnest(%s::text[], %s::smallint[], %s::bigint[]) AS given(name, bucket, value)
ORDER BY name, bucket
ON CONFLICT (name, minute, bucket) DO UPDATE SET value = counts_lately.value + EXCLUDED.value"""
_SEE = """
INSERT INTO counts_sighting (name, at)
SELECT * FROM unnest(%s::text[], %s::bigint[]) AS given(name, at)
ORDER BY name
ON CONFLICT (name) DO UPDATE SET at = GREATEST(counts_sighting.at, EXCLUDED.at)"""


def count(name: str, by: int = 1, **labels: str) -> None:
    """It happened so many times."""
    if by:
        with _lock:
            _counts[name, labelled(labels)] += by


def observe(name: str, durations: Iterable[float], *, lately: bool = False, **labels: str) -> None:
    """It took so long, each time; seconds.

    lately  keep the last minutes apart too
    """
    taken = list(durations)
    if not taken:
        return
    said = labelled(labels)
    found = Counter(bisect_left(BUCKETS, seconds) for seconds in taken)
    with _lock:
        for bucket, times in found.items():
            _counts[f"{name} bucket {bucket}", said] += times
            if lately:
                _buckets[name, bucket] += times
        _counts[f"{name} microseconds", said] += round(sum(taken) * 1_000_000)


def see(name: str, at: datetime) -> None:
    """This kind of process is at work."""
    with _lock:
        _seen[name] = moment_of(at)


def labelled(labels: dict[str, str]) -> str:
    """
    >>> labelled({"kind": 'a"b', "at": "x"})
    'at="x",kind="a_b"'
    """
    clean = {
        name: "".join(c if c.isprintable() and c not in '"\\\\,' else "_" for c in value)
        for name, value in labels.items()
    }
    return ",".join(f'{name}="{value}"' for name, value in sorted(clean.items()))[:300]


def flush(at: datetime) -> None:
    """Add what came together; where the database is away it is kept for the next time."""
    with _lock:
        counts, buckets, seen = dict(_counts), dict(_buckets), dict(_seen)
        for held in (_counts, _buckets, _seen):
            held.clear()
    try:
        _write(counts, buckets, seen, moment_of(at) // _MINUTE)
    except Error:
        with _lock:
            _counts.update(counts)
            _buckets.update(buckets)
            _seen.update({**seen, **_seen})
        raise


def _write(
    counts: dict[tuple[str, str], int], buckets: dict[tuple[str, int], int], seen: dict[str, int], minute: int
) -> None:
    if not (counts or buckets or seen):
        return
    with transaction.atomic(), connection.cursor() as cursor:
        names, labels = zip(*counts, strict=True) if counts else ((), ())
        cursor.execute(_ADD, [list(names), list(labels), list(counts.values())])
        if buckets:
            names, numbers = zip(*buckets, strict=True)
            cursor.execute(_ADD_LATELY, [minute, list(names), list(numbers), list(buckets.values())])
            cursor.execute("DELETE FROM counts_lately WHERE minute < %s", [minute - MINUTES])
        cursor.execute(_SEE, [list(seen), list(seen.values())])


def start_flushing(now: Callable[[], datetime]) -> None:
    """From now on, in a thread of this process; and once more when it ends."""
    ended = threading.Event()

    def once() -> None:
        try:
            flush(now())
        except Error:
            log.debug("the database does not answer; counts are kept for later")
        finally:
            if connection.connection is not None and connection.errors_occurred:
                connection.close()

    def again_and_again() -> None:
        while not ended.wait(EVERY):
            once()

    def last() -> None:
        ended.set()
        once()
        connection.close()

    threading.Thread(target=again_and_again, name="counts", daemon=True).start()
    atexit.register(last)
