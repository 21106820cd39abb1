"""A rule as people read it: its criteria as sentences with their points, its groups, limits and grades."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext

from firstcall.scorekeeping.compiled import rule_of
from firstcall.scorekeeping.models import RuleVersion
from firstcall.scoring.differing import Difference, differences, disabled_criteria
from firstcall.scoring.labelling import labelled
from firstcall.scoring.phrasing import worth_sentence
from firstcall.scoring.rules import Criterion, Each, Grade, Points, Rule, Table, Worth, reads_touchpoints
from firstcall.scoring.wording import condition_sentence
from firstcall.web.grading import Shown, shown
from firstcall.web.labelling import FieldLabels
from firstcall.web.templatetags.web import points, signed


@dataclass(frozen=True, slots=True)
class Said:
    """A criterion; `worth` its points in short, `way` whether they are won, lost or either."""

    name: str
    says: str
    worth: str
    way: str
    group: str


@dataclass(frozen=True, slots=True)
class Threshold:
    grade: Shown | None
    name: str
    points: int


@dataclass(frozen=True, slots=True)
class Words:
    """`thresholds` by what they are reached with: the total, or who somebody is and what they do."""

    description: str
    applies_to: Sequence[str]
    who: Sequence[Said]
    what: Sequence[Said]
    bounds: Sequence[str]
    thresholds: Sequence[tuple[str, Sequence[Threshold]]]
    disabled: Sequence[str]


def in_words(version: RuleVersion) -> Words:
    rule = labelled(rule_of(version), FieldLabels().label)
    who = [_said(one) for one in rule.criteria if not reads_touchpoints(one.condition)]
    what = [_said(one) for one in rule.criteria if reads_touchpoints(one.condition)]
    return Words(
        rule.description,
        [condition_sentence(condition) for condition in rule.applies_to],
        who,
        what,
        [*_groups(rule), *_limits(rule)],
        _thresholds(rule, version),
        sorted(disabled_criteria(version.text)),
    )


def _said(criterion: Criterion) -> Said:
    worth, way = _worth(criterion.worth)
    return Said(criterion.name, worth_sentence(criterion), worth, way, criterion.group or "")


def _worth(worth: Worth) -> tuple[str, str]:
    match worth:
        case Points(gained):
            return signed(gained), _way([gained])
        case Each(gained):
            return gettext("%(points)s each") % {"points": signed(gained)}, _way([gained])
        case Table(rows):
            every = sorted({row.points for row in rows})
            both = {"low": signed(every[0]), "high": signed(every[-1])}
            text = signed(every[0]) if len(every) == 1 else gettext("%(low)s to %(high)s") % both
            return text, _way(every)
    raise AssertionError(worth)


def _way(gained: Iterable[int]) -> str:
    signs = {gain > 0 for gain in gained if gain}
    return "" if len(signs) != 1 else "plus" if signs.pop() else "minus"


def _groups(rule: Rule) -> list[str]:
    said = []
    for group in rule.groups:
        if group.at_most is not None:
            told = {"group": group.name, "points": points(group.at_most)}
            said.append(
                gettext("The criteria of the group %(group)s bring %(points)s points at most.") % told
            )
        if group.at_least is not None:
            told = {"group": group.name, "points": points(-group.at_least)}
            said.append(gettext("The criteria of the group %(group)s take %(points)s points at most.") % told)
    return said


def _limits(rule: Rule) -> list[str]:
    low, high = rule.limits.minimum, rule.limits.maximum
    told = {"low": points(low), "high": points(high)}
    if low is not None and high is not None:
        return [gettext("The total stays between %(low)s and %(high)s.") % told]
    if low is not None:
        return [gettext("The total is never less than %(low)s.") % told]
    return [] if high is None else [gettext("The total is never more than %(high)s.") % told]


def _thresholds(rule: Rule, version: RuleVersion) -> list[tuple[str, Sequence[Threshold]]]:
    if rule.grades is None:
        return []
    if not rule.grades.two_part:
        return [(gettext("Grades"), _grades(rule.grades.total, version))]
    return [
        (gettext("Grades for who they are"), _grades(rule.grades.fit, version)),
        (gettext("Grades for what they do"), _grades(rule.grades.touchpoints, version)),
    ]


def _grades(grades: Iterable[Grade], version: RuleVersion) -> list[Threshold]:
    return [Threshold(shown(grade.name, version), grade.name, grade.threshold) for grade in grades]


def changes(old: RuleVersion, new: RuleVersion, labels: FieldLabels | None = None) -> Sequence[Difference]:
    """What changed from one version to another, in words; versions never change, so it is found once."""
    return _changes(old.pk, new.pk, labels or FieldLabels())


@lru_cache(maxsize=2_000)
def _changes(old: int, new: int, labels: FieldLabels) -> tuple[Difference, ...]:
    texts = RuleVersion.objects.in_bulk([old, new])
    return tuple(differences(texts[old].text, texts[new].text, labels=labels.label))
