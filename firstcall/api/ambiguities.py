"""Names that lead to several records, until someone says whose they are."""

from __future__ import annotations

from typing import Any, Literal

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from ninja import Query, Router, Schema

from firstcall.api.authority import Request, needs
from firstcall.api.paging import Page, Paging, page
from firstcall.api.problems import Fault, invalid, missing
from firstcall.api.types import Given, GivenId, Id, Moment
from firstcall.moments import now
from firstcall.records.seeing import seen_records
from firstcall.touchpoints.models import Ambiguity, Touchpoint
from firstcall.touchpoints.seeing import require_editing_people, sees_all_people
from firstcall.touchpoints.settling import assign, ignore

router = Router(tags=["Touchpoints"])

_WAITING = (
    Touchpoint.objects.filter(person=OuterRef("person"), record__isnull=True)
    .order_by()
    .values("person")
    .annotate(n=Count("pk"))
    .values("n")
)


class NameOut(Schema):
    kind: str
    value: str
    namespace: str = ""


class AmbiguityOut(Schema):
    """`why`: several_records have the name; names_disagree about the record; alias_of_two people who have one each.

    `candidates` are the ids of the records; `waiting` is how many touchpoints wait.
    """

    id: int
    why: str
    status: str
    identities: list[NameOut]
    candidates: list[int]
    record_id: int | None
    waiting: int
    first_seen_at: Moment
    decided_at: Moment | None
    decided_by_id: int | None


class Decision(Given):
    """`assigned` to a record: what waits joins it, and what comes with these names goes there. `ignored`: nobody's."""

    status: Literal["assigned", "ignored"]
    record_id: GivenId | None = None


class AmbiguityQuery(Schema):
    status: Literal["open", "assigned", "ignored"] | None = None


@router.get("/ambiguities", auth=needs("touchpoints:read"), response=Page[AmbiguityOut])
def list_ambiguities(request: Request, which: Query[AmbiguityQuery], paging: Paging) -> Page[AmbiguityOut]:
    """For those who see every record of people: others find none."""
    every = Ambiguity.objects.all() if sees_all_people(request.auth.viewer) else Ambiguity.objects.none()
    rows = every.filter(**({"status": which.status} if which.status else {}))
    found, following = page(_counted(rows), paging)
    return Page[AmbiguityOut](items=[_out(row) for row in found], next=following)


@router.put("/ambiguities/{id}", auth=needs("touchpoints:write"), response=AmbiguityOut)
def decide(request: Request, id: Id, decision: Decision) -> AmbiguityOut:
    viewer = request.auth.viewer
    ambiguity = Ambiguity.objects.filter(pk=id).first() if sees_all_people(viewer) else None
    if ambiguity is None:
        raise missing("ambiguity")
    require_editing_people(viewer)
    if decision.status == "ignored":
        if decision.record_id is not None:
            raise invalid([Fault("record_id", "does not go with ignored.")])
        ignore(ambiguity, at=now(), by=request.auth.user)
    else:
        record = seen_records(viewer).filter(pk=decision.record_id or 0, deleted_at=None).first()
        if record is None:
            says = (
                "is missing." if decision.record_id is None else f"There is no record {decision.record_id}."
            )
            raise invalid([Fault("record_id", says)])
        assign(ambiguity, record, at=now(), by=request.auth.user)
    return _out(_counted(Ambiguity.objects.all()).get(pk=id))


def _counted(rows: QuerySet[Ambiguity]) -> QuerySet[Ambiguity]:
    return rows.select_related("person").annotate(waiting=Coalesce(Subquery(_WAITING), 0))


def _out(row: Any) -> AmbiguityOut:
    """Of a row that `_counted` gives."""
    names = set(AmbiguityOut.model_fields) - {"identities", "record_id"}
    return AmbiguityOut(
        **{name: getattr(row, name) for name in names},
        identities=[NameOut(**told) for told in row.identities],
        record_id=row.person.record_id,
    )
