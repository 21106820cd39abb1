"""What is wrong with values given for a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from firstcall.scoring.problems import Problem


class FaultCode(StrEnum):
    """What programs go by; people read what the fault says."""

    INVALID = "invalid"
    DUPLICATE = "duplicate"  # unique, and another record has it
    AMBIGUOUS = "ambiguous"  # several records are meant
    UNKNOWN_RECORD = "unknown-record"
    STALE = "stale"  # somebody changed the record in between


@dataclass(frozen=True, slots=True)
class Fault:
    """One value that cannot be taken.

    records  those that are in the way
    """

    field: str
    says: str
    code: FaultCode = FaultCode.INVALID
    records: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{self.field} {self.says}."


class InvalidValuesError(Exception):
    """Every value that cannot be taken; nothing was written."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(" ".join(map(str, faults)))
        self.faults = tuple(faults)

    def has(self, code: FaultCode) -> bool:
        return any(fault.code is code for fault in self.faults)


class InvalidModulesError(Exception):
    """Every problem of the modules that were to be; nothing was changed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class InvalidFilterError(Exception):
    """Every problem of a filter."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)
