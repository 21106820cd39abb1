"""Changes records that are there, and keeps what was before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from firstcall.records.errors import Fault, FaultCode
from firstcall.records.keys import replace_keys
from firstcall.records.schema import LayoutSchema, Schema
from firstcall.records.writing import storing
from firstcall.records.writing.given import UNSAID, Did, Occasion, Outcome
from firstcall.records.writing.storing import Change, Row
from firstcall.records.writing.taking import MOST_TAGS, Taken, check_unique, fit_layout
from firstcall.scoring.saying import said, whole


def change_taken(schema: Schema, batch: Sequence[Taken], when: Occasion) -> list[Outcome]:
    """Change the record of each that has no fault, one after the other where a record is named twice. Unique values
    must be claimed. Writes nothing where nothing differs. The transaction is the caller's."""
    outcomes: dict[int, Outcome] = {}
    for numbers in _turns(batch):
        results = _change_distinct(schema, [batch[number] for number in numbers], when)
        outcomes.update(zip(numbers, results, strict=True))
    return [outcomes[number] for number in range(len(batch))]


def _turns(batch: Sequence[Taken]) -> Iterable[list[int]]:
    """The numbers of those that name a record for the first time, for the second …"""
    named: dict[int | None, int] = defaultdict(int)
    turns: dict[int, list[int]] = defaultdict(list)
    for number, taken in enumerate(batch):
        turns[named[taken.record]].append(number)
        named[taken.record] += 1
    return turns.values()


def _change_distinct(schema: Schema, batch: Sequence[Taken], when: Occasion) -> list[Outcome]:
    before = storing.lock_rows(schema.module.pk, [taken.record for taken in batch if taken.record])
    after: dict[int, Row] = {}
    for taken in batch:
        row = before.get(taken.record or 0)
        if row is None or row.deleted_at is not None or not when.viewer.sees(schema.module.name, row.owner):
            says = said("is no record of {module}: {record}", module=schema.module, record=taken.record)
            taken.faults.append(Fault("id", says, FaultCode.UNKNOWN_RECORD))
        else:
            after[row.id] = _changed(schema, taken, row)
    check_unique(batch, when.viewer)
    for taken in batch:
        if taken.faults:
            after.pop(taken.record or 0, None)
    changes = [change for id, row in after.items() for change in _differences(schema, before[id], row)]
    _store(schema, before, after, changes, when)
    changed = {change.record for change in changes}
    return [
        Outcome.refused(taken.faults, taken.record)
        if taken.faults
        else Outcome(Did.CHANGED if taken.record in changed else Did.UNCHANGED, taken.record)
        for taken in batch
    ]


def _store(
    schema: Schema,
    before: Mapping[int, Row],
    after: Mapping[int, Row],
    changes: Sequence[Change],
    when: Occasion,
) -> None:
    changed = list(dict.fromkeys(change.record for change in changes))
    if not changed:
        return
    storing.update_rows([after[id] for id in changed], when)
    storing.add_changes(changes, when)
    fields: dict[int, set[str]] = defaultdict(set)
    for change in changes:
        fields[change.record].add(change.field)
    keyed = [id for id in changed if fields[id] & schema.key_names]
    keys = {id: schema.keys(after[id].values) for id in keyed}
    replace_keys(schema.module.pk, {id: k for id, k in keys.items() if k != schema.keys(before[id].values)})
    linking = {field.name for field in schema.lookups}
    if linked := [id for id in changed if fields[id] & linking]:
        storing.replace_links({id: schema.links(after[id].values) for id in linked})
        storing.add_dirty(_left(schema, [(before[id], after[id]) for id in linked]), when)
    storing.add_dirty(changed, when)


def _left(schema: Schema, rows: Iterable[tuple[Row, Row]]) -> list[int]:
    """The records that were looked up before and are no longer; those that are now, are found from here."""
    targets: set[int] = set()
    for before, after in rows:
        targets |= {*schema.links(before.values).values()} - {*schema.links(after.values).values()}
    return sorted(targets)


def _changed(schema: Schema, taken: Taken, row: Row) -> Row:
    """The record as it is to be; adds the faults that only its present state shows."""
    given = taken.given
    if given.version is not None and given.version != row.version:
        says = said(
            "was {version} when it was read and is {now} now: somebody changed the record",
            version=given.version,
            now=row.version,
        )
        taken.faults.append(Fault("version", says, FaultCode.STALE, (row.id,)))
    current = schema.layouts.get(row.layout) or schema.layouts[None]
    layout = taken.layout or current
    held = dict(row.values)
    # A choice that was taken away may stay where it is.
    new = {name: value for name, value in taken.values.items() if held.get(name) != value}
    fit_layout(schema, replace(taken, values=new), layout)
    held.update(taken.values)
    if layout is not current:
        _move(schema, taken, held, layout)
    return Row(
        row.id,
        storing.layout_id(layout) if taken.layout else row.layout,
        row.owner if given.owner is UNSAID else taken.owner,
        _tags(taken, row),
        {name: value for name, value in held.items() if value is not None},
    )


def _move(schema: Schema, taken: Taken, held: dict[str, object], layout: LayoutSchema) -> None:
    """To another layout: what it has no field for is cleared, and what it asks for must be there."""
    for name in list(held):
        if name in schema.fields and name not in layout.slots:
            held[name] = None
    told = {fault.field for fault in taken.faults}
    for name, slot in layout.slots.items():
        if slot.is_required and held.get(name) is None and name not in told:
            taken.faults.append(Fault(name, said("is required on the layout {name}", name=layout.name)))


def _tags(taken: Taken, row: Row) -> tuple[str, ...]:
    tags = row.tags if taken.given.tags is UNSAID else taken.tags
    tags = tuple(dict.fromkeys([*tags, *taken.tags_added]))
    tags = tuple(tag for tag in tags if tag not in taken.tags_removed)
    if len(tags) > MOST_TAGS:
        taken.faults.append(
            Fault(
                "tags",
                said("takes at most {most}; there would be {count}", most=MOST_TAGS, count=whole(len(tags))),
            )
        )
    return tags


def _differences(schema: Schema, before: Row, after: Row) -> list[Change]:
    found = [
        Change(after.id, name, old, new)
        for name in dict.fromkeys([*after.values, *before.values])
        if (old := before.values.get(name)) != (new := after.values.get(name))
    ]
    if before.owner != after.owner:
        found.append(Change(after.id, "owner", before.owner, after.owner))
    if before.layout != after.layout:
        names = [schema.layouts[row.layout].name for row in (before, after)]
        found.append(Change(after.id, "layout", *names))
    if before.tags != after.tags:
        found.append(Change(after.id, "tags", list(before.tags), list(after.tags)))
    return found
