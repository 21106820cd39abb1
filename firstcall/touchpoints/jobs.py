"""The jobs of touchpoints: imports and their undoing; settling what waits."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from firstcall.jobs.kinds import job
from firstcall.jobs.models import Job
from firstcall.moments import now
from firstcall.records.importing.driving import drive
from firstcall.records.importing.models import ImportRun
from firstcall.records.importing.starting import TRIALS, abandon, trial_folder
from firstcall.records.importing.trying import refusals_told
from firstcall.touchpoints.importing.asking import TouchpointsAsked
from firstcall.touchpoints.importing.touchpoints_way import TouchpointsWay
from firstcall.touchpoints.importing.trying import try_touchpoints
from firstcall.touchpoints.importing.undoing import undo_touchpoints
from firstcall.touchpoints.models import HandledMessage
from firstcall.touchpoints.revoking import COUNT_AGAIN, REVOKE, go_on_ending, go_on_revoking
from firstcall.touchpoints.settling import assign_what_is_clear, join_by_value
from firstcall.touchpoints.sightings import compact

REMEMBERED = timedelta(days=90)  # how long a repeated identify does nothing


@job("touchpoints.import", in_name=True, abandoned=abandon)
def import_touchpoints(job: Job) -> None:
    run = ImportRun.objects.get(pk=job.parameters["import"])
    file = TouchpointsAsked.from_json(run.wishes).file
    drive(run, TouchpointsWay(run), file, now=now, advance=partial(_advance, job))


@job(TRIALS["touchpoints"], in_name=True)
def try_import_of_touchpoints(job: Job) -> None:
    """Begun anew after a crash: it writes nothing."""
    asked, folder = TouchpointsAsked.from_json(job.parameters["asked"]), trial_folder(job.pk)
    with refusals_told(job):
        trial = try_touchpoints(
            job.parameters["path"], folder, asked, by=job.created_by_id, advance=partial(_advance, job)
        )
    rejects = str(trial.rejects) if trial.rejects else None
    job.advance(done=trial.total, total=trial.total, state={"found": trial.to_json(), "rejects": rejects})


@job("touchpoints.undo_import", abandoned=abandon)
def undo_import(job: Job) -> None:
    run = ImportRun.objects.get(pk=job.parameters["import"])
    undo_touchpoints(run, now=now, advance=partial(_advance, job))


def _advance(job: Job, done: int, total: int | None, message: str) -> None:
    job.advance(done=done, total=total, message=message)


@job(REVOKE)
def revoke_many(job: Job) -> None:
    go_on_revoking(job, now=now)


@job(COUNT_AGAIN)
def count_many_again(job: Job) -> None:
    go_on_ending(job, now=now)


@job("touchpoints.settle")
def settle(job: Job) -> None:
    """What waits for a name that a record has by now joins it."""
    at = now()
    job.advance(done=join_by_value(at=at) + assign_what_is_clear(at=at))


@job("touchpoints.tidy")
def tidy(job: Job) -> None:
    compact()
    job.advance(done=HandledMessage.objects.filter(received_at__lt=now() - REMEMBERED).delete()[0])
