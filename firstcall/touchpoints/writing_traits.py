"""From traits to records: what fits its field is written, what does not is noted and keeps nothing else from being
written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from firstcall.records.actions import Did, Outcome
from firstcall.records.errors import Fault
from firstcall.records.kinds import FieldKind, UnfitValueError
from firstcall.records.models import Field
from firstcall.touchpoints.fitting import fit
from firstcall.touchpoints.sightings import BAD_VALUE, Sightings

type Rows = Sequence[tuple[int, Mapping[str, object]]]


def fit_values(
    fields: Mapping[str, Field], given: Mapping[str, Any], sightings: Sightings
) -> dict[str, object]:
    """The values that fit their fields."""
    values: dict[str, object] = {}
    for name, value in given.items():
        if value is None or value == "":
            continue  # senders send what they do not know as null: that clears nothing
        try:
            values[name] = fit(fields[name], value)
        except UnfitValueError as error:
            sightings.add(BAD_VALUE, name, str(error), value)
    return values


def fill_required(fields: Iterable[Field], values: dict[str, object], call: str | None) -> None:
    """A record that lacks only its name is one: it is called by what is known of it."""
    for required in fields:
        if required.is_required and required.name not in values and required.kind == FieldKind.TEXT and call:
            values[required.name] = call


def write_in_turns(
    planned: dict[int, dict[str, object]], write: Callable[[Rows], list[Outcome]], sightings: Sightings
) -> dict[int, int | None]:
    """Write all at once; those that are refused again without what was wrong with them. Says which record each is."""
    written: dict[int, int | None] = dict.fromkeys(planned)
    while planned:
        rows = list(planned.items())
        planned = {}
        for (id, values), outcome in zip(rows, write(rows), strict=True):
            if outcome.did is not Did.REFUSED:
                written[id] = outcome.record_id
            elif _drop(outcome.faults, values, sightings):
                planned[id] = values
    return written


def _drop(faults: Sequence[Fault], values: dict[str, object], sightings: Sightings) -> bool:
    """Take away what cannot be written; whether there was something."""
    dropped = False
    for fault in faults:
        value = values.pop(fault.field, None)
        dropped = dropped or value is not None
        sightings.add(BAD_VALUE, fault.field, fault.says, value)
    return dropped
