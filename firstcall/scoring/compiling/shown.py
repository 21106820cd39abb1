"""Measured values on their way back from SQL to an explanation."""

from __future__ import annotations

import json
from decimal import Decimal
from enum import StrEnum

from firstcall.scoring.columns import Storage
from firstcall.scoring.numbers import counted, format_scaled
from firstcall.scoring.times import format_moment
from firstcall.scoring.values import Kind


class Shown(StrEnum):
    """How a statement's `value_i` is to be read."""

    PLAIN = "plain"
    MILLIONTHS = "millionths"
    DATE = "date"  # microseconds of a date
    TIME = "time"  # microseconds
    JSON = "json"


def shown_as(storage: Storage, kind: Kind | None = None) -> Shown:
    """How a value of this storage comes back."""
    match storage:
        case Storage.MILLIONTHS:
            return Shown.MILLIONTHS
        case Storage.JSON | Storage.CODED:
            return Shown.JSON
        case Storage.DATE:
            return Shown.DATE
        case Storage.MICROSECONDS | Storage.TIMESTAMP | Storage.TIMESTAMPTZ:
            return Shown.DATE if kind is Kind.DATE else Shown.TIME
    return Shown.PLAIN


def read_shown(shown: Shown, raw: object) -> object:
    """The value for a `Line`: None, bool, text, int, Decimal, list or dict; moments as RFC 3339 text.

    >>> read_shown(Shown.MILLIONTHS, 1_500_000), read_shown(Shown.DATE, 0), read_shown(Shown.JSON, '["a", 4.9999999]')
    (Decimal('1.5'), '1970-01-01', ['a', Decimal('5')])
    """
    if raw is None:
        return None
    match shown:
        case Shown.MILLIONTHS:
            return Decimal(format_scaled(int(str(raw)), 6))
        case Shown.DATE:
            return format_moment(int(str(raw)))[:10]
        case Shown.TIME:
            return format_moment(int(str(raw)))
        case Shown.JSON:
            return _counted(json.loads(raw) if isinstance(raw, str) else raw)
    return _counted(raw)


def _counted(value: object) -> object:
    """Numbers as they count, so that no engine's way of writing them shows."""
    match value:
        case float() | Decimal():
            return counted(value)
        case list():
            return [_counted(element) for element in value]
        case dict():
            return {key: _counted(element) for key, element in value.items()}
    return value
