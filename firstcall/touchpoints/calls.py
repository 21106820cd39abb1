"""What senders say, read and normalised: who did something, who someone is, that two names are one person's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from firstcall.touchpoints.people import IdentityKind

_KINDS = tuple(IdentityKind)


@dataclass(frozen=True, slots=True)
class Who:
    """The names by which a sender knows a person, each in its one form; `naming` makes them."""

    user_id: str | None = None
    external_id: str | None = None
    email: str | None = None
    phone: str | None = None
    anonymous_id: str | None = None

    def names(self) -> list[tuple[IdentityKind, str]]:
        """Strongest first."""
        # Asked several times of every call that comes in.
        values = (self.user_id, self.external_id, self.email, self.phone, self.anonymous_id)
        return [(kind, value) for kind, value in zip(_KINDS, values, strict=True) if value is not None]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A touchpoint on its way in.

    record_id  the record it belongs to; None, or the id of no record: `who` decides
    """

    message_id: str
    type: str
    occurred_at: datetime
    record_id: int | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    who: Who | None = None


@dataclass(frozen=True, slots=True)
class Identification:
    """Who someone is: creates or updates the record."""

    message_id: str
    occurred_at: datetime
    who: Who
    traits: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Grouping:
    """What company someone belongs to."""

    message_id: str
    occurred_at: datetime
    who: Who
    group_id: str
    traits: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Aliasing:
    """That someone known by one id is from now on known by another; `previous_id` may be of either kind."""

    message_id: str
    occurred_at: datetime
    who: Who
    previous_id: str


type Call = Arrival | Identification | Grouping | Aliasing
