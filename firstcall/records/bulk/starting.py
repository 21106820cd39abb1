"""Has a change to many records done by a job, or undone by one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from firstcall.access.models import User
from firstcall.access.viewer import Viewer
from firstcall.jobs.actions import start
from firstcall.records.bulk.changing import Change, begin_bulk
from firstcall.records.choosing import Choice
from firstcall.records.importing.models import ImportRun
from firstcall.records.importing.undoing import begin_undo

UNDO = "records.undo_import"


@transaction.atomic
def change_later(choice: Choice, change: Change, *, at: datetime, by: User, viewer: Viewer) -> ImportRun:
    """Raises InvalidValuesError, InvalidFilterError, where every record would refuse it."""
    run = begin_bulk(choice, change, at=at, by=by, viewer=viewer)
    run.job = start("records.bulk", {"import": run.pk}, at=at, by=by)
    run.save(update_fields=["job"])
    return run


@transaction.atomic
def undo_later(run: ImportRun, *, at: datetime, by: User, kind: str = UNDO) -> ImportRun:
    """
    kind  the job that undoes it
    Raises NotUndoableError.
    """
    begun = begin_undo(run, by=by, at=at)
    begun.job = start(kind, {"import": run.pk}, at=at, by=by)
    begun.save(update_fields=["job"])
    return begun
