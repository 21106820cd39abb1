"""What a person is refused."""

from __future__ import annotations


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


class WeakPasswordError(Exception):
    """Every reason why it is none."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults
