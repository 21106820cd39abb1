"""The lines of an explanation as JSON holds them: points as decimals, moments as RFC 3339."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import msgspec

from firstcall.scoring.numbers import counted, points_decimal
from firstcall.scoring.scores import Line
from firstcall.scoring.times import format_moment, moment_of

_ENCODER = msgspec.json.Encoder(enc_hook=str, decimal_format="number")


def lines_json(lines: Sequence[Line]) -> str:
    """The explanation as JSON text; numbers stand with every digit.

    >>> lines_json([Line("Manager", 800, "Sales Manager")])
    '[{"name":"Manager","value":"Sales Manager","points":8.00,"next_change_at":null}]'
    """
    return _ENCODER.encode([line_object(line) for line in lines]).decode()


def line_object(line: Line) -> dict[str, object]:
    """One line for JSON: points as a decimal, moments as RFC 3339; `kind` where it is no criterion's."""
    moment = line.next_change_at
    shown: dict[str, object] = {
        "name": line.name,
        "value": plain_value(line.value),
        "points": points_decimal(line.points),
        "next_change_at": None if moment is None else format_moment(moment),
    }
    return shown if line.kind == "criterion" else {**shown, "kind": line.kind}


def plain_value(value: object) -> object:
    """A measured value as JSON can hold it: dates and times as text, numbers as they count.

    >>> plain_value(date(2026, 9, 1)), plain_value(Decimal("2.50")), plain_value([4.9999999])
    ('2026-09-01', Decimal('2.5'), [Decimal('5')])
    """
    match value:
        case datetime():
            return format_moment(moment_of(value))
        case date():
            return value.isoformat()
        case float() | Decimal():
            return counted(value)
        case list() | tuple():
            return [plain_value(element) for element in value]
        case dict():
            return {str(key): plain_value(element) for key, element in value.items()}
    return value
