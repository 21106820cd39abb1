"""Slots: columns beside the touchpoint, within the index by record, that hold the properties which rules read.

A rule that finds its properties in slots is computed from the index alone. A slot holds one property of every
touchpoint, coded as text (`scoring.compiling.coded`); which one, says `PropertySlot`. Each change of that makes a
new *edition*. A touchpoint's `slotted` is the edition that its slots were filled by; 0 where they say nothing: it
was written by other ways than intake, or its properties are too long for an entry of the index.

What slots do not say is read from `properties`: so no score depends on them, only what it costs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache

from django.db import OperationalError, connection, transaction
from django.db.models import Max

from firstcall.scoring.columns import Column, Storage
from firstcall.scoring.compiling import coded
from firstcall.scoring.compiling.postgres import Postgres
from firstcall.scoring.values import Kind
from firstcall.touchpoints.models import PropertySlot, Touchpoint

SLOTS = 16
FIRST_EDITION = 1  # of no slots at all
LONGEST = (
    1_600  # octets of all slots of a touchpoint: with its other columns an entry of the index may hold 2,704
)
ANY_TYPE = "of_any_type"  # a column that is true
STEP = 5_000  # touchpoints that are filled in one transaction

_DIALECT = Postgres()
# What an intake waits for a change of slots; a change waits for none that takes longer, and is tried again later.
_PATIENCE = "SET LOCAL lock_timeout = '200ms'"


@dataclass(frozen=True)
class Slots:
    """One edition: each property with the number of its slot, and those that all touchpoints have filled."""

    edition: int
    numbers: tuple[tuple[str, int], ...]
    filled: frozenset[str] = field(default_factory=frozenset)

    @property
    def columns(self) -> dict[str, Column]:
        """The properties that rules read from slots."""
        return {
            name: Column(name, f"slot_{number}", Storage.CODED, Kind.TEXT, own=False)
            for name, number in self.numbers
            if name in self.filled
        }

    def relation_sql(self) -> str:
        """The touchpoints that count, with the columns that rules read."""
        # As the index by time has it: asked for, that index may be used, which the planner would take too often.
        selected = ["t.record_id", "t.type", "t.occurred_at", "t.properties", f"t.slotted >= 0 AS {ANY_TYPE}"]
        selected += [self._read_sql(column) for column in self.columns.values()]
        return (
            f"SELECT {', '.join(selected)} FROM touchpoints_touchpoint AS t"
            " WHERE t.record_id IS NOT NULL AND t.revoked_at IS NULL"
        )

    def coded_sql(self, given: str) -> str:
        """The rows of a relation with `properties`, and beside them `slotted` and every slot."""
        plain = [_DIALECT.json_property("properties", name) for name, _ in self.numbers]
        read = ", ".join(
            ["*", *(f"{sql} AS value_{n}" for sql, (_, n) in zip(plain, self.numbers, strict=True))]
        )
        codes = ", ".join(
            ["*", *(f"{coded.encode(_DIALECT, f'value_{n}')} AS code_{n}" for _, n in self.numbers)]
        )
        octets = " + ".join(["0", *(f"COALESCE(octet_length(code_{n}), 0)" for _, n in self.numbers)])
        fits = f"{octets} <= {LONGEST}"
        slots = [f"CASE WHEN {fits} THEN code_{n} END AS slot_{n}" for _, n in self.numbers]
        # The fences let each property be looked up, and each code be made, once.
        return (
            f"SELECT *, {', '.join([f'CASE WHEN {fits} THEN {self.edition} ELSE 0 END AS slotted', *slots])}\n"
            f"FROM (SELECT {codes}\n  FROM (SELECT {read}\n    FROM {given} OFFSET 0) AS valued OFFSET 0) AS coded"
        )

    def _read_sql(self, column: Column) -> str:
        # By a look at the row of its own, so that the index is enough wherever the slot is.
        value = coded.encode(_DIALECT, _DIALECT.json_property("whole.properties", column.name))
        return (
            f"CASE WHEN t.slotted BETWEEN {FIRST_EDITION} AND {self.edition} THEN t.{column.ref} ELSE"
            f" (SELECT {value} FROM touchpoints_touchpoint AS whole WHERE whole.id = t.id) END AS {column.ref}"
        )


def read_slots() -> Slots:
    rows = list(PropertySlot.objects.order_by("number"))
    return Slots(
        max((row.edition for row in rows), default=FIRST_EDITION),
        tuple((row.property, row.number) for row in rows),
        frozenset(row.property for row in rows if row.filled_to is None),
    )


@cache
def known_slots() -> Slots:
    """As this process last read them: whoever relies on them must see that the edition is still the same."""
    return read_slots()


def forget_slots() -> None:
    known_slots.cache_clear()


def want(properties: Collection[str]) -> bool:
    """Give the properties slots of their own where there are any left; says whether all that can have one do.

    A slot whose property nobody wants any longer is given away. Waits for no long intake: then it says False.
    """
    wanted = sorted(set(properties))
    held = {row.property: row.number for row in PropertySlot.objects.all()}
    missing = [name for name in wanted if name not in held]
    free = [number for number in range(1, SLOTS + 1) if number not in held.values()]
    free += sorted(number for name, number in held.items() if name not in wanted)
    if not missing or not free:
        return True
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_PATIENCE)
            # Intake reads the slots in the statement that writes by them: so those under way end first, and those
            # that follow see the new edition.
            cursor.execute("LOCK TABLE touchpoints_propertyslot IN ACCESS EXCLUSIVE MODE")
            _assign(list(zip(missing, free, strict=False)))
    except OperationalError:
        return False
    return True


def _assign(given: list[tuple[str, int]]) -> None:
    with connection.cursor() as cursor:
        # No edition comes twice, whatever is rolled back: what a process knows of one is right for ever.
        cursor.execute("SELECT nextval('touchpoints_slot_edition')")
        [(edition,)] = cursor.fetchall()
    newest = Touchpoint.objects.aggregate(id=Max("pk"))["id"]
    PropertySlot.objects.filter(number__in=[number for _, number in given]).delete()
    PropertySlot.objects.bulk_create(
        PropertySlot(
            number=number,
            property=name,
            edition=edition,
            filled_to=None if newest is None else 0,
            fill_until=newest or 0,
        )
        for name, number in given
    )


@transaction.atomic
def fill(most: int = STEP) -> int:
    """Fill new slots of the next touchpoints that were there before; says how many it looked at.

    0: nothing is left to fill, or another does it.
    """
    due = list(
        PropertySlot.objects.select_for_update(skip_locked=True)
        .filter(filled_to__isnull=False)
        .order_by("filled_to", "number")
    )
    if not due:
        return 0
    low, until = due[0].filled_to or 0, due[0].fill_until
    due = [slot for slot in due if (slot.filled_to, slot.fill_until) == (low, until)]
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [low, until, most])
        [(looked_at, high)] = cursor.fetchall()
        if high is not None:
            cursor.execute(_fill_sql(read_slots(), [slot.number for slot in due]), [low, high])
    reached = None if high is None or high >= until else high
    PropertySlot.objects.filter(number__in=[slot.number for slot in due]).update(filled_to=reached)
    return int(looked_at)


_NEXT = """
SELECT COUNT(*), MAX(id)
FROM (
  SELECT id
  FROM touchpoints_touchpoint
  WHERE id > %s AND id <= %s
  ORDER BY id
  LIMIT %s
) AS next"""


def _fill_sql(slots: Slots, due: Sequence[int]) -> str:
    """Fills the slots of the touchpoints with ids in (%s, %s] that are not right yet."""
    numbers = [number for _, number in slots.numbers]
    differs = " OR ".join(f"t.slot_{n} IS DISTINCT FROM coded.slot_{n}" for n in due)
    sets = ", ".join(["slotted = coded.slotted", *(f"slot_{n} = coded.slot_{n}" for n in numbers)])
    given = "SELECT id, properties FROM touchpoints_touchpoint WHERE id > %s AND id <= %s"
    sql = f"""
UPDATE touchpoints_touchpoint AS t
SET {sets}
FROM (
{slots.coded_sql("given")}
) AS coded
WHERE t.id = coded.id AND ((t.slotted > 0) <> (coded.slotted > 0) OR t.slotted > 0 AND ({differs}))"""
    return "WITH given AS (\n" + given + "\n)" + _escaped(sql)


def _escaped(sql: str) -> str:
    """For a cursor that takes parameters as %s."""
    return sql.replace("%", "%%")
