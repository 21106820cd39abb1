"""`each`: N x floor(value / every), kept within `at_most`, in numbers wide enough for it."""

from __future__ import annotations

from firstcall.scoring.compiling.dialect import Dialect
from firstcall.scoring.numbers import MILLION
from firstcall.scoring.rules import Each

# No record has more touchpoints; what an uncapped `each` can come to must stay within 64 bits below this.
_MOST_TOUCHPOINTS = 2**31
_NARROW_BOUND = 4 * 10**16


def points_of_whole(dialect: Dialect, worth: Each, whole: str) -> str:
    """Of a whole number >= 0."""
    return _product(dialect, worth, quotient_of_whole(dialect, whole, worth.every), wide=outgrows(worth))


def points_of_number(dialect: Dialect, worth: Each, x: str) -> str:
    """Of millionths; below 0 or missing earns 0."""
    divided = dialect.wide_floor_divide(dialect.widen(x), worth.every)
    return _product(dialect, worth, f"CASE WHEN {x} > 0 THEN {divided} ELSE 0 END", wide=True)


def quotient_of_whole(dialect: Dialect, whole: str, every: int) -> str:
    """floor(whole / every), `every` in millionths."""
    if every == MILLION:
        return whole
    if every % MILLION == 0:
        return dialect.floor_divide(whole, str(every // MILLION))
    return dialect.floor_divide(f"{whole} * {MILLION}", str(every))


def enough_for_cap(worth: Each) -> int:
    """The quotient from which on an `each` stays at its `at_most`."""
    return -(-(worth.at_most or 0) // abs(worth.points)) if worth.points else 0


def outgrows(worth: Each) -> bool:
    """Whether N x floor(whole / every) may be too large to add up in 64 bits."""
    most = abs(worth.points) * _MOST_TOUCHPOINTS * max(1, -(-MILLION // worth.every))
    return worth.at_most is None and most > _NARROW_BOUND


def clamped(points: str, at_most: int | None) -> str:
    """The points kept within -at_most … at_most."""
    return points if at_most is None else f"GREATEST({-at_most}, LEAST({at_most}, {points}))"


def _product(dialect: Dialect, worth: Each, quotient: str, *, wide: bool) -> str:
    if not worth.points or worth.at_most == 0:
        return "0"
    if worth.at_most is None:
        return f"{worth.points} * {dialect.widen(quotient) if wide else quotient}"
    product = f"{worth.points} * {dialect.narrow(f'LEAST({quotient}, {enough_for_cap(worth)})')}"
    return clamped(product, worth.at_most)
