"""A document's nodes as plain values, to be changed and written again: texts, exact numbers, lists and mappings."""

from __future__ import annotations

from decimal import Decimal

from firstcall.scoring.documents.nodes import Broken, Entries, Items, Node, Scalar

type Plain = str | bool | int | Decimal | list[Plain] | dict[str, Plain] | None


def plain(node: Node) -> Plain:
    """What is broken counts as nothing; keys keep their order."""
    match node:
        case Scalar(value):
            return value
        case Items(items):
            return [plain(item) for item in items]
        case Entries(entries):
            return {entry.key: plain(entry.value) for entry in entries}
        case Broken():
            return None


def same(one: Plain, other: Plain) -> bool:
    """Whether they say the same; unlike Python, `true` is not 1.

    >>> same(True, 1), same({"a": [1]}, {"a": [Decimal("1.0")]}), same({"a": 1, "b": 2}, {"b": 2, "a": 1})
    (False, True, True)
    """
    match one, other:
        case dict(), dict():
            return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
        case list(), list():
            return len(one) == len(other) and all(map(same, one, other))
        case (bool(), _) | (_, bool()):
            return one is other
    return one == other
