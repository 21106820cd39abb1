"""What people think of scored records: a good lead or a bad one, and why, with the score as it was when they said so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from firstcall.access.errors import HiddenError
from firstcall.access.viewer import Viewer
from firstcall.followups.acting import get_of, require_own, seen_of
from firstcall.followups.errors import UnfitError
from firstcall.followups.models import Feedback, Verdict
from firstcall.records.claims import claimed
from firstcall.records.models import Record
from firstcall.scorekeeping.explaining import explanation
from firstcall.scorekeeping.models import Figures, RuleVersion, StoredRule, StoredScore
from firstcall.scoring.saying import said

OTHER = "other"
REASONS = {
    Verdict.GOOD: ("good_fit", "in_need", "ready_to_buy", "decides", "engaged", OTHER),
    Verdict.BAD: (
        "bad_fit", "no_need", "no_budget", "bad_timing", "wrong_person", "unreachable", "competitor", "duplicate",
        "not_real", OTHER,
    ),
}  # fmt: skip
FIGURES = tuple(field.name for field in Figures._meta.get_fields())
_encode = msgspec.json.Encoder(decimal_format="number", enc_hook=str).encode


@dataclass(frozen=True, slots=True)
class Opinion:
    """
    reason  one of `REASONS` of the verdict; empty: none said
    """

    verdict: Verdict
    reason: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class GradeCount:
    """How many thought well of records that had the grade, and how many did not; None: no grade, or no score."""

    grade: str | None
    good: int
    bad: int


def give_feedback(
    record: Record, rule: StoredRule, opinion: Opinion, *, viewer: Viewer, at: datetime
) -> Feedback:
    """In place of what the viewer said of it before, which is kept. Raises HiddenError where no version scored the
    record, UnfitError for a reason that does not go with the verdict."""
    known = REASONS[opinion.verdict]
    if opinion.reason and opinion.reason not in known:
        says = said("is no reason for a {verdict} lead.", verdict=opinion.verdict)
        raise UnfitError("reason", says, said("Take one of {known}.", known=", ".join(known)))
    told = explanation(record, rule, at)
    if told is None:
        raise HiddenError("score")
    version = RuleVersion.objects.get(rule=rule, number=int(str(told["version"])))
    score = StoredScore.objects.filter(record=record, rule=rule).first()
    figures: dict[str, Any] = dict.fromkeys(FIGURES, 0) | {"grade": None}
    if score is not None:
        figures = {name: getattr(score, name) for name in FIGURES}
    claim = ("followups.feedback", f"{record.pk} {rule.pk} {viewer.user}")
    with transaction.atomic(), claimed([claim]):
        _standing(record, rule, viewer).update(ended_at=at)
        return Feedback.objects.create(
            record=record,
            rule=rule,
            version=version,
            by_id=viewer.user,
            at=at,
            verdict=opinion.verdict,
            reason=opinion.reason,
            comment=opinion.comment,
            has_score=score is not None,
            scored_as_of=None if score is None else score.as_of,
            explanation=_encode(told).decode(),
            **figures,
        )


def get_feedback(viewer: Viewer, id: int) -> Feedback:
    """Also what counts no longer. Raises HiddenError."""
    return get_of(_with_version(Feedback.objects.all()), viewer, id, "feedback")


def take_back(feedback: Feedback, *, viewer: Viewer, at: datetime) -> None:
    """It counts no longer. A second time does nothing. Raises ForbiddenError."""
    require_own(viewer, feedback.record, (feedback.by_id,))
    Feedback.objects.filter(pk=feedback.pk, ended_at__isnull=True).update(ended_at=at)


def feedback_on(record: Record) -> QuerySet[Feedback]:
    """What counts, by all rules."""
    return _with_version(Feedback.objects.filter(record=record, ended_at__isnull=True))


def feedback_by(
    rule: StoredRule,
    *,
    viewer: Viewer,
    verdict: str | None = None,
    reason: str | None = None,
    by: int | None = None,
    grades: Iterable[str] = (),
    version: int | None = None,
) -> QuerySet[Feedback]:
    """What counts of a rule's scores, of records that the viewer sees.

    grades  as they were; an empty text stands for no grade
    """
    rows = seen_of(Feedback.objects.filter(rule=rule, ended_at__isnull=True), viewer)
    wanted = {"verdict": verdict, "reason": reason, "by": by, "version__number": version}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    if grades := list(grades):
        none = Q(grade__isnull=True) if "" in grades else Q(pk__in=())
        rows = rows.filter(Q(grade__in=grades) | none)
    return _with_version(rows)


def count_by_grade(rows: QuerySet[Feedback]) -> list[GradeCount]:
    """In the order of the grades' names, those without one last."""
    good, bad = (Count("pk", filter=Q(verdict=verdict)) for verdict in (Verdict.GOOD, Verdict.BAD))
    counted = rows.order_by().values("grade").annotate(good=good, bad=bad)
    found = [GradeCount(row["grade"], row["good"], row["bad"]) for row in counted]
    return sorted(found, key=lambda one: (one.grade is None, one.grade or ""))


def _standing(record: Record, rule: StoredRule, viewer: Viewer) -> QuerySet[Feedback]:
    return Feedback.objects.filter(record=record, rule=rule, by=viewer.user, ended_at__isnull=True)


def _with_version(rows: QuerySet[Feedback]) -> QuerySet[Feedback]:
    return rows.select_related("version")
