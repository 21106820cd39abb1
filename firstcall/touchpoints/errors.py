"""What cannot be done with sources and types of touchpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firstcall.access.errors import ConflictError


class TakenError(ConflictError):
    """There is one of that name."""

    code = "name-taken"


class TypeTakenError(ConflictError):
    code = "type-taken"


class InUseError(ConflictError):
    """It cannot go, as there is what came by it."""

    code = "in-use"


@dataclass(frozen=True, slots=True)
class SourceFault:
    """
    at   the name of what was given; of a mapping with the way into it: `mapping.traits.plan`
    fix  what to do about it
    """

    at: str
    says: str
    fix: str = ""


class InvalidSourceError(Exception):
    """Every fault of a source; nothing was written."""

    def __init__(self, faults: Sequence[SourceFault]) -> None:
        super().__init__(" ".join(f"{fault.at} {fault.says}" for fault in faults))
        self.faults = tuple(faults)
