"""Who may send touchpoints: whoever has an API token with touchpoints:write, or a source's write key."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from django.http import HttpRequest

from firstcall.api.authority import Actor, needs
from firstcall.touchpoints.models import Source
from firstcall.touchpoints.sources import find_source


@dataclass(frozen=True, slots=True)
class Sender:
    """What `request.auth` is in views for senders.

    source  of the write key; none: an API token came, and the request names the source
    """

    source: Source | None
    actor: Actor | None = None


class SenderRequest(HttpRequest):
    auth: Sender


class sends(needs):  # noqa: N801  reads as a word: auth=sends()
    is_watched = False

    def __init__(self) -> None:
        super().__init__("touchpoints:write")

    def __call__(self, request: HttpRequest) -> Sender:  # type: ignore[override]
        source = find_source(_key_of(request))
        return Sender(source) if source is not None else Sender(None, super().__call__(request))


def _key_of(request: HttpRequest) -> str:
    """As Bearer, or as the user of Basic."""
    scheme, _, said = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return said.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(said.strip(), validate=True).decode().partition(":")[0]
        except (binascii.Error, ValueError):
            return ""
    return ""
