"""JSON values as the staged cells hold them, and what JSON must not hold."""

from __future__ import annotations

from decimal import Decimal

import msgspec

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
# Beyond it no whole number is a number of the rule language; the shortest form will do.
_PLAIN = 1e16

# A text beyond the bounds of Python's own number parsing ends in ValueError, deep nesting in RecursionError.
UNREADABLE = (msgspec.DecodeError, UnicodeError, ValueError, RecursionError)


def written(value: object) -> str | None:
    """A value that is no text as JSON; numbers in the shortest decimal form, whole ones without a point.

    >>> written(7.0), written(1e-7), written(True), written([1, "a"])
    ('7', '0.0000001', 'true', '[1,"a"]')
    """
    if isinstance(value, float):
        return plain_number(value)
    if value is None or isinstance(value, str):
        return None
    return _encode(value).decode()


def plain_number(value: float) -> str:
    """The shortest decimal that reads back as the same double, without an exponent where that is readable."""
    text = repr(value)
    if text.endswith(".0") and -_PLAIN < value < _PLAIN:
        return text[:-2] if value else "0"
    return format(Decimal(text), "f") if "e-" in text else text


def is_json(text: str) -> bool:
    """Whether the text is JSON by the letter."""
    try:
        _decode(text)
    except UNREADABLE:
        return False
    return True


def object_text(value: object, keys: set[str]) -> str | None:
    """A JSON object, or the text of one, written anew (of a doubled key the last stays); None for null,
    the empty text for anything else. Adds its keys that hold a value to `keys`."""
    if isinstance(value, str):
        try:
            value = _decode(value)
        except UNREADABLE:
            return ""
        if value is None:
            return None
    if not isinstance(value, dict) or holds_nul(value):
        return ""
    if not keys.issuperset(value):
        keys.update(key for key, held in value.items() if held is not None)
    return _encode(value).decode()


def holds_nul(value: object) -> bool:
    """Whether any text in it holds a NUL, which PostgreSQL cannot store."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(holds_nul(key) or holds_nul(inner) for key, inner in value.items())
    return isinstance(value, list) and any(map(holds_nul, value))
