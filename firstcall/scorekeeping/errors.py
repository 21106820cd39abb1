"""What can be wrong with a rule that is to be stored or switched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from firstcall.scoring.problems import Problem
from firstcall.scoring.saying import said

if TYPE_CHECKING:
    from firstcall.scorekeeping.models import Activation, PlannedActivation, RuleVersion


class InvalidRuleError(Exception):
    """Every problem of the rule; nothing was stored."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(f"{problem.says} {problem.fix}" for problem in problems))
        self.problems = tuple(problems)


class EditedMeanwhileError(Exception):
    """Somebody else stored a version since the one that whoever asks has read; nothing was done.

    mend  what to do once one has looked at what the version changed
    """

    def __init__(self, newest: RuleVersion, mend: str) -> None:
        by, number = newest.created_by, newest.number
        says = (
            said("Version {number} was stored meanwhile by {by}.", number=number, by=by)
            if by
            else said("Version {number} was stored meanwhile.", number=number)
        )
        super().__init__(f"{says} {said('Look at what it changed, and {mend}.', mend=mend)}")
        self.newest = newest


class SwitchedMeanwhileError(Exception):
    """Somebody else has switched the rule since the one who asks looked at it; nothing was switched."""

    def __init__(self, switched: Activation) -> None:
        by = switched.by or said("The product")
        super().__init__(
            said("{by} stopped the rule meanwhile.", by=by)
            if switched.version is None
            else said("{by} switched version {number} on meanwhile.", by=by, number=switched.version.number)
        )
        self.switched = switched


class MappedMeanwhileError(Exception):
    """Somebody else has changed the rule's score fields since; nothing was changed."""

    def __init__(self) -> None:
        super().__init__(said("The score fields were changed meanwhile."))


class PastPlanError(ValueError):
    """A moment that has passed."""


class AlreadyPlannedError(Exception):
    """A rule has one plan at a time."""

    def __init__(self, planned: PlannedActivation) -> None:
        super().__init__(
            said(
                "Version {number} is planned for {at} UTC already. Cancel that first.",
                number=planned.version.number,
                at=f"{planned.at:%Y-%m-%d %H:%M}",
            )
        )
        self.planned = planned


class RuleInUseError(Exception):
    """Something would miss the rule; nothing was deleted."""

    def __init__(self, users: Sequence[str]) -> None:
        super().__init__(said("It is in use by {users}.", users=", ".join(users)))
        self.users = tuple(users)
