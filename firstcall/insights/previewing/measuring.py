"""What is kept of a criterion: a whole number a record, from which its points follow whatever they are.

Whether it is met, how many steps its points have faded, which row of its table decides, how many times `every` fits: that
depends on the measure and its tests. So points may be changed without measuring again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firstcall.scoring.rules import Criterion, Decay, Each, Points, Row, Table, Worth

type Whole = NDArray[Any]
"""Whole numbers of 64 bits, or of any size where those are not enough."""

_SAFE = 2**55  # so that the sum of all criteria stays within 64 bits
_FEWEST_STEPS = 16


@dataclass(frozen=True)
class Measuring:
    """`criterion` is what is computed: its points are the number that is kept, `key` is what that depends on."""

    key: str
    criterion: Criterion


def measuring_of(criterion: Criterion) -> Measuring:
    worth = _revealing(criterion.worth)
    told = f"{criterion.condition!r} {worth!r}"
    key = blake2b(told.encode(), digest_size=16).hexdigest()
    return Measuring(key, replace(criterion, worth=worth, group=None, name="measured", position=0))


def _revealing(worth: Worth) -> Worth:
    match worth:
        case Points(decay=decay) if decay is not None:
            # A point less a step: the points say which step it is.
            return Points(_steps(worth), Decay(decay.every, lose_points=1))
        case Points():
            return Points(1)
        case Table(rows):
            return Table(tuple(Row(row.tests, n) for n, row in enumerate(rows, 1)))
        case Each(decay=None):
            return Each(1, worth.every)
    # Each touchpoint fades by itself, and is rounded: their sum is of these points alone.
    return worth


def _steps(worth: Points) -> int:
    """At least as many as the points fade by, and some more, so that other points mostly find them."""
    needed = len(worth.decay.ladder(worth.points)) if worth.decay else 0
    return max(_FEWEST_STEPS, 1 << (needed * 2).bit_length())


def points_from(criterion: Criterion, kept: Whole) -> Whole:
    """The hundredths of points of each record, from what is kept."""
    match criterion.worth:
        case Points(points, decay) as worth if decay is not None:
            ladder, steps = decay.ladder(points), _steps(worth)
            by_kept = [0, *(ladder[step] if step < len(ladder) else 0 for step in range(steps - 1, -1, -1))]
            return _looked_up(by_kept, kept)
        case Points(points):
            return np.asarray(np.multiply(kept, points, dtype=np.int64))
        case Table(rows):
            return _looked_up([0, *(row.points for row in rows)], kept)
        case Each(points, decay=None, at_most=at_most):
            return _times(points, kept, at_most)
    return kept


def meets(criterion: Criterion, kept: Whole) -> NDArray[np.bool_]:
    """Which records meet the criterion: of a table, those that a row gives or takes points."""
    worth = criterion.worth
    if isinstance(worth, Table):
        return np.asarray(np.take(np.array([False, *(row.points != 0 for row in worth.rows)]), kept))
    return np.asarray(kept != 0, dtype=np.bool_)


def _looked_up(values: list[int], kept: Whole) -> Whole:
    return np.asarray(np.take(np.array(values, dtype=np.int64), kept))


def _times(points: int, kept: Whole, at_most: int | None) -> Whole:
    if not points or not len(kept):
        return np.zeros(len(kept), dtype=np.int64)
    if at_most is not None:
        # More than enough for the cap makes no difference, and what is left fits.
        enough = at_most // abs(points) + 1
        times = np.asarray(np.minimum(kept, enough), dtype=np.int64) * points
        return np.asarray(np.clip(times, -at_most, at_most), dtype=np.int64)
    if int(kept.max()) * abs(points) < _SAFE:
        return np.asarray(kept, dtype=np.int64) * points
    return np.asarray(np.asarray(kept, dtype=np.object_) * points)
