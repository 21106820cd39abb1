"""From a file's columns to a plan: every column that is known is settled, every other one is told with the reason."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb

from firstcall.records.importing.dates import UncertainDatesError
from firstcall.records.importing.errors import ImportRefusedError, import_problem
from firstcall.records.importing.figures import UncertainFiguresError
from firstcall.records.importing.headers import (
    Guess,
    Known,
    Origin,
    guess_columns,
    looks_like_values,
    simplify,
)
from firstcall.records.importing.plan import ColumnPlan, ReadingOptions
from firstcall.records.importing.profiling import Profiler
from firstcall.records.importing.staging import Staged, names_of
from firstcall.records.importing.vendor_headers import (
    CREATED_AT,
    EXTERNAL_ID,
    FULL_NAME,
    NEW,
    OWNER,
    RECORD_ID,
    SKIP,
    TAGS,
)
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Module, WrittenBy
from firstcall.records.schema import RESERVED
from firstcall.scoring.problems import Problem, nearest
from firstcall.scoring.saying import Pattern, said, whole

MOST_NEW_FIELDS = 300
_WORDS = {"skip": SKIP, "owner": OWNER, "tags": TAGS, "created_at": CREATED_AT, "full_name": FULL_NAME}
_WORDS |= {"external_id": EXTERNAL_ID, "record_id": RECORD_ID, "new_field": NEW}
_KINDS = {CREATED_AT: FieldKind.DATE_TIME, TAGS: FieldKind.MULTI_SELECT}
# What records are found by, the surest first; by name only where that is asked for.
KEYS = {
    "id": RECORD_ID,
    "external_id": EXTERNAL_ID,
    "email": FieldKind.EMAIL,
    "phone": FieldKind.PHONE,
    "name": FULL_NAME,
}


UNKNOWN = "unknown"
"""Why a column is left out that no field is known for."""

_KEY_WORDS = {
    "id": Pattern("id", "key"),
    "external_id": Pattern("external id", "key"),
    "email": Pattern("email", "key"),
    "phone": Pattern("phone", "key"),
    "name": Pattern("name", "key"),
}


def key_words(by: str) -> str:
    """What records are found by, in words."""
    return _KEY_WORDS[by]()


@dataclass(frozen=True)
class NewField:
    """A custom field that the import makes for a column."""

    column: str
    name: str
    label: str
    kind: FieldKind
    is_external_id: bool = False


@dataclass(frozen=True)
class Wishes:
    """What is asked of an import beside the file.

    columns        targets by column: an API name or label of a field, or skip, owner, tags, created_at, full_name,
                   record_id, new_field
    kept           the same, from an earlier import of such a file
    by             what records are found by: id, external_id, email, phone, name, or `none`; empty: the first that is there
    create_fields  unknown columns become custom fields
    external_id    the column that becomes a field of ids of another system
    add_choices    unknown values of picklists become choices
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    by: str = ""
    create_fields: bool = False
    external_id: str | None = None
    add_choices: bool = False
    reading: ReadingOptions = field(default_factory=ReadingOptions)

    @property
    def changes_module(self) -> bool:
        """Whether fields or choices may be made: not everybody's to ask."""
        told = "new_field" in self.columns.values()
        return self.create_fields or self.add_choices or bool(self.external_id) or told


