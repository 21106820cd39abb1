"""Who changed what, when and from where."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router, Schema
from pydantic import Field

from firstcall.access.auditing.models import AuditEntry
from firstcall.access.auditing.reading import AuditFilter
from firstcall.access.models import User
from firstcall.api.authority import Request, needs
from firstcall.api.paging import Page, Paging, page
from firstcall.api.types import AskedId, Moment
from firstcall.records.exporting.cells import guarded
from firstcall.scoring.times import format_moment, moment_of

router = Router(tags=["Audit log"])

_COLUMNS = ("id", "at", "user", "email", "address", "did", "kind", "thing", "name", "before", "after")


class AuditQuery(Schema):
    """`did`: created, changed, deleted, signed_in, failed_to_sign_in. `kind` and `thing` (an id) say to what."""

    user: AskedId | None = None
    kind: str = Field("", max_length=30, pattern=r"^[a-z_]*$")
    thing: AskedId | None = None
    did: str = Field("", max_length=20, pattern=r"^[a-z_]*$")
    since: Moment | None = None
    until: Moment | None = None

    def filter(self) -> AuditFilter:
        return AuditFilter(self.user, self.kind, self.thing, self.did, self.since, self.until)


class AuditOut(Schema):
    """`user` is null for a command, a job, or nobody who is known. `before` and `after` hold what differs; of secrets
    alone that they changed."""

    id: int
    at: Moment
    user: int | None
    email: str | None
    address: str
    did: str
    kind: str
    thing: int | None
    name: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@router.get("/audit-log", auth=needs("admin"), response=Page[AuditOut])
def list_entries(request: Request, asked: Query[AuditQuery], paging: Paging) -> Page[AuditOut]:
    """The newest first."""
    rows, following = page(asked.filter().entries(), paging, order=("-id",))
    emails = dict(User.objects.filter(pk__in={row.user for row in rows}).values_list("pk", "email"))
    return Page[AuditOut](items=[_out(row, emails) for row in rows], next=following)


@router.get("/audit-log/file", auth=needs("admin"), response={200: None})
def export_entries(request: Request, asked: Query[AuditQuery]) -> HttpResponseBase:
    """All of them as CSV, the oldest first."""
    headers = {"Content-Disposition": 'attachment; filename="audit-log.csv"'}
    return StreamingHttpResponse(
        _lines(asked.filter()), content_type="text/csv; charset=utf-8", headers=headers
    )


def _out(row: AuditEntry, emails: dict[int, str]) -> AuditOut:
    plain = {name: getattr(row, name) for name in AuditOut.model_fields if name != "email"}
    return AuditOut(**plain, email=None if row.user is None else emails.get(row.user))


def _lines(asked: AuditFilter) -> Iterator[bytes]:
    yield _line(_COLUMNS)
    emails = dict(User.objects.values_list("pk", "email"))
    last = 0
    while rows := list(asked.entries().filter(pk__gt=last).order_by("pk")[:1_000]):
        last = rows[-1].pk
        yield b"".join(_line(_cells(row, emails)) for row in rows)


def _cells(row: AuditEntry, emails: dict[int, str]) -> list[str]:
    at = format_moment(moment_of(row.at))
    email = "" if row.user is None else emails.get(row.user, "")
    parts = ["" if part is None else json.dumps(part, sort_keys=True) for part in (row.before, row.after)]
    cells = [
        row.pk,
        at,
        row.user or "",
        email,
        row.address,
        row.did,
        row.kind,
        row.thing or "",
        row.name,
        *parts,
    ]
    return [guarded(str(cell)) for cell in cells]


def _line(cells: Any) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()
