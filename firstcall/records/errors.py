"""What is wrong with values given for a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One value that cannot be taken."""

    field: str
    says: str

    def __str__(self) -> str:
        return f"{self.field} {self.says}."


class InvalidValuesError(Exception):
    """Every value that cannot be taken; nothing was written."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(" ".join(map(str, faults)))
        self.faults = tuple(faults)
