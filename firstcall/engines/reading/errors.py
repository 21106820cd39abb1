"""Files that cannot be used at all; single bad rows are `rejects`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from firstcall.scoring.problems import Problem
from firstcall.scoring.saying import AND, in_turn, said


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


def told_apart(names: Sequence[str]) -> list[str]:
    """The names, with a number behind those that came before.

    >>> told_apart(["Email", "Name", "Email", "Email (2)", "", ""])
    ['Email', 'Name', 'Email (3)', 'Email (2)', '', '']
    """
    taken = set(names)
    met: set[str] = set()
    numbers: dict[str, int] = {}
    found = []
    for name in names:
        number = numbers.get(name, 2)
        own = name
        while (name and own in met) or (own != name and own in taken):
            own, number = f"{name} ({number})", number + 1
        numbers[name] = number
        met.add(own)
        found.append(own)
    return found


def refuse_doubled(path: str, names: Sequence[str], line: int | None = None) -> None:
    """Raises SourceError when a name stands for two columns."""
    doubled = [name for name, count in Counter(names).items() if count > 1 and name]
    if doubled:
        listed = "; ".join(
            said(
                "`{name}` is column {numbers}",
                name=name,
                numbers=in_turn(AND, [str(i + 1) for i, other in enumerate(names) if other == name]),
            )
            for name in doubled
        )
        raise file_error(
            path,
            "duplicate-header",
            said("the header has a name twice: {listed}.", listed=listed),
            said("Rename one of them in the file, or name all columns in a mapping (header: […])."),
            line=line,
        )
