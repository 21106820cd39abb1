"""Numbers as the rule language means them: whole millionths of measured values, whole hundredths of points."""

from __future__ import annotations

import math
import re
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal

MILLION = 1_000_000
# "Sizes of 10^12 or more are not numbers": the rounded value must stay below, in millionths.
TOO_LARGE = 10**12 * MILLION

_NUMERIC_TEXT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
# Wide enough for every digit of a 1 MB text to count; ROUND_HALF_UP rounds halves away from zero.
_EXACT = Context(prec=2_000_000, rounding=ROUND_HALF_UP, Emax=10**9, Emin=-(10**9))


def millionths(value: object) -> int | None:
    """The value as whole millionths, halves rounded away from zero; None for what is not a number.

    Text counts as written, floats by the shortest decimal that reads back the same. Source: scoring-rules, 2.

    >>> millionths("1.5"), millionths(0.1), millionths("0.0000005"), millionths(True), millionths(" 1")
    (1500000, 100000, 1, None, None)
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        scaled = value * MILLION
    elif isinstance(value, float):
        if not math.isfinite(value):
            return None
        scaled = scale_decimal(Decimal(repr(value)), 6)
    elif isinstance(value, Decimal):
        if not value.is_finite():
            return None
        scaled = scale_decimal(value, 6)
    elif isinstance(value, str):
        if not _NUMERIC_TEXT.fullmatch(value):
            return None
        scaled = scale_decimal(Decimal(value), 6)
    else:
        return None
    return scaled if abs(scaled) < TOO_LARGE else None


def scale_decimal(value: Decimal, places: int) -> int:
    """The finite value x 10^places, rounded to a whole number, halves away from zero."""
    if value.adjusted() > 40:  # beyond anything the language knows; keep the integer small
        return 10**60 if value > 0 else -(10**60)
    return int(value.quantize(Decimal(1).scaleb(-places, _EXACT), context=_EXACT).scaleb(places, _EXACT))


def hundredths(value: Decimal | int) -> int | None:
    """Points as whole hundredths; None when they have more than two decimals."""
    scaled = Decimal(value).scaleb(2, _EXACT)
    if scaled.adjusted() > 40 or scaled != scaled.to_integral_value(ROUND_FLOOR):
        return None
    return int(scaled)


def points_decimal(points: int) -> Decimal:
    """Whole hundredths as the decimal that people read.

    >>> points_decimal(1250), points_decimal(-3000)
    (Decimal('12.50'), Decimal('-30.00'))
    """
    return Decimal(points).scaleb(-2, _EXACT)


def format_points(points: int) -> str:
    """Whole hundredths as short text.

    >>> format_points(1250), format_points(-3000), format_points(5)
    ('12.5', '-30', '0.05')
    """
    return format_scaled(points, 2)


def counted(value: float | Decimal) -> Decimal | str:
    """The number as it counts, rounded to 6 places; too large a one as it is, NaN and infinities as text.

    >>> counted(4.9999999), counted(Decimal("2.50")), counted(1e21), counted(float("nan"))
    (Decimal('5'), Decimal('2.5'), Decimal('1000000000000000000000'), 'nan')
    """
    if not math.isfinite(value):
        return str(value)
    scaled = millionths(value)
    if scaled is not None:
        return Decimal(format_scaled(scaled, 6))
    # Through text: `normalize` would round to the precision of the context.
    text = f"{Decimal(repr(value)) if isinstance(value, float) else value:f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def format_scaled(value: int, places: int) -> str:
    """The whole number / 10^places as short decimal text.

    >>> format_scaled(1500000, 6), format_scaled(-1, 6)
    ('1.5', '-0.000001')
    """
    sign, digits = ("-" if value < 0 else ""), str(abs(value)).rjust(places + 1, "0")
    return sign + (digits[:-places] + "." + digits[-places:]).rstrip("0").rstrip(".")
