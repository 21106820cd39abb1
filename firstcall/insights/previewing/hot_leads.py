"""How many records a day come into the best grade: by how they would have scored some days before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firstcall.insights.previewing.adding import measurings_of, score
from firstcall.insights.previewing.keeping import View, view_of
from firstcall.insights.previewing.measuring import Whole
from firstcall.scoring.rules import Rule
from firstcall.scoring.times import DAY


@dataclass(frozen=True, slots=True)
class HotLeads:
    """Records that have the best grade as of the preview's moment and had it not, or were not there, so many days
    before: divided by the days. Those who came and went in between are not counted; fields are as they were then.

    before  by the rule that scores now; None where there is none, or where it has no grades
    """

    days: int
    before: float | None
    after: float | None


def hot_leads(
    view: View, rules: Sequence[Rule], kept: Mapping[str, Whole], seen: NDArray[np.bool_], *, days: int
) -> HotLeads:
    """`rules` are the draft and, if there is one, the rule that scores now."""
    earlier = view_of(view.module, now=view.as_of, as_of=view.as_of - days * DAY, copy=view.copy)
    past = earlier.kept(measurings_of(rules))

    def a_day(rule: Rule) -> float | None:
        now, then = score(rule, kept, len(view.ids)), score(rule, past, len(earlier.ids))
        if not now.names:
            return None
        was = np.isin(view.ids, earlier.ids[(then.grades == 0) & earlier.was_there])
        return float((seen & (now.grades == 0) & ~was).sum()) / days

    return HotLeads(days, a_day(rules[1]) if len(rules) > 1 else None, a_day(rules[0]))
