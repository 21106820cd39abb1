"""Which column of a file is what, by a mapping or by name; columns that are not there are said with the likely ones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from firstcall.engines.reading.errors import file_problem
from firstcall.engines.reading.mapping import FileMapping, RecordsMapping, TouchpointsMapping
from firstcall.scoring.problems import Problem, nearest

# Names, without case, spaces and signs, that columns of real exports have.
_LIKELY = {
    "id": (
        *("id", "recordid", "leadid", "contactid", "prospectid", "accountid", "dealid", "opportunityid"),
        *("customerid", "userid", "personid", "leadnumber", "uuid", "guid", "email", "emailaddress"),
    ),
    "record_id": (
        *("recordid", "leadid", "contactid", "userid", "prospectid", "customerid", "personid", "dealid"),
        *("accountid", "lead", "contact", "user", "email", "emailaddress"),
    ),
    "type": ("type", "event", "eventtype", "eventname", "action", "activity", "activitytype", "touchtype"),
    "occurred_at": (
        *("occurredat", "timestamp", "eventtime", "time", "datetime", "createdat", "createdtime", "date"),
        *("touchtimestamp", "activitytimestamp", "sessiontimestamp", "calltime", "callstarttime"),
    ),
}
_OPTIONS = {"id": " with --id-column {}, or"}


def find_roles(
    shown: str, names: Sequence[str], wanted: Mapping[str, str | None], mapping: FileMapping, section: str
) -> tuple[dict[str, str], list[Problem]]:
    """The column of each role: the one that is named, else the one called like the role, by itself or renamed."""
    found: dict[str, str] = {}
    problems: list[Problem] = []
    old_names = {mapping.new_name(name): name for name in names}
    for role, named in wanted.items():
        name = named or role
        if name in names:
            found[role] = name
        elif name in old_names:
            found[role] = old_names[name]
        else:
            problems.append(_missing(shown, names, role, named, section, listed=not problems))
    return found, problems


def _missing(
    shown: str, names: Sequence[str], role: str, named: str | None, section: str, *, listed: bool
) -> Problem:
    """The columns of the file are listed with its first problem alone."""
    says = f"there is no column `{named or role}`." + (
        f" The columns are: {_listed(names)}." if listed else ""
    )
    if named:
        near = nearest(named, names)
        fix = f"Did you mean `{near}`?" if near else "Name one of them."
        return file_problem(shown, "unknown-column", says, fix)
    near = likely(role, names)
    example = near or "NAME"
    option = _OPTIONS.get(role, "").format(quoted(example))
    fix = f"Say which column it is{option} in a mapping ({section}: {{{role}: {example}}})."
    if near:
        fix = f"Is it `{near}`? {fix}"
    return file_problem(shown, f"missing-column-{role}", says, fix)


def likely(role: str, names: Sequence[str]) -> str | None:
    """The column that most probably is the role."""
    plain = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in reversed(names)}
    for candidate in _LIKELY[role]:
        if candidate in plain:
            return plain[candidate]
    if role in ("id", "record_id"):
        ending = [name for name in names if re.search(r"(?i)([ _.-]id|[a-z]I[Dd]|ID)$", name)]
        return ending[0] if ending else None
    return nearest(role, names)


def unknown_columns(shown: str, names: Sequence[str], mapping: FileMapping) -> list[Problem]:
    """Columns that a mapping speaks of and the file does not have."""
    known = [*names, *map(mapping.new_name, names)]
    spoken = [("rename", name) for name in mapping.rename if name not in names]
    spoken += [("types", name) for name in mapping.types if name not in known]
    if isinstance(mapping, TouchpointsMapping):
        spoken += [("where", name) for name in mapping.where if name not in names]
    problems = []
    for key, name in spoken:
        near = nearest(name, names)
        fix = f"Did you mean `{near}`?" if near else f"The columns are: {_listed(names)}."
        says = f"the mapping's `{key}` speaks of a column `{name}`, which the file does not have."
        problems.append(file_problem(shown, "unknown-column", says, fix))
    after = [mapping.new_name(name) for name in names]
    for name in sorted({name for name in mapping.rename.values() if after.count(name) > 1}):
        says = f"the mapping's `rename` makes two columns `{name}`."
        problems.append(file_problem(shown, "duplicate-header", says, "Choose another name."))
    return problems


def record_roles(mapping: RecordsMapping) -> dict[str, str | None]:
    return {} if mapping.number_rows else {"id": mapping.id}


def touchpoint_roles(mapping: TouchpointsMapping) -> dict[str, str | None]:
    wanted = {"record_id": mapping.record_id, "occurred_at": mapping.occurred_at}
    if mapping.type.fixed is None:
        wanted["type"] = mapping.type.column
    return wanted | {
        role: name for role, name in (("id", mapping.id), ("properties", mapping.properties)) if name
    }


def quoted(name: str) -> str:
    """The name as a shell takes it."""
    return name if re.fullmatch(r"[\w.-]+", name) else "'" + name.replace("'", "'\\''") + "'"


def _listed(names: Sequence[str]) -> str:
    shown = [f"`{name}`" for name in names[:40]]
    return ", ".join(shown) + (f" and {len(names) - 40} more" if len(names) > 40 else "")
