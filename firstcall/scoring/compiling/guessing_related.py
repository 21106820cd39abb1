"""The related records that rules seem to expect, for compiling them before there is any module or file.

A name with dots is taken for look-ups and a field. In `of`, a name is a look-up where a field is read through one of that
name, or where it is no plural; else a module whose records are linked with what stands before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from firstcall.scoring.columns import Column, Lookup, RelatedColumns
from firstcall.scoring.compiling.gathering import slug
from firstcall.scoring.rules import MOST_LOOKUPS

_REACHED = re.compile(rf"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){{1,{MOST_LOOKUPS}}}")

type MakeColumn = Callable[[str, str], Column]
"""A column for the whole name of a field, called in SQL after the second name."""


@dataclass
class _Module:
    """A module that a way leads to, by the way: `account.parent`."""

    fields: dict[str, Column] = field(default_factory=dict)
    lookups: dict[str, Lookup] = field(default_factory=dict)


@dataclass
class GuessedRelated:
    """What the fields and the people of rules come to; `modules[""]` are the records themselves."""

    modules: dict[str, _Module] = field(default_factory=lambda: {"": _Module()})

    def add_field(self, name: str, make: MakeColumn) -> None:
        """A field that is reached through look-ups."""
        *steps, last = name.split(".")
        self.modules[self._follow(steps)].fields[last] = make(name, last)

    def add_people(self, of: str) -> None:
        steps = of.split(".")
        forward = 0
        while forward < len(steps) and self._is_lookup(steps[: forward + 1]):
            forward += 1
        stop = self._follow(steps[:forward])
        if forward == len(steps):
            return
        name = steps[forward]
        by = (
            steps[forward + 1]
            if forward + 1 < len(steps)
            else f"linked_to_{slug(stop)}"
            if stop
            else "linked_to"
        )
        people = self.modules.setdefault(name, _Module())
        people.lookups[by] = Lookup(stop, f"{slug(by)}_id")

    def related(self) -> Mapping[str, RelatedColumns]:
        return {
            name: RelatedColumns(f"related_{slug(name)}", module.fields, module.lookups)
            for name, module in self.modules.items()
            if name
        }

    @property
    def lookups(self) -> Mapping[str, Lookup]:
        return self.modules[""].lookups

    def _is_lookup(self, steps: Collection[str]) -> bool:
        *before, last = steps
        return last in self._stop(before).lookups or not last.endswith("s")

    def _stop(self, steps: list[str]) -> _Module:
        return self.modules.get(".".join(steps), _Module())

    def _follow(self, steps: list[str]) -> str:
        """The name of the module at the end of the look-ups, which are made where they are new."""
        path = ""
        for step in steps:
            following = f"{path}.{step}" if path else step
            self.modules[path].lookups.setdefault(step, Lookup(following, f"{slug(step)}_id"))
            self.modules.setdefault(following, _Module())
            path = following
        return path


def is_reached(name: str) -> bool:
    """Whether the name seems to reach through look-ups.

    >>> is_reached("account.industry"), is_reached("Account No.")
    (True, False)
    """
    return _REACHED.fullmatch(name) is not None
