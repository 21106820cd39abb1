"""The records that belong to one, both ways: what its look-ups lead to, and those whose look-ups lead to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from firstcall.access.viewer import Viewer
from firstcall.records.models import Record, RecordLink
from firstcall.records.schema import title_of
from firstcall.records.seeing import seen
from firstcall.scorekeeping.models import StoredScore
from firstcall.web.grading import Shown, shown

MOST = 10
_READ = 200


@dataclass(frozen=True, slots=True)
class Related:
    """`total` and `grade` by the first active rule of its module, where that scores it."""

    record: Record
    title: str
    score: StoredScore | None
    grade: Shown | None


@dataclass(frozen=True, slots=True)
class Group:
    """Those of one look-up; `more`: there are others."""

    label: str
    by: str
    records: Sequence[Related]
    more: bool


def related(record: Record, viewer: Viewer) -> list[Group]:
    ahead = RecordLink.objects.filter(seen(viewer, "target__"), record=record, target__deleted_at=None)
    behind = RecordLink.objects.filter(seen(viewer, "record__"), target=record, record__deleted_at=None)
    groups: dict[tuple[bool, int], tuple[str, str, list[Record]]] = {}
    for link in ahead.select_related("field", "target__module").order_by("field_id")[:_READ]:
        label = link.field.label
        groups.setdefault((False, link.field_id), (label, gettext("belongs to"), []))[2].append(link.target)
    for link in behind.select_related("field__module", "record__module").order_by("field_id", "-record_id")[
        :_READ
    ]:
        label = link.field.module.label
        groups.setdefault((True, link.field_id), (label, link.field.label, []))[2].append(link.record)
    shown_ids = [one.pk for _, _, records in groups.values() for one in records[:MOST]]
    scores = _scores(shown_ids)
    return [
        Group(label, by, [_related(one, scores) for one in records[:MOST]], len(records) > MOST)
        for label, by, records in groups.values()
    ]


def _scores(records: Sequence[int]) -> dict[int, StoredScore]:
    rows = StoredScore.objects.filter(record__in=records, rule__active__isnull=False)
    found: dict[int, StoredScore] = {}
    for score in rows.select_related("version").order_by("rule_id"):
        found.setdefault(score.record_id, score)
    return found


def _related(record: Record, scores: dict[int, StoredScore]) -> Related:
    score = scores.get(record.pk)
    title = title_of(record.module, record.values) or f"#{record.pk}"
    return Related(record, title, score, shown(score.grade, score.version) if score else None)
