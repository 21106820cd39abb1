"""Versions as `ETag` and `If-Match` carry them: who changes what they read says which version that was."""

from __future__ import annotations

import re
from typing import Annotated

from ninja import Header

from firstcall.api.problems import Fault, invalid

_VERSION = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')
IfMatch = Annotated[str, Header(alias="If-Match", max_length=100)]


def etag(version: int) -> dict[str, str]:
    """The header of an answer."""
    return {"ETag": f'"{version}"'}


def asked_version(if_match: str, what: str) -> int | None:
    """None: whatever version it has. Raises Refused for a text that is none."""
    if if_match in ("", "*"):
        return None
    match = _VERSION.fullmatch(if_match)
    if match is None:
        says = f"is no version of a {what}."
        raise invalid([Fault("If-Match", says, f"Send the ETag that came with the {what}.")])
    return int(match[1])
