"""What is wrong with a module's shape by itself and beside the other modules: all of it at once, each with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence

from firstcall.records.defining.shapes import CHOSEN, FieldShape, LayoutShape, ModuleShape
from firstcall.records.kinds import FieldKind, UnfitValueError, take_value
from firstcall.records.models import WrittenBy
from firstcall.records.schema import RESERVED
from firstcall.scoring.problems import Path, Problem, nearest
from firstcall.scoring.saying import said, whole

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
        says = said("`{name}` is no name.", name=name[:80])
        yield Problem(
            path, "name", says, said("Write small letters, digits and _, a letter first, 63 at most.")
        )


def _check_label(path: Path, label: str) -> Iterator[Problem]:
    if not 0 < len(label.strip()) <= LONGEST_LABEL or "\0" in label:
        yield Problem(
            path,
            "label",
            said("A label has 1 to {longest} characters.", longest=LONGEST_LABEL),
            said("Say what people read."),
        )


def _doubled(names: Sequence[str], path: Callable[[int], Path]) -> Iterator[Problem]:
    met: set[str] = set()
    for index, name in enumerate(names):
        if name in met:
            yield Problem(
                path(index),
                "doubled",
                said("`{name}` stands here twice.", name=name[:80]),
                said("Keep one of them."),
            )
        met.add(name)


def _check_fields(shape: ModuleShape, modules: Collection[str]) -> Iterator[Problem]:
    if len(shape.fields) > MOST_FIELDS:
        yield Problem(("fields",), "too-many", said("A module has at most {most} fields.", most=MOST_FIELDS))
    yield from _doubled([field.name for field in shape.fields], lambda i: ("fields", i, "name"))
    for index, field in enumerate(shape.fields):
        yield from check_field(field, ("fields", index), modules)


def check_field(field: FieldShape, path: Path, modules: Collection[str]) -> Iterator[Problem]:
    yield from _check_name((*path, "name"), field.name)
    if field.name in RESERVED:
        says = said("`{name}` is what every record has by itself.", name=field.name)
        yield Problem((*path, "name"), "reserved", says, said("Call the field something else."))
    yield from _check_label((*path, "label"), field.label)
    if field.kind not in [kind.value for kind in FieldKind]:
        near = nearest(field.kind, [kind.value for kind in FieldKind])
        fix = (
            said("Did you mean {near}?", near=near)
            if near
            else said("There are: {names}.", names=", ".join(FieldKind))
        )
        yield Problem(
            (*path, "kind"), "kind", said("`{kind}` is no kind of field.", kind=field.kind[:80]), fix
        )
        return
    kind = FieldKind(field.kind)
    yield from _check_choices(field, kind, path)
    yield from _check_flags(field, path)
    yield from _check_target(field, kind, path, modules)
    yield from _check_default(field, kind, path)


def _check_choices(field: FieldShape, kind: FieldKind, path: Path) -> Iterator[Problem]:
    path = (*path, "choices")
    if kind in CHOSEN and not field.choices:
        yield Problem(
            path,
            "choices",
            said("`{name}` offers nothing to choose.", name=field.name),
            said("Give its choices."),
        )
    if kind not in CHOSEN and field.choices:
        says = said("Only a picklist and a multi_select have choices.")
        yield Problem(path, "choices", says, said("Take them away, or change the kind."))
    yield from check_choices(field.choices, path)


def check_choices(choices: Sequence[str], path: Path) -> Iterator[Problem]:
    if len(choices) > MOST_CHOICES:
        yield Problem(path, "too-many", said("There are at most {most} choices.", most=whole(MOST_CHOICES)))
    yield from _doubled(choices, lambda index: (*path, index))
    for index, choice in enumerate(choices):
        if not 0 < len(choice) <= LONGEST_CHOICE or "\0" in choice or choice != choice.strip():
            says = said(
                "A choice has 1 to {longest} characters, and no space around it.", longest=LONGEST_CHOICE
            )
            yield Problem((*path, index), "choice", says)


def _check_flags(field: FieldShape, path: Path) -> Iterator[Problem]:
    for flag, set_, kinds in (
        ("unique", field.unique, _UNIQUE),
        ("external_id", field.external_id, _EXTERNAL),
    ):
        if set_ and field.kind not in kinds:
            says = said("A field of the kind {kind} cannot be {flag}.", kind=field.kind, flag=flag)
            yield Problem(
                (*path, flag),
                "flag",
                says,
                said("Kinds that can be are {kinds}.", kinds=", ".join(sorted(kinds))),
            )
    if field.currency and (field.kind != FieldKind.CURRENCY or not _CURRENCY.fullmatch(field.currency)):
        says = said("A currency is three capitals, such as EUR, and goes with the kind currency.")
        yield Problem((*path, "currency"), "currency", says)
    if field.written_by not in WrittenBy.values:
        says = said("`{written_by}` writes no fields.", written_by=field.written_by[:80])
        yield Problem((*path, "written_by"), "written-by", says, said("Write anyone or rule."))
    elif field.written_by == WrittenBy.RULE:
        if field.kind not in _BY_RULE:
            says = said("A rule writes numbers and texts alone.")
            yield Problem((*path, "kind"), "written-by", says, said("Take number, or text for grades."))
        if field.required or field.unique or field.external_id or field.default is not None:
            says = said("What a rule writes is neither required nor unique, and has no default.")
            yield Problem((*path, "written_by"), "written-by", says)


def _check_target(
    field: FieldShape, kind: FieldKind, path: Path, modules: Collection[str]
) -> Iterator[Problem]:
    path = (*path, "target")
    if kind is not FieldKind.LOOKUP:
        if field.target is not None:
            yield Problem(
                path, "target", said("Only a lookup has a target."), said("Take it away, or change the kind.")
            )
    elif field.target is None:
        says = said("`{name}` does not say which records it looks up.", name=field.name)
        yield Problem(path, "target", says, said("Name the module as its target."))
    elif field.target not in modules:
        near = nearest(field.target, modules)
        fix = (
            said("Did you mean {near}?", near=near)
            if near
            else said("There are: {names}.", names=", ".join(sorted(modules)))
        )
        yield Problem(path, "target", said("There is no module {target}.", target=field.target[:80]), fix)


def _check_default(field: FieldShape, kind: FieldKind, path: Path) -> Iterator[Problem]:
    if field.default is None:
        return
    path = (*path, "default")
    if kind is FieldKind.LOOKUP or field.unique or field.external_id:
        yield Problem(
            path, "default", said("A look-up or a unique field has no default."), said("Take it away.")
        )
        return
    try:
        taken = take_value(kind, field.default)
    except UnfitValueError as error:
        yield Problem(path, "default", f"`{field.name}` {error}.")
        return
    chosen = taken if isinstance(taken, list) else [taken]
    if kind in CHOSEN and (strange := [entry for entry in chosen if entry not in field.choices]):
        yield Problem(
            path,
            "default",
            said("{strange} is none of its choices.", strange=strange[0]),
            said("Add it, or take another."),
        )


def _check_title(shape: ModuleShape) -> Iterator[Problem]:
    if len(shape.title) > MOST_TITLE:
        yield Problem(("title",), "too-many", said("A title is of at most {most} fields.", most=MOST_TITLE))
    yield from _doubled(shape.title, lambda index: ("title", index))
    for index, name in enumerate(shape.title):
        field = shape.field(name)
        if field is None:
            near = nearest(name, [field.name for field in shape.fields])
            fix = said("Did you mean {near}?", near=near) if near else ""
            yield Problem(
                ("title", index), "unknown-field", said("There is no field {name}.", name=name[:80]), fix
            )
        elif field.kind in list(FieldKind) and field.kind not in _IN_TITLE:
            says = said("A title is of words; {name} is of the kind {kind}.", name=name, kind=field.kind)
            yield Problem(("title", index), "title", says)


def _check_layouts(shape: ModuleShape) -> Iterator[Problem]:
    if len(shape.layouts) > MOST_LAYOUTS:
        yield Problem(
            ("layouts",), "too-many", said("A module has at most {most} layouts.", most=MOST_LAYOUTS)
        )
    yield from _doubled([layout.name for layout in shape.layouts], lambda i: ("layouts", i, "name"))
    defaults = sum(layout.default for layout in shape.layouts)
    if shape.layouts and defaults != 1:
        says = said("One layout is the default; here are {defaults}.", defaults=defaults)
        yield Problem(("layouts",), "default-layout", says, said("Set default: true at one of them."))
    for index, layout in enumerate(shape.layouts):
        yield from _check_layout(shape, layout, ("layouts", index))


def _check_layout(shape: ModuleShape, layout: LayoutShape, path: Path) -> Iterator[Problem]:
    yield from _check_name((*path, "name"), layout.name)
    yield from _check_label((*path, "label"), layout.label)
    yield from _doubled([entry.field for entry in layout.fields], lambda i: (*path, "fields", i))
    if not layout.fields and not layout.all_fields:
        fix = said("Name its fields, or set all_fields: true.")
        yield Problem(
            (*path, "fields"), "empty", said("The layout {name} has no field.", name=layout.name), fix
        )
    for index, entry in enumerate(layout.fields):
        here: Path = (*path, "fields", index)
        field = shape.field(entry.field)
        if field is None:
            near = nearest(entry.field, [field.name for field in shape.fields])
            fix = said("Did you mean {near}?", near=near) if near else ""
            yield Problem(
                here, "unknown-field", said("There is no field {name}.", name=entry.field[:80]), fix
            )
            continue
        if entry.required and field.written_by == WrittenBy.RULE:
            yield Problem(
                here, "written-by", said("A rule writes {name}; it cannot be required.", name=field.name)
            )
        for at, choice in enumerate(entry.choices or ()):
            if choice not in field.choices:
                says = said("{choice} is none of the choices of {name}.", choice=choice[:80], name=field.name)
                fix = said("Add it to the field too: a layout offers some of its choices.")
                yield Problem((*here, "choices", at), "choice", says, fix)
