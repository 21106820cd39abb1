"""Begins imports: the row that says what is to be imported, and the copy of a file that somebody uploads."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from firstcall.access.models import User
from firstcall.records.importing.models import ImportRun
from firstcall.records.models import Module

CHUNK = 1 << 20
FILES_ARE_KEPT = timedelta(days=7)
_ID = re.compile(r"[0-9a-f]{32}")


def begin_import(
    kind: str,
    path: str | Path,
    asked: dict[str, Any],
    *,
    at: datetime,
    by: User | None = None,
    module: Module | None = None,
    file_name: str = "",
) -> ImportRun:
    """The import as it is before its first step."""
    return ImportRun.objects.create(
        kind=kind,
        module=module,
        file_name=(file_name or Path(path).name)[:255],
        path=str(Path(path).absolute()),
        wishes=asked,
        created_at=at,
        created_by=by,
    )


class UploadError(Exception):
    """An upload that cannot go on; `str` says why. `size` is how much of it has come."""

    def __init__(self, says: str, size: int | None = None) -> None:
        super().__init__(says)
        self.size = size


@dataclass(frozen=True)
class Upload:
    """A file on its way in, of one user; it may come in pieces."""

    id: str
    path: Path

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def append(self, chunks: Iterable[bytes], *, offset: int) -> int:
        """Add a piece; the size with it. Raises UploadError where the piece does not begin at the end of what is there.

        What came of a piece that breaks off stays: its sender asks for the size, and goes on there.
        """
        if offset != self.size:
            raise UploadError(
                f"{self.size:,} bytes have come so far; the next piece begins there.", self.size
            )
        with self.path.open("r+b") as file:
            file.seek(offset)
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        return self.size


def begin_upload(name: str, *, by: User) -> Upload:
    """`name` is the file's; its ending may tell the format."""
    id = secrets.token_hex(16)
    folder = _uploads(by) / id
    folder.mkdir(parents=True)
    safe = re.sub(r"[^\w.-]+", "_", Path(name).name).strip("._")[-100:] or "file"
    path = folder / safe
    path.touch()
    return Upload(id, path)


def find_upload(id: str, *, by: User) -> Upload | None:
    """The user's own; None for those of others."""
    if not _ID.fullmatch(id):
        return None
    found = [path for path in (_uploads(by) / id).glob("*") if path.is_file()]
    return Upload(id, found[0]) if found else None


def forget_files(before: datetime) -> int:
    """Delete what was uploaded, tried or exported before the moment; says how many folders."""
    data = Path(settings.CONFIGURATION.data_folder)
    count = 0
    for folder in (
        path for pattern in ("uploads/*/*", "trials/*", "exports/*") for path in data.glob(pattern)
    ):
        if folder.stat().st_mtime < before.timestamp():
            shutil.rmtree(folder, ignore_errors=True)
            count += 1
    return count


def _uploads(by: User) -> Path:
    return Path(settings.CONFIGURATION.data_folder) / "uploads" / str(by.pk)
