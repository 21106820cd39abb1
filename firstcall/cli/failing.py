"""How a command ends when something is wrong: one line a problem, never a traceback, and the exit code."""

from __future__ import annotations

import errno
import os
import re
import sys
import traceback
from collections.abc import Iterable

from firstcall.scoring.problems import Problem, RuleError

DONE, PROBLEMS, USAGE, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143


class RefusedError(Exception):
    """The command cannot go on; the lines say why. Their severity is printed where it is not an error."""

    def __init__(self, problems: Iterable[Problem | str]) -> None:
        self.lines = tuple(map(str, problems))
        super().__init__("\n".join(self.lines))


def sorted_problems(problems: Iterable[Problem]) -> list[Problem]:
    """By file, line and column; those without a place after those with one."""

    def key(problem: Problem) -> tuple[bool, str, int, int, str]:
        place = problem.place
        if place is None:
            return True, "", 0, 0, problem.json_path
        return False, place.file, place.line, place.column, problem.json_path

    return sorted(problems, key=key)


def line_of(problem: Problem) -> str:
    """`file:line:column: path: says. fix`, a warning called so after its place."""
    if problem.severity == "error":
        return str(problem)
    place = f"{problem.place}: " if problem.place else ""
    return f"{place}warning: {str(problem).removeprefix(place)}"


def explain_failure(error: Exception) -> list[str]:
    """What to print of an exception, for people."""
    if os.environ.get("FIRSTCALL_DEBUG"):
        return traceback.format_exception(error)
    if isinstance(error, RefusedError):
        return list(error.lines)
    if isinstance(error, RuleError):
        return [str(problem) for problem in sorted_problems(error.problems)]
    return _source_lines(error) or [_one_line(error)]


def _source_lines(error: Exception) -> list[str]:
    # The class is looked up only where it has been imported: importing it would import DuckDB.
    reading = sys.modules.get("firstcall.engines.reading")
    if reading is None or not isinstance(error, reading.SourceError):
        return []
    return [str(problem) for problem in error.problems]


def _one_line(error: Exception) -> str:
    says = " ".join(str(error).split())
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {_plain_reason(error)}" if error.filename else _plain_reason(error)
    if _is_full(says):
        return f"No space left: {says} Free some, or write to another disk."
    if type(error).__name__ == "OutOfMemoryException":
        return f"Not enough memory: {says} Allow more with --memory, or free some disk to spill to."
    if isinstance(error, MemoryError):
        return "Not enough memory. Allow DuckDB less with --memory, so that it spills to disk."
    return (
        f"Something unexpected went wrong: {type(error).__name__}: {says}"
        " Run it again with FIRSTCALL_DEBUG=1 to see where, and please report it."
    )


def _is_full(says: str) -> bool:
    return bool(re.search(r"no space left|file too large|disk quota", says, re.IGNORECASE))


def _plain_reason(error: OSError) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return "there is no space left to write. Free some, or write to another disk."
        case errno.ENOENT:
            return "there is no such file or folder."
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "not allowed. Check the rights of the file and its folder."
        case errno.EISDIR:
            return "is a folder, not a file."
    return f"{error.strerror}."
