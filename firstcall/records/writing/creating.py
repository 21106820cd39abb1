"""Makes new records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from firstcall.records.errors import Fault
from firstcall.records.keys import add_keys
from firstcall.records.schema import Schema
from firstcall.records.writing import storing
from firstcall.records.writing.given import UNSAID, Did, Occasion, Outcome
from firstcall.records.writing.storing import Row
from firstcall.records.writing.taking import Taken, check_unique, fit_layout
from firstcall.scoring.saying import said
from firstcall.scoring.times import moment_of


def create_taken(schema: Schema, batch: Sequence[Taken], when: Occasion) -> list[Outcome]:
    """Make a record of each that has no fault. Unique values must be claimed. The transaction is the caller's."""
    for taken in batch:
        _complete(schema, taken, when.at)
    check_unique(batch, when.viewer)
    fit = [taken for taken in batch if not taken.faults]
    ids = iter(storing.next_ids(len(fit)) if fit else [])
    outcomes: list[Outcome] = []
    rows: list[Row] = []
    for taken in batch:
        if taken.faults:
            outcomes.append(Outcome.refused(taken.faults))
            continue
        rows.append(_row(next(ids), schema, taken, when))
        outcomes.append(Outcome(Did.CREATED, rows[-1].id))
    if rows:
        storing.insert_rows(schema.module.pk, rows, when)
        add_keys(schema.module.pk, {row.id: schema.keys(row.values) for row in rows})
        storing.add_links({row.id: links for row in rows if (links := schema.links(row.values))})
        storing.add_dirty([row.id for row in rows], when)
    return outcomes


def _complete(schema: Schema, taken: Taken, at: datetime) -> None:
    """Put the layout and its defaults in, and add the faults of what is missing."""
    taken.layout = layout = taken.layout or schema.default
    fit_layout(schema, taken, layout)
    for name, default in layout.defaults.items():
        taken.values.setdefault(name, default)
    told = {fault.field for fault in taken.faults}
    taken.faults += [
        Fault(name, said("is required"))
        for name in layout.required
        if taken.values.get(name) is None and name not in told
    ]
    created_at = taken.given.created_at
    if created_at is not None and created_at > at:
        taken.faults.append(Fault("created_at", said("lies in the future")))
    if taken.given.version is not None:
        taken.faults.append(
            Fault("version", said("is of a record that is there; leave it out for a new one"))
        )


def _row(id: int, schema: Schema, taken: Taken, when: Occasion) -> Row:
    assert taken.layout is not None  # noqa: S101
    created_at = taken.given.created_at
    return Row(
        id,
        storing.layout_id(taken.layout),
        when.by if taken.given.owner is UNSAID else taken.owner,
        _tags(taken),
        {name: value for name, value in taken.values.items() if value is not None},
        created_at=moment_of(when.at if created_at is None else created_at),
    )


def _tags(taken: Taken) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*taken.tags, *taken.tags_added]))
