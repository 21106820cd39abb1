"""How many records a re-scoring would go through, and how long that took before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from firstcall.jobs.models import Job, JobStatus
from firstcall.records.models import Module, Record
from firstcall.scorekeeping.switching import SWEEP

_LOOKED_AT = 5  # of the last sweeps


@dataclass(frozen=True, slots=True)
class Estimate:
    """`takes` is None where the module has not been swept before."""

    records: int
    takes: timedelta | None


def estimate(module: Module, *, changed_since: datetime | None = None) -> Estimate:
    """Of all records of the module, or of those created or changed since."""
    records = Record.objects.filter(module=module, deleted_at=None)
    count = records.count()
    if changed_since is not None:
        count = records.filter(updated_at__gte=changed_since).count()
    each = _seconds_each(module)
    return Estimate(count, None if each is None else timedelta(seconds=round(count * each, 1)))


def _seconds_each(module: Module) -> float | None:
    """From the last sweeps that came to their end: of a record."""
    ended = Job.objects.filter(
        kind=SWEEP, parameters__module=module.pk, status=JobStatus.DONE, done__gt=0, started_at__isnull=False
    )
    rows = list(ended.order_by("-pk").values_list("started_at", "ended_at", "done")[:_LOOKED_AT])
    done = sum(count for _, _, count in rows)
    if not done:
        return None
    spent = sum(((end - start) for start, end, _ in rows if start and end), timedelta())
    return spent.total_seconds() / done
