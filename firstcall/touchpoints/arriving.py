"""What has just come in, for those who set up a source: the newest touchpoints, of one source or all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from firstcall.access.viewer import Viewer
from firstcall.touchpoints.models import Person, Touchpoint
from firstcall.touchpoints.seeing import seen_touchpoints


@dataclass(frozen=True, slots=True)
class Arrived:
    """
    is_seen   whether the viewer may know whose it is, and what it holds
    is_named  it waits for a record, and more is known of whom it is of than a device
    """

    touchpoint: Touchpoint
    is_seen: bool
    is_named: bool


def arrivals(viewer: Viewer, *, source: int | None = None, most: int = 20) -> Sequence[Arrived]:
    """The newest first."""
    rows = Touchpoint.objects.order_by("-pk") if source is None else _of_source(source)
    found = list(rows.select_related("source", "record__module")[:most])
    seen = set(seen_touchpoints(viewer).filter(pk__in=[row.pk for row in found]).values_list("pk", flat=True))
    waiting = [row.person for row in found if row.record_id is None and row.person is not None]
    named = set(Person.objects.filter(pk__in=waiting, is_named=True).values_list("pk", flat=True))
    return [Arrived(row, row.pk in seen, row.person in named) for row in found]


def _of_source(source: int) -> QuerySet[Touchpoint]:
    """In an order that its index alone has: else PostgreSQL may take a source that was busy once for one that is, and
    go through all that came since from the others."""
    return Touchpoint.objects.filter(source__gte=source, source__lte=source).order_by("-source_id", "-pk")
