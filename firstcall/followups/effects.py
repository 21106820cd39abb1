"""What a touchpoint did to the scores of its record: the score change that came of it.

A score is computed anew when touchpoints have come in. The change belongs to those that came in last before it: they may
be several, which came in together.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Min
from django.db.models.functions import Coalesce

from firstcall.records.models import Record
from firstcall.scorekeeping.models import ScoreChange
from firstcall.touchpoints.by_time import touchpoints_by_time
from firstcall.touchpoints.models import Touchpoint

_MOST_CHANGES = 500


@dataclass(frozen=True, slots=True)
class Effect:
    """A score change that came of a touchpoint, and of `others` that came in together with it."""

    change: ScoreChange
    others: int

    @property
    def by(self) -> Decimal:
        """Hundredths of points; no score counts as none."""
        return (self.change.new_total or Decimal(0)) - (self.change.old_total or Decimal(0))


def effects_of(record: Record, touchpoints: Sequence[Touchpoint]) -> dict[int, list[Effect]]:
    """By the touchpoints' ids; one that moved no score is not in it."""
    if not touchpoints:
        return {}
    moments = {row.pk: row.joined_at or row.received_at for row in touchpoints}
    first = min(moments.values())
    arrivals, following = _arrivals(record, first, max(moments.values()))
    came = sorted(arrivals)
    changes = ScoreChange.objects.filter(record=record, cause="touchpoint", at__gte=first)
    if following is not None:
        changes = changes.filter(at__lt=following)
    by_moment: dict[datetime, list[ScoreChange]] = defaultdict(list)
    for change in changes.select_related("rule", "version").order_by("at", "pk")[:_MOST_CHANGES]:
        at = came[bisect_right(came, change.at) - 1]
        # What follows later upon the same arrival is of something around the record.
        if all(change.rule_id != other.rule_id for other in by_moment[at]):
            by_moment[at].append(change)
    return {
        id: [Effect(change, arrivals[at] - 1) for change in by_moment[at]]
        for id, at in moments.items()
        if by_moment.get(at)
    }


def _arrivals(record: Record, first: datetime, last: datetime) -> tuple[Counter[datetime], datetime | None]:
    """How many of the record's touchpoints came in at each moment from the first to the last, and when the next did."""
    rows = touchpoints_by_time(record.pk).annotate(came=Coalesce("joined_at", "received_at"))
    between = rows.filter(came__range=(first, last)).values_list("came").annotate(many=Count("pk")).order_by()
    following = rows.filter(came__gt=last).aggregate(next=Min("came"))["next"]
    return Counter(dict(between)), following
