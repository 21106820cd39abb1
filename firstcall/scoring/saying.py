"""In whose words rules are told: in English, but where somebody has said otherwise for a while.

A sentence is made of whole patterns with named places, each looked up by itself, so that a language may order its words
as it likes. What is looked up stands as a literal in `said`, `Pattern` or `Forms`; `make texts` finds it there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


class Words:
    """English. Another language overrides what it says otherwise.

    context  tells apart what is the same in English and is not elsewhere; empty for most
    """

    @property
    def language(self) -> str:
        """Of what is said, as a key of what is kept."""
        return "en"

    def pattern(self, text: str, context: str) -> str:
        return text

    def form(self, one: str, several: str, count: int, context: str) -> str:
        return one if count == 1 else several

    def number(self, text: str) -> str:
        """Of decimal text: `-12.5`."""
        return text

    def whole(self, count: int) -> str:
        """With its thousands set apart: `12,000`."""
        return f"{count:,}"


ENGLISH = Words()
_words: ContextVar[Words] = ContextVar("words", default=ENGLISH)


@contextmanager
def speaking(words: Words) -> Iterator[None]:
    """Within it, and within what is called from it, rules are told in these words."""
    before = _words.set(words)
    try:
        yield
    finally:
        _words.reset(before)


@dataclass(frozen=True, slots=True)
class Pattern:
    """
    >>> Pattern("{points} when {condition}")(points="+5", condition="it rains")
    '+5 when it rains'
    """

    text: str
    context: str = ""

    def __call__(self, **places: object) -> str:
        return _words.get().pattern(self.text, self.context).format(**places)


@dataclass(frozen=True, slots=True)
class Forms:
    """A pattern of one and of several; `{count}` is how many.

    >>> days = Forms("{count} day", "{count} days"); days(1), days(3)
    ('1 day', '3 days')
    """

    one: str
    several: str
    context: str = ""

    def __call__(self, how_many: int, /, **places: object) -> str:
        words = _words.get()
        text = words.form(self.one, self.several, how_many, self.context)
        return text.format(**{"count": words.number(str(how_many)), **places})


def said(text: str, /, **places: object) -> str:
    """The pattern in the words of the moment, with its places filled."""
    return Pattern(text)(**places)


def number(text: str) -> str:
    """Decimal text as the words of the moment write it."""
    return _words.get().number(text)


def whole(count: int) -> str:
    """The number with its thousands set apart."""
    return _words.get().whole(count)


def language() -> str:
    """Of the words of the moment: what is kept with sentences in it is kept for each by itself."""
    return _words.get().language


def quoted(text: str) -> str:
    return said("“{text}”", text=text)


def in_turn(joining: Pattern, parts: list[str]) -> str:
    """Several joined two by two, from the left.

    >>> in_turn(Pattern("{first} or {other}"), ["a", "b", "c"])
    'a or b or c'
    """
    text = parts[0] if parts else ""
    for part in parts[1:]:
        text = joining(first=text, other=part)
    return text


def listed(texts: Sequence[str], most: int) -> str:
    """The first of them, and how many more there are.

    >>> listed(["a", "b", "c"], 2), listed(["a", "b"], 2)
    ('a, b and 1 more', 'a, b')
    """
    shown = ", ".join(texts[:most])
    more = len(texts) - most
    return shown if more <= 0 else said("{texts} and {count} more", texts=shown, count=whole(more))


AND = Pattern("{first} and {other}")
OR = Pattern("{first} or {other}")
