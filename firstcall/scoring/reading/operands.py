"""The tests of a condition: from a key and what stands under it to an operator."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from firstcall.scoring.documents import Items, Scalar, shorten
from firstcall.scoring.numbers import millionths
from firstcall.scoring.operators import (
    NEGATIVE_TESTS,
    SIGNS,
    After,
    Before,
    Between,
    Compare,
    Contains,
    Empty,
    EndsWith,
    HasWord,
    InLast,
    InNext,
    Is,
    OlderThan,
    Operator,
    StartsWith,
)
from firstcall.scoring.reading.amounts import read_duration, read_moment
from firstcall.scoring.reading.spots import Spot, kind_of
from firstcall.scoring.rules import Test
from firstcall.scoring.saying import Pattern, said, whole
from firstcall.scoring.values import Operand

_DATE_LIKE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")


def read_test(spot: Spot) -> Test | None:
    """The test that stands under the key; None, with problems, where it is wrong."""
    key = spot.key
    operator = _READERS[NEGATIVE_TESTS.get(key, key)](spot)
    if operator is None:
        return None
    opposite = isinstance(operator, Empty) and isinstance(spot.node, Scalar) and spot.node.value is False
    return Test(key, operator, negated=key in NEGATIVE_TESTS or opposite)


def _read_operand(spot: Spot) -> Operand | None:
    """What a value is compared with for equality: text, a number, true or false."""
    node = spot.node
    if not isinstance(node, Scalar) or node.value is None:
        fix = (
            said("Use `{key}` with a list.", key=_list_key(spot.key))
            if isinstance(node, Items)
            else _EMPTY_FIX()
        )
        spot.refuse_type(said("one value"), fix)
        return None
    if node.value == "":
        spot.refuse(
            "empty-text", said("{label} compares with an empty text.", label=spot.label), _EMPTY_FIX()
        )
        return None
    if isinstance(node.value, str | bool):
        return Operand(node.value)
    return _number_operand(spot, node)


_EMPTY_FIX = Pattern("Use `empty: true` or `empty: false`.")


def _list_key(key: str) -> str:
    return {"is": "in", "is_not": "not_in"}.get(key, key)


def _number_operand(spot: Spot, node: Scalar) -> Operand | None:
    """A number as every engine reads it: the shortest decimal of its double."""
    raw = node.value
    if isinstance(raw, Decimal):
        double = float(raw)
        raw = Decimal(repr(double))
        if raw.is_finite() and raw == raw.to_integral_value() and abs(raw) < 10**15:
            raw = int(raw)
    if millionths(raw) is None or raw is None:
        says = said(
            "{label} takes a number below 10^12 in size, and {source} is none.",
            label=spot.label,
            source=shorten(node.source),
        )
        spot.refuse("not-a-number", says)
        return None
    return Operand(raw)


def _read_bound(spot: Spot) -> Operand | None:
    """What a value is compared with by size: a number, a date or a time."""
    node = spot.node
    if isinstance(node, Scalar) and isinstance(node.value, str):
        operand = Operand(node.value)
        if operand.number is None and operand.moment is None:
            says = said(
                "{label} compares with a number, a date or a time, not with {kind}.",
                label=spot.label,
                kind=kind_of(node),
            )
            spot.refuse("not-comparable", says, _bound_fix(node.value))
            return None
        return operand
    if (
        isinstance(node, Scalar)
        and isinstance(node.value, int | Decimal)
        and not isinstance(node.value, bool)
    ):
        return _number_operand(spot, node)
    spot.refuse_type(said("a number, a date or a time"))
    return None


def _bound_fix(text: str) -> str:
    if _DATE_LIKE.match(text):
        return said("There is no such day or time: check it, and write days like 2026-01-31.")
    return said("To compare text use `is`, `contains` or `has_word`.")


def _read_is(spot: Spot) -> Operator | None:
    operand = _read_operand(spot)
    return None if operand is None else Is((operand,))


def _read_in(spot: Spot) -> Operator | None:
    fix = said("Use `is_not` for one value.") if spot.key == "not_in" else said("Use `is` for one value.")
    entries = spot.items(fix=fix if isinstance(spot.node, Scalar) else "")
    operands = [_read_operand(entry) for entry in entries or ()]
    known = tuple(operand for operand in operands if operand)
    return Is(known) if operands and len(known) == len(operands) else None


def _reads_texts(make: Callable[[tuple[str, ...]], Operator]) -> Callable[[Spot], Operator | None]:
    def read(spot: Spot) -> Operator | None:
        texts = [entry.text() for entry in spot.items_or_self() or ()]
        known = tuple(text for text in texts if text)
        return make(known) if texts and len(known) == len(texts) else None

    return read


def _reads_comparison(sign: str) -> Callable[[Spot], Operator | None]:
    def read(spot: Spot) -> Operator | None:
        operand = _read_bound(spot)
        return None if operand is None else Compare(sign, operand)

    return read


def _read_between(spot: Spot) -> Operator | None:
    entries = spot.items(fix=said("Write the two ends: [1, 10]."))
    if entries is None:
        return None
    if len(entries) != 2:
        spot.refuse(
            "between",
            said("`between` takes two ends, not {count}.", count=whole(len(entries))),
            said("Write them as [1, 10]."),
        )
        return None
    low, high = map(_read_bound, entries)
    if low is None or high is None:
        return None
    if (low.number is None) != (high.number is None):
        says = said("The ends of `between` are a number and a date.")
        spot.refuse("between", says, said("Write two numbers, or two dates or times."))
        return None
    if _size(low) > _size(high):
        spot.refuse("between", said("The first end of `between` is above the second."), said("Swap them."))
        return None
    return Between(low, high)


def _size(operand: Operand) -> int:
    size = operand.moment if operand.number is None else operand.number
    return size or 0


def _reads_moment(make: Callable[[int], Operator]) -> Callable[[Spot], Operator | None]:
    def read(spot: Spot) -> Operator | None:
        moment = read_moment(spot)
        return None if moment is None else make(moment)

    return read


def _reads_duration(make: Callable[[int], Operator]) -> Callable[[Spot], Operator | None]:
    def read(spot: Spot) -> Operator | None:
        span = read_duration(spot)
        return None if span is None else make(span)

    return read


def _read_empty(spot: Spot) -> Operator | None:
    return None if spot.truth() is None else Empty()


# One reader for each key of operators.POSITIVE_TESTS.
_READERS: dict[str, Callable[[Spot], Operator | None]] = {
    "is": _read_is,
    "in": _read_in,
    "contains": _reads_texts(Contains),
    "starts_with": _reads_texts(StartsWith),
    "ends_with": _reads_texts(EndsWith),
    "has_word": _reads_texts(HasWord),
    **{key: _reads_comparison(sign) for key, sign in SIGNS.items()},
    "between": _read_between,
    "before": _reads_moment(Before),
    "after": _reads_moment(After),
    "in_last": _reads_duration(InLast),
    "in_next": _reads_duration(InNext),
    "older_than": _reads_duration(OlderThan),
    "empty": _read_empty,
}
