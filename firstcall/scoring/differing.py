"""What changed from one text of a rule to another, in sentences that people read; in the order of a rule's parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

from firstcall.scoring.documents import Entries, Items, Node, Scalar, parse_document
from firstcall.scoring.labelling import Labelling, labelled
from firstcall.scoring.numbers import format_scaled
from firstcall.scoring.phrasing import (
    condition_sentence,
    loss_phrase,
    measure_phrase,
    points_phrase,
    predicates,
    worth_sentence,
)
from firstcall.scoring.reading import read_rule
from firstcall.scoring.rules import (
    Condition,
    Criterion,
    Decay,
    Each,
    Grade,
    Group,
    Measured,
    Points,
    Row,
    Rule,
    Table,
    Test,
    Worth,
)
from firstcall.scoring.saying import Pattern, number, quoted, said

type Kind = Literal["added", "removed", "changed", "moved", "renamed", "form"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One change. `part` is what changed: name, description, applies_to, criterion, group, limits, grades or text;
    `name` is the criterion's, the group's or the grade's as it is now, or was."""

    kind: Kind
    part: str
    name: str
    says: str

    def __str__(self) -> str:
        return self.says


def differences(old: str, new: str, *, labels: Labelling | None = None) -> list[Difference]:
    """Between two texts that can be read as rules; empty only where the texts are the same. With labels, sentences
    have these instead of the names of fields."""
    if old == new:
        return []
    before, after = (read_rule(text, "rule").rule for text in (old, new))
    if labels is not None:
        before, after = labelled(before, labels), labelled(after, labels)
    disabled = tuple(disabled_criteria(text) for text in (old, new))
    found = [
        *_head(before, after),
        *_applies_to(before, after),
        *_criteria(before, after, *disabled),
        *_groups(before, after),
        *_limits(before, after),
        *_grades(before, after),
    ]
    says = said(
        "Only the form of the text changed, or what it says of criteria that are disabled; it scores the same."
    )
    return found or [Difference("form", "text", "", says)]


def disabled_criteria(text: str) -> set[str]:
    """The names of the criteria that count as if they were not there."""
    return {
        str(keys["name"].value)
        for keys in map(_scalars, _items(parse_document(text, "rule").root))
        if "enabled" in keys and keys["enabled"].value is False and "name" in keys
    }


def _items(root: Node | None) -> Sequence[Node]:
    entries = root.entries if isinstance(root, Entries) else ()
    return next((e.value.items for e in entries if e.key == "criteria" and isinstance(e.value, Items)), ())


def _scalars(node: Node) -> Mapping[str, Scalar]:
    entries = node.entries if isinstance(node, Entries) else ()
    return {entry.key: entry.value for entry in entries if isinstance(entry.value, Scalar)}


def _head(old: Rule, new: Rule) -> Iterator[Difference]:
    if old.name != new.name:
        says = said(
            "The rule is now called {new} instead of {old}.", new=quoted(new.name), old=quoted(old.name)
        )
        yield Difference("renamed", "name", new.name, says)
    if old.module != new.module:
        says = said("It now scores {new} instead of {old}.", new=new.module, old=old.module)
        yield Difference("changed", "module", "", says)
    if old.description != new.description:
        kind: Kind = "removed" if not new.description else "changed" if old.description else "added"
        yield Difference(kind, "description", "", _DESCRIPTIONS[kind]())


_DESCRIPTIONS: Mapping[Kind, Pattern] = {
    "removed": Pattern("The description was removed."),
    "added": Pattern("The description was added."),
    "changed": Pattern("The description changed."),
}


def _applies_to(old: Rule, new: Rule) -> Iterator[Difference]:
    for condition in old.applies_to:
        if condition not in new.applies_to:
            told = condition_sentence(condition)
            says = said("Records are scored also without this: {condition}.", condition=told)
            yield Difference("removed", "applies_to", "", says)
    for condition in new.applies_to:
        if condition not in old.applies_to:
            told = condition_sentence(condition)
            says = said("Only records are scored of which this holds: {condition}.", condition=told)
            yield Difference("added", "applies_to", "", says)


def _criteria(old: Rule, new: Rule, was_disabled: set[str], is_disabled: set[str]) -> Iterator[Difference]:
    before, after = ({c.name: c for c in rule.criteria} for rule in (old, new))
    renamed = dict(_renamed(before, after))
    now_called = {then: now for now, then in renamed.items()}
    for name, criterion in before.items():
        if name in after or name in now_called:
            continue
        pattern = _DISABLED if name in is_disabled else _REMOVED
        says = pattern(name=quoted(name), worth=worth_sentence(criterion))
        yield Difference("removed", "criterion", name, says)
    for name, criterion in after.items():
        if name in renamed:
            says = said("Criterion {old} is now called {new}.", old=quoted(renamed[name]), new=quoted(name))
            yield Difference("renamed", "criterion", name, says)
        elif name in before:
            yield from _criterion(before[name], criterion)
        else:
            pattern = _ENABLED if name in was_disabled else _ADDED
            says = pattern(name=quoted(name), worth=worth_sentence(criterion))
            yield Difference("added", "criterion", name, says)
    yield from _moved([now_called.get(name, name) for name in before], list(after))


