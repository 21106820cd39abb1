"""What a record holds as it is told outside: numbers with all their digits, moments as RFC 3339."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field
from firstcall.scoring.times import format_moment

_NUMBERS = (FieldKind.NUMBER, FieldKind.CURRENCY)


def present_value(kind: str, held: object) -> object:
    """
    >>> present_value("number", "1.50"), present_value("date_time", 0), present_value("text", "Ann")
    (Decimal('1.50'), '1970-01-01T00:00:00Z', 'Ann')
    """
    if kind in _NUMBERS and isinstance(held, str):
        return Decimal(held)
    if kind == FieldKind.DATE_TIME and isinstance(held, int):
        return format_moment(held)
    return held


def present_values(fields: Mapping[str, Field], values: Mapping[str, object]) -> dict[str, object]:
    """In the order of the fields; what is no field any more is left out."""
    return {name: present_value(field.kind, values[name]) for name, field in fields.items() if name in values}
