"""Records that somebody does not want to be shown for a while: put aside until a moment, and back by themselves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Exists, Model, OuterRef, QuerySet

from firstcall.access.viewer import Viewer
from firstcall.followups.acting import seen_of
from firstcall.followups.errors import UnfitError
from firstcall.followups.models import Snooze
from firstcall.records.models import Record
from firstcall.scoring.saying import said

LONGEST = timedelta(days=366)


def snooze(record: Record, until: datetime, *, viewer: Viewer, at: datetime) -> Snooze:
    """For the viewer alone, in place of what they said before. Raises UnfitError for a moment that is past, or more than
    a year away."""
    if until <= at:
        raise UnfitError("until", said("is past."), said("Name a moment to come."))
    if until > at + LONGEST:
        raise UnfitError("until", said("is more than a year away."), said("Name a moment within a year."))
    made, _ = Snooze.objects.update_or_create(
        user_id=_user(viewer), record=record, defaults={"until": until, "at": at}
    )
    return made


def wake(record: Record, *, viewer: Viewer) -> None:
    """Let the viewer be shown it again. A second time does nothing."""
    Snooze.objects.filter(user=_user(viewer), record=record).delete()


def snoozes_of(viewer: Viewer, *, now: datetime) -> QuerySet[Snooze]:
    """Of records that they see, those that are not over."""
    return seen_of(Snooze.objects.filter(user=_user(viewer), until__gt=now), viewer)


def awake[M: Model](rows: QuerySet[M], viewer: Viewer, *, now: datetime) -> QuerySet[M]:
    """Those whose record the viewer has not put aside."""
    aside = Snooze.objects.filter(user=viewer.user, record=OuterRef("record_id"), until__gt=now)
    return rows.filter(~Exists(aside))


def back_since(
    records: Collection[int], *, viewer: Viewer, since: datetime, now: datetime
) -> dict[int, datetime]:
    """By record, when it came back, of those that did so since a moment."""
    ended = Snooze.objects.filter(user=viewer.user, record__in=list(records), until__gt=since, until__lte=now)
    return dict(ended.values_list("record_id", "until"))


def _user(viewer: Viewer) -> int:
    if viewer.user is None:
        raise UnfitError("caller", said("is the product itself."), said("Records are put aside by people."))
    return viewer.user
