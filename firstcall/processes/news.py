"""What open pages are told of: records whose scores have moved since a mark, whoever may see them."""

from __future__ import annotations

from collections.abc import Collection

from django.db import close_old_connections

from firstcall.scorekeeping.following import moved_since


def follow(mark: str) -> tuple[Collection[int] | None, str]:
    """In a thread that goes on; a connection that broke is given up."""
    close_old_connections()
    try:
        return moved_since(mark)
    finally:
        close_old_connections()
