"""Whole numbers as addresses and forms have them: ids, versions, places in a list."""

from __future__ import annotations


def whole(text: str, digits: int = 18) -> int | None:
    """The number; None for what is none, and for one of more digits, which the database could not compare.

    >>> whole("7"), whole("007"), whole("0"), whole("1234", digits=3)
    (7, 7, 0, None)
    >>> [whole(text) for text in ("", "-1", "+1", " 7", "7.0", "1e3", "1_000", "²", "٣", "9" * 19)]
    [None, None, None, None, None, None, None, None, None, None]
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None
