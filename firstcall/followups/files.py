"""Files on records: kept in the database in pieces, so that a backup is whole; what they are is told by their bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from firstcall.access.viewer import Viewer
from firstcall.followups.acting import get_of, require_own
from firstcall.followups.errors import UnfitError
from firstcall.followups.models import AttachedFile, FilePiece
from firstcall.records.models import Record
from firstcall.scoring.saying import said

LARGEST = 20 * 2**20  # bytes of one file
MOST_FILES = 200  # of a record
PIECE = 2**18
_AT_ONCE = 8  # pieces in one statement
OTHER = "application/octet-stream"
_BEGINS = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"\x1f\x8b": "application/gzip",
    b"{\\rtf": "application/rtf",
}
_ZIPPED = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
_TEXTS = {"csv": "text/csv", "md": "text/markdown"}


def attach_file(
    record: Record, name: str, pieces: Iterable[bytes], *, viewer: Viewer, at: datetime
) -> AttachedFile:
    """For whoever sees the record. It comes to be whole or not at all. Raises UnfitError for one without a name or
    bytes, one that is too large, and one too many."""
    name = plain_name(name)
    if not name:
        raise UnfitError("name", said("is missing."), said("Give the file a name."))
    read = _read(pieces)  # before any lock: whoever sends slowly holds up nobody
    size, digest = sum(map(len, read)), hashlib.sha256()
    for piece in read:
        digest.update(piece)
    with transaction.atomic():
        # Two at once would both find room.
        Record.objects.select_for_update(no_key=True).filter(pk=record.pk).first()
        if AttachedFile.objects.filter(record=record).count() >= MOST_FILES:
            raise UnfitError(
                "file",
                said("is one too many: a record has {most} at most.", most=MOST_FILES),
                said("Delete another first."),
            )
        made = AttachedFile.objects.create(
            record=record,
            name=name,
            content_type=type_of(name, read[0][:4_096]),
            size=size,
            sha256=digest.hexdigest(),
            created_at=at,
            created_by_id=viewer.user,
        )
        FilePiece.objects.bulk_create(
            [FilePiece(file=made, number=number, content=piece) for number, piece in enumerate(read)],
            batch_size=_AT_ONCE,
        )
    return made


def _read(pieces: Iterable[bytes]) -> list[bytes]:
    """All of it, in pieces of one size. Raises UnfitError as soon as it is too much, or if there is nothing."""
    read: list[bytes] = []
    for piece in _even(pieces):
        read.append(piece)
        if sum(map(len, read)) > LARGEST:
            raise UnfitError(
                "file",
                said("is larger than {largest} MB.", largest=LARGEST // 2**20),
                said("Keep it elsewhere, and note where."),
            )
    if not read:
        raise UnfitError("file", said("is empty."), said("Send its bytes."))
    return read


def get_file(viewer: Viewer, id: int) -> AttachedFile:
    """Raises HiddenError."""
    return get_of(AttachedFile.objects.all(), viewer, id, "file")


def content_of(file: AttachedFile) -> Iterator[bytes]:
    """Its bytes, a piece at a time."""
    number = 0
    while (piece := FilePiece.objects.filter(file=file, number=number).first()) is not None:
        yield bytes(piece.content)
        number += 1


def as_download(file: AttachedFile) -> StreamingHttpResponse:
    """To be kept by a browser, and never shown or run in our place."""
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=file.name)
        or "attachment",
        "Content-Length": str(file.size),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return StreamingHttpResponse(content_of(file), content_type=file.content_type, headers=headers)


def delete_file(file: AttachedFile, *, viewer: Viewer) -> None:
    """Raises ForbiddenError for the files of others, unless the viewer may edit the module's records."""
    require_own(viewer, file.record, (file.created_by_id,))
    AttachedFile.objects.filter(pk=file.pk).delete()


def files_of(record: Record) -> QuerySet[AttachedFile]:
    return AttachedFile.objects.filter(record=record)


def plain_name(name: str) -> str:
    """Without folders and what no file system takes.

    >>> plain_name("../../etc/passwd"), plain_name('C:\\\\a\\\\b"\\r\\n.pdf'), plain_name("..")
    ('passwd', 'b.pdf', '')
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*')
    return kept.strip(". ")[-255:]


def type_of(name: str, head: bytes) -> str:
    """What the first bytes tell; never anything that a browser would run.

    >>> type_of("a.png", b"%PDF-1.7"), type_of("a.pdf", b"<script>"), type_of("a.csv", b"a,b")
    ('application/pdf', 'text/plain', 'text/csv')
    >>> type_of("a.html", b"PK"), type_of("a", bytes([0, 1]))
    ('application/zip', 'application/octet-stream')
    """
    ending = name.rpartition(".")[2].casefold()
    for begins, kind in _BEGINS.items():
        if head.startswith(begins):
            return kind
    if head.startswith(b"PK"):
        return _ZIPPED.get(ending, "application/zip")
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    text = head.decode("utf-8", "ignore")
    if "\0" not in text and len(text.encode()) >= len(head) - 3:
        return _TEXTS.get(ending, "text/plain")
    return OTHER


def _even(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """In pieces of one size."""
    held = b""
    for piece in pieces:
        held += piece
        while len(held) >= PIECE:
            yield held[:PIECE]
            held = held[PIECE:]
    if held:
        yield held
