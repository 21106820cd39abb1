"""Measured values on their way back from SQL to an explanation."""

from __future__ import annotations

import json
from decimal import Decimal
from enum import StrEnum

from firstcall.scoring.columns import Storage
from firstcall.scoring.numbers import format_scaled
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
        case Storage.JSON:
            return Shown.JSON
        case Storage.DATE:
            return Shown.DATE
        case Storage.MICROSECONDS | Storage.TIMESTAMP | Storage.TIMESTAMPTZ:
            return Shown.DATE if kind is Kind.DATE else Shown.TIME
    return Shown.PLAIN


def read_shown(shown: Shown, raw: object) -> object:
    """The value for a `Line`: None, bool, text, int, float, Decimal or list; moments as RFC 3339 text.

    >>> read_shown(Shown.MILLIONTHS, 1_500_000), read_shown(Shown.DATE, 0), read_shown(Shown.JSON, '["a"]')
    (Decimal('1.5'), '1970-01-01', ['a'])
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
            return json.loads(raw) if isinstance(raw, str) else raw
    return raw
