"""What a person may do: verbs on the records of a module, rights to manage, and whose records are seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Verb(StrEnum):
    """What may be done with the records of a module; without `view` there is no such module for the person."""

    VIEW = "view"
    CREATE = "create"
    EDIT = "edit"
    DELETE = "delete"
    IMPORT = "import"
    EXPORT = "export"


class Right(StrEnum):
    MANAGE_SCORING = "manage_scoring"
    MANAGE_USERS = "manage_users"
    MANAGE_SETTINGS = "manage_settings"


class Visibility(StrEnum):
    """Whose records of a module are seen: one's own; those of one's team and the teams below it; all, nobody's too."""

    OWN = "own"
    TEAM = "team"
    ALL = "all"


_ORDER = tuple(Visibility)

EVERY_OTHER = "*"
"""Stands for every module that a profile does not name, those to come too."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What may be done with a module's records, and with whose."""

    verbs: frozenset[Verb] = frozenset()
    visibility: Visibility = Visibility.OWN

    def covers(self, other: Grant) -> bool:
        """Whether everything that the other allows is allowed here."""
        return not other.verbs or (
            other.verbs <= self.verbs and _ORDER.index(other.visibility) <= _ORDER.index(self.visibility)
        )

    def to_json(self) -> dict[str, Any]:
        return {"may": [verb.value for verb in Verb if verb in self.verbs], "sees": self.visibility.value}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Grant:
        return cls(frozenset(map(Verb, told["may"])), Visibility(told["sees"]))


NOTHING = Grant()
EVERYTHING = Grant(frozenset(Verb), Visibility.ALL)
