"""What differs between a module as it is and as it is to be, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields as attributes
from dataclasses import replace

from firstcall.records.defining.shapes import EntryShape, FieldShape, LayoutShape, ModuleShape

_CALLED = {
    "people": "people module",
    "external_id": "external id",
    "written_by": "written by",
    "all_fields": "all fields",
}


def merge(old: ModuleShape | None, new: ModuleShape) -> ModuleShape:
    """The new shape with all that the old one has besides: what is not named stays."""
    if old is None:
        return new
    layouts = {layout.name for layout in new.layouts}
    kept = [layout for layout in old.layouts if layout.name not in layouts]
    if any(layout.default for layout in new.layouts):
        kept = [replace(layout, default=False) for layout in kept]
    return replace(
        new,
        title=new.title or old.title,
        fields=_merged_fields(old.fields, new.fields),
        layouts=(*new.layouts, *kept),
    )


def _merged_fields(old: Sequence[FieldShape], new: Sequence[FieldShape]) -> tuple[FieldShape, ...]:
    """In the new order where every field is named; else new ones come last."""
    named = {field.name: field for field in new}
    if len(named) < len(new) or all(field.name in named for field in old):
        return tuple(new)  # a name that stands there twice is refused later
    before = {field.name for field in old}
    return (*(named.get(field.name, field) for field in old), *(f for f in new if f.name not in before))


def differences(old: ModuleShape | None, new: ModuleShape) -> list[str]:
    """A line each, in the order of the new shape; what goes comes last."""
    if old is None:
        lines = [f"{new.name}: a new module"]
        old = ModuleShape(new.name, new.label, new.people, new.title)
    else:
        lines = []
    lines += [f"{new.name}: {said}" for said in _attributes(old, new, ("label", "people", "title"))]
    for field in new.fields:
        lines += _field_lines(new.name, old.field(field.name), field)
    if lines_of_order := _order(old, new):
        lines.append(lines_of_order)
    for layout in new.layouts:
        lines += _layout_lines(new.name, old.layout(layout.name), layout)
    gone = [
        f"{new.name}.{field.name}: goes, with its values" for field in old.fields if not new.field(field.name)
    ]
    gone += [
        f"{new.name}, layout {layout.name}: goes" for layout in old.layouts if not new.layout(layout.name)
    ]
    return lines + gone


def _field_lines(module: str, old: FieldShape | None, new: FieldShape) -> Iterator[str]:
    if old is None:
        yield f"{module}.{new.name}: a new field, {new.kind}"
        return
    names = [each.name for each in attributes(FieldShape) if each.name not in ("name", "choices")]
    yield from (f"{module}.{new.name}: {said}" for said in _attributes(old, new, names))
    if old.choices != new.choices:
        yield f"{module}.{new.name}: {_choices(old.choices, new.choices)}"


def _choices(old: tuple[str, ...], new: tuple[str, ...]) -> str:
    came = [choice for choice in new if choice not in old]
    went = [choice for choice in old if choice not in new]
    said = [f"choices {word} {', '.join(some)}" for word, some in (("come:", came), ("go:", went)) if some]
    return "; ".join(said) or "its choices are in another order"


def _order(old: ModuleShape, new: ModuleShape) -> str:
    before = [field.name for field in old.fields if new.field(field.name)]
    after = [field.name for field in new.fields if old.field(field.name)]
    return f"{new.name}: its fields are in another order" if before != after else ""


def _layout_lines(module: str, old: LayoutShape | None, new: LayoutShape) -> Iterator[str]:
    where = f"{module}, layout {new.name}"
    if old is None:
        yield f"{where}: a new layout"
        return
    yield from (f"{where}: {said}" for said in _attributes(old, new, ("label", "default", "all_fields")))
    before = {entry.field: entry for entry in old.fields}
    after = {entry.field: entry for entry in new.fields}
    came, went = (
        [name for name in after if name not in before],
        [name for name in before if name not in after],
    )
    for word, names in (("has also", came), ("no longer has", went)):
        if names:
            yield f"{where}: {word} {', '.join(names)}"
    for name in after:
        if name in before and before[name] != after[name]:
            yield f"{where}, {name}: {_entry(before[name], after[name])}"
    if not came and not went and list(before) != list(after):
        yield f"{where}: its fields are in another order"


def _entry(old: EntryShape, new: EntryShape) -> str:
    said = list(_attributes(old, new, ("required",)))
    if old.choices != new.choices:
        said.append("other choices" if new.choices is not None else "all choices of the field")
    return "; ".join(said)


def _attributes(
    old: object, new: object, names: Iterator[str] | list[str] | tuple[str, ...]
) -> Iterator[str]:
    for name in names:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield f"{_CALLED.get(name, name)} was {_told(before)} and is {_told(after)}"


def _told(value: object) -> str:
    if value is None or value == "" or value == ():
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return str(value)
