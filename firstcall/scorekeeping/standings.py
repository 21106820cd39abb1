"""What stands: the scores of one record by every rule, and the ranked list of a rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from firstcall.access.viewer import Viewer
from firstcall.jobs.models import UNFINISHED
from firstcall.records.models import DirtyRecord, Record
from firstcall.records.seeing import seen_in
from firstcall.scorekeeping.assigning import assignments
from firstcall.scorekeeping.models import StoredRule, StoredScore
from firstcall.scoring.times import moment_of


@dataclass(frozen=True, slots=True)
class Standing:
    """A record's score by one rule.

    score       none: the rule does not score the record
    is_pending  something happened, or a version was switched on, that the score does not hold yet
    """

    rule: StoredRule
    score: StoredScore | None
    is_pending: bool

    @property
    def next_change_at(self) -> datetime | None:
        """When time alone changes it, or may bring the record under the rule; None too where the rule has stopped."""
        return None if self.score is None or self.rule.active_id is None else self.score.next_change_at


def standings(record: Record, *, now: datetime) -> list[Standing]:
    """By every rule that is active, and by those that stopped and left the record a score; in the order of names."""
    scores = {
        score.rule_id: score for score in StoredScore.objects.filter(record=record).select_related("version")
    }
    rules = StoredRule.objects.filter(Q(active__isnull=False) | Q(pk__in=scores), module=record.module_id)
    is_dirty = DirtyRecord.objects.filter(record_id=record.pk).exists()
    found = []
    for rule in rules.select_related("activation", "activation__job").order_by("name", "pk"):
        score = scores.get(rule.pk)
        pending = rule.active_id is not None and (
            is_dirty or _is_due(score, now) or _awaits_sweep(rule, record)
        )
        found.append(Standing(rule, score, pending))
    return found


def _is_due(score: StoredScore | None, now: datetime) -> bool:
    return score is not None and score.next_change_at is not None and score.next_change_at <= now


def _awaits_sweep(rule: StoredRule, record: Record) -> bool:
    """Whether a job that is not done yet may come to the record."""
    activation = rule.activation
    if activation is None or activation.complete_at is not None or activation.job is None:
        return False
    if activation.job.status not in UNFINISHED:
        return False
    assigned = assignments(rule.pk, [record.pk]).get(record.pk)
    return assigned is None or assigned.since != moment_of(activation.at)


def ranking(
    rule: StoredRule,
    *,
    viewer: Viewer,
    grades: Sequence[str] = (),
    layout: str | None = None,
    owner: int | None = None,
) -> QuerySet[StoredScore]:
    """The scores of a rule that the viewer sees, for `order_by("-total", "record")`: the highest first, of equal ones the
    oldest record.

    grades  these alone; an empty text stands for no grade
    """
    scores = StoredScore.objects.filter(rule=rule, record__deleted_at__isnull=True)
    scores = scores.filter(seen_in(viewer, rule.module, "record__"))
    if grades:
        scores = scores.filter(
            Q(grade__in=grades) | (Q(grade__isnull=True) if "" in grades else Q(pk__in=()))
        )
    if layout is not None:
        scores = scores.filter(record__layout__name=layout)
    if owner is not None:
        scores = scores.filter(record__owner=owner)
    return scores


def behind(scores: QuerySet[StoredScore], total: int, record: int) -> QuerySet[StoredScore]:
    """Those that follow one in that order. The first condition gives the index its place to begin at."""
    return scores.filter(total__lte=total).filter(Q(total__lt=total) | Q(record__gt=record))
