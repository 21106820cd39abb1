"""What a record's fields are to a reader: in the own language and zone, with links where there is somewhere to go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.template.defaultfilters import date as formatted
from django.urls import reverse
from django.utils.translation import gettext

from firstcall.access.viewer import Viewer
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Record
from firstcall.records.schema import name_of
from firstcall.records.seeing import seen_records
from firstcall.scoring.times import datetime_of
from firstcall.web.templatetags.web import exact, number


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a place; `href` where it leads."""

    text: str
    href: str = ""
    is_number: bool = False


EMPTY = Cell("")
_NUMBERS = (FieldKind.NUMBER, FieldKind.CURRENCY)


def linked_records(records: Iterable[Record], fields: Sequence[Field], viewer: Viewer) -> dict[int, Record]:
    """Those that the look-ups among the fields hold and the viewer sees, by their ids."""
    names = [field.name for field in fields if field.kind == FieldKind.LOOKUP]
    ids = {int(str(record.values[name])) for record in records for name in names if name in record.values}
    if not ids:
        return {}
    return seen_records(viewer).select_related("module").in_bulk(ids)


def cell(field: Field, held: object, linked: Mapping[int, Record]) -> Cell:
    """Of a value as a record holds it; None is no value."""
    if held is None:
        return EMPTY
    kind = FieldKind(field.kind)
    if kind is FieldKind.LOOKUP:
        return _link(linked.get(int(str(held))))
    if kind in _NUMBERS:
        text = number(Decimal(str(held)))
        return Cell(f"{text} {field.currency}".strip(), is_number=True)
    if kind is FieldKind.EMAIL:
        return Cell(str(held), f"mailto:{held}")
    if kind is FieldKind.PHONE:
        return Cell(str(held), f"tel:{held}".replace(" ", ""))
    if kind is FieldKind.URL:
        return Cell(str(held).removeprefix("https://").removesuffix("/"), str(held))
    return Cell(_plain(kind, held))


def _plain(kind: FieldKind, held: object) -> str:
    match kind, held:
        case FieldKind.DATE, str():
            return formatted(date.fromisoformat(held), "DATE_FORMAT")
        case FieldKind.DATE_TIME, int():
            return exact(datetime_of(held))
        case _, bool():
            return gettext("Yes") if held else gettext("No")
        case _, list():
            return ", ".join(map(str, held))
    return str(held)


def _link(record: Record | None) -> Cell:
    if record is None or record.deleted_at is not None:
        return EMPTY
    title = name_of(record)
    return Cell(title, reverse("record", args=[record.module.name, record.pk]))
