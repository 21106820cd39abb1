"""The jobs about scores."""

from __future__ import annotations

from firstcall.access.rights import Verb
from firstcall.access.viewing import find_viewer
from firstcall.jobs.kinds import job
from firstcall.jobs.models import Job
from firstcall.moments import now
from firstcall.scorekeeping.exporting import ExportAsked, export, export_folder
from firstcall.scorekeeping.sweeping import sweep
from firstcall.scorekeeping.switching import SWEEP


@job(SWEEP)
def sweep_scores(job: Job) -> None:
    sweep(job, now=now)


@job("records.export", in_name=True)
def export_records(job: Job) -> None:
    """Begun anew after a crash: the file comes to be whole or not at all."""
    asked = ExportAsked.from_json(job.parameters["asked"])
    target = export_folder(job.pk) / f"{asked.choice.module}.{asked.format}"
    target.parent.mkdir(parents=True, exist_ok=True)

    def advance(done: int, total: int | None, message: str) -> None:
        job.advance(done=done, total=total, message=message)

    viewer = find_viewer(job.created_by_id)
    viewer.require(Verb.EXPORT, asked.choice.module)
    rows = export(asked, target, viewer=viewer, now=job.created_at, advance=advance)
    job.advance(done=rows, total=rows, state={"file": target.name, "rows": rows})
