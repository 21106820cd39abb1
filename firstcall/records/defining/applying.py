"""The changes of one module: which cannot be, and how the others are made, values and keys included."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from django.db import connection

from firstcall.records.defining.shapes import FieldShape, LayoutShape, ModuleShape
from firstcall.records.keys import key_kind_of, keys_of, normalise, replace_keys
from firstcall.records.kinds import FieldKind, take_value
from firstcall.records.models import Field, FieldChange, Layout, LayoutField, Module, Record, RecordLink
from firstcall.records.uses import users_of_field
from firstcall.scoring.problems import Path, Problem
from firstcall.scoring.saying import said, whole

BATCH = 2_000

_WORDS = ("email", "phone", "url", "picklist", "text")
# Every value of the first kind is one of the second, and lies in the record in the same form.
SAFE = frozenset(
    {
        *((kind, "long_text") for kind in _WORDS),
        *((kind, "text") for kind in _WORDS),
        ("text", "picklist"),
        ("number", "currency"),
        ("currency", "number"),
    }
)


def check_change(module: Module, old: ModuleShape, new: ModuleShape) -> Iterator[Problem]:
    """What keeps the module from becoming so, considering what uses it and what its records hold."""
    if old.people != new.people and Record.objects.filter(module=module).exists():
        says = said("{module} has records; whether they are people can no longer be changed.", module=module)
        yield Problem(("people",), "people", says, said("Make another module."))
    rows = {field.name: field for field in module.fields.all()}
    for index, field in enumerate(new.fields):
        before = old.field(field.name)
        if before is not None:
            yield from _check_field(rows[field.name], before, field, ("fields", index))
    for before in old.fields:
        if new.field(before.name) is None:
            yield from _check_gone(rows[before.name])
    for layout in old.layouts:
        if new.layout(layout.name) is None:
            yield from _check_layout_gone(module, layout)


def _check_field(field: Field, old: FieldShape, new: FieldShape, path: Path) -> Iterator[Problem]:
    if old.kind != new.kind and (old.kind, new.kind) not in SAFE:
        says = said(
            "{field} is {kind}, and its values are no {new}.", field=field, kind=old.kind, new=new.kind
        )
        yield Problem((*path, "kind"), "kind-change", says, said("Make another field, and fill it."))
    elif old.target != new.target:
        says = said(
            "{field} looks up {target}; its values are no records of {new}.",
            field=field,
            target=old.target,
            new=new.target,
        )
        yield Problem((*path, "target"), "kind-change", says, said("Make another field, and fill it."))
    elif (new.unique or new.external_id) and not (old.unique or old.external_id):
        yield from _check_unique(field, new, path)


def _check_unique(field: Field, new: FieldShape, path: Path) -> Iterator[Problem]:
    """Whether values stand twice already."""
    field.is_unique, field.is_external_id, field.kind = new.unique, new.external_id, new.kind
    kind = key_kind_of(field)
    holders: dict[str, list[int]] = defaultdict(list)
    for record in _records(field.module):
        if field.name in record.values and kind:
            holders[normalise(kind, str(record.values[field.name])) or ""].append(record.pk)
    doubled = {form: ids for form, ids in holders.items() if len(ids) > 1 or not form}
    if doubled:
        form, ids = next(iter(doubled.items()))
        listed = ", ".join(map(str, ids[:5])) + (" …" if len(ids) > 5 else "")
        flag = "external_id" if new.external_id else "unique"
        what = said("have {form}", form=form) if form else said("have what cannot be compared")
        says = said(
            "{count} values of {field} are not unique; records {listed} {what}.",
            count=whole(len(doubled)),
            field=field,
            listed=listed,
            what=what,
        )
        yield Problem((*path, flag), "not-unique", says, said("Mend them first."))


def _check_gone(field: Field) -> Iterator[Problem]:
    if field.is_standard:
        says = said("{field} comes with the product, and stays.", field=field)
        yield Problem(("fields",), "standard", says, said("Leave it off the layouts instead."))
    for user in users_of_field(field):
        says = said("{user} uses {field}.", user=f"{user[:1].upper()}{user[1:]}", field=field)
        yield Problem(("fields",), "in-use", says, said("Change that first."))


def _check_layout_gone(module: Module, layout: LayoutShape) -> Iterator[Problem]:
    count = Record.objects.filter(module=module, layout__name=layout.name).count()
    if count:
        says = said("{count} records have the layout {name}.", count=count, name=layout.name)
        yield Problem(("layouts",), "in-use", says, said("Move them to another, those in the trash too."))


def apply_shape(
    module: Module, old: ModuleShape, new: ModuleShape, modules: Mapping[str, Module], *, standard: bool
) -> None:
    """Make it so. Everything has been checked, and nobody writes records of the module meanwhile."""
    keyed = _keyed(module, old.title)
    gone = list(module.fields.exclude(name__in=[field.name for field in new.fields]))
    Layout.objects.filter(module=module).exclude(name__in=[layout.name for layout in new.layouts]).delete()
    for field in gone:
        _remove(field)
    for position, shape in enumerate(new.fields):
        _write_field(
            module, shape, position, modules, is_new=old.field(shape.name) is None, standard=standard
        )
    module.label, module.is_people, module.title = new.label, new.people, list(new.title)
    module.save()
    _write_layouts(module, new.layouts)
    if _keyed(module, new.title) != keyed:
        _rebuild_keys(module)


def _keyed(module: Module, title: Iterable[str]) -> object:
    """What decides over the keys that records have."""
    fields = module.fields.all()
    kinds = {(f.name, kind, f.is_unique) for f in fields if (kind := key_kind_of(f))}
    return kinds, tuple(title)


def _write_field(
    module: Module,
    shape: FieldShape,
    position: int,
    modules: Mapping[str, Module],
    *,
    is_new: bool,
    standard: bool,
) -> None:
    kind = FieldKind(shape.kind)
    values = {
        "label": shape.label,
        "kind": shape.kind,
        "choices": list(shape.choices),
        "is_required": shape.required,
        "is_unique": shape.unique,
        "is_external_id": shape.external_id,
        "default": None if shape.default is None else take_value(kind, shape.default),
        "target": modules[shape.target] if shape.target else None,
        "currency": shape.currency,
        "written_by": shape.written_by,
        "position": position,
    }
    if is_new:
        Field.objects.create(module=module, name=shape.name, is_standard=standard, **values)
    else:
        Field.objects.filter(module=module, name=shape.name).update(**values)


def _remove(field: Field) -> None:
    """With its values, now and in the past: a field of the same name later is another field."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE records_record SET values = values - %s WHERE module_id = %s AND values ? %s",
            [field.name, field.module_id, field.name],
        )
        cursor.execute("DELETE FROM records_recordkey WHERE field = %s", [field.pk])
    FieldChange.objects.filter(field=field.name, record__module=field.module_id).delete()
    RecordLink.objects.filter(field=field).delete()
    field.delete()


