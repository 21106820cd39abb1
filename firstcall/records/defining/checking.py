"""What is wrong with a module's shape by itself and beside the other modules: all of it at once, each with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence

from firstcall.records.defining.shapes import CHOSEN, FieldShape, LayoutShape, ModuleShape
from firstcall.records.kinds import FieldKind, UnfitValueError, take_value
from firstcall.records.models import WrittenBy
from firstcall.records.schema import RESERVED
from firstcall.scoring.problems import Path, Problem, nearest

MOST_FIELDS, MOST_LAYOUTS, MOST_CHOICES, MOST_TITLE = 500, 100, 1_000, 3
LONGEST_LABEL, LONGEST_CHOICE = 100, 255

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_UNIQUE = frozenset({"text", "number", "email", "phone", "url"})
_EXTERNAL = frozenset({"text", "number"})
_BY_RULE = frozenset({"text", "number"})
_IN_TITLE = frozenset({"text", "email", "phone", "picklist", "number", "url"})


def check_shape(shape: ModuleShape, modules: Collection[str]) -> list[Problem]:
    """Every problem; `modules` are the names of all there will be."""
    return [
        *_check_names(shape),
        *_check_fields(shape, modules),
        *_check_title(shape),
        *_check_layouts(shape),
    ]


def _check_names(shape: ModuleShape) -> Iterator[Problem]:
    yield from _check_name(("name",), shape.name)
    yield from _check_label(("label",), shape.label)


def _check_name(path: Path, name: str) -> Iterator[Problem]:
    if not _NAME.fullmatch(name):
        says = f"`{name[:80]}` is no name."
        yield Problem(path, "name", says, "Write small letters, digits and _, a letter first, 63 at most.")


def _check_label(path: Path, label: str) -> Iterator[Problem]:
    if not 0 < len(label.strip()) <= LONGEST_LABEL or "\0" in label:
        yield Problem(path, "label", f"A label has 1 to {LONGEST_LABEL} characters.", "Say what people read.")


def _doubled(names: Sequence[str], path: Callable[[int], Path]) -> Iterator[Problem]:
    met: set[str] = set()
    for index, name in enumerate(names):
        if name in met:
            yield Problem(path(index), "doubled", f"`{name[:80]}` stands here twice.", "Keep one of them.")
        met.add(name)


def _check_fields(shape: ModuleShape, modules: Collection[str]) -> Iterator[Problem]:
    if len(shape.fields) > MOST_FIELDS:
        yield Problem(("fields",), "too-many", f"A module has at most {MOST_FIELDS} fields.")
    yield from _doubled([field.name for field in shape.fields], lambda i: ("fields", i, "name"))
    for index, field in enumerate(shape.fields):
        yield from check_field(field, ("fields", index), modules)


def check_field(field: FieldShape, path: Path, modules: Collection[str]) -> Iterator[Problem]:
    yield from _check_name((*path, "name"), field.name)
    if field.name in RESERVED:
        says = f"`{field.name}` is what every record has by itself."
        yield Problem((*path, "name"), "reserved", says, "Call the field something else.")
    yield from _check_label((*path, "label"), field.label)
    if field.kind not in [kind.value for kind in FieldKind]:
        near = nearest(field.kind, [kind.value for kind in FieldKind])
        fix = f"Did you mean {near}?" if near else f"There are: {', '.join(FieldKind)}."
        yield Problem((*path, "kind"), "kind", f"`{field.kind[:80]}` is no kind of field.", fix)
        return
    kind = FieldKind(field.kind)
    yield from _check_choices(field, kind, path)
    yield from _check_flags(field, path)
    yield from _check_target(field, kind, path, modules)
    yield from _check_default(field, kind, path)


def _check_choices(field: FieldShape, kind: FieldKind, path: Path) -> Iterator[Problem]:
    path = (*path, "choices")
    if kind in CHOSEN and not field.choices:
        yield Problem(path, "choices", f"`{field.name}` offers nothing to choose.", "Give its choices.")
    if kind not in CHOSEN and field.choices:
        says = "Only a picklist and a multi_select have choices."
        yield Problem(path, "choices", says, "Take them away, or change the kind.")
    yield from check_choices(field.choices, path)


def check_choices(choices: Sequence[str], path: Path) -> Iterator[Problem]:
    if len(choices) > MOST_CHOICES:
        yield Problem(path, "too-many", f"There are at most {MOST_CHOICES:,} choices.")
    yield from _doubled(choices, lambda index: (*path, index))
    for index, choice in enumerate(choices):
        if not 0 < len(choice) <= LONGEST_CHOICE or "\0" in choice or choice != choice.strip():
            says = f"A choice has 1 to {LONGEST_CHOICE} characters, and no space around it."
            yield Problem((*path, index), "choice", says)


def _check_flags(field: FieldShape, path: Path) -> Iterator[Problem]:
    for flag, set_, kinds in (
        ("unique", field.unique, _UNIQUE),
        ("external_id", field.external_id, _EXTERNAL),
    ):
        if set_ and field.kind not in kinds:
            says = f"A field of the kind {field.kind} cannot be {flag}."
            yield Problem((*path, flag), "flag", says, f"Kinds that can be are {', '.join(sorted(kinds))}.")
    if field.currency and (field.kind != FieldKind.CURRENCY or not _CURRENCY.fullmatch(field.currency)):
        says = "A currency is three capitals, such as EUR, and goes with the kind currency."
        yield Problem((*path, "currency"), "currency", says)
    if field.written_by not in WrittenBy.values:
        says = f"`{field.written_by[:80]}` writes no fields."
        yield Problem((*path, "written_by"), "written-by", says, "Write anyone or rule.")
    elif field.written_by == WrittenBy.RULE:
        if field.kind not in _BY_RULE:
            says = "A rule writes numbers and texts alone."
            yield Problem((*path, "kind"), "written-by", says, "Take number, or text for grades.")
        if field.required or field.unique or field.external_id or field.default is not None:
            says = "What a rule writes is neither required nor unique, and has no default."
            yield Problem((*path, "written_by"), "written-by", says)


def _check_target(
    field: FieldShape, kind: FieldKind, path: Path, modules: Collection[str]
) -> Iterator[Problem]:
    path = (*path, "target")
    if kind is not FieldKind.LOOKUP:
        if field.target is not None:
            yield Problem(path, "target", "Only a lookup has a target.", "Take it away, or change the kind.")
    elif field.target is None:
        says = f"`{field.name}` does not say which records it looks up."
        yield Problem(path, "target", says, "Name the module as its target.")
    elif field.target not in modules:
        near = nearest(field.target, modules)
        fix = f"Did you mean {near}?" if near else f"There are: {', '.join(sorted(modules))}."
        yield Problem(path, "target", f"There is no module {field.target[:80]}.", fix)


def _check_default(field: FieldShape, kind: FieldKind, path: Path) -> Iterator[Problem]:
    if field.default is None:
        return
    path = (*path, "default")
    if kind is FieldKind.LOOKUP or field.unique or field.external_id:
        yield Problem(path, "default", "A look-up or a unique field has no default.", "Take it away.")
        return
    try:
        taken = take_value(kind, field.default)
    except UnfitValueError as error:
        yield Problem(path, "default", f"`{field.name}` {error}.")
        return
    chosen = taken if isinstance(taken, list) else [taken]
    if kind in CHOSEN and (strange := [entry for entry in chosen if entry not in field.choices]):
        yield Problem(path, "default", f"{strange[0]} is none of its choices.", "Add it, or take another.")


def _check_title(shape: ModuleShape) -> Iterator[Problem]:
    if len(shape.title) > MOST_TITLE:
        yield Problem(("title",), "too-many", f"A title is of at most {MOST_TITLE} fields.")
    yield from _doubled(shape.title, lambda index: ("title", index))
    for index, name in enumerate(shape.title):
        field = shape.field(name)
        if field is None:
            near = nearest(name, [field.name for field in shape.fields])
            fix = f"Did you mean {near}?" if near else ""
            yield Problem(("title", index), "unknown-field", f"There is no field {name[:80]}.", fix)
        elif field.kind in list(FieldKind) and field.kind not in _IN_TITLE:
            says = f"A title is of words; {name} is of the kind {field.kind}."
            yield Problem(("title", index), "title", says)


def _check_layouts(shape: ModuleShape) -> Iterator[Problem]:
    if len(shape.layouts) > MOST_LAYOUTS:
        yield Problem(("layouts",), "too-many", f"A module has at most {MOST_LAYOUTS} layouts.")
    yield from _doubled([layout.name for layout in shape.layouts], lambda i: ("layouts", i, "name"))
    defaults = sum(layout.default for layout in shape.layouts)
    if shape.layouts and defaults != 1:
        says = f"One layout is the default; here are {defaults}."
        yield Problem(("layouts",), "default-layout", says, "Set default: true at one of them.")
    for index, layout in enumerate(shape.layouts):
        yield from _check_layout(shape, layout, ("layouts", index))


def _check_layout(shape: ModuleShape, layout: LayoutShape, path: Path) -> Iterator[Problem]:
    yield from _check_name((*path, "name"), layout.name)
    yield from _check_label((*path, "label"), layout.label)
    yield from _doubled([entry.field for entry in layout.fields], lambda i: (*path, "fields", i))
    if not layout.fields and not layout.all_fields:
        fix = "Name its fields, or set all_fields: true."
        yield Problem((*path, "fields"), "empty", f"The layout {layout.name} has no field.", fix)
    for index, entry in enumerate(layout.fields):
        here: Path = (*path, "fields", index)
        field = shape.field(entry.field)
        if field is None:
            near = nearest(entry.field, [field.name for field in shape.fields])
            fix = f"Did you mean {near}?" if near else ""
            yield Problem(here, "unknown-field", f"There is no field {entry.field[:80]}.", fix)
            continue
        if entry.required and field.written_by == WrittenBy.RULE:
            yield Problem(here, "written-by", f"A rule writes {field.name}; it cannot be required.")
        for at, choice in enumerate(entry.choices or ()):
            if choice not in field.choices:
                says = f"{choice[:80]} is none of the choices of {field.name}."
                fix = "Add it to the field too: a layout offers some of its choices."
                yield Problem((*here, "choices", at), "choice", says, fix)
