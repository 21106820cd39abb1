"""What is said of a record from outside, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum, auto
from typing import Final

from firstcall.access.models import User
from firstcall.access.viewer import PRODUCT, Viewer
from firstcall.records.errors import Fault
from firstcall.records.models import Turn


class Unsaid(Enum):
    UNSAID = auto()


UNSAID: Final = Unsaid.UNSAID
"""Nothing was said: a new record gets what its module says, another stays as it is."""


@dataclass(frozen=True, slots=True)
class Given:
    """What is to be in a record; a value None clears its field.

    owner         a user, the id or the e-mail address of one; None: nobody
    tags          all of them; tags_added and tags_removed change those that are there
    layout        its name
    created_at    of a new record: when it came about, where it was elsewhere before
    version       of another: what it was when it was read; if it is no longer, nothing is written
    """

    values: Mapping[str, object]
    owner: User | int | str | Unsaid | None = UNSAID
    tags: Sequence[str] | Unsaid = UNSAID
    tags_added: Sequence[str] = ()
    tags_removed: Sequence[str] = ()
    layout: str | Unsaid = UNSAID
    created_at: datetime | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """When something is written, by whom (a user's id), and how soon the scores follow.

    viewer  whose eyes it is done with: what these do not see is as if it were not there
    """

    at: datetime
    by: int | None = None
    turn: Turn = Turn.FRESH
    viewer: Viewer = PRODUCT


class Did(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    RESTORED = "restored"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of many; those refused say why, and wrote nothing."""

    did: Did
    record_id: int | None = None
    faults: tuple[Fault, ...] = ()

    @classmethod
    def refused(cls, faults: Sequence[Fault], record_id: int | None = None) -> Outcome:
        return cls(Did.REFUSED, record_id, tuple(faults))
