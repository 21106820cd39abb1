"""What can be wrong with a rule that is to be stored."""

from __future__ import annotations

from collections.abc import Sequence

from firstcall.scoring.problems import Problem


class InvalidRuleError(Exception):
    """Every problem of the rule; nothing was stored."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(f"{problem.says} {problem.fix}" for problem in problems))
        self.problems = tuple(problems)
