"""Which records a viewer sees, as the database is asked: before counting, ordering and paging, never after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet

from firstcall.access.errors import HiddenError
from firstcall.access.rights import Verb
from firstcall.access.viewer import PRODUCT, Viewer
from firstcall.access.viewing import find_viewer
from firstcall.records.models import Module, Record


def get_module(viewer: Viewer, name: str, verb: Verb = Verb.VIEW) -> Module:
    """The module, to do that with its records. Raises HiddenError, ForbiddenError."""
    viewer.require(verb, name)
    module = Module.objects.filter(name=name).first() if "\0" not in name else None
    if module is None:
        raise HiddenError("module")
    return module


def get_record(viewer: Viewer, module: Module, id: int, *, live: bool = False) -> Record:
    """With its owner and layout. Raises HiddenError for one that the viewer does not see, one of another module and,
    with `live`, one in the trash."""
    records = Record.objects.filter(seen_in(viewer, module), module=module, pk=id)
    record = (records.filter(deleted_at=None) if live else records).select_related("owner", "layout").first()
    if record is None:
        raise HiddenError("record")
    return record


def get_any_record(viewer: Viewer, id: int, *, live: bool = True) -> Record:
    """The same of whatever module."""
    records = seen_records(viewer).filter(pk=id).select_related("module", "owner", "layout")
    record = (records.filter(deleted_at=None) if live else records).first()
    if record is None:
        raise HiddenError("record")
    return record


def eyes_of(user: int | None, verb: Verb, module: str) -> Viewer:
    """Whose eyes a long work is done with, as they are now; one of nobody is a command's. Raises ForbiddenError and
    HiddenError where the user may do it no longer."""
    if user is None:
        return PRODUCT
    viewer = find_viewer(user)
    viewer.require(verb, module)
    return viewer


def seen_modules(viewer: Viewer) -> list[Module]:
    """Those in which the viewer may look at records, in the order that they were made in."""
    return [module for module in Module.objects.order_by("pk") if viewer.may(Verb.VIEW, module.name)]


def seen_in(viewer: Viewer, module: Module, of: str = "") -> Q:
    """Of records of the module, those that are seen.

    of  the way to the record, such as `record__`
    """
    owners = viewer.owners(module.name)
    return Q() if owners is None else Q(**{f"{of}owner__in": sorted(owners)})


def seen(viewer: Viewer, of: str = "") -> Q:
    """Of records of any module, those that are seen; without a record there is nothing to see."""
    if viewer.sees_all:
        return Q()
    by_owners: dict[frozenset[int] | None, list[int]] = defaultdict(list)
    for id, name in Module.objects.values_list("pk", "name"):
        if viewer.may(Verb.VIEW, name):
            by_owners[viewer.owners(name)].append(id)
    found = Q(pk__in=())
    for owners, modules in by_owners.items():
        of_modules = Q(**{f"{of}module__in": modules})
        found |= of_modules if owners is None else of_modules & Q(**{f"{of}owner__in": sorted(owners)})
    return found


def seen_records(viewer: Viewer) -> QuerySet[Record]:
    """In the trash too."""
    return Record.objects.filter(seen(viewer))


def seen_ids(viewer: Viewer, ids: Iterable[int]) -> set[int]:
    """Those of the ids that are of records that the viewer sees, in the trash too."""
    return set(seen_records(viewer).filter(pk__in=list(ids)).values_list("pk", flat=True))


def owners_sql(owners: Collection[int] | None, record: str) -> str:
    """The condition that the record of the table is one of these owners'; whole numbers alone stand in it."""
    if owners is None:
        return "TRUE"
    return (
        f"{record}.owner_id IN ({', '.join(str(int(owner)) for owner in sorted(owners))})"
        if owners
        else "FALSE"
    )
