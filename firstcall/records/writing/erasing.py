"""Removes records with all that is known of them: values, history, touchpoints, scores. Nothing brings them back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection

from firstcall.records.models import Field, Record, RecordLink
from firstcall.records.writing import storing
from firstcall.records.writing.given import Occasion
from firstcall.records.writing.storing import Change
from firstcall.scoring.times import moment_of

_LOCK = "SELECT id FROM records_record WHERE id = ANY(%s) ORDER BY id FOR UPDATE"

_CLEAR = """
UPDATE records_record AS record
SET values = record.values - given.fields::text[], version = record.version + 1, updated_at = %s
FROM (
  SELECT record, array_agg(field) AS fields
  FROM unnest(%s::bigint[], %s::text[]) AS each(record, field)
  GROUP BY record
) AS given
WHERE record.id = given.record"""


def erase(ids: Collection[int], when: Occasion) -> int:
    """Says how many there were. Look-ups that hold one are cleared. The transaction is the caller's."""
    looking = RecordLink.objects.filter(target_id__in=list(ids)).values_list("record_id", flat=True)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [sorted({*ids, *looking})])
    _clear_lookups(ids, when)
    targets = RecordLink.objects.filter(record_id__in=list(ids)).exclude(target_id__in=list(ids))
    storing.add_dirty(list(targets.values_list("target_id", flat=True).distinct()), when)
    _, counts = Record.objects.filter(pk__in=list(ids)).delete()
    return counts.get("records.Record", 0)


def _clear_lookups(ids: Collection[int], when: Occasion) -> None:
    links = RecordLink.objects.filter(target_id__in=list(ids)).exclude(record_id__in=list(ids))
    found = list(links.values_list("record_id", "field_id", "target_id"))
    if not found:
        return
    names = dict(Field.objects.filter(pk__in={field for _, field, _ in found}).values_list("pk", "name"))
    changes = [Change(record, names[field], target, None) for record, field, target in found]
    columns: list[Any] = [[change.record for change in changes], [change.field for change in changes]]
    with connection.cursor() as cursor:
        cursor.execute(_CLEAR, [moment_of(when.at), *columns])
    storing.add_changes(changes, when)
    links.delete()
    storing.add_dirty([record for record, *_ in found], when)


def erase_trash(before: datetime, when: Occasion, *, most: int = 1_000) -> int:
    """Erase what has been in the trash since before the moment, so many at once; says how many."""
    old = Record.objects.filter(deleted_at__lt=before).order_by("deleted_at", "pk")
    ids = list(old.values_list("pk", flat=True)[:most])
    return erase(ids, when) if ids else 0
