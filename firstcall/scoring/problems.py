"""What is wrong with a rule or a file, in words a person can act on. The doors turn it into lines, JSON or form errors."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

type Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a text something stands; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where, and how to mend it.

    path      the JSON path as keys and indexes: ("criteria", 3, "in_last"); () is the whole document
    code      a stable word for programs: "unknown-key"
    says      what is wrong, one sentence
    fix       what to do about it, one sentence; may be empty
    severity  an "error" refuses the rule, a "warning" does not
    """

    path: Path
    code: str
    says: str
    fix: str = ""
    place: Place | None = None
    severity: Literal["error", "warning"] = "error"

    @property
    def json_path(self) -> str:
        """
        >>> Problem(("criteria", 3, "in_last"), "window", "…").json_path
        'criteria[3].in_last'
        """
        return json_path(self.path)

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        path = f"{self.json_path}: " if self.path else ""
        return f"{where}{path}{self.says}" + (f" {self.fix}" if self.fix else "")


def problem_object(problem: Problem) -> dict[str, object]:
    """For JSON."""
    place = problem.place
    return {
        "severity": problem.severity,
        "code": problem.code,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "path": problem.json_path,
        "says": problem.says,
        "fix": problem.fix,
    }


class RuleError(Exception):
    """A rule that cannot be used, with every problem found; `str` is one line a problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def json_path(path: Path) -> str:
    """The path as people write it; keys that are no plain words are quoted."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.replace("_", "a").isalnum() and step.isascii():
            text += f".{step}" if text else step
        else:
            text += f"[{step!r}]"
    return text


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The known word most like `word`, or None when none is close.

    >>> nearest("feild", ["field", "points"])
    'field'
    """
    known = {known.casefold(): known for known in words}
    matches = difflib.get_close_matches(word.casefold(), known, n=1, cutoff=0.6)
    return known[matches[0]] if matches else None
