"""Deleting: records go to the trash and may come back from it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db import connection

from firstcall.records.errors import Fault, FaultCode
from firstcall.records.keys import Key, add_keys, drop_keys, holders_of
from firstcall.records.models import Module, Record, RecordLink
from firstcall.records.schema import Schema
from firstcall.records.seeing import seen_ids
from firstcall.records.writing import storing
from firstcall.records.writing.given import Did, Occasion, Outcome
from firstcall.records.writing.storing import Change, Row
from firstcall.scoring.saying import said
from firstcall.scoring.times import moment_of

_MARK = """
UPDATE records_record
SET deleted_at = %s, version = version + 1, updated_at = %s
WHERE id = ANY(%s)"""


def trash(module: Module, ids: Sequence[int], when: Occasion) -> list[Outcome]:
    """Put records into the trash: nothing finds them, they have no score, and their values are free for others. What
    looks them up stays, and reads nothing there. The transaction is the caller's."""
    rows = storing.lock_rows(module.pk, ids)
    seen = {id: row for id, row in rows.items() if when.viewer.sees(module.name, row.owner)}
    going = {id for id, row in seen.items() if row.deleted_at is None}
    _mark(going, moment_of(when.at), when)
    storing.add_changes([Change(id, "deleted_at", None, moment_of(when.at)) for id in sorted(going)], when)
    drop_keys(going)
    bears_on = {*looking_at(going), *looked_up_by(going)}
    storing.drop_links(going)
    storing.add_dirty([*going, *sorted(bears_on - going)], when)
    return [Outcome(Did.DELETED, id) if id in going else _refused(id, said("is no record")) for id in ids]


def keys_in_trash(schema: Schema, ids: Collection[int]) -> dict[int, set[Key]]:
    """The keys that records of the trash would have; nobody changes their values while they are there."""
    rows = Record.objects.filter(pk__in=ids, module=schema.module, deleted_at__isnull=False)
    return {pk: schema.keys(values) for pk, values in rows.values_list("pk", "values")}


def restore(
    schema: Schema,
    ids: Sequence[int],
    keys: Mapping[int, Collection[Key]],
    when: Occasion,
) -> list[Outcome]:
    """Take records out of the trash, but for those whose unique values others have by now. The unique ones of `keys`
    must be claimed. The transaction is the caller's."""
    locked = storing.lock_rows(schema.module.pk, ids)
    rows = {
        id: row
        for id, row in locked.items()
        if id in keys and when.viewer.sees(schema.module.name, row.owner)
    }
    unique = {id: [key for key in keys[id] if key.is_unique] for id in rows}
    holders = holders_of([(key.field, key.value) for of in unique.values() for key in of])
    told = seen_ids(when.viewer, holders.values()) if holders else set()
    outcomes: dict[int, Outcome] = {}
    for id in dict.fromkeys(ids):
        if id not in rows or rows[id].deleted_at is None:
            outcomes[id] = _refused(id, said("is no record in the trash"))
        elif faults := [
            _clash(schema, key, holders, told) for key in unique[id] if (key.field, key.value) in holders
        ]:
            outcomes[id] = Outcome.refused(faults, id)
        else:
            outcomes[id] = Outcome(Did.RESTORED, id)
            holders |= {(key.field, key.value): id for key in unique[id]}
    coming = [rows[id] for id, outcome in outcomes.items() if outcome.did is Did.RESTORED]
    _bring_back(schema, coming, keys, when)
    return [outcomes[id] for id in ids]


def _bring_back(
    schema: Schema, rows: Sequence[Row], keys: Mapping[int, Collection[Key]], when: Occasion
) -> None:
    ids = [row.id for row in rows]
    changes = [Change(row.id, "deleted_at", row.deleted_at, None) for row in rows]
    changes += _drop_erased_targets(schema, rows)
    changed = {change.record for change in changes if change.field != "deleted_at"}
    storing.update_rows([row for row in rows if row.id in changed], when)
    _mark(ids, None, when)
    storing.add_changes(changes, when)
    add_keys(schema.module.pk, {id: keys[id] for id in ids})
    storing.add_links({row.id: schema.links(row.values) for row in rows})
    storing.add_dirty([*ids, *looking_at(ids)], when)


def _drop_erased_targets(schema: Schema, rows: Sequence[Row]) -> list[Change]:
    """Clear look-ups of what was erased in the meantime: it could not know of records in the trash."""
    asked = {target for row in rows for target in schema.links(row.values).values()}
    there = set(Record.objects.filter(pk__in=asked).values_list("pk", flat=True))
    changes = []
    for row in rows:
        for field in schema.lookups:
            if field.name in row.values and int(str(row.values[field.name])) not in there:
                changes.append(Change(row.id, field.name, row.values.pop(field.name), None))
    return changes


def _clash(schema: Schema, key: Key, holders: Mapping[tuple[int, str], int], told: Collection[int]) -> Fault:
    """A record that is not among `told` is not named."""
    name = next(field.name for field in schema.fields.values() if field.pk == key.field)
    holder = holders[key.field, key.value]
    whose, records = (
        (said("record {holder}", holder=holder), (holder,))
        if holder in told
        else (said("another record"), ())
    )
    return Fault(
        name,
        said("is to be unique, and {whose} has {value} by now", whose=whose, value=key.value),
        FaultCode.DUPLICATE,
        records,
    )


def _refused(id: int, says: str) -> Outcome:
    return Outcome.refused([Fault("id", f"{says}: {id}", FaultCode.UNKNOWN_RECORD)], id)


def _mark(ids: Iterable[int], deleted_at: int | None, when: Occasion) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [deleted_at, moment_of(when.at), list(ids)])


def looking_at(ids: Iterable[int]) -> list[int]:
    """The records that look these up."""
    links = RecordLink.objects.filter(target_id__in=list(ids))
    return list(links.values_list("record_id", flat=True).distinct())


def looked_up_by(ids: Iterable[int]) -> list[int]:
    """The records that these look up."""
    links = RecordLink.objects.filter(record_id__in=list(ids))
    return list(links.values_list("target_id", flat=True).distinct())
