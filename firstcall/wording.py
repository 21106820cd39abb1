"""What is said below the pages, in the language of who reads: patterns looked up, numbers written as it writes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.formats import get_format, number_format
from django.utils.translation import get_language, gettext, ngettext, npgettext, override, pgettext

from firstcall.scoring.saying import ENGLISH, Words, speaking


class ReaderWords(Words):
    """In the language that is active when something is said, so that one serves all readers."""

    @property
    def language(self) -> str:
        return get_language() or super().language

    def pattern(self, text: str, context: str) -> str:
        return pgettext(context, text) if context else gettext(text)

    def form(self, one: str, several: str, count: int, context: str) -> str:
        return npgettext(context, one, several, count) if context else ngettext(one, several, count)

    def number(self, text: str) -> str:
        return text.replace(".", str(get_format("DECIMAL_SEPARATOR", get_language())))

    def whole(self, count: int) -> str:
        return number_format(count, force_grouping=True)


READER = ReaderWords()


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Within it, what is said is said in this language, which `saying.language` told of somebody."""
    with override(language), speaking(ENGLISH if language == ENGLISH.language else READER):
        yield
