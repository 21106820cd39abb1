"""Answers in which every digit counts: decimals go out as JSON numbers, not as floating-point ones or texts."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from django.http import HttpResponse

_encode = msgspec.json.Encoder(decimal_format="number", enc_hook=str).encode


def exactly(content: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    return HttpResponse(
        _encode(content),
        status=status,
        content_type="application/json; charset=utf-8",
        headers=dict(headers or {}),
    )
