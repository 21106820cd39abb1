"""What was counted, of all processes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Sum

from firstcall.counts.models import Count, Lately, Sighting
from firstcall.counts.tallying import BUCKETS
from firstcall.scoring.times import moment_of

_MINUTE = 60_000_000


@dataclass
class Histogram:
    """How often a duration fell into each bucket, and their sum in seconds."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    seconds: float = 0.0


@dataclass
class Counts:
    """All there is, by name and labels."""

    counters: dict[str, dict[str, int]]
    histograms: dict[str, dict[str, Histogram]]


def read_counts() -> Counts:
    counters: dict[str, dict[str, int]] = defaultdict(dict)
    histograms: dict[str, dict[str, Histogram]] = defaultdict(lambda: defaultdict(Histogram))
    for name, labels, value in Count.objects.values_list("name", "labels", "value"):
        of, _, what = name.partition(" ")
        if not what:
            counters[of][labels] = value
        elif what == "microseconds":
            histograms[of][labels].seconds = value / 1_000_000
        else:
            histograms[of][labels].buckets[int(what.removeprefix("bucket "))] = value
    return Counts(counters, histograms)


def lately(name: str, at: datetime, *, minutes: int = 5) -> Sequence[int]:
    """The buckets of the last minutes."""
    since = moment_of(at) // _MINUTE - minutes
    rows = Lately.objects.filter(name=name, minute__gt=since).values_list("bucket").annotate(Sum("value"))
    found: Mapping[int, int] = dict(rows)
    return [found.get(bucket, 0) for bucket in range(len(BUCKETS) + 1)]


def quantile(buckets: Sequence[int], share: float) -> float | None:
    """The duration that this share of all does not exceed, straight between the bounds of its bucket.

    >>> quantile([100] + [0] * 16, 0.5)
    0.0025
    >>> quantile([0] * 17, 0.5) is None
    True
    """
    wanted = sum(buckets) * share
    below = 0
    for number, times in enumerate(buckets):
        if times and below + times >= wanted:
            low = BUCKETS[number - 1] if number else 0.0
            high = BUCKETS[number] if number < len(BUCKETS) else low
            return low + (high - low) * (wanted - below) / times
        below += times
    return None


def last_seen(name: str) -> datetime | None:
    return Sighting.objects.filter(pk=name).values_list("at", flat=True).first()
