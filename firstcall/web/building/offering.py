"""What a criterion can be about, and what can be asked of it: the fields of a module, touchpoint types, tests in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise, cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Layout, Module
from firstcall.scorekeeping.compiled import module_columns
from firstcall.scoring.values import Kind
from firstcall.touchpoints.catalogue import PropertyKind, channel_label, list_types
from firstcall.web.choices import grouped_options
from firstcall.web.labelling import OWN

type Word = str | Promise

FILLED, YES, NO = "filled", "yes", "no"
"""Tests that are shown as one word: `empty: false`, `is: true`, `is: false`."""

_EQUAL: dict[str, Word] = {
    "is": _("is"), "is_not": _("is not"), "in": _("is one of"), "not_in": _("is none of"),
}  # fmt: skip
_PARTS: dict[str, Word] = {
    "contains": _("contains"),
    "not_contains": _("does not contain"),
    "has_word": _("has the word"),
    "not_has_word": _("has not the word"),
    "starts_with": _("begins with"),
    "not_starts_with": _("does not begin with"),
    "ends_with": _("ends with"),
    "not_ends_with": _("does not end with"),
}
_SIZES: dict[str, Word] = {
    "gte": _("is at least"),
    "gt": _("is more than"),
    "lte": _("is at most"),
    "lt": _("is less than"),
    "between": _("is between"),
}
_TIMES: dict[str, Word] = {
    "in_last": _("is within the last"),
    "in_next": _("is within the next"),
    "older_than": _("is longer ago than"),
    "before": _("is before"),
    "after": _("is after"),
    "between": _("is between"),
}
_PRESENCE: dict[str, Word] = {FILLED: _("is filled"), "empty": _("is empty")}
_TRUTH: dict[str, Word] = {YES: _("is yes"), NO: _("is no")}

TESTS: Mapping[Kind, dict[str, Word]] = {
    Kind.TEXT: {**_EQUAL, **_PARTS, **_PRESENCE},
    Kind.NUMBER: {**_SIZES, **_EQUAL, **_PRESENCE},
    Kind.TRUTH: {**_TRUTH, **_PRESENCE},
    Kind.DATE: {**_TIMES, **_PRESENCE},
    Kind.TIME: {**_TIMES, **_PRESENCE},
    Kind.LIST: {"contains": _("has an entry with"), "is": _("has"), "is_not": _("has not"), "in": _("has one of"),
                "not_in": _("has none of"), **_PRESENCE},
}  # fmt: skip
COUNTS: dict[str, Word] = {**_SIZES, "is": _("is"), "is_not": _("is not"), "in": _("is one of")}
PROPERTIES: dict[str, Word] = {
    **_EQUAL, **_PARTS, **_SIZES, "before": _("is before"), "after": _("is after"), **_TRUTH, **_PRESENCE,
}  # fmt: skip
EVERY_TEST: dict[str, Word] = {**PROPERTIES, **_TIMES}
MANY = frozenset(
    {"in", "not_in"}
    | {f"{no}{key}" for no in ("", "not_") for key in ("contains", "has_word", "starts_with", "ends_with")}
)
"""Tests that take several values."""
DURATIONS = frozenset({"in_last", "in_next", "older_than"})
WITHOUT_VALUE = frozenset({FILLED, "empty", YES, NO})

UNITS: dict[str, Word] = {
    "days": _("days"),
    "weeks": _("weeks"),
    "hours": _("hours"),
    "minutes": _("minutes"),
}
AGGREGATES: dict[str, Word] = {
    "count": _("How many"),
    "sum": _("The sum of"),
    "max": _("The greatest"),
    "min": _("The smallest"),
    "latest": _("The latest"),
    "distinct": _("How many different"),
    "distinct_days": _("On how many days"),
    "busiest": _("The most within"),
}
WITH_PROPERTY = frozenset({"sum", "max", "min", "latest", "distinct"})


@dataclass(frozen=True, slots=True)
class OfferedField:
    name: str
    label: Word
    kind: Kind
    choices: Sequence[str] = ()
    of: str = ""  # the label of the module that it is reached in

    @property
    def is_date(self) -> bool:
        return self.kind in (Kind.DATE, Kind.TIME)


@dataclass(frozen=True, slots=True)
class Channel:
    """`types` by what a rule writes, with their labels."""

    label: Word
    types: Mapping[str, Word]


@dataclass(frozen=True)
class Offer:
    """`properties` are the names of the properties of each type."""

    module: Module
    fields: Mapping[str, OfferedField]
    channels: Sequence[Channel]
    properties: Mapping[str, Mapping[str, PropertyKind]]
    people: Sequence[str] = field(default=())

    @property
    def has_touchpoints(self) -> bool:
        return self.module.is_people or bool(self.people)

    @property
    def groups(self) -> dict[Word, list[OfferedField]]:
        """The fields by the module that they are of."""
        found: dict[Word, list[OfferedField]] = {}
        for offered in self.fields.values():
            found.setdefault(offered.of or self.module.called, []).append(offered)
        return found

    @cached_property
    def type_options(self) -> SafeString:
        """The options of a choice of touchpoint types, none of them chosen."""
        return grouped_options((channel.label, channel.types.items()) for channel in self.channels)

    @cached_property
    def field_options(self) -> SafeString:
        groups = self.groups.items()
        return grouped_options((label, [(one.name, one.label) for one in fields]) for label, fields in groups)

    @property
    def known_types(self) -> set[str]:
        return {type for channel in self.channels for type in channel.types}

    def known_properties(self, types: Sequence[str]) -> dict[str, PropertyKind]:
        """Those of the types, `web.*` and `*` being all of theirs."""
        found: dict[str, PropertyKind] = {}
        for type, properties in self.properties.items():
            if any(
                type == one or one == "*" or (one.endswith(".*") and type.startswith(one[:-1]))
                for one in types
            ):
                found |= properties
        return dict(sorted(found.items()))


def offer(module: Module) -> Offer:
    columns = module_columns(module).columns
    known = {(row.module.name, row.name): row for row in Field.objects.select_related("module")}
    labels = {one.name: one.called for one in Module.objects.all()}
    layouts = list(Layout.objects.filter(module=module).values_list("name", flat=True))
    fields = {
        name: _offered(name, column.kind, known.get((module.name, name)), layouts)
        for name, column in columns.records.fields.items()
    }
    for look, to in columns.records.lookups.items():
        reached = columns.related[to.module]
        label = f"{fields[look].label} · {labels.get(to.module, to.module)}"
        for name, column in reached.fields.items():
            row = known.get((to.module, name))
            if row is not None and row.kind != FieldKind.LOOKUP:
                fields[f"{look}.{name}"] = _offered(f"{look}.{name}", column.kind, row, (), label)
    first = [name for name, row in fields.items() if name not in OWN and name != "id" and not row.of]
    ordered = {name: fields[name] for name in (*first, *(n for n in fields if n not in first and n != "id"))}
    return Offer(
        module,
        ordered,
        _channels(),
        {t.type: t.properties for t in list_types()},
        _people(module, columns.related),
    )


def _offered(name: str, kind: Kind, row: Field | None, layouts: Sequence[str], of: str = "") -> OfferedField:
    choices = row.choices if row is not None else (layouts if name == "layout" else ())
    return OfferedField(name, row.called if row is not None else OWN.get(name, name), kind, choices, of)


def _channels() -> list[Channel]:
    found: dict[str, dict[str, Word]] = {}
    for type in list_types():
        found.setdefault(type.channel, {})[type.type] = type.called
    channels = [
        Channel(channel_label(channel), {**types, f"{channel}.*": _("Any of them")})
        for channel, types in found.items()
    ]
    return [*channels, Channel(_("Everything"), {"*": _("Any touchpoint")})]


def _people(module: Module, related: Mapping[str, object]) -> list[str]:
    """Whose touchpoints may be counted besides the record's own: modules of people that look it up."""
    ways = Field.objects.filter(kind=FieldKind.LOOKUP, target=module, module__is_people=True)
    return sorted({name for name in ways.values_list("module__name", flat=True) if name in related})
