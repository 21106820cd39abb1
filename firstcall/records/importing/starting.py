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
from django.db import transaction

from firstcall.access.models import User
from firstcall.jobs.actions import start
from firstcall.jobs.models import Job, JobStatus
from firstcall.records.importing.models import ImportRun, ImportStatus
from firstcall.records.models import Module
from firstcall.scoring.saying import said, whole
from firstcall.wording import in_language

CHUNK = 1 << 20
FILES_ARE_KEPT = timedelta(days=7)
LOOK = "records.look_at_file"
TRIALS = {"records": "records.try_import", "touchpoints": "touchpoints.try_import"}
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


@transaction.atomic
def import_later(
    kind: str, upload: Upload, asked: dict[str, Any], *, module: Module, at: datetime, by: User
) -> ImportRun:
    """The same, to be done by a job.

    kind  records or touchpoints
    """
    run = begin_import(kind, upload.path, asked, at=at, by=by, module=module, file_name=upload.path.name)
    run.job = start(f"{kind}.import", {"import": run.pk}, at=at, by=by)
    run.save(update_fields=["job"])
    return run


def abandon(job: Job) -> None:
    """The job of an import, of a change of many, or of the undoing of either ended before it was done: so did that."""
    run = ImportRun.objects.select_for_update().filter(pk=job.parameters.get("import")).first()
    if run is None or not run.is_under_way:
        return
    with in_language(job.language):
        _tell(run, job)
    run.status, run.ended_at = ImportStatus.FAILED, job.ended_at
    run.save(update_fields=["status", "message", "ended_at"])


def _tell(run: ImportRun, job: Job) -> None:
    says = (
        said("It was cancelled.")
        if job.status == JobStatus.CANCELLED
        else said("It failed: {why}.", why=job.message.rstrip("."))
    )
    if run.status == ImportStatus.UNDOING:
        run.message = said("While it was being undone: {says} Undo it again for the rest.", says=says)
    else:
        run.message = said("{says} What it wrote until then can be undone.", says=says) if run.done else says


def try_later(
    kind: str,
    upload: Upload,
    asked: dict[str, Any],
    *,
    module: Module,
    at: datetime,
    by: User,
    look: int | None = None,
) -> Job:
    """Have a dry run done. What it found is in the job's state: `found`, or `problems` where the file cannot be used.

    look  the job of the look at the file that it came of
    """
    parameters = {"path": str(upload.path), "module": module.name, "asked": asked}
    return start(TRIALS[kind], parameters | {"upload": upload.id, "look": look}, at=at, by=by)


def look_later(
    upload: Upload, file: dict[str, Any], *, module: Module, about: str = "records", at: datetime, by: User
) -> Job:
    """Have a look at the file; `trial_folder` of the job has what was seen.

    about  records or touchpoints: what the file is thought to hold
    """
    parameters = {"path": str(upload.path), "module": module.name, "file": file}
    return start(LOOK, parameters | {"upload": upload.id, "about": about}, at=at, by=by)


def trial_folder(job: int) -> Path:
    """What a dry run or a look keeps on disk."""
    return Path(settings.CONFIGURATION.data_folder) / "trials" / str(job)


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
                said("{size} bytes have come so far; the next piece begins there.", size=whole(self.size)),
                self.size,
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
    safe = re.sub(r"[^\w.-]+", "_", Path(name).name).strip("._")
    # File systems count bytes: 255 at most.
    safe = safe.encode()[-200:].decode(errors="ignore")[-100:] or "file"
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
