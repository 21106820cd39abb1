"""A module as a value: what it is called, its fields and its layouts. The API, YAML and the product itself speak it."""

from __future__ import annotations

from dataclasses import dataclass

from firstcall.records.kinds import FieldKind
from firstcall.records.labels import field_label, module_label
from firstcall.records.models import Field, Layout, Module, WrittenBy
from firstcall.scoring.times import format_moment

CHOSEN = (FieldKind.PICKLIST, FieldKind.MULTI_SELECT)


@dataclass(frozen=True, slots=True)
class FieldShape:
    """A field; `models.Field` says what each means. The default is as people give it."""

    name: str
    label: str
    kind: str
    choices: tuple[str, ...] = ()
    required: bool = False
    unique: bool = False
    external_id: bool = False
    default: object = None
    target: str | None = None
    currency: str = ""
    written_by: str = WrittenBy.ANYONE.value

    @property
    def called(self) -> str:
        """Its label as its reader says it."""
        return field_label(self.name, self.label)


@dataclass(frozen=True, slots=True)
class EntryShape:
    """A field of a layout; None is as the field says."""

    field: str
    required: bool | None = None
    choices: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class LayoutShape:
    """A layout. With `all_fields` it has every field, and `fields` are those of which it asks something else."""

    name: str
    label: str
    default: bool = False
    all_fields: bool = False
    fields: tuple[EntryShape, ...] = ()


@dataclass(frozen=True, slots=True)
class ModuleShape:
    name: str
    label: str
    people: bool = False
    title: tuple[str, ...] = ()
    fields: tuple[FieldShape, ...] = ()
    layouts: tuple[LayoutShape, ...] = ()

    @property
    def called(self) -> str:
        """Its label as its reader says it."""
        return module_label(self.name, self.label)

    def field(self, name: str) -> FieldShape | None:
        return next((field for field in self.fields if field.name == name), None)

    def layout(self, name: str) -> LayoutShape | None:
        return next((layout for layout in self.layouts if layout.name == name), None)


def shape_of(module: Module) -> ModuleShape:
    """A module as it is in the database."""
    fields = module.fields.order_by("position", "pk").select_related("target")
    layouts = module.layouts.order_by("pk").prefetch_related("entries__field")
    return ModuleShape(
        module.name,
        module.label,
        module.is_people,
        tuple(module.title),
        tuple(field_shape(field) for field in fields),
        tuple(_layout_shape(layout) for layout in layouts),
    )


def field_shape(field: Field) -> FieldShape:
    return FieldShape(
        field.name,
        field.label,
        field.kind,
        tuple(field.choices),
        field.is_required,
        field.is_unique,
        field.is_external_id,
        field.default if field.kind != FieldKind.DATE_TIME else _written(field.default),
        field.target.name if field.target else None,
        field.currency,
        field.written_by,
    )


def _written(moment: object) -> object:
    return format_moment(moment) if isinstance(moment, int) else moment


def _layout_shape(layout: Layout) -> LayoutShape:
    entries = sorted(layout.entries.all(), key=lambda entry: (entry.position, entry.pk))
    return LayoutShape(
        layout.name,
        layout.label,
        layout.is_default,
        layout.is_whole,
        tuple(
            EntryShape(e.field.name, e.is_required, None if e.choices is None else tuple(e.choices))
            for e in entries
        ),
    )
