"""Reads the JSON of a request, bounded, and says clearly what is wrong with it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from django.http import HttpRequest
from ninja.parser import Parser

from firstcall.api.problems import Refused, invalid

DEEPEST = 64  # levels of lists and objects


class JsonParser(Parser):
    """django-ninja's parser, on msgspec."""

    def parse_body(self, request: HttpRequest) -> Any:
        return decode(request.body)


def decode(body: bytes) -> Any:
    """The value of a JSON text. Raises Refused where it is none, is nested too deeply, or holds the character NUL."""
    if not body.strip():
        raise _malformed("The request has no body. Send JSON.")
    try:
        value = msgspec.json.decode(body)
    except RecursionError:
        raise _malformed(f"The JSON is nested more than {DEEPEST} levels deep.") from None
    except ValueError as error:  # msgspec's errors, and that of bytes that are no UTF-8
        raise _malformed(_what_is_no_text(body) or f"The body is no JSON: {error}.") from None
    _check(value)
    return value


def _what_is_no_text(body: bytes) -> str:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return f"The body is no UTF-8 text: byte {error.start} is {body[error.start]:#04x}."
    return ""


def _check(value: object) -> None:
    """PostgreSQL keeps no NUL; and what is nested deeply makes whoever reads it run out of stack."""
    waiting = [(value, 1)]
    while waiting:
        one, depth = waiting.pop()
        if isinstance(one, str):
            if "\0" in one:
                raise invalid([], "The JSON holds the character NUL, which cannot be kept.")
        elif isinstance(one, list | dict):
            if depth > DEEPEST:
                raise _malformed(f"The JSON is nested more than {DEEPEST} levels deep.")
            parts = [*one, *one.values()] if isinstance(one, dict) else one
            waiting.extend((part, depth + 1) for part in parts)


def _malformed(says: str) -> Refused:
    return Refused(HTTPStatus.BAD_REQUEST, "malformed", says)
