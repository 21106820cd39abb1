"""Writes records that may be there already: each is found by one of its values, and changed, or else made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from firstcall.access.viewer import Viewer
from firstcall.records.errors import Fault, FaultCode
from firstcall.records.keys import KeyKind, holders_of, normalise
from firstcall.records.models import Module, RecordKey
from firstcall.records.schema import Schema, Slot
from firstcall.records.seeing import seen_in
from firstcall.records.writing.changing import change_taken
from firstcall.records.writing.creating import create_taken
from firstcall.records.writing.given import Occasion, Outcome
from firstcall.records.writing.taking import Taken
from firstcall.scoring.saying import said

FINDING = (KeyKind.EMAIL, KeyKind.PHONE, KeyKind.EXTERNAL_ID, KeyKind.UNIQUE)

type Found = Mapping[str, list[tuple[int, int]]]
"""By the form of a value: the records that have it, each with the id of the field in which."""


def upsert_claim(module: Module, kind: KeyKind, form: str) -> tuple[str, str]:
    """What is claimed by whoever finds a record by a value and makes one where there is none."""
    return f"{module.pk} {kind}", form


class Sought:
    """The field by which records are found, of those that the viewer sees."""

    def __init__(self, schema: Schema, slot: Slot, kind: KeyKind, viewer: Viewer) -> None:
        self.schema, self.slot, self.kind, self.viewer = schema, slot, kind, viewer

    @property
    def name(self) -> str:
        return self.slot.field.name

    def form(self, taken: Taken) -> str | None:
        value = taken.values.get(self.name)
        return None if value is None else normalise(self.kind, str(value))

    def all_forms(self, taken: Taken) -> set[str]:
        """Of every field that a record could be found by: one made here may be meant by another of the batch."""
        if self.kind in (KeyKind.EXTERNAL_ID, KeyKind.UNIQUE):
            return {form} if (form := self.form(taken)) else set()
        return {key.value for key in self.schema.keys(taken.values) if key.kind is self.kind}

    def claims(self, taken: Taken) -> list[tuple[str, str]]:
        """What two who write one record have in common."""
        forms = self.all_forms(taken)
        return [*(upsert_claim(self.schema.module, self.kind, form) for form in forms), *taken.claims]

    def find(self, forms: Collection[str]) -> Found:
        rows = RecordKey.objects.filter(kind=self.kind, value__in=list(forms), module=self.schema.module)
        rows = rows.filter(seen_in(self.viewer, self.schema.module, "record__"))
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for form, record, field in rows.order_by("record_id").values_list("value", "record_id", "field"):
            found[form].append((record, field))
        return found

    def choose(self, found: Sequence[tuple[int, int]]) -> list[int]:
        """Those that have the value in this very field go before those that have it in another."""
        here = [record for record, field in found if field == self.slot.field.pk]
        unique = self.kind in (KeyKind.EXTERNAL_ID, KeyKind.UNIQUE)
        return list(dict.fromkeys(here or ([] if unique else [record for record, _ in found])))


def upsert_taken(sought: Sought, batch: Sequence[Taken], when: Occasion) -> list[Outcome]:
    """As if one came after the other. What `sought` claims must be claimed. The transaction is the caller's."""
    outcomes: dict[int, Outcome] = {}
    pending = list(range(len(batch)))
    size = len(batch)
    while pending:
        # Where most wait for one another, there is no use in looking far.
        ahead = pending[: 4 * max(size, 8)]
        wave = _independent(sought, batch, ahead)
        size = len(wave)
        pending = [number for number in pending if number not in wave]
        for some, written in (
            ([n for n in wave if batch[n].record is None], create_taken),
            ([n for n in wave if batch[n].record is not None], change_taken),
        ):
            if some:
                results = written(sought.schema, [batch[n] for n in some], when)
                outcomes.update(zip(some, results, strict=True))
    return [outcomes[number] for number in range(len(batch))]


def _independent(sought: Sought, batch: Sequence[Taken], pending: Sequence[int]) -> dict[int, None]:
    """The numbers of those that can be written together, each with its record found: they have nothing in common
    with one another, nor with one that is written later though it came before."""
    rows = [batch[number] for number in pending]
    found = sought.find({form for taken in rows if (form := sought.form(taken))})
    holders = holders_of([(field.pk, form) for taken in rows for field, form in taken.unique])
    claims: set[tuple[str, str]] = set()
    records: set[int] = set()
    wave: dict[int, None] = {}
    for number, taken in zip(pending, rows, strict=True):
        own = set(sought.claims(taken))
        meant = sought.choose(found.get(sought.form(taken) or "", ()))
        touched = {
            *meant,
            *(holders[k] for field, form in taken.unique if (k := (field.pk, form)) in holders),
        }
        if not own & claims and not touched & records:
            _aim(sought, taken, meant)
            wave[number] = None
        claims |= own
        records |= touched
    return wave


def _aim(sought: Sought, taken: Taken, records: Sequence[int]) -> None:
    if sought.form(taken) is None:
        if all(fault.field != sought.name for fault in taken.faults):
            says = (
                said("is needed to find the record and takes its country code")
                if sought.kind is KeyKind.PHONE
                else said("is needed to find the record")
            )
            taken.faults.append(Fault(sought.name, says))
        return
    if len(records) > 1:
        shown = ", ".join(map(str, records[:10]))
        says = said(
            "is ambiguous: records {ids} have {value}; write one by its id",
            ids=said("{texts} and more", texts=shown) if len(records) > 10 else shown,
            value=taken.values[sought.name],
        )
        taken.faults.append(Fault(sought.name, says, FaultCode.AMBIGUOUS, tuple(records)))
    elif records:
        taken.record = records[0]
