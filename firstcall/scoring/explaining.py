"""The why and why not of one score: what every criterion brought, what held it back, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from firstcall.scoring.numbers import millionths
from firstcall.scoring.phrasing import points_phrase, worth_sentence
from firstcall.scoring.rules import (
    Condition,
    Criterion,
    Each,
    Grade,
    Group,
    Measured,
    Points,
    Rule,
    Table,
    TouchpointMeasure,
)
from firstcall.scoring.saying import ENGLISH, Pattern, said, speaking
from firstcall.scoring.scores import Line, Score
from firstcall.scoring.wording import condition_sentence, missed, shown_or_nothing

type Status = Literal["earned", "lost", "missed"]


@dataclass(frozen=True)
class Told:
    """A criterion and what it brought.

    capped    whether `at_most` holds it back
    unheld    what it would have brought without `at_most` (hundredths), where that can be told
    unfaded   what it brought when new, where it has faded since
    """

    criterion: Criterion
    line: Line
    capped: bool = False
    unheld: int | None = None
    unfaded: int | None = None

    @property
    def status(self) -> Status:
        return "missed" if self.line.points == 0 else "earned" if self.line.points > 0 else "lost"

    @property
    def says(self) -> str:
        """The criterion in words, without its name."""
        return worth_sentence(self.criterion)

    @property
    def why_not(self) -> str | None:
        """Why it brought nothing, and by how much it was missed."""
        if self.status != "missed":
            return None
        return missed(self.criterion, self.line) or self._unmet()

    def _unmet(self) -> str | None:
        match self.criterion.condition, self.criterion.worth:
            case Measured(), Table() | Each():
                return said("has {value}", value=shown_or_nothing(self.line.value))
            case Measured(), _:
                return None
        return said("needs: {condition}", condition=condition_sentence(self.criterion.condition))

    @property
    def says_itself(self) -> bool:
        """Whether `why_not` already says what the criterion is about."""
        with speaking(ENGLISH):
            why_not = self.why_not or ""
        return why_not.startswith(("no ", "needs: ")) or "; counts when " in why_not

    @property
    def notes(self) -> list[str]:
        """What was held back or has faded, in words."""
        notes = []
        if self.capped:
            note = said("held at {points} by at_most", points=points_phrase(self.line.points))
            if self.unheld is not None:
                note = said("{note}, {points} without", note=note, points=points_phrase(self.unheld))
            notes.append(note)
        if self.unfaded is not None:
            notes.append(said("faded from {points}", points=points_phrase(self.unfaded)))
        return notes

    @property
    def within_reach(self) -> int:
        """What a missed criterion could bring, or take: a table by its greatest row."""
        match self.criterion.worth:
            case Table(rows):
                return max((row.points for row in rows), key=lambda points: (points > 0, abs(points)))
            case worth:
                return worth.points


@dataclass(frozen=True)
class Next:
    """A better grade and the points that are missing to it; `part` in two-part grades: fit or touchpoints."""

    grade: str
    missing: int
    part: str | None = None


@dataclass(frozen=True)
class Explanation:
    """All there is to say about the score of one record."""

    rule: Rule
    id: str
    as_of: int
    score: Score
    told: tuple[Told, ...]

    def with_status(self, status: Status) -> list[Told]:
        """The criteria of one kind, those that moved most first."""
        found = [told for told in self.told if told.status == status]
        return sorted(found, key=lambda told: -abs(told.line.points or told.within_reach))

    @property
    def held(self) -> list[tuple[Line, str]]:
        """The lines of groups and of the limit, each with what it means."""
        return [(line, self._held(line)) for line in self.score.lines if line.kind != "criterion"]

    def _held(self, line: Line) -> str:
        if line.kind == "limit":
            limits = self.rule.limits
            if line.points < 0:
                most = points_phrase(limits.maximum or 0)
                return said("the total is kept at its maximum of {points}", points=most)
            least = points_phrase(limits.minimum or 0)
            return said("the total is kept at its minimum of {points}", points=least)
        group = next(group for group in self.rule.groups if group.name == line.name)
        pattern, bound = (_KEPT_DOWN, group.at_most) if line.points < 0 else (_KEPT_UP, group.at_least)
        members = ", ".join(self._members(group))
        return pattern(group=line.name, members=members, points=points_phrase(bound or 0))

    def _members(self, group: Group) -> list[str]:
        return [
            told.criterion.name
            for told in self.told
            if told.criterion.group == group.name and told.line.points
        ]

    @property
    def coming(self) -> list[tuple[int, Told]]:
        """The criteria whose points may change with time alone, soonest first."""
        dated = [(told.line.next_change_at, told) for told in self.told]
        return sorted(
            ((moment, told) for moment, told in dated if moment is not None), key=lambda pair: pair[0]
        )

    @property
    def next_grades(self) -> list[Next]:
        """What is missing to the next better grade, in each part."""
        grades, score = self.rule.grades, self.score
        if grades is None:
            return []
        if not grades.two_part:
            return _next(grades.total, score.total)
        fit = score.positive - score.negative
        return _next(grades.fit, fit, "fit") + _next(
            grades.touchpoints, score.touchpoint_total, "touchpoints"
        )


_KEPT_DOWN = Pattern("the group {group} ({members}) is kept at {points} at most")
_KEPT_UP = Pattern("the group {group} ({members}) is kept at {points} at least")


def _next(table: Sequence[Grade], points: int, part: str | None = None) -> list[Next]:
    above = [grade for grade in table if grade.threshold > points]
    return [Next(above[-1].name, above[-1].threshold - points, part)] if above else []


def explain(rule: Rule, id: str, as_of: int, score: Score) -> Explanation:
    """The explanation of a score that came with its lines."""
    lines = [line for line in score.lines if line.kind == "criterion"]
    told = tuple(_tell(criterion, line) for criterion, line in zip(rule.criteria, lines, strict=True))
    return Explanation(rule, id, as_of, score, told)


def _tell(criterion: Criterion, line: Line) -> Told:
    match criterion.condition, criterion.worth:
        case Measured(), Each(points, every, at_most, decay):
            number = millionths(line.value) if decay is None else None
            if decay is not None:
                return _tell_fading(criterion, line, points * _count(line), at_most)
            full = points * ((number or 0) // every)
            held = at_most is not None and abs(full) > at_most
            return Told(criterion, line, capped=held, unheld=full if held else None)
        case Measured(TouchpointMeasure()), Points(points, decay) if decay and line.points not in (0, points):
            return Told(criterion, line, unfaded=points)
    return Told(criterion, line)


def _tell_fading(criterion: Criterion, line: Line, new: int, at_most: int | None) -> Told:
    """At `at_most` the line alone does not tell how much has faded; and fading below it is all there is to say."""
    if line.points == 0 or line.points == new:
        return Told(criterion, line)
    if at_most is not None and abs(line.points) == at_most:
        return Told(criterion, line, capped=True)
    return Told(criterion, line, unfaded=new)


def _count(line: Line) -> int:
    return int(str(line.value)) if line.value is not None else 0


@dataclass(frozen=True)
class Outside:
    """A record that the rule does not apply to: each condition of `applies_to`, and why it fails."""

    rule: Rule
    id: str
    as_of: int
    conditions: tuple[tuple[str, bool, str | None], ...]


def conditions_rule(rule: Rule) -> Rule:
    """A rule with a point for each condition of `applies_to`, so that its explanation says which hold."""
    return Rule(
        rule.name, rule.module, tuple(map(_condition_criterion, range(len(rule.applies_to)), rule.applies_to))
    )


def _condition_criterion(index: int, condition: Condition) -> Criterion:
    return Criterion(f"applies_to[{index}]", condition, Points(100), position=index)


def outside(rule: Rule, id: str, as_of: int, asked: Score) -> Outside:
    """Why the record is outside; `asked` is its score by `conditions_rule`."""
    told = [_tell(c, line) for c, line in zip(conditions_rule(rule).criteria, asked.lines, strict=True)]
    return Outside(
        rule,
        id,
        as_of,
        tuple(
            (_ALONE(condition=condition_sentence(t.criterion.condition)), t.status != "missed", t.why_not)
            for t in told
        ),
    )


_ALONE = Pattern("{condition}", "a condition by itself")
