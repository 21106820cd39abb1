"""Reads the bytes of a request as trackers send them: unpacked, bounded, whatever their Content-Type says."""

from __future__ import annotations

import zlib
from http import HTTPStatus

from django.http import HttpRequest, UnreadablePostError

from firstcall.api.problems import Refused

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
    stream = request
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower() and not request.headers.get(
        "Content-Length"
    ):
        # Django reads as much as Content-Length says; a server that takes chunks hands them out until they end.
        stream = request.META["wsgi.input"]
    pieces, size, drained = [], 0, 0
    while piece := stream.read(_PIECE):
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
