"""Comparing text: folding by simple lower-case mapping, and whole words."""

from __future__ import annotations

from functools import cache, lru_cache

from firstcall.scoring.letters import LATER_CAPITALS, is_letter_or_digit

_UNFOLDED = frozenset(chr(code) for first, last in LATER_CAPITALS for code in range(first, last + 1))


@cache
def _fold_character(character: str) -> str:
    # Full lower-casing differs from UnicodeData's simple mapping for this one code point alone.
    if character == "\u0130":
        return "i"
    return character if character in _UNFOLDED else character.lower()


@lru_cache(maxsize=10_000)
def fold(text: str) -> str:
    """The text with each code point replaced by its simple lower-case mapping: no locale, no context.

    >>> fold("İSTANBUL ΣΑΣ Straße")
    'istanbul σασ straße'
    """
    if text.isascii():
        return text.lower()
    return "".join(map(_fold_character, text))


def has_word(text: str, word: str) -> bool:
    """Whether the word stands in the text with no letter or digit right before or after it; both are folded.

    >>> has_word("vp, sales", "vp"), has_word("mvps", "vp"), has_word("c++ dev", "c++")
    (True, False, True)
    """
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        before = start > 0 and is_letter_or_digit(text[start - 1])
        after = end < len(text) and is_letter_or_digit(text[end])
        if not before and not after:
            return True
        start = text.find(word, start + 1)
    return False
