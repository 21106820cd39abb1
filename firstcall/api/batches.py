"""Many records in one request: each is done or refused by itself, or all together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from django.db import transaction
from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import Field, StrictBool, StringConstraints

from firstcall.access.rights import Verb
from firstcall.api.authority import Actor, Request, needs
from firstcall.api.exact import exactly
from firstcall.api.modules import PathName
from firstcall.api.problems import Fault, invalid
from firstcall.api.record_forms import Values, WrittenRecord
from firstcall.api.types import Given as Body
from firstcall.moments import now
from firstcall.records.actions import (
    Did,
    Outcome,
    change_records,
    create_records,
    delete_records,
    restore_records,
    upsert_records,
)
from firstcall.records.models import Module
from firstcall.records.seeing import get_module

router = Router(tags=["Records"])

MOST = 1_000
type Doing = Literal["create", "change", "upsert", "delete", "restore"]
_VERBS: Mapping[Doing, tuple[Verb, ...]] = {
    "create": (Verb.CREATE,),
    "change": (Verb.EDIT,),
    "upsert": (Verb.CREATE, Verb.EDIT),
    "delete": (Verb.DELETE,),
    "restore": (Verb.DELETE,),
}


class BatchRecord(WrittenRecord):
    """`id` is needed to change, delete and restore, and out of place otherwise. `version`, to change: as it was read."""

    values: Values = Field(default_factory=dict)
    id: Annotated[int, Field(ge=1, lt=2**63, strict=True)] | None = None
    version: Annotated[int, Field(ge=1, lt=2**31, strict=True)] | None = None


class Batch(Body):
    """`by`, to upsert: the e-mail, phone, unique or external-id field that finds a record.

    With `all_or_nothing` nothing is done where anything is wrong, and the answer is 422 with every fault.
    """

    do: Doing
    records: list[BatchRecord] = Field(min_length=1, max_length=MOST)
    by: Annotated[str, StringConstraints(max_length=63)] | None = None
    all_or_nothing: StrictBool = False


class FaultOut(Schema):
    at: str
    says: str
    code: str
    records: list[int]


class OutcomeOut(Schema):
    """What became of one, in the order sent. `did` is created, changed, unchanged, deleted, restored or refused."""

    did: Did
    id: int | None
    faults: list[FaultOut]


class Outcomes(Schema):
    items: list[OutcomeOut]


@router.post("/modules/{module}/batches", auth=needs("records:write"), response=Outcomes)
def write_batch(request: Request, module: PathName, batch: Batch) -> HttpResponse:
    """Create, change, upsert, delete or restore up to 1,000 records. What is wrong with one does not stop the others."""
    for verb in _VERBS[batch.do]:
        request.auth.viewer.require(verb, module)
    found = get_module(request.auth.viewer, module)
    _check(batch)
    with transaction.atomic():
        outcomes = _done(found, batch, request.auth)
        faults = _faults(outcomes)
        if faults and batch.all_or_nothing:
            raise invalid(faults, f"{len(faults)} things are wrong; nothing was done.")
    return exactly({"items": [_told(outcome) for outcome in outcomes]})


def _check(batch: Batch) -> None:
    needs_id = batch.do in ("change", "delete", "restore")
    faults = []
    for index, record in enumerate(batch.records):
        if needs_id and record.id is None:
            faults.append(Fault(f"records[{index}].id", f"is needed to {batch.do} a record."))
        elif not needs_id and record.id is not None:
            faults.append(Fault(f"records[{index}].id", "is of a record that is there.", "Do change."))
        beyond = record.model_fields_set - {"id"}
        if batch.do in ("delete", "restore") and beyond:
            says = f"To {batch.do} takes the id alone; there is also {', '.join(sorted(beyond))}."
            faults.append(Fault(f"records[{index}]", says))
    if (batch.do == "upsert") is (batch.by is None):
        says = "is needed to upsert." if batch.by is None else f"is not for {batch.do}."
        faults.append(Fault("by", says))
    if faults:
        raise invalid(faults)


def _done(module: Module, batch: Batch, actor: Actor) -> Sequence[Outcome]:
    at, by, viewer = now(), actor.user, actor.viewer
    given = [record.given(version=record.version) for record in batch.records]
    ids = [record.id or 0 for record in batch.records]
    if batch.do == "create":
        return create_records(module, given, at=at, by=by, viewer=viewer)
    if batch.do == "change":
        return change_records(module, list(zip(ids, given, strict=True)), at=at, by=by, viewer=viewer)
    if batch.do == "upsert":
        return upsert_records(module, given, by_field=batch.by or "", at=at, by=by, viewer=viewer)
    act = delete_records if batch.do == "delete" else restore_records
    return act(module, ids, at=at, by=by, viewer=viewer)


def _faults(outcomes: Sequence[Outcome]) -> list[Fault]:
    return [
        Fault(f"records[{index}].{fault.field}", fault.says, code=fault.code)
        for index, outcome in enumerate(outcomes)
        for fault in outcome.faults
    ]


def _told(outcome: Outcome) -> dict[str, object]:
    faults = [
        {"at": fault.field, "says": fault.says, "code": fault.code, "records": list(fault.records)}
        for fault in outcome.faults
    ]
    return {"did": outcome.did, "id": outcome.record_id, "faults": faults}
