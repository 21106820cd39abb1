"""What a list is asked by the names of its parameters, be it by an address or by a view that somebody keeps: conditions,
scores, order, columns. The one reading of them; pages add words, the API refuses what cannot be asked any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from firstcall.access.rights import Right
from firstcall.access.viewer import Viewer
from firstcall.records.choosing import MOST_IDS, Choice
from firstcall.records.errors import InvalidFilterError
from firstcall.records.filtering import Selection, read_filter
from firstcall.records.importing.models import ImportRun
from firstcall.records.models import Field, Module
from firstcall.saved_views.conditions import MOST_ROWS, Row, Subject, askable, read_rows
from firstcall.saved_views.models import SavedView
from firstcall.scorekeeping.listing import SCORE, Listed
from firstcall.scorekeeping.models import StoredRule
from firstcall.scoring.problems import Problem
from firstcall.scoring.saying import said, whole
from firstcall.touchpoints.catalogue import TouchpointType, list_types

TOUCHED = "touched"
OWN = ("owner", "tags", "created_at", "updated_at", TOUCHED)
_MOST_GRADES = 50
_MINE, _NOBODYS = "mine", "nobody"


@dataclass(frozen=True)
class ListAsked:
    """
    fields    of the module, by their names
    rules     of the module that are active, the oldest first
    asked     by the name of the parameter
    problems  what `listed` had to leave out
    """

    module: Module
    fields: Mapping[str, Field]
    rules: Sequence[StoredRule]
    asked: Mapping[str, Sequence[str]]
    viewer: Viewer
    problems: list[str] = field(default_factory=list)

    def every(self, name: str) -> list[str]:
        return list(self.asked.get(name, ()))

    def one(self, name: str) -> str:
        """The last, where it came several times; empty where it did not."""
        return next(reversed(self.every(name)), "")

    @cached_property
    def types(self) -> Sequence[TouchpointType]:
        return list_types() if self.module.is_people else ()

    @cached_property
    def about(self) -> Sequence[Subject]:
        return self.subjects()

    def subjects(self) -> list[Subject]:
        return askable(self.module, self.fields.values(), self.rules, self.types)

    @cached_property
    def chosen(self) -> list[str]:
        """The columns that are asked for and that there are: names of fields, `score:` with a rule's id, and what every
        record has."""
        known = {*self.fields, *OWN, *(f"{SCORE}{rule.pk}" for rule in self.rules)}
        return list(dict.fromkeys(name for name in self.every("col") if name in known))

    @property
    def chosen_fields(self) -> list[str] | None:
        """The fields among the columns; None where no column was chosen."""
        return [name for name in self.chosen if name in self.fields] if self.chosen else None

    @cached_property
    def rows(self) -> list[Row]:
        return read_rows(self.about, self.every("f"), self.every("t"), self.every("v"))

    @cached_property
    def rule(self) -> StoredRule | None:
        """Whose scores narrow the list."""
        return self._named_rule or (self.rules[0] if self.rules else None)

    @cached_property
    def _named_rule(self) -> StoredRule | None:
        asked = self.one("rule")
        return next((rule for rule in self.rules if str(rule.pk) == asked), None)

    @property
    def grades(self) -> list[str]:
        return [grade for grade in self.every("grade") if grade][:_MOST_GRADES]

    @property
    def whose(self) -> str:
        return self.one("whose")

    @property
    def tag(self) -> str:
        return self.one("tag").strip().casefold()[:100]

    @cached_property
    def imported(self) -> ImportRun | None:
        """The import whose records alone are listed: one's own, or any for those who manage users."""
        asked = self.one("import")
        if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
            return None
        runs = ImportRun.objects.filter(pk=int(asked), kind="records", module=self.module)
        return (
            runs if self.viewer.has(Right.MANAGE_USERS) else runs.filter(created_by=self.viewer.user)
        ).first()

    @cached_property
    def order(self) -> str:
        if asked := self.one("sort"):
            return asked[:200]
        return f"-{SCORE}{self.rules[0].pk}" if self.rules and not self.one("all") else "-id"

    def conditions(self) -> list[dict[str, Any]]:
        return [row.condition() for row in self.rows if row.is_whole]

    def listed(self) -> Listed:
        """What cannot be asked is told in `problems`, and left out."""
        try:
            filter = read_filter(self.module, self.conditions(), viewer=self.viewer)
        except InvalidFilterError as error:
            self.problems.extend(f"{problem.says} {problem.fix}".strip() for problem in error.problems)
            filter = read_filter(self.module, [], viewer=self.viewer)
        choice = self._choice()
        selection = Selection(filter, owner=choice.owner, tags=choice.tags, imported=choice.imported)
        return Listed(selection, self.rule if self.grades else None, tuple(self.grades))

    def within(self, choice: Choice) -> Listed:
        """The records of the list that the choice means too. Raises InvalidFilterError."""
        return replace(self.listed(), selection=choice.within(self._choice()).selection(self.viewer))

    def choice(self, *, now: datetime) -> Choice:
        """All that the list has, for long work. Grades are none of a choice's, so what is narrowed by them is named by ids,
        as of now. Raises InvalidFilterError where those are too many."""
        if not self.grades:
            return self._choice()
        found = self.listed().records(now=now).order_by().values_list("pk", flat=True)
        ids = tuple(found[: MOST_IDS + 1])
        if len(ids) > MOST_IDS:
            says = said("More than {most} records have these grades.", most=whole(MOST_IDS))
            raise InvalidFilterError([Problem(("grade",), "too-many", says, said("Narrow the list."))])
        return Choice(self.module.name, ids=ids)

    def _choice(self) -> Choice:
        """But for grades."""
        return Choice(
            self.module.name,
            self.conditions(),
            owner=self._owner,
            tags=(self.tag,) if self.tag else (),
            imported=self.imported.pk if self.imported else None,
        )

    @property
    def _owner(self) -> int | None:
        return {_MINE: self.viewer.user, _NOBODYS: 0}.get(self.whose)

    def gone(self) -> list[str]:
        """What is asked and left out, because there is no such thing, or not any more: without it a list has records that
        it was not to have. Columns are none of it."""
        known = {subject.name: subject for subject in self.about}
        names, tests = self.every("f"), self.every("t")
        says = [
            said(
                "It asks about {name}, which {module} does not have.", name=name[:80], module=str(self.module)
            )
            for name in names
            if name and name not in known
        ]
        says += [
            said("It asks of {name} whether it {test}, which is no test of it.", name=name, test=test[:80])
            for name, test in zip(names, tests, strict=False)
            if name in known and test not in known[name].tests
        ]
        if len(names) > MOST_ROWS:
            says.append(said("It has more than {most} conditions.", most=str(MOST_ROWS)))
        if self.grades and (self.rule is None or (self.one("rule") and self._named_rule is None)):
            says.append(said("It asks for grades of a rule that is not active."))
        if self.whose not in ("", _MINE, _NOBODYS):
            says.append(
                said(
                    "It asks whose they are by {whose}, which is neither mine nor nobody.",
                    whose=self.whose[:80],
                )
            )
        return says


def columns_of_file(module: Module, columns: Sequence[str]) -> tuple[str, ...]:
    """Those of a file of a list that shows these: what says the title, and fields. A file has scores by themselves."""
    shown = (name for name in columns if not name.startswith(SCORE) and name not in OWN)
    return tuple(dict.fromkeys([*module.title, *shown]))


def parts_of(module: Module) -> tuple[dict[str, Field], list[StoredRule]]:
    """What a list of the module can be asked about: its fields, and its rules that are active."""
    fields = {field.name: field for field in module.fields.order_by("position", "pk")}
    rules = StoredRule.objects.filter(module=module, active__isnull=False)
    return fields, list(rules.select_related("active").order_by("pk"))


def asked_by(view: SavedView, viewer: Viewer) -> ListAsked:
    """What the view asks, for who looks: “mine” are the viewer's own."""
    fields, rules = parts_of(view.module)
    return ListAsked(view.module, fields, rules, view.query, viewer)
