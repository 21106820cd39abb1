"""The fixed letters and digits are those of Unicode 15.1."""

import unicodedata
from itertools import pairwise

import pytest

from firstcall.scoring.letters import (
    LATER_CAPITALS,
    LATER_LETTERS,
    LETTERS_AND_DIGITS,
    SINCE_UNICODE_13,
    Ranges,
    is_letter_or_digit,
)
from firstcall.scoring.text import fold

of_unicode_15_1 = pytest.mark.skipif(
    unicodedata.unidata_version != "15.1.0", reason="this Python brings another Unicode version than 15.1"
)


def codes(ranges: Ranges) -> set[int]:
    return {code for first, last in ranges for code in range(first, last + 1)}


@of_unicode_15_1
def test_letters_and_digits_are_categories_l_and_n() -> None:
    every = map(chr, range(0x110000))
    differing = [c for c in every if is_letter_or_digit(c) != (unicodedata.category(c)[0] in "LN")]
    assert differing == []


@of_unicode_15_1
def test_later_capitals_are_not_assigned_in_15_1() -> None:
    assert {unicodedata.category(chr(code)) for code in codes(LATER_CAPITALS)} == {"Cn"}


def test_later_stretches_hold_no_letter_and_additions_only_letters() -> None:
    letters = codes(LETTERS_AND_DIGITS)
    assert not letters & codes(LATER_LETTERS)
    assert codes(SINCE_UNICODE_13) <= letters


def test_folding_leaves_later_capitals_alone() -> None:
    assert fold("A\ua7cb\U00010d50") == "a\ua7cb\U00010d50"


def test_ranges_do_not_touch_or_overlap() -> None:
    for ranges in (LETTERS_AND_DIGITS, LATER_LETTERS, LATER_CAPITALS, SINCE_UNICODE_13):
        ends = [end for pair in ranges for end in pair]
        assert ends == sorted(ends)
        assert all(a[1] + 1 < b[0] for a, b in pairwise(ranges))
