"""Writing records: values are checked, every change is kept, and the records' scores become due again.

Each writes one record or many. Of many, those with faults are refused and the others written; what is wrong with
each is in its outcome, in the order given. Of one, InvalidValuesError has all faults.

turn    Turn.BULK for a work on many records: what others do is scored before, and automations are not told
viewer  whose eyes it is done with: records that these do not see are as if they were not there. Whether the verb is
        allowed is the door's to ask
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from firstcall.access.models import User
from firstcall.access.viewer import PRODUCT, Viewer
from firstcall.records.claims import claimed
from firstcall.records.errors import Fault, InvalidValuesError
from firstcall.records.models import Module, Record, Turn
from firstcall.records.schema import load_schema
from firstcall.records.writing import erasing, storing, trash
from firstcall.records.writing.changing import change_taken
from firstcall.records.writing.creating import create_taken
from firstcall.records.writing.given import UNSAID, Did, Given, Occasion, Outcome, Unsaid
from firstcall.records.writing.taking import Taken, take_all
from firstcall.records.writing.upserting import FINDING, Sought, upsert_taken
from firstcall.scoring.problems import nearest
from firstcall.scoring.saying import said

__all__ = ["UNSAID", "Did", "Given", "Outcome", "Unsaid"]

TRASH_IS_KEPT = timedelta(days=30)

type Said = Given | Mapping[str, object]
"""What is to be in a record; of a bare mapping, its values."""


def create_record(
    module: Module, said: Said, *, at: datetime, by: User | None = None, viewer: Viewer = PRODUCT
) -> Record:
    """Raises InvalidValuesError with everything that the module does not take."""
    return _record_of(*create_records(module, [said], at=at, by=by, viewer=viewer))


@transaction.atomic
def create_records(
    module: Module,
    rows: Sequence[Said],
    *,
    at: datetime,
    by: User | None = None,
    turn: Turn = Turn.FRESH,
    viewer: Viewer = PRODUCT,
) -> list[Outcome]:
    """Make new records; `by` owns those of which no owner is said."""
    schema = load_schema(module, to_write=True)
    batch = take_all(schema, _given(rows), viewer=viewer)
    with claimed(_claims(batch)):
        return create_taken(schema, batch, _occasion(at, by, turn, viewer))


def change_record(
    record: Record, said: Said, *, at: datetime, by: User | None = None, viewer: Viewer = PRODUCT
) -> Record:
    """Set fields; None clears one. Writes nothing where nothing differs. Raises InvalidValuesError."""
    return _record_of(*change_records(record.module, [(record.pk, said)], at=at, by=by, viewer=viewer))


@transaction.atomic
def change_records(
    module: Module,
    rows: Sequence[tuple[int, Said]],
    *,
    at: datetime,
    by: User | None = None,
    by_rule: bool = False,
    turn: Turn = Turn.FRESH,
    viewer: Viewer = PRODUCT,
) -> list[Outcome]:
    """Change records of the module by their ids.

    by_rule  a scoring rule writes its score fields
    """
    schema = load_schema(module, to_write=True)
    batch = take_all(schema, _given([said for _, said in rows]), by_rule=by_rule, viewer=viewer)
    for taken, (record, _) in zip(batch, rows, strict=True):
        taken.record = record
    with claimed(_claims(batch)):
        return change_taken(schema, batch, _occasion(at, by, turn, viewer))


def upsert_record(
    module: Module,
    said: Said,
    *,
    by_field: str,
    at: datetime,
    by: User | None = None,
    viewer: Viewer = PRODUCT,
) -> tuple[Record, Did]:
    """Change the record that has the value of `by_field`, or make it. Of two who do this at once, one makes it and
    the other changes it. Raises InvalidValuesError, with the code AMBIGUOUS where several records have the value."""
    [outcome] = upsert_records(module, [said], by_field=by_field, at=at, by=by, viewer=viewer)
    return _record_of(outcome), outcome.did


@transaction.atomic
def upsert_records(
    module: Module,
    rows: Sequence[Said],
    *,
    by_field: str,
    at: datetime,
    by: User | None = None,
    turn: Turn = Turn.FRESH,
    viewer: Viewer = PRODUCT,
) -> list[Outcome]:
    """The same of many, as if one came after the other.

    by_field  an e-mail, phone, unique or external-id field. An address or number that no record has in this field
              finds those that have it in another of the same kind. Raises InvalidValuesError for any other field
    """
    schema = load_schema(module, to_write=True)
    slot = schema.layouts[None].slots.get(by_field)
    if slot is None or slot.key_kind not in FINDING:
        names = [name for name, s in schema.layouts[None].slots.items() if s.key_kind in FINDING]
        near = nearest(by_field, names)
        known = (
            said("did you mean {near}", near=near)
            if near
            else said("there are: {names}", names=", ".join(names) or "none")
        )
        raise InvalidValuesError(
            [
                Fault(
                    "by",
                    said(
                        "{by_field} is no field to find a record by; {known}", by_field=by_field, known=known
                    ),
                )
            ]
        )
    sought = Sought(schema, slot, slot.key_kind, viewer)
    batch = take_all(schema, _given(rows), viewer=viewer)
    with claimed([claim for taken in batch for claim in sought.claims(taken)]):
        return upsert_taken(sought, batch, _occasion(at, by, turn, viewer))


@transaction.atomic
def delete_records(
    module: Module,
    ids: Sequence[int],
    *,
    at: datetime,
    by: User | None = None,
    turn: Turn = Turn.FRESH,
    viewer: Viewer = PRODUCT,
) -> list[Outcome]:
    """Put records into the trash, where they are kept for TRASH_IS_KEPT: nothing finds them, they have no score, and
    what looks them up reads nothing there."""
    return trash.trash(module, ids, _occasion(at, by, turn, viewer))


@transaction.atomic
def restore_records(
    module: Module,
    ids: Sequence[int],
    *,
    at: datetime,
    by: User | None = None,
    turn: Turn = Turn.FRESH,
    viewer: Viewer = PRODUCT,
) -> list[Outcome]:
    """Take records out of the trash, but for those whose unique values others have by now."""
    schema = load_schema(module, to_write=True)
    keys = trash.keys_in_trash(schema, ids)
    with claimed([(str(key.field), key.value) for of in keys.values() for key in of if key.is_unique]):
        return trash.restore(schema, ids, keys, _occasion(at, by, turn, viewer))


@transaction.atomic
def erase_records(ids: Collection[int], *, at: datetime, by: User | None = None) -> int:
    """Remove records with their history, touchpoints and scores, in the trash or not; says how many. Look-ups that
    hold one are cleared."""
    return erasing.erase(ids, _occasion(at, by))


@transaction.atomic
def erase_old_trash(*, now: datetime, most: int = 1_000) -> int:
    """Erase some of what has been in the trash for long enough; says how many."""
    return erasing.erase_trash(now - TRASH_IS_KEPT, Occasion(now), most=most)


def mark_dirty(record_ids: Iterable[int], *, cause: str, since: datetime, turn: Turn = Turn.FRESH) -> None:
    """Say that the scores of these records may no longer be right; part of the writer's transaction."""
    storing.add_dirty(list(record_ids), Occasion(since, turn=turn), cause=cause)


def _given(rows: Iterable[Said]) -> list[Given]:
    return [said if isinstance(said, Given) else Given(said) for said in rows]


def _claims(batch: Iterable[Taken]) -> list[tuple[str, str]]:
    return [claim for taken in batch for claim in taken.claims]


def _occasion(at: datetime, by: User | None, turn: Turn = Turn.FRESH, viewer: Viewer = PRODUCT) -> Occasion:
    return Occasion(at, None if by is None else by.pk, turn, viewer)


def _record_of(outcome: Outcome) -> Record:
    if outcome.record_id is None or outcome.did is Did.REFUSED:
        raise InvalidValuesError(outcome.faults)
    return Record.objects.get(pk=outcome.record_id)
