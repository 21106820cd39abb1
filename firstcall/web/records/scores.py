"""The scores of one record, as of now or of a past day: figures, grade, why and why not, what comes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from firstcall.records.models import Record
from firstcall.scorekeeping.evidence import Way, has_evidence, ways_of
from firstcall.scorekeeping.explaining import explained
from firstcall.scorekeeping.glancing import ways
from firstcall.scorekeeping.models import StoredRule
from firstcall.scorekeeping.standings import standings
from firstcall.scoring.compiling import SIX_FIGURES
from firstcall.scoring.labelling import Labelling
from firstcall.scoring.times import datetime_of, parse_time
from firstcall.web.drawing import Part, Spark, spark, waterfall
from firstcall.web.grading import Shown, shown
from firstcall.web.labelling import FieldLabels

PAST = timedelta(days=90)
CHART_WIDTH, CHART_HEIGHT = 320, 56
FALL_WIDTH = 120


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the score; `points` in hundredths, `part` its place in the waterfall.

    changes_at  when time alone changes it
    is_backed   whether touchpoints of the record stand behind it
    """

    name: str
    says: str
    points: int
    part: Part | None
    changes_at: datetime | None
    held: bool
    when_new: int | None
    is_backed: bool


@dataclass(frozen=True, slots=True)
class Missed:
    name: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Card:
    """What one rule gives the record; `told` is the explanation, none where no version scored it."""

    rule: StoredRule
    is_pending: bool
    told: Mapping[str, Any] | None
    grade: Shown | None
    chart: Spark | None
    steps: Sequence[Step]
    missed: Sequence[Missed]
    next_change_at: datetime | None
    ways: Sequence[Way] = ()

    @property
    def is_scored(self) -> bool:
        return self.told is not None and bool(self.told["scored"])

    @property
    def figures(self) -> Mapping[str, int]:
        told = self.told or {}
        return {name: hundredths(told[name]) for name in SIX_FIGURES if name in told}

    @property
    def next_grades(self) -> list[tuple[str, int, str]]:
        """The next better grade, the points (hundredths) that are missing, and in which part."""
        told = self.told or {}
        return [
            (found["grade"], hundredths(found["points_missing"]), found.get("part", ""))
            for found in told.get("next_grades", ())
        ]


def cards(record: Record, *, as_of: datetime, now: datetime) -> list[Card]:
    """By every rule that is at work, or left the record a score. `as_of` is `now` for what stands."""
    labels = FieldLabels().label
    return [
        _card(record, standing.rule, standing.is_pending and as_of == now, as_of, labels)
        for standing in standings(record, now=now)
    ]


def _card(record: Record, rule: StoredRule, is_pending: bool, as_of: datetime, labels: Labelling) -> Card:
    found = explained(record, rule, as_of, labels=labels)
    if found is None or found.why is None:
        return Card(rule, is_pending, None if found is None else found.told, None, None, (), (), None)
    told = found.told
    since = max(as_of - PAST, record.created_at)
    way = ways(rule, [record.pk], since=since).get(record.pk, ())
    total = Decimal(hundredths(told["total"]))
    chart = spark(way, since=since, until=as_of, now_at=total, width=CHART_WIDTH, height=CHART_HEIGHT)
    backed = {criterion.name for criterion in found.why.rule.criteria if has_evidence(criterion)}
    steps, missed = _lines(told["lines"], backed)
    grade = told["grade"]
    return Card(
        rule,
        is_pending,
        told,
        shown(None if grade is None else str(grade), found.version),
        chart,
        steps,
        missed,
        _moment(told["next_change_at"]),
        ways_of(found.why),
    )


def _lines(lines: Sequence[Mapping[str, Any]], backed: Collection[str]) -> tuple[list[Step], list[Missed]]:
    moved = [line for line in lines if hundredths(line["points"])]
    # What criteria bring, the most first; then what groups and limits take, which belongs below all of them.
    moved.sort(
        key=lambda line: (line.get("kind", "criterion") != "criterion", -abs(hundredths(line["points"])))
    )
    points = [hundredths(line["points"]) for line in moved]
    steps = [
        Step(
            line["name"],
            line["says"],
            gained,
            part,
            _moment(line["next_change_at"]),
            bool(line.get("held_by_at_most")),
            None if line.get("when_new") is None else hundredths(line["when_new"]),
            line.get("kind", "criterion") == "criterion" and line["name"] in backed,
        )
        for line, gained, part in zip(moved, points, waterfall(points, FALL_WIDTH), strict=True)
    ]
    missed = [
        Missed(line["name"], line["why_not"] or line["says"])
        for line in lines
        if line.get("status") == "missed"
    ]
    return steps, missed


def hundredths(points: Decimal | float) -> int:
    return int(Decimal(str(points)) * 100)


def _moment(text: str | None) -> datetime | None:
    moment = None if text is None else parse_time(text)
    return None if moment is None else datetime_of(moment)
