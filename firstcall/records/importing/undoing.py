"""Undoes an import as a whole: what it made goes into the trash, what it changed is set back, unless somebody has
changed it since; that stays, and is listed."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from firstcall.access.models import User
from firstcall.records.actions import change_records, delete_records
from firstcall.records.importing.driving import Advance
from firstcall.records.importing.models import ImportRun, ImportStatus, ImportStep, ids_of
from firstcall.records.kinds import FieldKind
from firstcall.records.models import FieldChange, Module, Record, Turn
from firstcall.records.writing.given import Did, Given
from firstcall.scoring.saying import said
from firstcall.scoring.times import format_moment

_KEPT = "undo.csv"


class NotUndoableError(Exception):
    """An import that cannot be undone; `str` says why."""


@dataclass(frozen=True, slots=True)
class Stays:
    """Something that the undo left as it is; `field` is empty for a whole record."""

    record: int
    field: str
    why: str


def begin_undo(run: ImportRun, *, by: User | None, at: datetime) -> ImportRun:
    """Mark the import as one that is being undone. Raises NotUndoableError."""
    with transaction.atomic():
        current = ImportRun.objects.select_for_update().get(pk=run.pk)
        if current.status == ImportStatus.UNDONE:
            raise NotUndoableError(said("Import {number} has been undone already.", number=run.pk))
        if current.is_unfinished:
            raise NotUndoableError(
                said("Import {number} is not finished. Cancel it first, or let it end.", number=run.pk)
            )
        if current.status != ImportStatus.UNDOING:
            current.status, current.undone_at, current.undone_by = ImportStatus.UNDOING, at, by
            current.save(update_fields=["status", "undone_at", "undone_by"])
    return current


def undo_records(
    run: ImportRun, *, now: Callable[[], datetime], advance: Advance = lambda done, total, message: None
) -> None:
    """Undo an import of records, or go on with it; `begin_undo` comes first."""
    undo_steps(run, lambda step: _undo_step(run, step, now()), now=now, advance=advance)


def undo_steps(
    run: ImportRun,
    undo: Callable[[ImportStep], list[Stays]],
    *,
    now: Callable[[], datetime],
    advance: Advance = lambda done, total, message: None,
) -> None:
    """Undo step after step, the newest first, each in its transaction."""
    total = run.steps.count()
    while True:
        with transaction.atomic():
            current = ImportRun.objects.select_for_update().get(pk=run.pk)
            if current.status != ImportStatus.UNDOING:
                return
            step = run.steps.filter(is_undone=False).order_by("-number").first()
            if step is None:
                current.status = ImportStatus.UNDONE
                current.save(update_fields=["status"])
                advance(total, total, "undone")
                return
            stays = undo(step)
            _list(current, stays)
            step.is_undone = True
            step.save(update_fields=["is_undone"])
            current.position = {**current.position, "stays": current.position.get("stays", 0) + len(stays)}
            current.save(update_fields=["position"])
            advance(total - run.steps.filter(is_undone=False).count(), total, "undoing")


def stays_file(run: ImportRun) -> Path:
    """Where what an undo left as it is stands, as CSV: record, field, why."""
    return run.folder / _KEPT


def _list(run: ImportRun, stays: Sequence[Stays]) -> None:
    if not stays:
        return
    run.folder.mkdir(parents=True, exist_ok=True)
    path = stays_file(run)
    with path.open("a", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        if out.tell() == 0:
            writer.writerow(["record", "field", "why"])
        writer.writerows((one.record, one.field, one.why) for one in stays)


def _undo_step(run: ImportRun, step: ImportStep, at: datetime) -> list[Stays]:
    return [*_set_back(run, step, at), *_take_away(run, step, at)]


# --- what was changed


def _set_back(run: ImportRun, step: ImportStep, at: datetime) -> list[Stays]:
    chains: dict[tuple[int, str], list[FieldChange]] = defaultdict(list)
    for first, last in step.changes:
        for change in FieldChange.objects.filter(pk__range=(first, last)).order_by("pk"):
            chains[change.record_id, change.field].append(change)
    records = Record.objects.in_bulk({record for record, _ in chains})
    earlier: dict[int, dict[str, Any]] = defaultdict(dict)
    stays: list[Stays] = []
    for (id, field), changes in chains.items():
        record = records.get(id)
        if record is None or record.deleted_at is not None:
            stays.append(Stays(id, field, said("the record has been deleted since")))
        elif _now(record, field) != changes[-1].new:
            stays.append(Stays(id, field, said("it has been changed since")))
        else:
            earlier[id][field] = changes[0].old
    if not earlier:
        return stays
    module = _module(run)
    timed = set(module.fields.filter(kind=FieldKind.DATE_TIME).values_list("name", flat=True))
    rows = [(id, _given(before, timed)) for id, before in earlier.items()]
    outcomes = change_records(module, rows, at=at, by=run.undone_by, turn=Turn.BULK)
    for (id, _), outcome in zip(rows, outcomes, strict=True):
        stays += [Stays(id, fault.field, fault.says) for fault in outcome.faults]
    return stays


def _now(record: Record, field: str) -> object:
    match field:
        case "owner":
            return record.owner_id
        case "tags":
            return list(record.tags)
        case "layout":
            return record.layout.name if record.layout else None
    return record.values.get(field)


def _given(before: Mapping[str, Any], timed: Collection[str]) -> Given:
    """What a record holds, as it is given to one: times as texts."""
    beside = {name: before[name] for name in ("owner", "tags", "layout") if name in before}
    values = {
        name: format_moment(held) if name in timed and held is not None else held
        for name, held in before.items()
        if name not in beside
    }
    return Given(values, **beside)


# --- what was made


def _take_away(run: ImportRun, step: ImportStep, at: datetime) -> list[Stays]:
    """Records that somebody has changed since stay: what people did is worth more than a clean undo."""
    ids = ids_of(step.created)
    touched = _changed_by_others(run, FieldChange.objects.filter(record_id__in=ids))
    there = set(Record.objects.filter(pk__in=ids, deleted_at=None).values_list("pk", flat=True))
    gone = [id for id in ids if id in there and id not in touched]
    outcomes = delete_records(_module(run), gone, at=at, by=run.undone_by, turn=Turn.BULK) if gone else []
    stays = [Stays(id, "", said("somebody has changed it since")) for id in ids if id in touched & there]
    for outcome in outcomes:
        if outcome.did is Did.REFUSED:
            stays += [Stays(outcome.record_id or 0, "", fault.says) for fault in outcome.faults]
    return stays


def _changed_by_others(run: ImportRun, changes: QuerySet[FieldChange]) -> set[int]:
    """The records with changes that are neither the import's own nor its undo's."""
    found = list(changes.values_list("pk", "record_id", "at", "by_id"))
    own = _Runs([each for step in run.steps.all() for each in step.changes]) if found else _Runs([])
    began, undoer = run.undone_at, run.undone_by_id
    return {
        record
        for pk, record, at, by in found
        if pk not in own and not (began is not None and at >= began and by == undoer)
    }


class _Runs:
    """Runs of ids, to be asked for many."""

    def __init__(self, runs: Sequence[Sequence[int]]) -> None:
        self.runs = sorted(map(tuple, runs))
        self.starts = [run[0] for run in self.runs]

    def __contains__(self, id: int) -> bool:
        at = bisect_right(self.starts, id) - 1
        return at >= 0 and id <= self.runs[at][1]


def _module(run: ImportRun) -> Module:
    assert run.module is not None  # noqa: S101
    return run.module
