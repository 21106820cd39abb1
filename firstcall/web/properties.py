"""What a touchpoint brought with it, in a line for people."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from django.utils.translation import gettext

_SHOWN, _LONGEST = 3, 200


def properties_in_words(properties: Mapping[str, object]) -> str:
    """The first few, shortened; what they hold is written as people write it, and not as a program does."""
    told = (f"{name}: {_plain(value)}" for name, value in islice(properties.items(), _SHOWN))
    return " · ".join(told)[:_LONGEST]


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value)
    return "–" if value is None else str(value)
