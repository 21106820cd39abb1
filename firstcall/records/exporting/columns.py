"""What the columns of an export are: the record's own, its fields, and what others add to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Module, Record
from firstcall.scoring.problems import nearest
from firstcall.scoring.saying import said
from firstcall.scoring.times import moment_of

RECORD_ID = "firstcall_id"
BESIDE = (RECORD_ID, "owner", "tags", "created_at", "updated_at")


@dataclass(frozen=True)
class Column:
    """read  the value as records hold it: moments as microseconds, numbers as decimal texts"""

    name: str
    kind: FieldKind
    read: Callable[[Record], Any]


type More = Callable[[Sequence[int]], Mapping[int, Sequence[Any]]]
"""Of records by their ids: the values of further columns, none for those that have none."""


@dataclass(frozen=True)
class Further:
    """Columns that come from elsewhere, such as scores."""

    columns: Sequence[tuple[str, FieldKind]]
    read: More


class UnknownColumnsError(Exception):
    """Every column that was asked for and is not there, a line each."""


def columns_of(module: Module, asked: Sequence[str] = ()) -> list[Column]:
    """Those asked for, in that order; all where none is. Raises UnknownColumnsError."""
    known = {column.name: column for column in _all(module)}
    if not asked:
        return list(known.values())
    faults = []
    for name in dict.fromkeys(asked):
        if name not in known:
            near = nearest(name, known)
            faults.append(
                said("{module} has no field {name}.", module=module, name=name)
                + (said(" Did you mean {near}?", near=near) if near else "")
            )
    if faults:
        raise UnknownColumnsError("\n".join(faults))
    return [known[name] for name in dict.fromkeys(asked)]


def _all(module: Module) -> list[Column]:
    fields = [_field(field) for field in module.fields.order_by("position", "pk")]
    return [
        Column(RECORD_ID, FieldKind.NUMBER, lambda record: str(record.pk)),
        *fields,
        Column("owner", FieldKind.EMAIL, lambda record: record.owner.email if record.owner else None),
        Column("tags", FieldKind.MULTI_SELECT, lambda record: list(record.tags) or None),
        Column("created_at", FieldKind.DATE_TIME, lambda record: moment_of(record.created_at)),
        Column("updated_at", FieldKind.DATE_TIME, lambda record: moment_of(record.updated_at)),
    ]


def _field(field: Field) -> Column:
    name, kind = field.name, FieldKind(field.kind)
    if kind is FieldKind.LOOKUP:
        return Column(name, kind, lambda record: f"#{record.values[name]}" if name in record.values else None)
    return Column(name, kind, lambda record: record.values.get(name))
