"""Changes many records alike, some thousands at a time; killed at any moment it goes on, and changes nothing twice."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db import transaction

from firstcall.access.models import User
from firstcall.access.rights import Verb
from firstcall.access.viewer import PRODUCT, Viewer
from firstcall.jobs.errors import JobCancelledError
from firstcall.records.actions import change_records
from firstcall.records.choosing import Choice
from firstcall.records.errors import InvalidValuesError
from firstcall.records.importing.driving import Advance
from firstcall.records.importing.models import ImportRun, ImportStatus, ImportStep, runs_of
from firstcall.records.models import FieldChange, Module, Turn
from firstcall.records.schema import load_schema
from firstcall.records.seeing import eyes_of
from firstcall.records.writing.given import UNSAID, Did, Given
from firstcall.records.writing.taking import take_all
from firstcall.scoring.saying import said

BULK = "bulk"
STEP = 2_000
_FAULTS = "refused.csv"


@dataclass(frozen=True)
class Change:
    """What becomes of every record.

    values         a value None clears its field
    owner          the id of a user; 0: nobody; None: as it is
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    owner: int | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()

    def given(self) -> Given:
        return Given(
            self.values,
            owner=UNSAID if self.owner is None else (self.owner or None),
            tags_added=self.add_tags,
            tags_removed=self.remove_tags,
        )

    @property
    def is_empty(self) -> bool:
        return not self.values and self.owner is None and not self.add_tags and not self.remove_tags


def begin_bulk(
    choice: Choice, change: Change, *, at: datetime, by: User | None, viewer: Viewer = PRODUCT
) -> ImportRun:
    """The work before its first step, on what the viewer sees. Raises InvalidValuesError, InvalidFilterError: nothing
    is begun that would be refused for every record."""
    selection = choice.selection(viewer)
    check_change(selection.module, change, viewer)
    return ImportRun.objects.create(
        kind=BULK,
        module=selection.module,
        wishes={"choice": choice.to_json(), "change": msgspec.to_builtins(change)},
        total=selection.records(now=at).count(),
        position={"last": 0, "step": 0, "refused": 0},
        created_at=at,
        created_by=by,
    )


def check_change(module: Module, change: Change, viewer: Viewer = PRODUCT) -> None:
    """Raises InvalidValuesError with every value that no record would take."""
    [taken] = take_all(load_schema(module), [change.given()], viewer=viewer)
    if taken.faults:
        raise InvalidValuesError(taken.faults)


def change_in_bulk(
    run: ImportRun, *, now: Callable[[], datetime], advance: Advance = lambda done, total, message: None
) -> None:
    """Do the work, or go on with it."""
    try:
        while run.is_unfinished and not _step(run.pk, now, advance):
            pass
    except JobCancelledError:
        message = said("It was cancelled. What it changed until then can be undone.")
        ImportRun.objects.filter(pk=run.pk).update(
            status=ImportStatus.FAILED, message=message, ended_at=now()
        )
        raise
    finally:
        run.refresh_from_db()


@transaction.atomic
def _step(id: int, now: Callable[[], datetime], advance: Advance) -> bool:
    run = ImportRun.objects.select_for_update().get(pk=id)
    if not run.is_unfinished:
        return True
    # As of the beginning: what this changes may not decide what it is for.
    viewer = eyes_of(run.created_by_id, Verb.EDIT, str(run.module))
    chosen = Choice.from_json(run.wishes["choice"]).selection(viewer).records(now=run.created_at)
    last = run.position["last"]
    ids = list(chosen.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:STEP])
    if not ids:
        run.status, run.ended_at = ImportStatus.DONE, now()
        run.save()
        advance(run.done, run.total, "done")
        return True
    run.status = ImportStatus.RUNNING
    _change(run, ids, now(), viewer)
    run.position |= {"last": ids[-1], "step": run.position["step"] + 1}
    run.done += len(ids)
    run.save()
    advance(run.done, max(run.total or 0, run.done), "changing")
    return False


def _change(run: ImportRun, ids: Sequence[int], at: datetime, viewer: Viewer) -> None:
    assert run.module is not None  # noqa: S101
    given = msgspec.convert(run.wishes["change"], Change).given()
    by = run.created_by
    rows = [(id, given) for id in ids]
    outcomes = change_records(run.module, rows, at=at, by=by, turn=Turn.BULK, viewer=viewer)
    changed = [id for id, outcome in zip(ids, outcomes, strict=True) if outcome.did is Did.CHANGED]
    if changed:
        changes = FieldChange.objects.filter(record_id__in=changed, at=at, by=by)
        pks = list(changes.values_list("pk", flat=True))
        ImportStep.objects.create(run=run, number=run.position["step"], changes=runs_of(pks))
    refused = [
        (id, " ".join(map(str, outcome.faults)))
        for id, outcome in zip(ids, outcomes, strict=True)
        if outcome.did is Did.REFUSED
    ]
    run.changed += len(changed)
    run.unchanged += sum(outcome.did is Did.UNCHANGED for outcome in outcomes)
    run.rejected += len(refused)
    if refused:
        run.position["refused"] = _list(run, refused)


def refused_file(run: ImportRun) -> Path:
    """Which records were refused, as CSV: record, reason."""
    return run.folder / _FAULTS


def _list(run: ImportRun, refused: Sequence[tuple[int, str]]) -> int:
    """Add to the file, from where the last step that counts ended; its length after."""
    run.folder.mkdir(parents=True, exist_ok=True)
    path = refused_file(run)
    path.touch()
    os.truncate(path, run.position["refused"])
    with path.open("a", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        if not run.position["refused"]:
            writer.writerow(["record", "reason"])
        writer.writerows(refused)
        out.flush()
        os.fsync(out.fileno())
        return out.tell()
