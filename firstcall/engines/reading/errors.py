"""Files that cannot be used at all; single bad rows are `rejects`."""

from __future__ import annotations

from collections.abc import Iterable

from firstcall.scoring.problems import Problem


class SourceError(Exception):
    """Files or a mapping that cannot be used, with every problem found; `str` is one line a problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def file_problem(file: str, code: str, says: str, fix: str = "", *, line: int | None = None) -> Problem:
    """A problem of a file, or of one of its lines."""
    where = file if line is None else f"{file}:{line}"
    return Problem((), code, f"{where}: {says}", fix)


def file_error(file: str, code: str, says: str, fix: str = "", *, line: int | None = None) -> SourceError:
    """The same as an error of its own."""
    return SourceError([file_problem(file, code, says, fix, line=line)])
