"""The rows of the filter builder: what each kind of field can be asked, and the conditions that come of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Module

type Word = str | Promise

# What is asked: in words, by the name of the test in the rule language.
_TEXT: dict[str, Word] = {
    "is": _("is"),
    "is_not": _("is not"),
    "contains": _("contains"),
    "not_contains": _("does not contain"),
    "starts_with": _("begins with"),
}
_CHOICE: dict[str, Word] = {"is": _("is"), "is_not": _("is not")}
_NUMBER: dict[str, Word] = {
    "is": _("is"),
    "gte": _("is at least"),
    "lte": _("is at most"),
    "gt": _("is more than"),
    "lt": _("is less than"),
}
_TIME: dict[str, Word] = {
    "after": _("is after"),
    "before": _("is before"),
    "in_last": _("is within the last days:"),
    "older_than": _("is longer ago than days:"),
}
_LIST: dict[str, Word] = {"contains": _("has"), "not_contains": _("has not")}
_PRESENCE: dict[str, Word] = {"filled": _("is filled"), "empty": _("is empty")}
_DAYS = ("in_last", "older_than")

_TESTS: Mapping[FieldKind, dict[str, Word]] = {
    FieldKind.NUMBER: _NUMBER,
    FieldKind.CURRENCY: _NUMBER,
    FieldKind.DATE: _TIME,
    FieldKind.DATE_TIME: _TIME,
    FieldKind.YES_NO: {"yes": _("is yes"), "no": _("is no")},
    FieldKind.PICKLIST: _CHOICE,
    FieldKind.MULTI_SELECT: _LIST,
    FieldKind.LOOKUP: {},
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a row can be about: a field, or what every record has."""

    name: str
    label: Word
    kind: FieldKind
    choices: Sequence[str] = ()

    @property
    def tests(self) -> dict[str, Word]:
        return {**_TESTS.get(self.kind, _TEXT), **_PRESENCE}

    @property
    def input(self) -> str:
        """The type of the input beside a test."""
        if self.kind in (FieldKind.NUMBER, FieldKind.CURRENCY):
            return "number"
        return "date" if self.kind in (FieldKind.DATE, FieldKind.DATE_TIME) else "text"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was filled in."""

    asked: Asked
    test: str
    value: str

    @property
    def wants_value(self) -> bool:
        return self.test not in ("filled", "empty", "yes", "no")

    @property
    def input(self) -> str:
        return "number" if self.test in _DAYS else self.asked.input

    @property
    def says(self) -> str:
        words = f"{self.asked.label} {self.asked.tests.get(self.test, self.test)}"
        return f"{words} {self.value}" if self.wants_value else words

    @property
    def is_whole(self) -> bool:
        return not self.wants_value or self.value != ""

    def condition(self) -> dict[str, Any]:
        """As a rule's `applies_to` has it."""
        name = self.asked.name
        match self.test:
            case "filled" | "empty":
                return {"field": name, "empty": self.test == "empty"}
            case "yes" | "no":
                return {"field": name, "is": self.test == "yes"}
            case "in_last" | "older_than":
                return {"field": name, self.test: f"{self.value} days"}
        return {"field": name, self.test: self._typed()}

    def _typed(self) -> object:
        if self.asked.kind not in (FieldKind.NUMBER, FieldKind.CURRENCY):
            return self.value
        try:
            exact = Decimal(self.value)
        except InvalidOperation:
            return self.value
        return int(exact) if exact == exact.to_integral_value() else float(exact)


def askable(module: Module, fields: Iterable[Field]) -> list[Asked]:
    own = [
        Asked("owner", _("Owner's e-mail"), FieldKind.TEXT),
        Asked("tags", _("Tags"), FieldKind.MULTI_SELECT),
        Asked("created_at", _("Created"), FieldKind.DATE_TIME),
        Asked("updated_at", _("Changed"), FieldKind.DATE_TIME),
    ]
    return [
        *(Asked(field.name, field.label, FieldKind(field.kind), field.choices) for field in fields),
        *own,
    ]


def read_rows(
    about: Sequence[Asked], names: Sequence[str], tests: Sequence[str], values: Sequence[str]
) -> list[Row]:
    """Those about something that there is; a test that the field does not have becomes its first."""
    known = {asked.name: asked for asked in about}
    rows = []
    for index, name in enumerate(names[:50]):
        if (asked := known.get(name)) is None:
            continue
        test = tests[index] if index < len(tests) and tests[index] in asked.tests else next(iter(asked.tests))
        rows.append(Row(asked, test, values[index].strip() if index < len(values) else ""))
    return rows
