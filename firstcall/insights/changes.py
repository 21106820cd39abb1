"""What changed from one rule to another, in words: criteria added, removed, changed; groups, limits, grades."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from firstcall.scoring.numbers import format_points
from firstcall.scoring.phrasing import condition_sentence, predicates, signed, worth_sentence
from firstcall.scoring.rules import Criterion, Grade, Group, Limits, Points, Row, Rule, Table, Worth


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `name` is the criterion, group or part of the rule; `says` what it was and is."""

    kind: Literal["added", "removed", "changed", "renamed"]
    name: str
    says: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.says}" if self.says else f"{self.kind} {self.name}"


def changes(old: Rule, new: Rule) -> Iterator[Change]:
    """The differences, in the order of a rule's parts; none when both score the same way."""
    yield from _applies_to(old, new)
    yield from _criteria(old, new)
    yield from _groups(old, new)
    if old.limits != new.limits:
        yield Change("changed", "limits", f"{_limits(old.limits)} → {_limits(new.limits)}")
    if old.grades != new.grades:
        yield Change("changed", "grades", f"{_grades(old)} → {_grades(new)}")


def _applies_to(old: Rule, new: Rule) -> Iterator[Change]:
    if old.applies_to != new.applies_to:
        before, after = (
            " and ".join(map(condition_sentence, rule.applies_to)) or "all records" for rule in (old, new)
        )
        yield Change("changed", "applies_to", f"{before} → {after}")


def _criteria(old: Rule, new: Rule) -> Iterator[Change]:
    before = {criterion.name: criterion for criterion in old.criteria}
    after = {criterion.name: criterion for criterion in new.criteria}
    gone = [criterion for name, criterion in before.items() if name not in after]
    for name, criterion in after.items():
        if name in before:
            yield from _criterion(before[name], criterion)
        elif twin := next((c for c in gone if _meaning(c) == _meaning(criterion)), None):
            gone.remove(twin)
            yield Change("renamed", twin.name, f"now {name}")
        else:
            yield Change("added", name, worth_sentence(criterion))
    for criterion in gone:
        yield Change("removed", criterion.name, worth_sentence(criterion))


def _meaning(criterion: Criterion) -> tuple[object, ...]:
    return criterion.condition, criterion.worth, criterion.group


def _criterion(before: Criterion, after: Criterion) -> Iterator[Change]:
    name = after.name
    if before.condition == after.condition and before.worth != after.worth:
        steps = _steps(before.worth, after.worth)
        yield from (Change("changed", name, says) for says in steps)
        before = after if steps else before
    if (before.condition, before.worth) != (after.condition, after.worth):
        yield Change("changed", name, f"{worth_sentence(before)} → {worth_sentence(after)}")
    if before.group != after.group:
        yield Change("changed", name, f"group {before.group or 'none'} → {after.group or 'none'}")


def _steps(before: Worth, after: Worth) -> list[str]:
    """What points became, where nothing but points differ; empty where more does."""
    match before, after:
        case Points(old, was_fading), Points(new, fading) if was_fading == fading:
            return [f"{signed(old)} → {signed(new)} points"]
        case Table(rows), Table(others) if [row.tests for row in rows] == [row.tests for row in others]:
            return [
                f"{signed(row.points)} → {signed(other.points)} {_row_phrase(row)}"
                for row, other in zip(rows, others, strict=True)
                if row.points != other.points
            ]
    return []


def _row_phrase(row: Row) -> str:
    return f"when it {predicates(row.tests)}" if row.tests else "otherwise"


def _groups(old: Rule, new: Rule) -> Iterator[Change]:
    before, after = ({group.name: group for group in rule.groups} for rule in (old, new))
    for name in dict.fromkeys([*after, *before]):
        if name not in before:
            yield Change("added", f"group {name}", _bounds(after[name]))
        elif name not in after:
            yield Change("removed", f"group {name}", _bounds(before[name]))
        elif before[name] != after[name]:
            yield Change("changed", f"group {name}", f"{_bounds(before[name])} → {_bounds(after[name])}")


def _bounds(group: Group) -> str:
    parts = []
    if group.at_least is not None:
        parts.append(f"at least {format_points(group.at_least)}")
    if group.at_most is not None:
        parts.append(f"at most {format_points(group.at_most)}")
    return ", ".join(parts)


def _limits(limits: Limits) -> str:
    parts = []
    if limits.minimum is not None:
        parts.append(f"from {format_points(limits.minimum)}")
    if limits.maximum is not None:
        parts.append(f"to {format_points(limits.maximum)}")
    return " ".join(parts) or "none"


def _grades(rule: Rule) -> str:
    if rule.grades is None:
        return "none"
    if not rule.grades.two_part:
        return _table(rule.grades.total)
    return f"fit {_table(rule.grades.fit)}; touchpoints {_table(rule.grades.touchpoints)}"


def _table(grades: Sequence[Grade]) -> str:
    return ", ".join(f"{grade.name} from {format_points(grade.threshold)}" for grade in grades)
