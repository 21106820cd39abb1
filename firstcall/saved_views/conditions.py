"""Conditions as lists ask them, in three texts: what one is about, its test, its value. Pages put them in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import Any

from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Module
from firstcall.scorekeeping.glancing import grades_of
from firstcall.scorekeeping.listing import SCORE
from firstcall.scorekeeping.models import StoredRule
from firstcall.touchpoints.catalogue import TouchpointType

DID, GRADE = "did:", ".grade"
"""Before a type of touchpoint; behind a rule."""
FIGURES = ("positive", "negative", "touchpoint_positive", "touchpoint_negative")
MOST_ROWS = 50

# The names of the tests, as the rule language has them where it has them.
_TEXT = ("is", "is_not", "contains", "not_contains", "starts_with")
_CHOICE = ("is", "is_not")
_NUMBER = ("is", "gte", "lte", "gt", "lt")
_TIME = ("after", "before", "in_last", "older_than")
_LIST = ("contains", "not_contains")
_TIMES = ("within", "not_within", "in_7", "in_30", "in_90", "ever", "never")
_SCORED = ("scored", "unscored")
_PRESENCE = ("filled", "empty")
_DAYS = ("in_last", "older_than")
_WITHOUT_VALUE = ("filled", "empty", "yes", "no", "never", "scored", "unscored")
_MOST_DIGITS = 15

_TESTS: Mapping[FieldKind, tuple[str, ...]] = {
    FieldKind.NUMBER: _NUMBER,
    FieldKind.CURRENCY: _NUMBER,
    FieldKind.DATE: _TIME,
    FieldKind.DATE_TIME: _TIME,
    FieldKind.YES_NO: ("yes", "no"),
    FieldKind.PICKLIST: _CHOICE,
    FieldKind.MULTI_SELECT: _LIST,
    FieldKind.LOOKUP: (),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a condition can be about: a field, what every record has, a figure of a rule's scores, what they did."""

    name: str
    kind: FieldKind
    choices: Sequence[str] = ()

    @property
    def tests(self) -> tuple[str, ...]:
        if self.name.startswith(DID):
            return _TIMES
        if self.name.startswith(SCORE):
            return _CHOICE if self.name.endswith(GRADE) else (*_NUMBER, *_SCORED)
        return (*_TESTS.get(self.kind, _TEXT), *_PRESENCE)

    @property
    def input(self) -> str:
        """The type of the input beside a test."""
        if self.name.startswith(DID) or self.kind in (FieldKind.NUMBER, FieldKind.CURRENCY):
            return "number"
        return "date" if self.kind in (FieldKind.DATE, FieldKind.DATE_TIME) else "text"


@dataclass(frozen=True, slots=True)
class Row:
    """One condition as it was filled in."""

    asked: Subject
    test: str
    value: str

    @property
    def wants_value(self) -> bool:
        return self.test not in _WITHOUT_VALUE

    @property
    def input(self) -> str:
        return "number" if self.test in _DAYS else self.asked.input

    @property
    def is_whole(self) -> bool:
        return not self.wants_value or self.value != ""

    def condition(self) -> dict[str, Any]:
        """As filters take it: of a field as a rule's `applies_to` has it; of touchpoints and scores as filters alone do."""
        name = self.asked.name
        if name.startswith(DID):
            return self._did(name.removeprefix(DID))
        if name.startswith(SCORE):
            return self._scored(name.removeprefix(SCORE))
        match self.test:
            case "filled" | "empty":
                return {"field": name, "empty": self.test == "empty"}
            case "yes" | "no":
                return {"field": name, "is": self.test == "yes"}
            case "in_last" | "older_than":
                return {"field": name, self.test: f"{self.value} days"}
        return {"field": name, self.test: self._typed()}

    def _did(self, type: str) -> dict[str, Any]:
        match self.test:
            case "within":
                return {"touchpoint": type, "in_last": f"{self.value} days"}
            case "not_within":
                return {"touchpoint": type, "in_last": f"{self.value} days", "is": 0}
            case "never":
                return {"touchpoint": type, "is": 0}
        often = {"touchpoint": type, "gte": self._typed()}
        return often if self.test == "ever" else {**often, "in_last": f"{self.test.removeprefix('in_')} days"}

    def _scored(self, named: str) -> dict[str, Any]:
        rule, _, figure = named.partition(".")
        asked: dict[str, Any] = {"score": int(rule)}
        if self.test in _SCORED:
            return asked | {"scored": self.test == "scored"}
        if named.endswith(GRADE):
            # What has no score has no grade either, and is none of these.
            return asked | {"grade": self._grades()}
        return asked | ({"figure": figure} if figure else {}) | {self.test: self._typed()}

    def _grades(self) -> list[str]:
        if self.test == "is":
            return [self.value]
        return [grade for grade in self.asked.choices if grade != self.value] or [self.value]

    def _typed(self) -> object:
        if self.asked.input != "number":
            return self.value
        try:
            exact = Decimal(self.value)
        except InvalidOperation:
            return self.value
        if not exact.is_finite() or exact.adjusted() > _MOST_DIGITS:
            return self.value  # no number that a field could hold: told as it was typed
        return int(exact) if exact == exact.to_integral_value() else float(exact)


def askable(
    module: Module, fields: Iterable[Field], rules: Iterable[StoredRule], types: Iterable[TouchpointType]
) -> list[Subject]:
    """
    rules  those that are active
    types  of touchpoints; a module that has none is asked for none
    """
    asked = [Subject(f.name, FieldKind(f.kind), f.choices) for f in fields]
    asked += [
        Subject("owner", FieldKind.TEXT),
        Subject("tags", FieldKind.MULTI_SELECT),
        Subject("created_at", FieldKind.DATE_TIME),
        Subject("updated_at", FieldKind.DATE_TIME),
    ]
    for rule in rules:
        grades = grades_of(rule.active) if rule.active else ()
        asked.append(Subject(f"{SCORE}{rule.pk}", FieldKind.NUMBER))
        if grades:
            asked.append(Subject(f"{SCORE}{rule.pk}{GRADE}", FieldKind.PICKLIST, grades))
        asked += [Subject(f"{SCORE}{rule.pk}.{figure}", FieldKind.NUMBER) for figure in FIGURES]
    if module.is_people:
        asked += [Subject(f"{DID}{type}", FieldKind.NUMBER) for type in _every(types)]
    return asked


def _every(types: Iterable[TouchpointType]) -> list[str]:
    """All, those of a channel, and each."""
    found = ["*"]
    for channel, of_channel in groupby(
        sorted(types, key=lambda one: one.channel), key=lambda one: one.channel
    ):
        found.append(f"{channel}.*")
        found += [one.type for one in of_channel]
    return found


def read_rows(
    about: Sequence[Subject], names: Sequence[str], tests: Sequence[str], values: Sequence[str]
) -> list[Row]:
    """Those about something that there is; a test that the field does not have becomes its first."""
    known = {asked.name: asked for asked in about}
    rows = []
    for index, name in enumerate(names[:MOST_ROWS]):
        if (asked := known.get(name)) is None:
            continue
        test = tests[index] if index < len(tests) and tests[index] in asked.tests else next(iter(asked.tests))
        rows.append(Row(asked, test, values[index].strip() if index < len(values) else ""))
    return rows
