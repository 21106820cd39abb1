"""Writing records: values are checked, every change is kept, and the record's scores become due again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from firstcall.access.models import User
from firstcall.records.claims import claimed
from firstcall.records.errors import Fault, InvalidValuesError
from firstcall.records.keys import LONGEST_KEY, add_keys, holder_of, keys_of, replace_keys
from firstcall.records.kinds import FieldKind, UnfitValueError, take_value
from firstcall.records.models import DirtyRecord, Field, FieldChange, Module, Record, Turn
from firstcall.scoring.problems import nearest


@transaction.atomic
def create_record(
    module: Module, values: Mapping[str, object], *, at: datetime, by: User | None = None
) -> Record:
    """Raises InvalidValuesError with every value that the module's fields do not take."""
    fields = {field.name: field for field in module.fields.all()}
    taken = _take(module, fields, values)
    missing = [field.name for field in fields.values() if field.is_required and taken.get(field.name) is None]
    if missing:
        raise InvalidValuesError([Fault(name, "is required") for name in missing])
    kept = {name: value for name, value in taken.items() if value is not None}
    with claimed(_unique_values(fields, taken)):
        _check_unique(fields, taken)
        record = Record.objects.create(module=module, owner=by, values=kept, created_at=at, updated_at=at)
        add_keys(module.pk, {record.pk: keys_of(fields.values(), module.title, kept)})
    mark_dirty([record.pk], cause="field", since=at)
    return record


@transaction.atomic
def change_record(
    record: Record, values: Mapping[str, object], *, at: datetime, by: User | None = None
) -> Record:
    """Set fields; None clears one. Writes nothing where nothing differs. Raises InvalidValuesError."""
    module = record.module
    fields = {field.name: field for field in module.fields.all()}
    taken = _take(module, fields, values)
    with claimed(_unique_values(fields, taken)):
        _check_unique(fields, taken, of=record)
        # The row as it is now: another may have changed it since it was read.
        current = Record.objects.select_for_update(no_key=True).get(pk=record.pk)
        changes = [
            FieldChange(record=current, field=name, at=at, by=by, old=current.values.get(name), new=value)
            for name, value in taken.items()
            if current.values.get(name) != value
        ]
        if not changes:
            return current
        merged = {**current.values, **{change.field: change.new for change in changes}}
        before = keys_of(fields.values(), module.title, current.values)
        current.values = {name: value for name, value in merged.items() if value is not None}
        current.updated_at = at
        current.version += 1
        current.save(update_fields=["values", "updated_at", "version"])
        if (keys := keys_of(fields.values(), module.title, current.values)) != before:
            replace_keys(module.pk, {current.pk: keys})
    FieldChange.objects.bulk_create(changes)
    mark_dirty([current.pk], cause="field", since=at)
    return current


def _unique_values(fields: Mapping[str, Field], taken: Mapping[str, object]) -> list[tuple[str, str]]:
    """What must be claimed: (the field's id, the value as it is compared)."""
    keys = keys_of([fields[name] for name in taken], (), taken)
    return [(str(key.field), key.value) for key in keys if key.is_unique]


def _check_unique(fields: Mapping[str, Field], taken: Mapping[str, object], of: Record | None = None) -> None:
    faults = []
    for name, value in taken.items():
        if (fields[name].is_unique or fields[name].is_external_id) and value is not None:
            holder = holder_of(fields[name], value)
            if holder is not None and (of is None or holder != of.pk):
                faults.append(Fault(name, f"is to be unique, and record {holder} has {value} already"))
    if faults:
        raise InvalidValuesError(faults)


def mark_dirty(record_ids: Iterable[int], *, cause: str, since: datetime, turn: Turn = Turn.FRESH) -> None:
    """Say that the scores of these records may no longer be right; part of the writer's transaction.

    turn  Turn.BULK for a work on many records: what others do is scored before, and automations are not told
    """
    DirtyRecord.objects.bulk_create(
        DirtyRecord(record_id=id, cause=cause, since=since, turn=turn) for id in dict.fromkeys(record_ids)
    )


def _take(module: Module, fields: Mapping[str, Field], values: Mapping[str, object]) -> dict[str, object]:
    faults: list[Fault] = []
    taken: dict[str, object] = {}
    for name, value in values.items():
        if name not in fields:
            near = nearest(name, fields)
            faults.append(
                Fault(name, f"is no field of {module}" + (f"; did you mean {near}" if near else ""))
            )
            continue
        try:
            taken[name] = None if value in (None, "") else _take_one(fields[name], value)
        except UnfitValueError as error:
            faults.append(Fault(name, str(error)))
    if faults:
        raise InvalidValuesError(faults)
    return taken


def _take_one(field: Field, value: object) -> object:
    taken = take_value(FieldKind(field.kind), value)
    chosen = taken if isinstance(taken, list) else [taken]
    if field.choices and (strange := [entry for entry in chosen if entry not in field.choices]):
        raise UnfitValueError(f"takes one of {', '.join(field.choices)}; {strange[0]} is none")
    if (field.is_external_id or field.is_unique) and len(str(taken)) > LONGEST_KEY:
        raise UnfitValueError(f"takes at most {LONGEST_KEY} characters; this has {len(str(taken)):,}")
    return taken
