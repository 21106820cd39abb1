"""The one way in: touchpoints become durable, once each, and their records' scores due, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial

import psycopg
from django.db import OperationalError, connection, transaction

from firstcall.counts.tallying import count
from firstcall.scoring.times import moment_of
from firstcall.touchpoints.adding import Row, add
from firstcall.touchpoints.calls import Arrival, Call
from firstcall.touchpoints.catalogue import undefined_types
from firstcall.touchpoints.identity import find_places, find_settled
from firstcall.touchpoints.matching import Place
from firstcall.touchpoints.models import Source
from firstcall.touchpoints.sightings import UNKNOWN_TYPE, Sightings

__all__ = ["Arrival", "accept", "accept_each"]

_HANDLE = """
INSERT INTO touchpoints_handledmessage (source_id, message_id, received_at)
SELECT %s, message_id, %s
FROM unnest(%s::text[]) AS given(message_id)
ON CONFLICT DO NOTHING
RETURNING message_id"""

ATTEMPTS = 5


def accept(source: Source, calls: Sequence[Call], *, received_at: datetime) -> int:
    """Add the touchpoints that are new; says how many. Those that came before are left as they are.

    When it returns outside a transaction, they are durable.
    """
    return len(accept_each(source, calls, received_at=received_at))


def accept_each(source: Source, calls: Sequence[Call], *, received_at: datetime) -> set[str]:
    """The same; says which touchpoints are new, by their message ids."""
    arrivals = [call for call in calls if isinstance(call, Arrival)]
    places = find_settled(source, arrivals) if len(arrivals) == len(calls) else None
    if places is None:
        added = _accept_in_attempts(source, calls, received_at)
    else:
        added = _add(source, list(zip(arrivals, places, strict=True)), received_at)
    _note_undefined(source, calls, added, received_at)
    return added


def _accept_in_attempts(source: Source, calls: Sequence[Call], received_at: datetime) -> set[str]:
    for _ in range(ATTEMPTS - 1):
        try:
            with transaction.atomic():
                return _accept_named(source, calls, received_at)
        except OperationalError as error:
            # Two intakes that waited for each other: one of them was undone, and may try again.
            if connection.in_atomic_block or not isinstance(error.__cause__, psycopg.errors.DeadlockDetected):
                raise
    with transaction.atomic():
        return _accept_named(source, calls, received_at)


def _accept_named(source: Source, calls: Sequence[Call], received_at: datetime) -> set[str]:
    fresh = _unhandled(source, calls, received_at)
    places = find_places(source, fresh, received_at=received_at)
    arrivals = [(c, p) for c, p in zip(fresh, places, strict=True) if isinstance(c, Arrival)]
    return _add(source, arrivals, received_at)


def _note_undefined(source: Source, calls: Sequence[Call], added: set[str], at: datetime) -> None:
    """Types that nobody has defined are taken as well, and listed."""
    counts = Counter(c.type for c in calls if isinstance(c, Arrival) and c.message_id in added)
    undefined = undefined_types(counts)
    if undefined:
        sightings = Sightings(source, at)
        for type in sorted(undefined):
            sightings.add(UNKNOWN_TYPE, type, "", None, counts[type])
        sightings.write()


def _unhandled(source: Source, calls: Sequence[Call], received_at: datetime) -> list[Call]:
    """Without the identifications and their like that came before: they do nothing a second time."""
    said = sorted({call.message_id for call in calls if not isinstance(call, Arrival)})
    if not said:
        return list(calls)
    with connection.cursor() as cursor:
        cursor.execute(_HANDLE, [source.pk, moment_of(received_at), said])
        fresh = {id for (id,) in cursor.fetchall()}
    left: list[Call] = []
    for call in calls:
        if isinstance(call, Arrival):
            left.append(call)
        elif call.message_id in fresh:
            fresh.discard(call.message_id)
            left.append(call)
    return left


def _add(source: Source, arrivals: Sequence[tuple[Arrival, Place | None]], received_at: datetime) -> set[str]:
    # Of several with one message id in the same batch the first counts.
    unique = {arrival.message_id: (arrival, place) for arrival, place in reversed(arrivals)}.values()
    if not unique:
        return set()
    rows = [
        Row(
            message_id=arrival.message_id,
            type=arrival.type,
            occurred_at=arrival.occurred_at,
            properties=arrival.properties,
            record=place.record if place else arrival.record_id,
            person=place.person if place else None,
            identities=place.identities if place else None,
        )
        for arrival, place in unique
    ]
    new = add(source.pk, rows, received_at=received_at)
    transaction.on_commit(partial(count, "touchpoints", len(new), source=source.kind))
    return new
