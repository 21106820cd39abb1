"""Versions as `ETag` and `If-Match` carry them: who changes what they read says which version that was."""

from __future__ import annotations

import re
from typing import Annotated

from ninja import Header

from firstcall.api.problems import Fault, invalid

_VERSION = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')
_STAMP = re.compile(r'(?:W/)?"?([0-9a-f]{16})"?')
IfMatch = Annotated[str, Header(alias="If-Match", max_length=100)]


def etag(version: int | str) -> dict[str, str]:
    """The header of an answer, of a version that is a number or a stamp."""
    return {"ETag": f'"{version}"'}


def asked_version(if_match: str, what: str) -> int | None:
    """None: whatever version it has. Raises Refused for a text that is none."""
    found = _asked(_VERSION, if_match, what)
    return None if found is None else int(found)


def asked_stamp(if_match: str, what: str) -> str | None:
    """The same for what has a stamp instead of a number."""
    return _asked(_STAMP, if_match, what)


def _asked(pattern: re.Pattern[str], if_match: str, what: str) -> str | None:
    if if_match in ("", "*"):
        return None
    match = pattern.fullmatch(if_match)
    if match is None:
        says = f"is no version of a {what}."
        raise invalid([Fault("If-Match", says, f"Send the ETag that came with the {what}.")])
    return match[1]
