"""The key that signs sessions and tokens: as configured, or made once and kept in the data folder."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from firstcall.configuration import Configuration


def find_secret_key(configuration: Configuration) -> str | None:
    """The key, where there is one already."""
    if given := configuration.secret_key.get_secret_value():
        return given
    try:
        return _file(configuration).read_text("utf-8").strip() or None
    except FileNotFoundError:
        return None


def keep_secret_key(configuration: Configuration) -> str:
    """The key, made now if there was none. Whoever makes it first makes it for all processes."""
    if found := find_secret_key(configuration):
        return found
    file = _file(configuration)
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".secret_key")  # readable to its owner alone
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as made:
            made.write(secrets.token_urlsafe(50))
        # A link fails where the file is there, a renaming would replace it.
        with contextlib.suppress(FileExistsError):
            file.hardlink_to(name)
    finally:
        Path(name).unlink()
    return file.read_text("utf-8").strip()


def _file(configuration: Configuration) -> Path:
    return configuration.data_folder / "secret_key"