@dataclass(frozen=True)
class Plan:
    """
    by             one of KEYS; empty: every row is a new record
    key            the target of the column that holds it
    left_out       the columns that are nothing, with the reason
    new_choices    by field
    strange        values that are no choice of a field and will be refused, with how many rows have each
    """

    module: str
    columns: tuple[ColumnPlan, ...]
    by: str = ""
    key: str = ""
    left_out: tuple[tuple[str, str], ...] = ()
    new_fields: tuple[NewField, ...] = ()
    new_choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    strange: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """What the steps need of it."""
        return {
            "module": self.module,
            "by": self.by,
            "key": self.key,
            "columns": [column.to_json() for column in self.columns],
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Plan:
        columns = tuple(ColumnPlan.from_json(column) for column in told["columns"])
        return cls(told["module"], columns, told["by"], told["key"])


def make_plan(connection: duckdb.DuckDBPyConnection, staged: Staged, module: Module, wishes: Wishes) -> Plan:
    """Raises ImportRefusedError with every problem."""
    return _Planning(connection, staged, module, wishes).plan()


class _Planning:
    """The steps of planning, and the problems on the way."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, staged: Staged, module: Module, wishes: Wishes
    ) -> None:
        self.staged = staged
        self.module = module
        self.wishes = wishes
        self.fields: dict[str, Field] = {
            f.name: f for f in module.fields.select_related("target").order_by("position", "pk")
        }
        self.profiler = Profiler(connection, staged, wishes.reading)
        self.problems: list[Problem] = []

    def plan(self) -> Plan:
        self._check_header()
        guesses = self._guess()
        new = self._new_fields([g for g in guesses if g.target is None])
        made = {field.column: field for field in new}
        columns = [plan for guess in guesses if (plan := self._column(guess, made)) is not None]
        if not columns and not self.problems:
            says = said(
                "none of its columns is a field of {module}: {columns}.",
                module=self.module,
                columns=names_of(self.staged.columns),
            )
            fix = said("Map them (--map 'COLUMN=FIELD'), or make fields of them (--create-fields).")
            self.problems.append(import_problem("no-columns", says, fix))
        by, key = self._by(columns)
        if self.problems:
            raise ImportRefusedError(self.problems)
        strange = {p.target: s for p in columns if p.choices and (s := self.profiler.unknown_choices(p))}
        adding = self.wishes.add_choices
        new_choices = {target: sorted(values) for target, values in strange.items()} if adding else {}
        left_out = [
            (g.column, g.why or UNKNOWN) for g in guesses if g.target is None and g.column not in made
        ]
        left_out += [(g.column, said("a scoring rule writes it")) for g in guesses if self._is_computed(g)]
        return Plan(
            self.module.name,
            tuple(self._with_choices(plan, new_choices) for plan in columns),
            by,
            key,
            tuple(left_out),
            tuple(new),
            new_choices,
            {} if adding else strange,
            {g.column: g.origin for g in guesses if g.origin and g.target != SKIP},
        )

    def _check_header(self) -> None:
        if self.staged.format == "CSV" and looks_like_values(self.staged.columns):
            says = said(
                "its first row looks like values, not names of columns: {columns}.",
                columns=names_of(self.staged.columns, 6),
            )
            fix = said("If the file has no header, name its columns: --header 'NAME,NAME,…'.")
            before = next(self.staged.unread_rows(), None)
            if before is not None:
                says = said(
                    "the row of its header, {row}, cannot be read: {why}.",
                    row=ascii(before[2].rstrip()[:200]),
                    why=before[1],
                )
                fix = said("Mend that row, or export the file again.")
            raise ImportRefusedError([import_problem("no-header", says, fix)])

    # --- columns

    def _guess(self) -> list[Guess]:
        told = {}
        for column, target in self.wishes.columns.items():
            if column not in self.staged.columns:
                near = nearest(column, self.staged.columns)
                fix = (
                    said("Did you mean {near}?", near=near)
                    if near
                    else said("It has: {columns}.", columns=names_of(self.staged.columns))
                )
                says = said("the file has no column {column}.", column=column)
                self.problems.append(import_problem("unknown-column", says, fix, column=column))
            elif found := self._target(column, target):
                told[column] = found
        # Any number of columns may become new fields, while each field is of one column.
        told |= {column: f"{NEW} {column}" for column, target in told.items() if target == NEW}
        guesses = guess_columns(
            self.module.name, self.staged.columns, known_fields(self.fields), told=told, kept=self.wishes.kept
        )
        return [replace(g, target=None) if (g.target or "").startswith(NEW) else g for g in guesses]

    def _target(self, column: str, target: str) -> str | None:
        if target in self.fields:
            return target
        if word := _WORDS.get(target):
            ids = [name for name, field in self.fields.items() if field.is_external_id]
            return ids[0] if word == EXTERNAL_ID and ids else word
        labels = {simplify(field.label): name for name, field in self.fields.items()}
        if simplify(target) in labels:
            return labels[simplify(target)]
        near = nearest(target, [*self.fields, *_WORDS])
        fix = (
            said("Did you mean {near}?", near=near)
            if near
            else said("There are: {names}.", names=names_of([*self.fields], 60))
        )
        says = said("{module} has no field {name}.", module=self.module, name=target)
        self.problems.append(import_problem("unknown-field", says, fix, column=column))
        return None

    def _column(self, guess: Guess, made: Mapping[str, NewField]) -> ColumnPlan | None:
        if guess.target == SKIP:
            return None
        if guess.target is None:
            new = made.get(guess.column)
            return self._settled(ColumnPlan(guess.column, new.name, new.kind)) if new else None
        field = self.fields.get(guess.target)
        if field is None:
            kind = _KINDS.get(guess.target, FieldKind.TEXT)
            return self._settled(ColumnPlan(guess.column, guess.target, kind))
        if field.written_by == WrittenBy.RULE:
            if guess.origin is Origin.TOLD:
                says = said("a scoring rule writes {name}: no import does.", name=field.name)
                fix = said("Leave the column out, or map it to another field.")
                self.problems.append(import_problem("written-by-rule", says, fix, column=guess.column))
            return None
        target = field.target.name if field.target is not None else None
        kind = FieldKind(field.kind)
        return self._settled(
            ColumnPlan(guess.column, field.name, kind, choices=tuple(field.choices), lookup=target)
        )

    def _is_computed(self, guess: Guess) -> bool:
        field = self.fields.get(guess.target or "")
        return field is not None and field.written_by == WrittenBy.RULE

    def _settled(self, plan: ColumnPlan) -> ColumnPlan | None:
        return settled(self.profiler, plan, self.problems)

    def _with_choices(self, plan: ColumnPlan, new: Mapping[str, Sequence[str]]) -> ColumnPlan:
        return replace(plan, choices=(*plan.choices, *new.get(plan.target, ())))

    # --- new fields

    def _new_fields(self, unknown: Sequence[Guess]) -> list[NewField]:
        wishes = self.wishes
        wanted = [
            g.column
            for g in unknown
            if wishes.create_fields or g.column == wishes.external_id or g.origin is Origin.TOLD
        ]
        if self.wishes.external_id and self.wishes.external_id not in self.staged.columns:
            says = said("the file has no column {column}.", column=self.wishes.external_id)
            fix = said("It has: {columns}.", columns=names_of(self.staged.columns))
            self.problems.append(import_problem("unknown-column", says, fix, column=self.wishes.external_id))
        if len(wanted) > MOST_NEW_FIELDS:
            says = said(
                "{count} unknown columns would become fields, and at most {most} may at once.",
                count=whole(len(wanted)),
                most=MOST_NEW_FIELDS,
            )
            fix = said(
                "Map the columns you need (--map 'COLUMN=FIELD'), and make fields of the others in "
                "the module."
            )
            self.problems.append(import_problem("too-many-fields", says, fix))
            return []
        names = {*self.fields, *_WORDS, *RESERVED}
        made = []
        for column in wanted:
            is_id = column == self.wishes.external_id
            kind = FieldKind.TEXT if is_id else self.profiler.kind_of(column)
            name = _api_name(column, names)
            names.add(name)
            made.append(NewField(column, name, column.strip()[:100], kind, is_id))
        return made

    # --- keys

    def _by(self, columns: Sequence[ColumnPlan]) -> tuple[str, str]:
        """What records are found by, and the target that holds it."""
        found = {}
        for by, meant in KEYS.items():
            targets = [plan.target for plan in columns if self._is_key(plan, meant)]
            if targets:
                found[by] = targets[0]
        by = self.wishes.by
        if by == "none":
            return "", ""
        if by and by not in KEYS:
            says = said("records are not found by {by}.", by=by)
            self.problems.append(
                import_problem("unknown-key", says, said("Choose one of {keys}, none.", keys=", ".join(KEYS)))
            )
            return "", ""
        if by and by not in found:
            says = said("no column holds the {key} by which records are to be found.", key=key_words(by))
            fix = said("Map one (--map 'COLUMN=FIELD'), or choose another --by.")
            self.problems.append(import_problem("no-key-column", says, fix))
            return "", ""
        if by:
            return by, found[by]
        return next(((key, target) for key, target in found.items() if key != "name"), ("", ""))

    def _is_key(self, plan: ColumnPlan, meant: str) -> bool:
        if meant == RECORD_ID:
            return plan.target == RECORD_ID
        if meant == FULL_NAME:  # of modules whose records are called by one field
            return [plan.target] == list(self.module.title)
        if meant == EXTERNAL_ID:
            field = self.fields.get(plan.target)
            return plan.column == self.wishes.external_id or bool(field and field.is_external_id)
        return plan.kind == meant and plan.target in self.fields


def known_fields(fields: Mapping[str, Field]) -> Known:
    """What columns may stand for, of a module's fields by their names."""
    ids = [name for name, field in fields.items() if field.is_external_id]
    lookups = [name for name, field in fields.items() if FieldKind(field.kind) is FieldKind.LOOKUP]
    return Known({name: field.label for name, field in fields.items()}, ids, lookups)


def settled(profiler: Profiler, plan: ColumnPlan, problems: list[Problem]) -> ColumnPlan | None:
    """The plan with the way in which the column's values are written; None, and a problem more, where nobody knows."""
    column = plan.column
    try:
        return profiler.settle(plan)
    except UncertainDatesError as error:
        fix = said("{fix} For example: --date-format '{column}=day-first'.", fix=error.fix, column=column)
        problems.append(import_problem("uncertain-dates", f"{error}.", fix, column=column))
    except UncertainFiguresError as error:
        fix = said("{fix} For example: --decimal '{column}=comma'.", fix=error.fix, column=column)
        problems.append(import_problem("uncertain-numbers", f"{error}.", fix, column=column))
    return None


def _api_name(column: str, taken: set[str]) -> str:
    """
    >>> _api_name("How did you hear?", {"how_did_you_hear"}), _api_name("2nd call", set()), _api_name("電話", set())
    ('how_did_you_hear_2', 'field_2nd_call', 'field')
    """
    slug = re.sub(r"[^a-z0-9]+", "_", column.casefold()).strip("_")
    if not slug[:1].isalpha():
        slug = f"field_{slug}".rstrip("_")
    name = slug = slug[:58].rstrip("_")
    number = 2
    while name in taken:
        name, number = f"{slug}_{number}", number + 1
    return name