def _write_layouts(module: Module, layouts: Iterable[LayoutShape]) -> None:
    fields = {field.name: field for field in module.fields.all()}
    Layout.objects.filter(module=module).update(is_default=False)
    for shape in layouts:
        layout, _ = Layout.objects.update_or_create(
            module=module,
            name=shape.name,
            defaults={
                "label": shape.label,
                "is_default": shape.default,
                "is_whole": shape.all_fields,
            },
        )
        layout.entries.all().delete()
        LayoutField.objects.bulk_create(
            LayoutField(
                layout=layout,
                field=fields[entry.field],
                position=position,
                is_required=entry.required,
                choices=None if entry.choices is None else list(entry.choices),
            )
            for position, entry in enumerate(shape.fields)
        )


def _records(module: Module) -> Iterator[Record]:
    return Record.objects.filter(module=module, deleted_at=None).only("values").iterator(BATCH)


def _rebuild_keys(module: Module) -> None:
    """Make the keys of all records again: a field became a key, or ceased to be one."""
    fields = list(module.fields.all())
    keys = {}
    for record in _records(module):
        keys[record.pk] = keys_of(fields, module.title, record.values)
        if len(keys) == BATCH:
            replace_keys(module.pk, keys)
            keys = {}
    replace_keys(module.pk, keys)
