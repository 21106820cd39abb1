"""What cannot be done with tasks, notes, calls and feedback."""

from __future__ import annotations

from firstcall.access.errors import ChangedMeanwhileError

__all__ = ["ChangedMeanwhileError", "UnfitError"]


class UnfitError(Exception):
    """Something given cannot be taken; nothing was written.

    at   the name of what was given
    fix  what to do about it
    """

    def __init__(self, at: str, says: str, fix: str = "") -> None:
        super().__init__(f"{at} {says} {fix}".rstrip())
        self.at, self.says, self.fix = at, says, fix
