"""Reads the bytes of a request whatever their Content-Type says: as trackers send them, unpacked and bounded; and files."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, UnreadablePostError

from firstcall.api.problems import Refused

FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary", "minLength": 1}}
        },
    }
}
"""How the body of an operation is described that is a file."""
_PIECE = 65_536
_DRAINED = 32 * 1024 * 1024  # read and thrown away, so that the sender hears the answer and not a closed door
_GZIP = b"\x1f\x8b"
_ZLIB_OR_GZIP = 32 + zlib.MAX_WBITS


def read_bytes(request: HttpRequest, most: int) -> bytes:
    """The body, unpacked. Raises Refused where it is larger than `most` bytes, packed or unpacked, or cannot be
    unpacked; no more than that is ever held in memory."""
    try:
        packed = _read(request, most)
    except (UnreadablePostError, OSError):
        raise Refused(HTTPStatus.BAD_REQUEST, "malformed", "The request broke off.") from None
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if packed.startswith(_GZIP) or coding in ("gzip", "x-gzip", "deflate"):
        return _unpack(packed, most)
    if coding not in ("", "identity"):
        says = f"The body is packed as {coding[:30]}. Send it as gzip, or as it is."
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unknown-coding", says)
    return packed


def _read(request: HttpRequest, most: int) -> bytes:
    pieces, size, drained = [], 0, 0
    for piece in pieces_of(request, _PIECE):
        size += len(piece)
        if size <= most:
            pieces.append(piece)
        else:
            pieces.clear()
            drained += len(piece)
            if drained > _DRAINED:
                break
    if size > most:
        raise too_large(most)
    return b"".join(pieces)


def pieces_of(request: HttpRequest, size: int) -> Iterator[bytes]:
    """The body as it comes, in pieces of so many bytes at most."""
    # Django reads as much as Content-Length says; a server that takes chunks hands them out until they end.
    chunked = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    stream = request.META["wsgi.input"] if chunked and not request.headers.get("Content-Length") else request
    while piece := stream.read(size):
        yield piece


def _unpack(packed: bytes, most: int) -> bytes:
    pieces, size, rest = [], 0, packed
    try:
        while rest:
            unpacker = zlib.decompressobj(_ZLIB_OR_GZIP)
            piece = unpacker.decompress(rest, most + 1 - size)
            size += len(piece)
            if size > most:
                raise too_large(most)
            pieces.append(piece)
            if not unpacker.eof:
                raise zlib.error("it ends too early")
            rest = unpacker.unused_data.lstrip(b"\0")
    except zlib.error:
        raise Refused(HTTPStatus.BAD_REQUEST, "malformed", "The body is no gzip, or is cut off.") from None
    return b"".join(pieces)


def too_large(most: int) -> Refused:
    says = f"The request is larger than {most // 1024} KB. Send it in parts."
    return Refused(HTTPStatus.BAD_REQUEST, "too-large", says)
