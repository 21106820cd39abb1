"""Moments of the demo: whole seconds since 1970, UTC, mostly in working hours."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from firstcall.demo.draws import Draws, Ints

DAY = 86_400

# How much happens in each hour of a day, UTC.
_HOURS = (1, 1, 1, 1, 2, 4, 9, 20, 34, 40, 38, 30, 24, 32, 36, 34, 28, 20, 13, 9, 7, 5, 3, 2)


def in_working_hours(draws: Draws, moments: Ints, lowest: Ints | int, highest: Ints | int) -> Ints:
    """The moments, moved within their day to hours when people work, and mostly off weekends.

    One that would leave `lowest` … `highest` stays where it was.
    """
    count = len(moments)
    day = moments // DAY
    weekday = (day + 3) % 7  # 1970-01-01 was a Thursday
    day = day - np.where((weekday > 4) & draws.chance(0.8, count), weekday - 4, 0)
    moved = day * DAY + draws.pick(_HOURS, count) * 3_600 + draws.below(3_600, count)
    return np.asarray(np.where((moved >= lowest) & (moved <= highest), moved, moments), dtype=np.int64)


def timestamps(moments: Ints) -> pa.Array:
    """Seconds as Arrow's microseconds with the zone UTC."""
    return pa.array(moments * 1_000_000, pa.int64()).cast(pa.timestamp("us", "UTC"))


def texts(moments: Ints) -> pa.Array:
    """RFC 3339 in UTC: 2026-09-01T08:30:00Z."""
    return pa.array(
        np.datetime_as_string(moments.astype("datetime64[s]"), timezone="UTC").tolist(), pa.string()
    )
