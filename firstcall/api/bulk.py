"""One change to many records, by a job; undone as a whole."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from ninja import Router, Status
from pydantic import Field

from firstcall.access.rights import Verb
from firstcall.api.authority import Request, needs
from firstcall.api.exports import Chosen
from firstcall.api.import_forms import ImportOut
from firstcall.api.imports import file_answer, find_run, runs_of, undo
from firstcall.api.paging import Page, Paging, page
from firstcall.api.problems import Fault, invalid
from firstcall.api.types import Id
from firstcall.moments import now
from firstcall.records.bulk.changing import BULK, Change, refused_file
from firstcall.records.bulk.starting import change_later
from firstcall.records.importing.undoing import stays_file

router = Router(tags=["Bulk updates"])


class BulkForm(Chosen):
    """What becomes of every record that is chosen: `set` fields (null clears one), the owner, tags."""

    set: dict[str, Any] = Field(default_factory=dict)
    set_owner: int | None = Field(
        None, ge=0, lt=2**63, strict=True, description="The id of a user; 0: nobody."
    )
    add_tags: list[str] = Field([], max_length=100)
    remove_tags: list[str] = Field([], max_length=100)


@router.post("/bulk-updates", auth=needs("records:write"), response={201: ImportOut})
def begin(request: Request, wanted: BulkForm) -> Status[ImportOut]:
    """Begin it. What no record would take is refused at once; what one record does not take is listed by record."""
    change = Change(wanted.set, wanted.set_owner, tuple(wanted.add_tags), tuple(wanted.remove_tags))
    if change.is_empty:
        raise invalid(
            [Fault("set", "nothing is to be changed.", "Give set, set_owner, add_tags or remove_tags.")]
        )
    choice = wanted.choice(request.auth.viewer, wanted.viewed(request.auth, Verb.EDIT))
    run = change_later(choice, change, at=now(), by=request.auth.user, viewer=request.auth.viewer)
    return Status(201, ImportOut.of(run))


@router.get("/bulk-updates", auth=needs("records:read"), response=Page[ImportOut])
def list_updates(request: Request, paging: Paging) -> Page[ImportOut]:
    """One's own; of all for those who manage users."""
    rows, following = page(
        runs_of(request.auth).filter(kind=BULK).select_related("module"), paging, order=("-id",)
    )
    return Page[ImportOut](items=[ImportOut.of(row) for row in rows], next=following)


@router.get("/bulk-updates/{id}", auth=needs("records:read"), response=ImportOut)
def read_update(request: Request, id: Id) -> ImportOut:
    return ImportOut.of(find_run(request.auth, id, bulk=True))


@router.get("/bulk-updates/{id}/refused", auth=needs("records:read"), response={200: None})
def read_refused(request: Request, id: Id) -> HttpResponseBase:
    """Which records were refused, as CSV: record, reason."""
    return file_answer(refused_file(find_run(request.auth, id, bulk=True)), "list of refused records")


@router.get("/bulk-updates/{id}/stays", auth=needs("records:read"), response={200: None})
def read_stays(request: Request, id: Id) -> HttpResponseBase:
    """What an undo left as it is, as CSV: record, field, why."""
    return file_answer(stays_file(find_run(request.auth, id, bulk=True)), "list of what stays")


@router.delete("/bulk-updates/{id}", auth=needs("records:write"), response={202: ImportOut})
def undo_update(request: Request, id: Id) -> Status[ImportOut]:
    """Undo it as a whole, by a job; what somebody has changed since stays."""
    run = find_run(request.auth, id, bulk=True)
    request.auth.viewer.require(Verb.EDIT, str(run.module))
    return undo(request, run, "records.undo_import")
