"""Touchpoints passing through a moving window: who is inside, who enters or leaves when. Reference only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from firstcall.scoring.measuring import History, alike
from firstcall.scoring.rules import TouchpointMeasure


@dataclass(frozen=True)
class Passage:
    """Sorted moments of touchpoints, each entering at its age `enters` and leaving at its age `leaves`."""

    times: Sequence[int]
    enters: int
    leaves: int | None

    @classmethod
    def of(cls, measure: TouchpointMeasure, history: History, as_of: int) -> Passage:
        """The measure's touchpoints until `as_of` and within `from` and `to`, and its moving window."""
        window = measure.window
        times = sorted(
            t.occurred_at
            for t in alike(measure, history, as_of)
            if (window.start is None or window.start <= t.occurred_at)
            and (window.end is None or t.occurred_at < window.end)
        )
        enters = window.older_than or 0
        never = window.in_last is not None and window.in_last <= enters
        return cls([] if never else times, enters, window.in_last)

    def inside(self, moment: int) -> Sequence[int]:
        """Those that the window holds at the moment."""
        first = 0 if self.leaves is None else bisect_right(self.times, moment - self.leaves)
        return self.times[first : bisect_right(self.times, moment - self.enters)]

    def entries(self, as_of: int) -> list[int]:
        """When those enter that have occurred but wait to be old enough."""
        return [time + self.enters for time in self.times if time > as_of - self.enters]

    def exits(self, times: Sequence[int]) -> list[int]:
        """When these leave."""
        return [] if self.leaves is None else [time + self.leaves for time in times]

    def events(self, as_of: int) -> list[int]:
        """Every moment after `as_of` at which one enters or leaves."""
        return [moment for moment in self.entries(as_of) + self.exits(self.times) if moment > as_of]
