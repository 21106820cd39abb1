"""The words of rules in the reader's language: patterns looked up in the catalogue, numbers written as it writes them."""

from __future__ import annotations

from django.utils.formats import get_format, number_format
from django.utils.translation import get_language, gettext, ngettext, npgettext, pgettext

from firstcall.scoring.saying import Words


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
