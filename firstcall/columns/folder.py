"""The folder that the copy is in: who may write it, names for its files, and what is thrown away."""

from __future__ import annotations

import fcntl
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from firstcall.columns.manifest import NAME, Manifest

GRACE = 900.0  # seconds for which files stay that the copy has left behind: somebody may be reading them
_LOCK, SEEN, _ANEW = "lock", "seen", "rebuild"


def copy_folder() -> Path:
    """On this machine: every machine that asks the copy has one of its own."""
    return Path(settings.CONFIGURATION.data_folder) / "columns"


@contextmanager
def held(folder: Path) -> Iterator[bool]:
    """Whether this process alone may write the folder until it leaves; the lock ends with the process."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    opened = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(opened)


def new_name(of: str) -> str:
    return f"{of}-{uuid.uuid4().hex[:12]}.parquet"


def ask_anew(folder: Path) -> None:
    """Have the process that follows build the copy as a whole."""
    (folder / _ANEW).touch()


def is_asked_anew(folder: Path) -> bool:
    return (folder / _ANEW).exists()


def answered_anew(folder: Path) -> None:
    (folder / _ANEW).unlink(missing_ok=True)


def throw_away(folder: Path, manifest: Manifest | None, *, grace: float = GRACE) -> int:
    """Remove what does not belong to the copy and is older than the grace; says how many files."""
    kept = (
        {NAME, _LOCK, SEEN, _ANEW, *(file.name for file in manifest.files())}
        if manifest
        else {NAME, _LOCK, SEEN, _ANEW}
    )
    before, removed = time.time() - grace, 0
    for path in folder.iterdir():
        if path.is_file() and path.name not in kept and _left_at(path) < before:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def leave_behind(folder: Path, old: Manifest | None, new: Manifest) -> None:
    """Note on the files that the copy no longer has since when that is so."""
    kept = {file.name for file in new.files()}
    for file in old.files() if old else ():
        if file.name not in kept and (folder / file.name).exists():
            os.utime(folder / file.name)


def _left_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
