"""Writing records: values are checked, every change is kept, and the record's scores become due again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from firstcall.access.models import User
from firstcall.records.errors import Fault, InvalidValuesError
from firstcall.records.kinds import FieldKind, UnfitValueError, take_value
from firstcall.records.models import DirtyRecord, Field, FieldChange, Module, Record
from firstcall.scoring.problems import nearest


@transaction.atomic
def create_record(
    module: Module, values: Mapping[str, object], *, at: datetime, by: User | None = None
) -> Record:
    """Raises InvalidValuesError with every value that the module's fields do not take."""
    taken = _take(module, values)
    missing = [
        field.name for field in module.fields.filter(is_required=True) if taken.get(field.name) is None
    ]
    if missing:
        raise InvalidValuesError([Fault(name, "is required") for name in missing])
    kept = {name: value for name, value in taken.items() if value is not None}
    record = Record.objects.create(module=module, owner=by, values=kept, created_at=at, updated_at=at)
    mark_dirty([record.pk], cause="field", since=at)
    return record


@transaction.atomic
def change_record(
    record: Record, values: Mapping[str, object], *, at: datetime, by: User | None = None
) -> Record:
    """Set fields; None clears one. Writes nothing where nothing differs. Raises InvalidValuesError."""
    taken = _take(record.module, values)
    # The row as it is now: another may have changed it since it was read.
    current = Record.objects.select_for_update().get(pk=record.pk)
    changes = [
        FieldChange(record=current, field=name, at=at, by=by, old=current.values.get(name), new=value)
        for name, value in taken.items()
        if current.values.get(name) != value
    ]
    if not changes:
        return current
    merged = {**current.values, **{change.field: change.new for change in changes}}
    current.values = {name: value for name, value in merged.items() if value is not None}
    current.updated_at = at
    current.save(update_fields=["values", "updated_at"])
    FieldChange.objects.bulk_create(changes)
    mark_dirty([current.pk], cause="field", since=at)
    return current


def mark_dirty(record_ids: Iterable[int], *, cause: str, since: datetime) -> None:
    """Say that the scores of these records may no longer be right; part of the writer's transaction."""
    DirtyRecord.objects.bulk_create(
        DirtyRecord(record_id=id, cause=cause, since=since) for id in dict.fromkeys(record_ids)
    )


def _take(module: Module, values: Mapping[str, object]) -> dict[str, object]:
    fields = {field.name: field for field in module.fields.all()}
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
    return taken
