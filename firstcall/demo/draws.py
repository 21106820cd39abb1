"""Random draws that come out the same on every platform, Python and NumPy: raw bits of PCG64, whole numbers
and plain arithmetic. What needs exp, log or a normal curve is tabled, rounded, and looked up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Ints = NDArray[np.int64]
type Floats = NDArray[np.float64]
type Shares = NDArray[np.floating[Any]]
type Flags = NDArray[np.bool_]

STEPS = 4_096  # quantiles in a table


class Draws:
    """A stream of draws named by whole numbers: the same key gives the same stream."""

    def __init__(self, *key: int) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence(key))

    def uniform(self, count: int) -> Floats:
        """Numbers from 0 up to but excluding 1, on a grid of 2^-53."""
        raw = self._bits.random_raw(count)
        return np.asarray(raw >> np.uint64(11), dtype=np.float64) * 2.0**-53

    def below(self, limit: int | Ints, count: int) -> Ints:
        """Whole numbers from 0 up to but excluding `limit`, which may differ from draw to draw."""
        found = np.floor(self.uniform(count) * limit).astype(np.int64)
        return np.asarray(np.minimum(found, np.asarray(limit) - 1), dtype=np.int64)

    def chance(self, share: float | Shares, count: int) -> Flags:
        """Whether something with this share of chances happens."""
        return np.asarray(self.uniform(count) < share, dtype=np.bool_)

    def pick(self, weights: Sequence[int] | Ints, count: int) -> Ints:
        """Indexes of `weights`, each as often as its weight says."""
        edges = np.cumsum(np.asarray(weights, dtype=np.int64))
        return np.searchsorted(edges, self.below(int(edges[-1]), count), side="right").astype(np.int64)


def normal_table(steps: int = STEPS) -> Floats:
    """The standard normal curve's quantiles at the middles of `steps` equal shares, to 4 places."""
    curve = NormalDist()
    return np.array([round(curve.inv_cdf((step + 0.5) / steps), 4) for step in range(steps)])


def skewed_table(spread: float, steps: int = STEPS) -> Floats:
    """Quantiles of a log-normal with mean 1, to 4 places: most are small, a few very large."""
    sizes = [math.exp(spread * z) for z in normal_table(steps).tolist()]
    mean = math.fsum(sizes) / steps
    return np.array([round(size / mean, 4) for size in sizes])


def chance_table(lowest: int, highest: int) -> Floats:
    """The logistic curve at every hundredth from `lowest` to `highest`, to 6 places."""
    return np.array([round(1 / (1 + math.exp(-x / 100)), 6) for x in range(lowest, highest + 1)])


def growth_table(levels: Floats, slope: float) -> Floats:
    """exp(slope x level) for each level, to 4 places."""
    return np.array([round(math.exp(slope * level), 4) for level in levels.tolist()])
