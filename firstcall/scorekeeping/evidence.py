"""The evidence of a record's score: behind each line of its explanation the touchpoints that it counts, and when each ends;
and what would be enough for the next grade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, cast

from django.db.models import Q
from django.db.models.functions import Coalesce

from firstcall.records.models import Record
from firstcall.scorekeeping.explaining import explained
from firstcall.scorekeeping.models import StoredRule
from firstcall.scoring.evidence import Change, changes_that_suffice, evidence
from firstcall.scoring.explaining import Explanation
from firstcall.scoring.measuring import Touchpoint as Read
from firstcall.scoring.rules import (
    Criterion,
    DaysSinceMeasure,
    Rule,
    TouchpointMeasure,
    leaves,
    types_read,
)
from firstcall.scoring.times import datetime_of, moment_of
from firstcall.scoring.values import Value
from firstcall.touchpoints.models import Touchpoint

MOST_READ = 2_000
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Counted:
    """A touchpoint behind a line. `points` are the hundredths that it gives by itself, `until` when time ends it."""

    touchpoint: Touchpoint
    points: int | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Behind:
    """Those behind one line, the newest first; `count` how many there are."""

    counted: Sequence[Counted]
    count: int


@dataclass(frozen=True, slots=True)
class Way:
    """What single changes would lead to a grade; `part` in two-part grades."""

    grade: str
    missing: int
    part: str | None
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Found:
    """By the names of criteria what is behind their lines; what ends by itself, the soonest first."""

    behind: dict[str, Behind] = field(default_factory=dict)
    ending: Sequence[tuple[str, Counted]] = ()
    ways: Sequence[Way] = ()


def evidence_of(record: Record, rule: StoredRule, as_of: datetime) -> Found:
    """As of any moment, by the version of then. It reads the newest touchpoints, `MOST_READ` of them; those that were
    another record's meanwhile are left out. Empty where the rule does not score the record."""
    found = explained(record, rule, as_of)
    if found is None or found.why is None:
        return Found()
    parsed, moment = found.why.rule, moment_of(found.as_of)
    rows = _touchpoints(record, parsed, found.as_of)
    read = [
        Read(
            row.type, moment_of(row.occurred_at), {name: Value(held) for name, held in row.properties.items()}
        )
        for row in rows
    ]
    behind: dict[str, Behind] = {}
    ending: list[tuple[str, Counted]] = []
    earned = {line.name for line in found.why.score.lines if line.kind == "criterion" and line.points}
    for criterion in parsed.criteria:
        if criterion.name not in earned:
            continue
        counted = [
            Counted(rows[one.touchpoint], one.points, None if one.until is None else datetime_of(one.until))
            for one in evidence(criterion, read, moment)
        ]
        if counted:
            behind[criterion.name] = Behind(counted[:MOST_SHOWN], len(counted))
            ending += [(criterion.name, one) for one in counted if one.until is not None]
    ending.sort(key=lambda pair: cast("datetime", pair[1].until))
    return Found(behind, ending[:MOST_SHOWN], ways_of(found.why))


def ways_of(why: Explanation) -> list[Way]:
    """To the next better grade, in each part of two-part grades."""
    return [
        Way(
            one.grade,
            one.missing,
            one.part,
            changes_that_suffice(
                why.rule, why.score, one.missing, cast("Literal['fit', 'touchpoints'] | None", one.part)
            )[:3],
        )
        for one in why.next_grades
    ]


def has_evidence(criterion: Criterion) -> bool:
    """Whether it counts touchpoints of the record itself."""
    measures = (leaf.measure for leaf in leaves(criterion.condition))
    return any(isinstance(one, TouchpointMeasure | DaysSinceMeasure) and one.of is None for one in measures)


def _touchpoints(record: Record, rule: Rule, as_of: datetime) -> list[Touchpoint]:
    types = types_read(rule).get(None, ())
    if not types:
        return []
    asked = Q(pk__in=())
    for pattern in types:
        if pattern == "*":
            asked = Q()
            break
        asked |= Q(type__startswith=pattern[:-1]) if pattern.endswith(".*") else Q(type=pattern)
    rows = Touchpoint.objects.filter(asked, record=record, occurred_at__lte=as_of).filter(
        Q(revoked_at__isnull=True) | Q(revoked_at__gt=as_of)
    )
    known = rows.annotate(came=Coalesce("joined_at", "received_at")).filter(came__lte=as_of)
    return list(known.order_by("-occurred_at", "-pk")[:MOST_READ])
