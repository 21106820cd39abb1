"""How the service is, in figures for people: the same that `/metrics` and `/readyz` tell programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from firstcall.columns.status import Status
from firstcall.columns.status import status as columns_status
from firstcall.counts.reading import last_seen, lately, quantile, read_counts
from firstcall.jobs.models import Job, JobStatus
from firstcall.monitoring.health import CHECKS
from firstcall.monitoring.metrics import MOST_DIRTY
from firstcall.records.models import DirtyRecord
from firstcall.touchpoints.models import Ambiguity
from firstcall.touchpoints.people import AmbiguityStatus

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """
    checks         by name, what is wrong; empty: nothing is
    touchpoints    how many came in since the beginning, all sources together
    dirty          records that wait to be scored again; `most_dirty` stands for that many or more
    oldest         seconds that the oldest fresh one waits
    median, worst  of the last five minutes: seconds from a touchpoint to the score that counts it, for half of them and
                   for all but one in a hundred; None: none came
    spread         how many of them fell into each bucket of `counts.tallying.BUCKETS`, and above
    failed         jobs that failed within a day
    backed_up_at   when a backup was last made by this service's command
    """

    checks: Mapping[str, str]
    touchpoints: int
    dirty: int
    oldest: float
    median: float | None
    worst: float | None
    spread: tuple[int, ...]
    waiting: int
    running: int
    failed: int
    columns: Status
    ambiguous: int
    keeper_seen_at: datetime | None
    backed_up_at: datetime | None
    most_dirty: int = MOST_DIRTY

    @property
    def is_well(self) -> bool:
        return not any(self.checks.values())


def figures(*, at: datetime) -> Figures:
    spread = tuple(lately("freshness_seconds", at))
    oldest = DirtyRecord.objects.filter(turn=0).order_by("id").values_list("since", flat=True).first()
    jobs = Job.objects
    return Figures(
        checks={name: check() for name, check in CHECKS.items()},
        touchpoints=sum(read_counts().counters.get("touchpoints", {}).values()),
        dirty=DirtyRecord.objects.all()[:MOST_DIRTY].count(),
        oldest=0.0 if oldest is None else max(0.0, (at - oldest).total_seconds()),
        median=quantile(spread, 0.5),
        worst=quantile(spread, 0.99),
        spread=spread,
        waiting=jobs.filter(status=JobStatus.WAITING).count(),
        running=jobs.filter(status=JobStatus.RUNNING).count(),
        failed=jobs.filter(status=JobStatus.FAILED, ended_at__gt=at - DAY).count(),
        columns=columns_status(now=at),
        ambiguous=Ambiguity.objects.filter(status=AmbiguityStatus.OPEN).count(),
        keeper_seen_at=last_seen("keeper"),
        backed_up_at=last_seen("backup"),
    )
