"""Records as requests bring them and as answers tell them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field, StringConstraints

from firstcall.api.paging import PageQuery, page, read_cursor, write_cursor
from firstcall.api.problems import Fault, Refused, invalid
from firstcall.api.types import Given as Body
from firstcall.api.types import Moment
from firstcall.records.actions import UNSAID, Given
from firstcall.records.computed import computed_values
from firstcall.records.history import RecordThen
from firstcall.records.models import FieldChange, Module, Record
from firstcall.records.presenting import present_value, present_values
from firstcall.records.schema import title_of
from firstcall.scorekeeping.listing import Listed, Place
from firstcall.scoring.problems import nearest
from firstcall.scoring.times import format_moment, moment_of

Value = str | int | float | bool | list[str] | None
Values = Annotated[dict[str, Value], Field(max_length=1_000)]
Tags = Annotated[list[Annotated[str, StringConstraints(max_length=200)]], Field(max_length=100)]


class WrittenRecord(Body):
    """`owner` is a user's id or e-mail address; null is nobody. `tags` are all of them, in small letters whatever is
    sent. `created_at`, of a new record alone, is when it came about where it was before."""

    values: Values
    owner: (
        Annotated[int, Field(ge=1, lt=2**63, strict=True)]
        | Annotated[str, StringConstraints(max_length=254)]
        | None
    ) = None
    tags: Tags | None = None
    layout: Annotated[str, StringConstraints(max_length=63)] | None = None
    created_at: Moment | None = None

    def given(self, version: int | None = None) -> Given:
        said = self.model_fields_set
        return Given(
            self.values,
            owner=self.owner if "owner" in said else UNSAID,
            tags=UNSAID if self.tags is None else tuple(self.tags),
            layout=UNSAID if self.layout is None else self.layout,
            created_at=self.created_at,
            version=version,
        )


class OwnerOut(Schema):
    id: int
    email: str
    name: str


class RecordOut(Schema):
    """`version` counts the changes, and is the ETag. `title` is what the record is called. `values` has the fields
    that have one: numbers with all their digits, dates and times as RFC 3339."""

    id: int
    module: str
    title: str
    layout: str | None
    owner: OwnerOut | None
    tags: list[str]
    values: dict[str, Any]
    version: int
    created_at: Moment
    updated_at: Moment
    deleted_at: Moment | None


class Sheet:
    """Tells the records of one module.

    names  the fields to tell; all where none are named. Raises Refused for what is no field
    """

    def __init__(self, module: Module, names: Sequence[str] | None = None) -> None:
        self.module = module
        every = {field.name: field for field in module.fields.order_by("position", "pk")}
        self.kinds = {name: field.kind for name, field in every.items()}
        faults = [_no_field(module, name, every) for name in names or () if name not in every]
        if faults:
            raise invalid(faults)
        self.fields = every if names is None else {name: every[name] for name in names}

    @staticmethod
    def title(record: Record) -> str:
        return title_of(record.module, record.values)

    def told(self, record: Record) -> dict[str, object]:
        return self.told_all([record])[0]

    def told_all(self, records: Sequence[Record]) -> list[dict[str, object]]:
        """Score fields are read from the scores, for all of the records at once."""
        computed = computed_values(self.module.pk, [record.pk for record in records])
        return [self._told(record, computed.get(record.pk, {})) for record in records]

    def _told(self, record: Record, computed: Mapping[str, Any]) -> dict[str, object]:
        owner = record.owner
        return {
            "id": record.pk,
            "module": self.module.name,
            "title": title_of(self.module, record.values),
            "layout": record.layout.name if record.layout else None,
            "owner": owner and {"id": owner.pk, "email": owner.email, "name": owner.name},
            "tags": record.tags,
            "values": present_values(self.fields, {**record.values, **computed}),
            "version": record.version,
            "created_at": _moment(record.created_at),
            "updated_at": _moment(record.updated_at),
            "deleted_at": _moment(record.deleted_at),
        }

    def told_then(self, record: Record, then: RecordThen) -> dict[str, object]:
        """As it was; its version counts what was written since too, so it is told as 0."""
        owner = then.owner_user()
        return {
            **self._told(record, {}),
            "title": title_of(self.module, then.values),
            "layout": then.layout,
            "owner": owner and {"id": owner.pk, "email": then.owner_email, "name": owner.name},
            "tags": list(then.tags),
            "values": present_values(self.fields, then.values),
            "version": 0,
            "updated_at": _moment(then.updated_at),
            "deleted_at": _moment(then.deleted_at),
        }

    def told_history(self, record: Record, asked: PageQuery) -> tuple[list[dict[str, object]], str | None]:
        rows, following = page(FieldChange.objects.filter(record=record), asked, order=("-at", "-id"))
        items = [self._told_change(row) for row in rows]
        if following is None:
            items.append(
                {
                    "field": "created",
                    "before": None,
                    "after": True,
                    "at": _moment(record.created_at),
                    "by": record.created_by_id,
                }
            )
        return items, following

    def _told_change(self, row: FieldChange) -> dict[str, object]:
        kind = "date_time" if row.field == "deleted_at" else self.kinds.get(row.field, "")
        return {
            "field": row.field,
            "before": present_value(kind, row.old),
            "after": present_value(kind, row.new),
            "at": _moment(row.at),
            "by": row.by_id,
        }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else format_moment(moment_of(at))


def _no_field(module: Module, name: str, known: Mapping[str, object]) -> Fault:
    near = nearest(name, known)
    return Fault("fields", f"{name[:80]} is no field of {module}.", f"Did you mean {near}?" if near else "")


def listed_page(
    listed: Listed, sort: str, asked: PageQuery, *, now: datetime
) -> tuple[list[Record], str | None]:
    """The records of a page in an order, and where the next begins."""
    if sort in ("id", "-id"):
        return page(listed.records(now=now).select_related("owner", "layout"), asked, order=(sort,))
    try:
        rows, following = listed.page(sort, after=_cursor(asked.after), limit=asked.limit, now=now)
    except ValueError:  # a place in another order
        raise _no_place() from None
    if following is None:
        return rows, None
    value, id = following
    return rows, write_cursor([int(value is None), value or "", id])


def _no_place() -> Refused:
    return invalid([Fault("after", "is not the `next` of a page in this order.", "Leave it out.")])


def _cursor(after: str) -> Place | None:
    if not after:
        return None
    missing, value, id = read_cursor(after, 3)
    if missing not in (0, 1) or not isinstance(value, str) or not isinstance(id, int):
        raise _no_place()
    return (None if missing else value), id
