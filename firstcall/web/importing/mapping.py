"""The columns of a file as fields of a module, in a form: what is guessed, what somebody said, what is asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import msgspec
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from firstcall.records.importing.asking import Asked
from firstcall.records.importing.looking import Look, LookedColumn
from firstcall.records.importing.plan import ReadingOptions
from firstcall.records.importing.planning import Wishes
from firstcall.records.importing.rows import RowOptions
from firstcall.records.importing.staging import FileOptions
from firstcall.records.models import Field, Module, WrittenBy

SKIP, NEW = "skip", "new_field"
_BESIDE: Sequence[tuple[str, str | Promise]] = (
    ("owner", _("Owner (name or e-mail address of a user)")),
    ("tags", _("Tags")),
    ("created_at", _("When it was created")),
    ("full_name", _("First and last name in one")),
    ("record_id", _("Firstcall's own id")),
)
BYS: Sequence[tuple[str, str | Promise]] = (
    ("", _("The surest that the file has")),
    ("external_id", _("Id of another system")),
    ("email", _("E-mail address")),
    ("phone", _("Phone number")),
    ("name", _("Name")),
    ("id", _("Firstcall's own id")),
    ("none", _("Nothing: every row is a new record")),
)
DATES: Sequence[tuple[str, str | Promise]] = (
    ("", _("as found out")),
    ("day-first", _("day first: 31/12/2026")),
    ("month-first", _("month first: 12/31/2026")),
)
DECIMALS: Sequence[tuple[str, str | Promise]] = (
    ("", _("as found out")),
    (".", _("a point: 1,234.56")),
    (",", _("a comma: 1.234,56")),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One column in the form.

    sure  how certain the guess is: kept, name, export, or empty
    """

    number: int
    column: LookedColumn
    target: str
    dates: str
    decimal: str
    rows: int

    @property
    def share(self) -> int:
        return round(100 * self.column.filled / self.rows) if self.rows else 0

    @property
    def sure(self) -> str:
        return self.column.origin if self.target == guessed(self.column) else ""

    @property
    def asks_dates(self) -> bool:
        return bool(self.column.dates)

    @property
    def asks_decimal(self) -> bool:
        return bool(self.column.decimal)


@dataclass(frozen=True)
class FileMapping(ABC):
    """What the columns of a file are, whatever it holds.

    file   how it is read
    tried  what was asked of a dry run before, to begin with
    zone   that times without one are of, where nobody said otherwise
    """

    module: Module
    look: Look
    file: Mapping[str, Any]
    tried: Mapping[str, Any] | None
    zone: str

    @property
    @abstractmethod
    def reading(self) -> ReadingOptions:
        """How values are read, by what was asked before."""

    @property
    def chosen_zone(self) -> str:
        return self.zone if self.tried is None else self.reading.zone

    @abstractmethod
    def asked(self, given: QueryDict) -> tuple[dict[str, Any], list[str]]:
        """What the form asks for, and what is wrong with it."""

    def as_given(self, given: QueryDict) -> Self:
        """The same as somebody filled it in."""
        return replace(self, tried=self.asked(given)[0])

    def said(self, given: QueryDict, name: str, known: Sequence[tuple[str, str | Promise]]) -> dict[str, str]:
        """By column, where it says something that there is."""
        columns = enumerate(self.look.columns)
        found = {column.name: given.get(f"{name}-{number}", "") for number, column in columns}
        return {column: said for column, said in found.items() if said and said in dict(known)}


@dataclass(frozen=True)
class RecordsMapping(FileMapping):
    """
    may_make  whether new fields and choices may be asked for
    """

    may_make: bool

    @property
    def reading(self) -> ReadingOptions:
        return self.before.wishes.reading

    @cached_property
    def before(self) -> Asked:
        return Asked() if self.tried is None else Asked.from_json(self.tried)

    @cached_property
    def fields(self) -> list[Field]:
        every = self.module.fields.order_by("position", "pk")
        return [field for field in every if field.written_by == WrittenBy.ANYONE]

    @property
    def targets(self) -> list[tuple[str, str]]:
        """What a column may be, but for nothing and a new field."""
        return [(field.name, field.called) for field in self.fields]

    @property
    def beside(self) -> list[tuple[str, str]]:
        names = {field.name for field in self.fields}
        return [(name, str(label)) for name, label in _BESIDE if name != "full_name" or "last_name" in names]

    @property
    def lines(self) -> list[Line]:
        said, reading = self.before.wishes.columns, self.reading
        dates, decimals = reading.dates or {}, reading.decimals or {}
        return [
            Line(
                number,
                column,
                said.get(column.name, SKIP if self.tried is not None else self._guessed(column)),
                dates.get(column.name, ""),
                decimals.get(column.name, ""),
                self.look.rows,
            )
            for number, column in enumerate(self.look.columns)
        ]

    def _guessed(self, column: LookedColumn) -> str:
        """Nothing where what it looks like is not to be chosen: a rule writes it."""
        guess = guessed(column)
        return guess if guess in {NEW, *dict(self.targets), *dict(self.beside)} else SKIP

    @property
    def known(self) -> int:
        return sum(line.target != SKIP for line in self.lines)

    @property
    def by(self) -> str:
        return self.before.wishes.by

    @property
    def bys(self) -> Sequence[tuple[str, str | Promise]]:
        return BYS

    @property
    def options(self) -> RowOptions:
        return self.before.rows

    @property
    def tags(self) -> str:
        return ", ".join(self.before.rows.tags)

    @property
    def adds_choices(self) -> bool:
        return self.before.wishes.add_choices

    def makes(self, asked: Mapping[str, Any]) -> bool:
        return Asked.from_json(asked).wishes.changes_module

    def asked(self, given: QueryDict) -> tuple[dict[str, Any], list[str]]:
        columns = {
            column.name: given.get(f"to-{number}", SKIP) or SKIP
            for number, column in enumerate(self.look.columns)
        }
        reading = ReadingOptions(
            zone=self.zone,
            dates=self.said(given, "dates", DATES),
            decimals=self.said(given, "decimal", DECIMALS),
        )
        by = given.get("by", "")
        wishes = Wishes(
            columns, {}, by if by in dict(BYS) else "", add_choices="add_choices" in given, reading=reading
        )
        tags = tuple(tag.strip()[:100] for tag in given.get("tags", "").split(",") if tag.strip())[:100]
        rows = RowOptions(
            {}, tags, "clear_empty" in given, "leave_out" in given, given.get("there", "") == "leave"
        )
        asked = Asked(msgspec.convert(self.file, FileOptions), wishes, rows)
        return asked.to_json(), self._faults(columns)

    def _faults(self, columns: Mapping[str, str]) -> list[str]:
        taken: dict[str, list[str]] = {}
        for column, target in columns.items():
            if target not in (SKIP, NEW):
                taken.setdefault(target, []).append(column)
        labels = dict(self.targets) | dict(self.beside)
        faults = [
            gettext("%(columns)s are all to be %(field)s. A field takes one column.")
            % {"columns": ", ".join(several), "field": labels.get(target, target)}
            for target, several in taken.items()
            if len(several) > 1
        ]
        if not taken and NEW not in columns.values():
            faults.append(gettext("Say of at least one column what it is."))
        return faults


def guessed(column: LookedColumn) -> str:
    """The target as the form has it."""
    if column.target is None:
        return SKIP
    return {"@id": "record_id"}.get(column.target, column.target.removeprefix("@"))