_DISABLED = Pattern("Criterion {name} is now disabled: it counts for nothing.")
_REMOVED = Pattern("Criterion {name} was removed: {worth}.")
_ENABLED = Pattern("Criterion {name} is enabled again: {worth}.")
_ADDED = Pattern("Criterion {name} was added: {worth}.")


def _renamed(before: Mapping[str, Criterion], after: Mapping[str, Criterion]) -> Iterator[tuple[str, str]]:
    """Criteria that mean the same under another name: (new name, old name)."""
    gone = [criterion for name, criterion in before.items() if name not in after]
    for name, criterion in after.items():
        if name not in before:
            twin = next(
                (c for c in gone if replace(c, name=name, position=criterion.position) == criterion), None
            )
            if twin is not None:
                gone.remove(twin)
                yield name, twin.name


def _moved(before: Sequence[str], after: Sequence[str]) -> Iterator[Difference]:
    """A few moves that make one order of the other, of the criteria that both have."""
    stayed = [name for name in before if name in after]
    order = [name for name in after if name in before]
    blocks = SequenceMatcher(None, stayed, order, autojunk=False).get_matching_blocks()
    kept = {name for block in blocks for name in stayed[block.a : block.a + block.size]}
    for name in order:
        if name not in kept:
            place = after.index(name)
            if place == 0:
                says = said("Criterion {name} was moved to the first place.", name=quoted(name))
            else:
                ahead = quoted(after[place - 1])
                says = said("Criterion {name} was moved behind {other}.", name=quoted(name), other=ahead)
            yield Difference("moved", "criterion", name, says)


def _criterion(old: Criterion, new: Criterion) -> Iterator[Difference]:
    told = list(_worth(old.condition, old.worth, new.worth)) if old.condition == new.condition else []
    if not told and (old.condition, old.worth) != (new.condition, new.worth):
        now, then = worth_sentence(new), worth_sentence(old)
        told = [said("now means: {new}. It was: {old}", new=now, old=then)]
    told += _group(old.group, new.group)
    for change in told:
        says = said("Criterion {name} {change}.", name=quoted(new.name), change=change)
        yield Difference("changed", "criterion", new.name, says)


def _group(old: str | None, new: str | None) -> Iterator[str]:
    if old == new:
        return
    if new is None:
        yield said("is no longer in the group {group}", group=str(old))
    elif old:
        yield said("is now in the group {group} instead of {old}", group=new, old=old)
    else:
        yield said("is now in the group {group}", group=new)


def _worth(condition: Condition, old: Worth, new: Worth) -> Iterator[str]:
    """Each change of what the same measure is worth; nothing where it is worth something of another kind."""
    match old, new:
        case Points(), Points():
            if old.points != new.points:
                yield said(
                    "now gives {points} instead of {old}",
                    points=_points(new.points),
                    old=points_phrase(old.points),
                )
            yield from _decay(old.decay, new.decay)
        case Each(), Each():
            if old.points != new.points:
                now, then = _points(new.points), points_phrase(old.points)
                yield said("now gives {points} each instead of {old}", points=now, old=then)
            if old.every != new.every:
                now, then = (number(format_scaled(worth.every, 6)) for worth in (new, old))
                yield said("now counts by {size} instead of by {old}", size=now, old=then)
            if old.at_most != new.at_most:
                yield _AT_MOST.says(old.at_most, new.at_most)
            yield from _decay(old.decay, new.decay)
        case Table(rows), Table(others):
            yield from _rows(condition, rows, others)


def _rows(condition: Condition, old: Sequence[Row], new: Sequence[Row]) -> Iterator[str]:
    before, after = ({row.tests: row for row in rows} for rows in (old, new))
    if len(before) != len(old) or len(after) != len(new):
        return
    order = [tests for tests in before if tests in after]
    if order != [tests for tests in after if tests in before]:
        return
    for tests, row in before.items():
        when = _when(condition, tests)
        if tests not in after:
            yield said("no longer gives {points} {when}", points=_points(row.points), when=when)
        elif after[tests].points != row.points:
            now, then = _points(after[tests].points), points_phrase(row.points)
            yield said("now gives {points} instead of {old} {when}", points=now, old=then, when=when)
    for tests, row in after.items():
        if tests not in before:
            when = _when(condition, tests)
            yield said("now gives {points} {when}", points=_points(row.points), when=when)


