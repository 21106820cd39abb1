"""What can be wrong with a rule that is to be stored or switched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from firstcall.scoring.problems import Problem

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
        who = f" by {newest.created_by}" if newest.created_by else ""
        super().__init__(
            f"Version {newest.number} was stored meanwhile{who}. Look at what it changed, and {mend}."
        )
        self.newest = newest


class SwitchedMeanwhileError(Exception):
    """Somebody else has switched the rule since the one who asks looked at it; nothing was switched."""

    def __init__(self, switched: Activation) -> None:
        what = (
            "stopped the rule"
            if switched.version is None
            else f"switched version {switched.version.number} on"
        )
        super().__init__(f"{switched.by or 'The product'} {what} meanwhile.")
        self.switched = switched


class MappedMeanwhileError(Exception):
    """Somebody else has changed the rule's score fields since; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("The score fields were changed meanwhile.")


class PastPlanError(ValueError):
    """A moment that has passed."""


class AlreadyPlannedError(Exception):
    """A rule has one plan at a time."""

    def __init__(self, planned: PlannedActivation) -> None:
        super().__init__(
            f"Version {planned.version.number} is planned for {planned.at:%Y-%m-%d %H:%M} UTC already. Cancel that first."
        )
        self.planned = planned


class RuleInUseError(Exception):
    """Something would miss the rule; nothing was deleted."""

    def __init__(self, users: Sequence[str]) -> None:
        super().__init__(f"It is in use by {', '.join(users)}.")
        self.users = tuple(users)
