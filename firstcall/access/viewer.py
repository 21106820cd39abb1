"""Whose eyes something is looked at with: what they may do in each module, and whose records they see there.

Made once a request or job, and handed down as an argument: nothing below asks who is signed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from firstcall.access.errors import ForbiddenError, HiddenError
from firstcall.access.rights import EVERY_OTHER, EVERYTHING, NOTHING, Grant, Right, Verb, Visibility
from firstcall.scoring.saying import Pattern, said

_VERBS = {
    Verb.VIEW: Pattern("view", "right to"),
    Verb.CREATE: Pattern("create", "right to"),
    Verb.EDIT: Pattern("edit", "right to"),
    Verb.DELETE: Pattern("delete", "right to"),
    Verb.IMPORT: Pattern("import", "right to"),
    Verb.EXPORT: Pattern("export", "right to"),
}
_RIGHTS = {
    Right.MANAGE_SCORING: Pattern("manage scoring", "right to"),
    Right.MANAGE_USERS: Pattern("manage users", "right to"),
    Right.MANAGE_SETTINGS: Pattern("manage settings", "right to"),
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """
    user     the id; None: the product itself
    grants   by the name of a module; `EVERY_OTHER` for those that are not named
    team     the ids of those whose records a team sees: the viewer's own, and those of the teams below it
    """

    user: int | None
    rights: frozenset[Right] = frozenset()
    grants: Mapping[str, Grant] = field(default_factory=dict)
    team: frozenset[int] = frozenset()

    def grant(self, module: str) -> Grant:
        return self.grants.get(module) or self.grants.get(EVERY_OTHER, NOTHING)

    def may(self, verb: Verb, module: str) -> bool:
        """Nothing may be done with what may not be viewed."""
        verbs = self.grant(module).verbs
        return Verb.VIEW in verbs and verb in verbs

    def may_somewhere(self, verb: Verb) -> bool:
        return any(self.may(verb, module) for module in self.grants)

    def has(self, right: Right) -> bool:
        return right in self.rights

    def require(self, verb: Verb, module: str) -> None:
        """Raises HiddenError where there is no such module for the viewer, ForbiddenError where the verb is missing."""
        if not self.may(Verb.VIEW, module):
            raise HiddenError("module")
        if not self.may(verb, module):
            raise ForbiddenError(
                said(
                    "This needs the right to {verb} {module}, which this caller does not have.",
                    verb=_VERBS[verb](),
                    module=module,
                )
            )

    def require_right(self, right: Right) -> None:
        """Raises ForbiddenError."""
        if not self.has(right):
            raise ForbiddenError(
                said(
                    "This needs the right to {right}, which this caller does not have.",
                    right=_RIGHTS[right](),
                )
            )

    def owners(self, module: str) -> frozenset[int] | None:
        """The ids of the users whose records of the module are seen; None: all are, nobody's too."""
        if not self.may(Verb.VIEW, module):
            return frozenset()
        match self.grant(module).visibility:
            case Visibility.ALL:
                return None
            case Visibility.TEAM:
                return self.team | self._own
            case Visibility.OWN:
                return self._own

    def sees(self, module: str, owner: int | None) -> bool:
        """Whether a record of this owner is seen."""
        owners = self.owners(module)
        return owners is None or owner in owners

    @property
    def sees_all(self) -> bool:
        """Every record of every module."""
        return EVERY_OTHER in self.grants and all(self.owners(module) is None for module in self.grants)

    @property
    def _own(self) -> frozenset[int]:
        return frozenset() if self.user is None else frozenset({self.user})

    def covers(self, rights: frozenset[Right], grants: Mapping[str, Grant]) -> bool:
        """Whether the viewer may do all of this: nobody hands on more than they have."""
        named = {*self.grants, *grants, EVERY_OTHER}
        others = grants.get(EVERY_OTHER, NOTHING)
        return rights <= self.rights and all(
            self.grant(name).covers(grants.get(name) or others) for name in named
        )


PRODUCT = Viewer(None, frozenset(Right), {EVERY_OTHER: EVERYTHING})
"""The product itself, which sees everything: keepers, the intake, commands on the machine of the service."""