def _when(condition: Condition, tests: Sequence[Test]) -> str:
    if not tests:
        return said("otherwise")
    subject = measure_phrase(condition.measure) if isinstance(condition, Measured) else said("it")
    return said("when {subject} {predicates}", subject=subject, predicates=predicates(tests))


def _decay(old: Decay | None, new: Decay | None) -> Iterator[str]:
    if old == new:
        return
    if new is None:
        yield said("fades no longer")
    elif old is None:
        yield said("now fades by {loss}", loss=loss_phrase(new))
    else:
        yield said("now fades by {loss} instead of {old}", loss=loss_phrase(new), old=loss_phrase(old))


def _groups(old: Rule, new: Rule) -> Iterator[Difference]:
    before, after = ({group.name: group for group in rule.groups} for rule in (old, new))
    for name in dict.fromkeys([*before, *after]):
        was, is_ = before.get(name), after.get(name)
        if is_ is None:
            says = said("The group {group} was removed.", group=name)
            yield Difference("removed", "group", name, says)
        elif was is None:
            says = said("The group {group} was added: {bounds}.", group=name, bounds=_bounds(is_))
            yield Difference("added", "group", name, says)
        else:
            for change in _changed_bounds((was.at_least, was.at_most), (is_.at_least, is_.at_most)):
                says = said("The group {group} {change}.", group=name, change=change)
                yield Difference("changed", "group", name, says)


def _bounds(group: Group) -> str:
    least, most = group.at_least, group.at_most
    bounds = [] if least is None else [said("{points} at least", points=_points(least))]
    if most is not None:
        bounds.append(said("{points} at most", points=_points(most)))
    return ", ".join(bounds)


def _limits(old: Rule, new: Rule) -> Iterator[Difference]:
    then, now = ((rule.limits.minimum, rule.limits.maximum) for rule in (old, new))
    for change in _changed_bounds(then, now):
        yield Difference("changed", "limits", "", said("The total {change}.", change=change))


type _Ends = tuple[int | None, int | None]


def _changed_bounds(old: _Ends, new: _Ends) -> Iterator[str]:
    for bound, then, now in zip((_AT_LEAST, _AT_MOST), old, new, strict=True):
        if then != now:
            yield bound.says(then, now)


@dataclass(frozen=True, slots=True)
class _Bound:
    """How it is told that a bound went, came, or is another."""

    gone: Pattern
    come: Pattern
    other: Pattern

    def says(self, old: int | None, new: int | None) -> str:
        if new is None:
            return self.gone(points=_points(old or 0))
        if old is None:
            return self.come(points=_points(new))
        return self.other(points=_points(new), old=points_phrase(old))


_AT_LEAST = _Bound(
    Pattern("is no longer kept at {points} at least"),
    Pattern("is now kept at {points} at least"),
    Pattern("is now kept at {points} at least instead of {old}"),
)
_AT_MOST = _Bound(
    Pattern("is no longer kept at {points} at most"),
    Pattern("is now kept at {points} at most"),
    Pattern("is now kept at {points} at most instead of {old}"),
)


def _grades(old: Rule, new: Rule) -> Iterator[Difference]:
    before, after = _tables(old), _tables(new)
    for part in dict.fromkeys([*before, *after]):
        was, is_ = ({grade.name: grade for grade in tables.get(part, ())} for tables in (before, after))
        for name in dict.fromkeys([*was, *is_]):
            called = part(grade=name)
            if name not in is_:
                yield Difference(
                    "removed", "grades", name, said("{the_grade} was removed.", the_grade=called)
                )
            elif name not in was:
                now = _points(is_[name].threshold)
                says = said("{the_grade} was added, from {points}.", the_grade=called, points=now)
                yield Difference("added", "grades", name, says)
            elif was[name] != is_[name]:
                then, now = points_phrase(was[name].threshold), _points(is_[name].threshold)
                says = said(
                    "{the_grade} now begins at {points} instead of {old}.",
                    the_grade=called,
                    points=now,
                    old=then,
                )
                yield Difference("changed", "grades", name, says)


def _tables(rule: Rule) -> Mapping[Pattern, Sequence[Grade]]:
    """By what a grade of the table is called."""
    if rule.grades is None:
        return {}
    if not rule.grades.two_part:
        return {Pattern("The grade {grade}"): rule.grades.total}
    return {
        Pattern("The grade {grade} for fit"): rule.grades.fit,
        Pattern("The grade {grade} for touchpoints"): rule.grades.touchpoints,
    }


def _points(points: int) -> str:
    told = points_phrase(points)
    return said("{points} point", points=told) if abs(points) == 100 else said("{points} points", points=told)
