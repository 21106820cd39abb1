"""What changed from one text of a rule to another, in sentences that people read; in the order of a rule's parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

from firstcall.scoring.documents import Entries, Items, Node, Scalar, parse_document
from firstcall.scoring.labelling import Labelling, labelled
from firstcall.scoring.numbers import format_points, format_scaled
from firstcall.scoring.phrasing import condition_sentence, loss_phrase, measure_phrase, predicates, sentence
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
    Worth,
)

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
    says = "Only the form of the text changed, or what it says of criteria that are disabled; it scores the same."
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
        says = f"The rule is now called {_quoted(new.name)} instead of {_quoted(old.name)}."
        yield Difference("renamed", "name", new.name, says)
    if old.module != new.module:
        yield Difference("changed", "module", "", f"It now scores {new.module} instead of {old.module}.")
    if old.description != new.description:
        kind: Kind = "removed" if not new.description else "changed" if old.description else "added"
        says = f"The description was {kind}." if kind != "changed" else "The description changed."
        yield Difference(kind, "description", "", says)


def _applies_to(old: Rule, new: Rule) -> Iterator[Difference]:
    for condition in old.applies_to:
        if condition not in new.applies_to:
            says = f"Records are scored also without this: {condition_sentence(condition)}."
            yield Difference("removed", "applies_to", "", says)
    for condition in new.applies_to:
        if condition not in old.applies_to:
            says = f"Only records are scored of which this holds: {condition_sentence(condition)}."
            yield Difference("added", "applies_to", "", says)


def _criteria(old: Rule, new: Rule, was_disabled: set[str], is_disabled: set[str]) -> Iterator[Difference]:
    before, after = ({c.name: c for c in rule.criteria} for rule in (old, new))
    renamed = dict(_renamed(before, after))
    now_called = {then: now for now, then in renamed.items()}
    for name, criterion in before.items():
        if name in after or name in now_called:
            continue
        if name in is_disabled:
            yield Difference(
                "removed", "criterion", name, f"{_the(name)} is now disabled: it counts for nothing."
            )
        else:
            yield Difference("removed", "criterion", name, f"{_the(name)} was removed: {_told(criterion)}.")
    for name, criterion in after.items():
        if name in renamed:
            says = f"{_the(renamed[name])} is now called {_quoted(name)}."
            yield Difference("renamed", "criterion", name, says)
        elif name in before:
            yield from _criterion(before[name], criterion)
        elif name in was_disabled:
            yield Difference(
                "added", "criterion", name, f"{_the(name)} is enabled again: {_told(criterion)}."
            )
        else:
            yield Difference("added", "criterion", name, f"{_the(name)} was added: {_told(criterion)}.")
    yield from _moved([now_called.get(name, name) for name in before], list(after))


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
            where = "to the first place" if place == 0 else f"behind {_quoted(after[place - 1])}"
            yield Difference("moved", "criterion", name, f"{_the(name)} was moved {where}.")


def _criterion(old: Criterion, new: Criterion) -> Iterator[Difference]:
    said = list(_worth(old.condition, old.worth, new.worth)) if old.condition == new.condition else []
    if not said and (old.condition, old.worth) != (new.condition, new.worth):
        said = [f"now means: {_told(new)}. It was: {_told(old)}"]
    if old.group != new.group:
        if new.group is None:
            said.append(f"is no longer in the group {old.group}")
        else:
            said.append(
                f"is now in the group {new.group}" + (f" instead of {old.group}" if old.group else "")
            )
    for says in said:
        yield Difference("changed", "criterion", new.name, f"{_the(new.name)} {says}.")


def _worth(condition: Condition, old: Worth, new: Worth) -> Iterator[str]:
    """Each change of what the same measure is worth; nothing where it is worth something of another kind."""
    match old, new:
        case Points(), Points():
            if old.points != new.points:
                yield f"now gives {_points(new.points)} instead of {format_points(old.points)}"
            yield from _decay(old.decay, new.decay)
        case Each(), Each():
            if old.points != new.points:
                yield f"now gives {_points(new.points)} each instead of {format_points(old.points)}"
            if old.every != new.every:
                yield f"now counts by {format_scaled(new.every, 6)} instead of by {format_scaled(old.every, 6)}"
            if old.at_most != new.at_most:
                yield from _bound("at most", old.at_most, new.at_most)
            yield from _decay(old.decay, new.decay)
        case Table(rows), Table(others):
            yield from _rows(condition, rows, others)


def _rows(condition: Condition, old: Sequence[Row], new: Sequence[Row]) -> Iterator[str]:
    subject = measure_phrase(condition.measure) if isinstance(condition, Measured) else "it"
    before, after = ({row.tests: row for row in rows} for rows in (old, new))
    if len(before) != len(old) or len(after) != len(new):
        return
    order = [tests for tests in before if tests in after]
    if order != [tests for tests in after if tests in before]:
        return
    for tests, row in before.items():
        when = f"when {subject} {predicates(tests)}" if tests else "otherwise"
        if tests not in after:
            yield f"no longer gives {_points(row.points)} {when}"
        elif after[tests].points != row.points:
            yield f"now gives {_points(after[tests].points)} instead of {format_points(row.points)} {when}"
    for tests, row in after.items():
        if tests not in before:
            yield f"now gives {_points(row.points)} " + (
                f"when {subject} {predicates(tests)}" if tests else "otherwise"
            )


def _decay(old: Decay | None, new: Decay | None) -> Iterator[str]:
    if old == new:
        return
    if new is None:
        yield "fades no longer"
    elif old is None:
        yield f"now fades by {loss_phrase(new)}"
    else:
        yield f"now fades by {loss_phrase(new)} instead of {loss_phrase(old)}"


def _groups(old: Rule, new: Rule) -> Iterator[Difference]:
    before, after = ({group.name: group for group in rule.groups} for rule in (old, new))
    for name in dict.fromkeys([*before, *after]):
        was, is_ = before.get(name), after.get(name)
        if is_ is None:
            yield Difference("removed", "group", name, f"The group {name} was removed.")
        elif was is None:
            yield Difference("added", "group", name, f"The group {name} was added: {_bounds(is_)}.")
        else:
            pairs = (("at least", was.at_least, is_.at_least), ("at most", was.at_most, is_.at_most))
            for word, then, now in pairs:
                if then != now:
                    for says in _bound(word, then, now):
                        yield Difference("changed", "group", name, f"The group {name} {says}.")


def _bounds(group: Group) -> str:
    pairs = (("at least", group.at_least), ("at most", group.at_most))
    return ", ".join(f"{_points(bound)} {word}" for word, bound in pairs if bound is not None)


def _limits(old: Rule, new: Rule) -> Iterator[Difference]:
    pairs = (
        ("at least", old.limits.minimum, new.limits.minimum),
        ("at most", old.limits.maximum, new.limits.maximum),
    )
    for word, then, now in pairs:
        if then != now:
            for says in _bound(word, then, now):
                yield Difference("changed", "limits", "", f"The total {says}.")


def _bound(word: str, old: int | None, new: int | None) -> Iterator[str]:
    if new is None:
        yield f"is no longer kept at {_points(old or 0)} {word}"
    elif old is None:
        yield f"is now kept at {_points(new)} {word}"
    else:
        yield f"is now kept at {_points(new)} {word} instead of {format_points(old)}"


def _grades(old: Rule, new: Rule) -> Iterator[Difference]:
    before, after = _tables(old), _tables(new)
    for part in dict.fromkeys([*before, *after]):
        was, is_ = ({grade.name: grade for grade in tables.get(part, ())} for tables in (before, after))
        for name in dict.fromkeys([*was, *is_]):
            called = f"The grade {name}{part}"
            if name not in is_:
                yield Difference("removed", "grades", name, f"{called} was removed.")
            elif name not in was:
                says = f"{called} was added, from {_points(is_[name].threshold)}."
                yield Difference("added", "grades", name, says)
            elif was[name] != is_[name]:
                then, now = format_points(was[name].threshold), _points(is_[name].threshold)
                yield Difference(
                    "changed", "grades", name, f"{called} now begins at {now} instead of {then}."
                )


def _tables(rule: Rule) -> Mapping[str, Sequence[Grade]]:
    if rule.grades is None:
        return {}
    if not rule.grades.two_part:
        return {"": rule.grades.total}
    return {" for fit": rule.grades.fit, " for touchpoints": rule.grades.touchpoints}


def _points(points: int) -> str:
    return f"{format_points(points)} {'point' if abs(points) == 100 else 'points'}"


def _told(criterion: Criterion) -> str:
    """The sentence without the criterion's name."""
    return sentence(criterion).removeprefix(f"{criterion.name}: ")


def _the(criterion: str) -> str:
    return f"Criterion {_quoted(criterion)}"


def _quoted(name: str) -> str:
    return f"“{name}”"
