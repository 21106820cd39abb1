"""What the intake left open: whose an ambiguous touchpoint is, by decision; and what waits for a name that a record
has by now, because somebody wrote it there."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from firstcall.access.models import User
from firstcall.records.models import Record
from firstcall.touchpoints.matching import Someone
from firstcall.touchpoints.people import Ambiguity, AmbiguityStatus, Identity, Person
from firstcall.touchpoints.people import IdentityKind as Kind
from firstcall.touchpoints.people_rows import write_people

_MOST = 1_000  # people in one step

# Of people whose only names are phone numbers, the phone decides; see `matching`.
_FOUND = """
SELECT person.id, MIN(key.record_id)
FROM touchpoints_person AS person
JOIN touchpoints_identity AS identity ON identity.person_id = person.id
JOIN records_recordkey AS key ON key.kind = identity.kind AND key.value = identity.value
JOIN records_module AS module ON module.id = key.module_id AND module.is_people
WHERE person.record_id IS NULL AND person.id > %s
      AND (identity.kind IN ('email', 'external_id')
           OR identity.kind = 'phone' AND NOT EXISTS (
                SELECT FROM touchpoints_identity AS other
                WHERE other.person_id = person.id AND other.kind IN ('email', 'external_id', 'user_id')))
GROUP BY person.id
HAVING COUNT(DISTINCT key.record_id) = 1
ORDER BY person.id
LIMIT %s"""


@transaction.atomic
def assign(ambiguity: Ambiguity, record: Record, *, at: datetime, by: User | None = None) -> Ambiguity:
    """These names together are the record's: what waits joins it, and what comes with them goes there. May be done
    again with another record, for what comes from then on."""
    current = Ambiguity.objects.select_for_update().get(pk=ambiguity.pk)
    person = Person.objects.select_for_update(no_key=True).get(pk=current.person_id)
    one = Someone(person.pk, record.pk, is_named=True, is_changed=True)
    write_people([one], {}, at=at)
    if current.why == "alias_of_two":
        for told in current.identities:
            if told["kind"] == Kind.USER_ID:
                Identity.objects.filter(**told).update(person=person)
    return _decide(current, AmbiguityStatus.ASSIGNED, at, by)


@transaction.atomic
def ignore(ambiguity: Ambiguity, *, at: datetime, by: User | None = None) -> Ambiguity:
    """What waits, and what comes with these names, is nobody's. What was assigned before stays."""
    current = Ambiguity.objects.select_for_update().get(pk=ambiguity.pk)
    Person.objects.filter(pk=current.person_id).update(record=None)
    return _decide(current, AmbiguityStatus.IGNORED, at, by)


def _decide(current: Ambiguity, status: AmbiguityStatus, at: datetime, by: User | None) -> Ambiguity:
    current.status, current.decided_at, current.decided_by = status, at, by
    current.save(update_fields=["status", "decided_at", "decided_by"])
    return current


def assign_what_is_clear(*, at: datetime) -> int:
    """Open ambiguities of whose candidates one alone is left, the others having been merged or deleted."""
    done = 0
    for ambiguity in Ambiguity.objects.filter(status=AmbiguityStatus.OPEN).order_by("pk").iterator():
        left = list(Record.objects.filter(pk__in=ambiguity.candidates, deleted_at__isnull=True)[:2])
        if len(left) == 1:
            assign(ambiguity, left[0], at=at)
            done += 1
    return done


def join_by_value(*, at: datetime) -> int:
    """Whose e-mail address, phone number or external id a record has by now: what waited for it joins the record."""
    joined, last = 0, 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_FOUND, [last, _MOST])
            found = dict(cursor.fetchall())
            waiting = Person.objects.select_for_update(no_key=True).filter(pk__in=found, record__isnull=True)
            people = [Someone(p.pk, found[p.pk], p.is_named, is_changed=True) for p in waiting.order_by("pk")]
            write_people(people, {}, at=at)
        joined += len(people)
        if len(found) < _MOST:
            return joined
        last = max(found)
