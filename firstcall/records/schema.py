"""A module as its writers see it: the fields that each layout has, with what is asked of their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db import connection

from firstcall.records.keys import Key, KeyKind, key_kind_of, keys_of
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Layout, LayoutField, Module, Record, WrittenBy

# Every record has these beside its fields; no field may be called so.
RESERVED = (
    "id", "module", "layout", "owner", "tags", "values", "version", "created_at", "created_by", "updated_at", "deleted_at",
)  # fmt: skip


@dataclass(frozen=True)
class Slot:
    """A field as one layout has it."""

    field: Field
    is_required: bool
    choices: tuple[str, ...]

    @cached_property
    def kind(self) -> FieldKind:
        return FieldKind(self.field.kind)

    @cached_property
    def is_unique(self) -> bool:
        return self.field.is_unique or self.field.is_external_id

    @cached_property
    def key_kind(self) -> KeyKind | None:
        return key_kind_of(self.field)

    @cached_property
    def is_written_by_rule(self) -> bool:
        return self.field.written_by == WrittenBy.RULE


@dataclass(frozen=True)
class LayoutSchema:
    """A layout's fields in its order; without `layout` those of a module that has none."""

    layout: Layout | None
    slots: Mapping[str, Slot]

    @cached_property
    def required(self) -> tuple[str, ...]:
        return tuple(name for name, slot in self.slots.items() if slot.is_required)

    @cached_property
    def defaults(self) -> Mapping[str, object]:
        return {name: s.field.default for name, s in self.slots.items() if s.field.default is not None}

    @property
    def name(self) -> str | None:
        return self.layout.name if self.layout else None


@dataclass(frozen=True)
class Schema:
    """A module with all of its fields and layouts, as of the time it was loaded."""

    module: Module
    fields: Mapping[str, Field]
    layouts: Mapping[int | None, LayoutSchema]

    @cached_property
    def default(self) -> LayoutSchema:
        """The layout of a new record of which nothing else is said."""
        for schema in self.layouts.values():
            if schema.layout and schema.layout.is_default:
                return schema
        return self.layouts[None]

    @cached_property
    def by_name(self) -> Mapping[str, LayoutSchema]:
        return {s.layout.name: s for s in self.layouts.values() if s.layout}

    @cached_property
    def lookups(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields.values() if field.kind == FieldKind.LOOKUP)

    @cached_property
    def _key_fields(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields.values() if key_kind_of(field))

    def keys(self, values: Mapping[str, object]) -> set[Key]:
        return keys_of(self._key_fields, self.module.title, values)

    @cached_property
    def key_names(self) -> frozenset[str]:
        """The fields whose values bear on the keys."""
        return frozenset({*(field.name for field in self._key_fields), *self.module.title})

    def links(self, values: Mapping[str, object]) -> dict[int, int]:
        """The look-ups that are set: the record by the field's id."""
        return {field.pk: int(str(values[field.name])) for field in self.lookups if field.name in values}


def load_schema(module: Module, *, to_write: bool = False) -> Schema:
    """What the module is now.

    to_write  and shall stay until the transaction ends: who changes fields or layouts waits
    """
    if to_write:
        # The lock that every new record takes anyway, by its reference to the module.
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM records_module WHERE id = %s FOR KEY SHARE", [module.pk])
    fields = {field.name: field for field in module.fields.order_by("position", "pk")}
    slots = {name: Slot(field, field.is_required, tuple(field.choices)) for name, field in fields.items()}
    layouts: dict[int | None, LayoutSchema] = {None: LayoutSchema(None, slots)}
    for layout in module.layouts.order_by("pk").prefetch_related("entries"):
        layouts[layout.pk] = LayoutSchema(layout, _slots_of(layout, slots))
    return Schema(module, fields, layouts)


def _slots_of(layout: Layout, whole: Mapping[str, Slot]) -> Mapping[str, Slot]:
    names = {slot.field.pk: name for name, slot in whole.items()}
    entries = sorted(layout.entries.all(), key=lambda entry: (entry.position, entry.pk))
    own = {names[entry.field_id]: _slot(whole[names[entry.field_id]], entry) for entry in entries}
    return (
        {**own, **{name: slot for name, slot in whole.items() if name not in own}} if layout.is_whole else own
    )


def _slot(slot: Slot, entry: LayoutField) -> Slot:
    return Slot(
        slot.field,
        slot.is_required if entry.is_required is None else entry.is_required,
        slot.choices if entry.choices is None else tuple(entry.choices),
    )


def title_of(module: Module, values: Mapping[str, object], *, otherwise: Iterable[str] = ("email",)) -> str:
    """What a record is called: its title's values; where there is none, its e-mail address."""
    for names in (module.title, otherwise):
        if words := " ".join(str(values[name]) for name in names if values.get(name)):
            return words
    return ""


def name_of(record: Record) -> str:
    """What a record is called wherever it is named: its number where it has no title."""
    return title_of(record.module, record.values) or f"#{record.pk}"
