"""What a person is refused."""

from __future__ import annotations

from datetime import datetime


class ForbiddenError(Exception):
    """It is there to be seen, and may not be done; `str` names the right that is missing."""


class HiddenError(Exception):
    """There is no such thing, or none that the person may see: which of the two, nobody is told."""

    def __init__(self, what: str) -> None:
        super().__init__(f"There is no such {what}.")
        self.what = what


class ConflictError(Exception):
    """It does not go together with what is there; `str` says why, `code` says it to programs."""

    code = "conflict"


class ChangedMeanwhileError(Exception):
    """Somebody else changed the thing since it was read; nothing was written.

    by, at  who, and when, where that is known
    """

    def __init__(self, what: str, *, by: str = "", at: datetime | None = None) -> None:
        when = "" if at is None else f" at {at:%Y-%m-%dT%H:%M:%SZ}"
        said = f"{by} has changed the {what}{when}" if by else f"The {what} has been changed{when}"
        super().__init__(f"{said} since it was read. Read it again, and decide anew.")
        self.what, self.by, self.at = what, by, at


class WeakPasswordError(Exception):
    """Every reason why it is none."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults
