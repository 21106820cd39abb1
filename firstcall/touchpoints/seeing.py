"""Which touchpoints a viewer sees: those of records that he sees; and those that wait for a record, where he sees every
record that they might come to."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from firstcall.access.errors import ForbiddenError
from firstcall.access.rights import Verb
from firstcall.access.viewer import Viewer
from firstcall.records.models import Module
from firstcall.records.seeing import seen
from firstcall.scoring.saying import said
from firstcall.touchpoints.models import Source, Touchpoint

LEADS = "leads"  # where the people of a source go that names no module


def seen_touchpoints(viewer: Viewer) -> QuerySet[Touchpoint]:
    if viewer.sees_all:
        return Touchpoint.objects.all()
    found = seen(viewer, "record__")
    whole = [
        id
        for id, module in Source.objects.values_list("pk", "module__name")
        if viewer.owners(module or LEADS) is None
    ]
    if whole:
        found |= Q(record__isnull=True, source__in=whole)
    return Touchpoint.objects.filter(found)


def sees_all_people(viewer: Viewer) -> bool:
    """Every record that a touchpoint may come to: who does, may say whose the ambiguous ones are."""
    people = Module.objects.filter(is_people=True).values_list("name", flat=True)
    return all(viewer.owners(name) is None for name in people)


def require_editing_people(viewer: Viewer) -> None:
    """Raises ForbiddenError unless the viewer may edit the records of every people module that he may look into."""
    people = Module.objects.filter(is_people=True).order_by("pk").values_list("name", flat=True)
    seen_there = [name for name in people if viewer.may(Verb.VIEW, name)]
    if not seen_there:
        raise ForbiddenError(
            said("This needs the right to edit records of people, which this caller does not have.")
        )
    for name in seen_there:
        viewer.require(Verb.EDIT, name)
