"""Undoes an import of touchpoints: they count no longer, and make room, so that the same file may come in again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import connection

from firstcall.records.importing.driving import Advance
from firstcall.records.importing.models import ImportRun, ImportStep
from firstcall.records.importing.undoing import Stays, undo_steps
from firstcall.records.models import Turn
from firstcall.scoring.times import moment_of
from firstcall.touchpoints.models import Revocation, Source, SourceKind

# What is undone goes to a source of its own: with its message ids gone from the old one, a mended file may be imported.
_REVOKE = """
WITH gone AS (
  UPDATE touchpoints_touchpoint
  SET revoked_at = COALESCE(revoked_at, %s), revocation_id = COALESCE(revocation_id, %s), source_id = %s
  WHERE id BETWEEN %s AND %s
  RETURNING record_id
),
dirty AS (
  INSERT INTO records_dirtyrecord (record_id, cause, since, turn)
  SELECT DISTINCT record_id, 'revoke', CAST(%s AS BIGINT), %s
  FROM gone
  WHERE record_id IS NOT NULL
)
SELECT COUNT(*) FROM gone"""


def undo_touchpoints(
    run: ImportRun, *, now: Callable[[], datetime], advance: Advance = lambda done, total, message: None
) -> None:
    """Undo an import of touchpoints, or go on with it; `records.importing.undoing.begin_undo` comes first."""
    undo_steps(run, lambda step: _undo_step(run, step, now()), now=now, advance=advance)


def _undo_step(run: ImportRun, step: ImportStep, at: datetime) -> list[Stays]:
    source, _ = Source.objects.get_or_create(
        name=f"undone import {run.pk}"[:100],
        defaults={"kind": SourceKind.IMPORT, "is_active": False, "created_at": at},
    )
    revocation, _ = Revocation.objects.get_or_create(
        reason="import undone", selection={"import": run.pk}, defaults={"at": at, "by": run.undone_by}
    )
    moment = moment_of(at)
    with connection.cursor() as cursor:
        for first, last in step.created:
            cursor.execute(_REVOKE, [moment, revocation.pk, source.pk, first, last, moment, Turn.BULK])
            [(count,)] = cursor.fetchall()
            revocation.touchpoints += count
    revocation.save(update_fields=["touchpoints"])
    return []
