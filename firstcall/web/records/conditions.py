"""The rows of the filter builder: what each kind of field can be asked, and the conditions that come of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Module
from firstcall.scorekeeping.glancing import grades_of
from firstcall.scorekeeping.listing import SCORE
from firstcall.scorekeeping.models import StoredRule
from firstcall.touchpoints.catalogue import channel_label, list_types

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
_TIMES: dict[str, Word] = {
    "within": _("within the last days:"),
    "not_within": _("not within the last days:"),
    "in_7": _("in 7 days, at least so often:"),
    "in_30": _("in 30 days, at least so often:"),
    "in_90": _("in 90 days, at least so often:"),
    "ever": _("ever, at least so often:"),
    "never": _("never"),
}
_SCORED: dict[str, Word] = {"scored": _("is there"), "unscored": _("is not there")}
_PRESENCE: dict[str, Word] = {"filled": _("is filled"), "empty": _("is empty")}
_DAYS = ("in_last", "older_than")
_WITHOUT_VALUE = ("filled", "empty", "yes", "no", "never", "scored", "unscored")
_FIGURES: dict[str, Word] = {
    "positive": _("who they are, for"),
    "negative": _("who they are, against"),
    "touchpoint_positive": _("what they do, for"),
    "touchpoint_negative": _("what they do, against"),
}
_MOST_DIGITS = 15
DID, GRADE = "did:", ".grade"
"""Before a type of touchpoint; behind a rule."""

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
    group: Word = ""

    @property
    def tests(self) -> dict[str, Word]:
        if self.name.startswith(DID):
            return _TIMES
        if self.name.startswith(SCORE):
            return _CHOICE if self.name.endswith(GRADE) else {**_NUMBER, **_SCORED}
        return {**_TESTS.get(self.kind, _TEXT), **_PRESENCE}

    @property
    def input(self) -> str:
        """The type of the input beside a test."""
        if self.name.startswith(DID) or self.kind in (FieldKind.NUMBER, FieldKind.CURRENCY):
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
        return self.test not in _WITHOUT_VALUE

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


def askable(module: Module, fields: Iterable[Field], rules: Iterable[StoredRule] = ()) -> list[Asked]:
    of_fields, of_scores, of_touchpoints = _("Fields"), _("Scores"), _("Touchpoints")
    asked = [Asked(f.name, f.called, FieldKind(f.kind), f.choices, of_fields) for f in fields]
    asked += [
        Asked("owner", _("Owner's e-mail"), FieldKind.TEXT, group=of_fields),
        Asked("tags", _("Tags"), FieldKind.MULTI_SELECT, group=of_fields),
        Asked("created_at", _("Created"), FieldKind.DATE_TIME, group=of_fields),
        Asked("updated_at", _("Changed"), FieldKind.DATE_TIME, group=of_fields),
    ]
    for rule in rules:
        grades = grades_of(rule.active) if rule.active else ()
        asked.append(Asked(f"{SCORE}{rule.pk}", rule.name, FieldKind.NUMBER, group=of_scores))
        if grades:
            label = gettext("%(rule)s: grade") % {"rule": rule.name}
            asked.append(Asked(f"{SCORE}{rule.pk}{GRADE}", label, FieldKind.PICKLIST, grades, of_scores))
        asked += [
            Asked(f"{SCORE}{rule.pk}.{figure}", f"{rule.name}: {label}", FieldKind.NUMBER, group=of_scores)
            for figure, label in _FIGURES.items()
        ]
    if module.is_people:
        asked += [
            Asked(f"{DID}{type}", label, FieldKind.NUMBER, group=of_touchpoints) for type, label in _types()
        ]
    return asked


def _types() -> list[tuple[str, str]]:
    """All, those of a channel, and each."""
    found = [("*", gettext("Any touchpoint"))]
    types = sorted(list_types(), key=lambda one: one.channel)
    for channel, of_channel in groupby(types, key=lambda one: one.channel):
        named = channel_label(channel)
        found.append((f"{channel}.*", gettext("%(channel)s: any") % {"channel": named}))
        found += [(one.type, f"{named}: {one.called}") for one in of_channel]
    return found


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
