"""What a list shows of many scores at a glance: the strongest reasons, the way of the last days, who moved most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from firstcall.access.viewer import Viewer
from firstcall.records.seeing import seen_in
from firstcall.scorekeeping.compiled import rule_of
from firstcall.scorekeeping.models import RuleVersion, ScoreChange, StoredRule, StoredScore
from firstcall.scorekeeping.replay import score_by
from firstcall.scoring.labelling import Labelling, labelled_criterion
from firstcall.scoring.phrasing import worth_sentence
from firstcall.scoring.rules import Criterion

MOST_CHANGES = 2_000


@dataclass(frozen=True, slots=True)
class Reason:
    """A criterion and the points (hundredths) that it brings a record, before groups and limits."""

    name: str
    says: str
    points: int


@dataclass(frozen=True, slots=True)
class Move:
    """From where to where a record's total went between two moments; None is no score."""

    record: int
    before: Decimal | None
    after: Decimal | None

    @property
    def by(self) -> Decimal:
        return (self.after or Decimal(0)) - (self.before or Decimal(0))


def reasons(
    scores: Iterable[StoredScore], *, most: int = 2, labels: Labelling | None = None
) -> dict[int, list[Reason]]:
    """Of each score by its id, what moved it most. The records must be there. With labels, sentences have these."""
    scores = list(scores)
    versions = RuleVersion.objects.in_bulk({score.version_id for score in scores})
    return {score.pk: _strongest(score, versions[score.version_id], most, labels) for score in scores}


def _strongest(score: StoredScore, version: RuleVersion, most: int, labels: Labelling | None) -> list[Reason]:
    criteria, points = rule_of(version).criteria, score.points
    if points is None or len(points) != len(criteria):
        # Not kept beside the score: computed anew.
        found = score_by(score.record, rule_of(version), score.as_of)
        points = [line.points for line in found.lines if line.kind == "criterion"] if found else []
    brought = sorted(zip(criteria, points, strict=False), key=lambda pair: -abs(pair[1]))
    strongest = [(criterion, gained) for criterion, gained in brought[:most] if gained]
    if labels is not None:
        label = partial(labels, rule_of(version).module)
        strongest = [(labelled_criterion(criterion, label), gained) for criterion, gained in strongest]
    return [_reason(criterion, gained) for criterion, gained in strongest]


def _reason(criterion: Criterion, gained: int) -> Reason:
    return Reason(criterion.name, worth_sentence(criterion), gained)


def ways(
    rule: StoredRule, records: Collection[int], *, since: datetime
) -> dict[int, list[tuple[datetime, Decimal]]]:
    """By record, the totals from `since` on, each with the moment it began; no score counts as zero."""
    changes = ScoreChange.objects.filter(rule=rule, record__in=list(records), at__gte=since).order_by(
        "at", "pk"
    )
    found: dict[int, list[tuple[datetime, Decimal]]] = defaultdict(list)
    for record, at, old, new in changes.values_list("record_id", "at", "old_total", "new_total"):
        if not found[record] and old is not None:
            found[record].append((since, old))
        found[record].append((at, new or Decimal(0)))
    return dict(found)


def moves(
    rule: StoredRule, *, viewer: Viewer, since: datetime, owner: int | None = None, most: int = 5
) -> list[Move]:
    """The greatest moves since a moment of records that the viewer sees, among the newest changes; what went back and
    forth counts by where it ended."""
    changes = ScoreChange.objects.filter(rule=rule, at__gte=since, is_bulk=False, old_total__isnull=False)
    if owner is not None:
        changes = changes.filter(record__owner=owner)
    changes = changes.filter(seen_in(viewer, rule.module, "record__"))
    newest = changes.filter(record__deleted_at__isnull=True).order_by("-at", "-pk")
    ends: dict[int, tuple[Decimal | None, Decimal | None]] = {}
    for record, old, new in newest.values_list("record_id", "old_total", "new_total")[:MOST_CHANGES]:
        ends[record] = (old, ends[record][1] if record in ends else new)
    found = [Move(record, before, after) for record, (before, after) in ends.items()]
    return sorted((move for move in found if move.by), key=lambda move: -abs(move.by))[:most]


def grades_of(version: RuleVersion) -> Sequence[str]:
    """The grades of a version from the best to the least; of two-part grades those of fit before touchpoints."""
    grades = rule_of(version).grades
    if grades is None:
        return ()
    if not grades.two_part:
        return tuple(grade.name for grade in grades.total)
    return tuple(f"{fit.name}{done.name}" for fit in grades.fit for done in grades.touchpoints)
