"""Which columns of a file hold the ids of other records: by a mapping, or called like the module they lead to."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from firstcall.engines.reading.errors import file_problem
from firstcall.engines.reading.mapping import RecordsMapping
from firstcall.scoring.problems import Problem, nearest


@dataclass(frozen=True)
class LookupColumn:
    """A column of a file that holds ids of records of `module`.

    names  what rules may call the look-up: as the column is called, and plainly, `account` for `Account ID`
    """

    column: str
    module: str
    names: tuple[str, ...]


def find_lookups(
    shown: str, names: Sequence[str], mapping: RecordsMapping, module: str, others: Collection[str]
) -> tuple[list[LookupColumn], list[Problem]]:
    """The look-ups of the records of a module; the names are those in the file.

    others  all modules there are, its own among them
    """
    found, problems = _told(shown, names, mapping, others)
    for other in others:
        if other != module and not any(lookup.module == other for lookup in found):
            found += _guessed(names, mapping, other)
    return found, problems


def _told(
    shown: str, names: Sequence[str], mapping: RecordsMapping, others: Collection[str]
) -> tuple[list[LookupColumn], list[Problem]]:
    by_new_name = {mapping.new_name(name): name for name in names}
    found: list[LookupColumn] = []
    problems: list[Problem] = []
    for column, module in mapping.lookups.items():
        name = column if column in names else by_new_name.get(column)
        if name is None:
            near = nearest(column, names)
            says = f"the mapping's `lookups` speaks of a column `{column}`, which the file does not have."
            problems.append(
                file_problem(shown, "unknown-column", says, f"Did you mean `{near}`?" if near else "")
            )
        elif module not in others:
            near = nearest(module, others)
            says = f"`{column}` leads to {module}, and no such records are given."
            fix = f"Did you mean `{near}`?" if near else "Give them too, with --related."
            problems.append(file_problem(shown, "unknown-module", says, fix))
        else:
            found.append(LookupColumn(name, module, (mapping.new_name(name),)))
    return found, problems


def _guessed(names: Sequence[str], mapping: RecordsMapping, module: str) -> list[LookupColumn]:
    """Columns called like the module; where one of them says that it is an id, those alone."""
    plain = singular(module)
    likely = {_squeezed(name) for name in (module, plain)}
    ids = {f"{name}id" for name in likely}
    called = {name: _squeezed(mapping.new_name(name)) for name in names}
    found = [name for name in names if called[name] in ids] or [
        name for name in names if called[name] in likely
    ]
    lookups = [LookupColumn(name, module, (mapping.new_name(name),)) for name in found]
    if lookups and plain not in lookups[0].names:
        lookups[0] = LookupColumn(found[0], module, (*lookups[0].names, plain))
    return lookups


def singular(module: str) -> str:
    """What one record of a module is called.

    >>> singular("accounts"), singular("companies"), singular("staff")
    ('account', 'company', 'staff')
    """
    if module.endswith("ies"):
        return module[:-3] + "y"
    return module[:-1] if module.endswith("s") and not module.endswith("ss") else module


def _squeezed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def refs_of(lookups: Sequence[LookupColumn]) -> Mapping[str, str]:
    """What each column is called in SQL beside the field that it is as well."""
    return {lookup.column: f"look_{number}" for number, lookup in enumerate(lookups, 1)}
