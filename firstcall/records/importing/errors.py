"""What keeps a file from being imported at all; single bad rows are counted and kept as rejects."""

from __future__ import annotations

from collections.abc import Iterable

from firstcall.scoring.problems import Problem


class ImportRefusedError(Exception):
    """Every problem that keeps the file out; nothing was written. `str` is one line a problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def import_problem(code: str, says: str, fix: str = "", *, column: str | None = None) -> Problem:
    """A problem of the file, or of one of its columns."""
    path = ("columns", column) if column is not None else ()
    return Problem(path, code, says, fix)
