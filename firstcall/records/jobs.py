"""The jobs of records: imports and their undoing, what is no longer needed."""

from __future__ import annotations

from functools import partial
from shutil import rmtree

import msgspec

from firstcall.jobs.kinds import job
from firstcall.jobs.models import Job
from firstcall.moments import now
from firstcall.records import rekeying
from firstcall.records.actions import erase_old_trash
from firstcall.records.bulk.changing import change_in_bulk
from firstcall.records.importing.asking import Asked
from firstcall.records.importing.driving import drive
from firstcall.records.importing.looking import look_at
from firstcall.records.importing.models import ImportRun
from firstcall.records.importing.records_way import RecordsWay
from firstcall.records.importing.staging import FileOptions
from firstcall.records.importing.starting import FILES_ARE_KEPT, LOOK, abandon, forget_files, trial_folder
from firstcall.records.importing.trying import refusals_told, try_import
from firstcall.records.importing.undoing import undo_records
from firstcall.records.models import Module


@job("records.import", in_name=True, abandoned=abandon)
def import_records(job: Job) -> None:
    run = ImportRun.objects.get(pk=job.parameters["import"])
    drive(run, RecordsWay(run), Asked.from_json(run.wishes).file, now=now, advance=partial(_advance, job))


@job("records.try_import", in_name=True)
def try_import_of_records(job: Job) -> None:
    """Begun anew after a crash: it writes nothing."""
    asked = job.parameters
    module = Module.objects.get(name=asked["module"])
    with refusals_told(job):
        trial = try_import(
            module, asked["path"], trial_folder(job.pk), Asked.from_json(asked["asked"]), by=job.created_by, now=now,
            advance=partial(_advance, job),
        )  # fmt: skip
    rejects = str(trial.rejects) if trial.rejects else None
    job.advance(done=trial.total, total=trial.total, state={"found": trial.to_json(), "rejects": rejects})


@job(LOOK, in_name=True)
def look_at_file(job: Job) -> None:
    """Begun anew after a crash: it writes nothing but its own file."""
    asked, folder = job.parameters, trial_folder(job.pk)
    module = Module.objects.get(name=asked["module"])
    options = msgspec.convert(asked["file"], FileOptions)
    look = look_at(module, asked["path"], folder, options, advance=partial(_advance, job))
    rmtree(folder / "staged", ignore_errors=True)
    job.advance(done=look.rows, total=look.rows)


@job("records.undo_import", abandoned=abandon)
def undo_import(job: Job) -> None:
    undo_records(ImportRun.objects.get(pk=job.parameters["import"]), now=now, advance=partial(_advance, job))


@job("records.forget_files")
def forget_old_files(job: Job) -> None:
    job.advance(done=forget_files(now() - FILES_ARE_KEPT))


@job("records.bulk", in_name=True, abandoned=abandon)
def change_many(job: Job) -> None:
    change_in_bulk(
        ImportRun.objects.get(pk=job.parameters["import"]), now=now, advance=partial(_advance, job)
    )


@job(rekeying.KIND)
def rekey_phones(job: Job) -> None:
    rekeying.rekey(job)


@job("records.empty_trash")
def empty_trash(job: Job) -> None:
    done = job.done
    while erased := erase_old_trash(now=now()):
        done += erased
        job.advance(done=done)


def _advance(job: Job, done: int, total: int | None, message: str) -> None:
    job.advance(done=done, total=total, message=message)
