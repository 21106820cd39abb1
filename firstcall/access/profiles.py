"""The profiles that come with the product, and their rights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from firstcall.access.rights import EVERY_OTHER, EVERYTHING, Grant, Right, Verb, Visibility


class Standard(StrEnum):
    ADMINISTRATOR = "administrator"
    MANAGER = "manager"
    REPRESENTATIVE = "representative"
    READ_ONLY = "read_only"


@dataclass(frozen=True)
class Rights:
    """What a profile gives, as its row is made with."""

    name: str
    rights: frozenset[Right]
    grants: Mapping[str, Grant]


_WORK = frozenset({Verb.VIEW, Verb.CREATE, Verb.EDIT, Verb.DELETE})

STANDARD: Mapping[Standard, Rights] = {
    Standard.ADMINISTRATOR: Rights("Administrator", frozenset(Right), {EVERY_OTHER: EVERYTHING}),
    Standard.MANAGER: Rights("Manager", frozenset(), {EVERY_OTHER: Grant(frozenset(Verb), Visibility.TEAM)}),
    Standard.REPRESENTATIVE: Rights(
        "Representative", frozenset(), {EVERY_OTHER: Grant(_WORK, Visibility.OWN)}
    ),
    Standard.READ_ONLY: Rights(
        "Read only", frozenset(), {EVERY_OTHER: Grant(frozenset({Verb.VIEW}), Visibility.ALL)}
    ),
}
