"""Criteria: one line of a rule each, and what the whole list must keep to."""

from __future__ import annotations

from dataclasses import dataclass

from firstcall.scoring.documents import shorten
from firstcall.scoring.problems import Place
from firstcall.scoring.reading.conditions import (
    default_tests,
    read_combination,
)
from firstcall.scoring.reading.fitting import read_tests
from firstcall.scoring.reading.measures import read_measure
from firstcall.scoring.reading.parts import Parts, require_subject, sort_condition
from firstcall.scoring.reading.remarks import remark_worth
from firstcall.scoring.reading.spots import Findings, Spot
from firstcall.scoring.reading.vocabulary import CRITERION_KEYS, MOST_CRITERIA
from firstcall.scoring.reading.worth import read_worth
from firstcall.scoring.rules import Condition, Criterion, Measured
from firstcall.scoring.saying import Pattern, said


@dataclass(frozen=True, slots=True)
class Draft:
    """A criterion as far as it could be read; `criterion` is None where something was wrong."""

    spot: Spot
    criterion: Criterion | None
    name: str | None
    group: str | None
    enabled: bool


def read_criteria(spot: Spot) -> list[Draft]:
    """All criteria, the disabled ones too."""
    fix = said("Write each criterion with a dash: `- name: …`.")
    entries = spot.items(most=MOST_CRITERIA, fix=fix) or []
    drafts = [_read_criterion(entry, index) for index, entry in enumerate(entries)]
    _check_names(drafts)
    if drafts and not any(draft.enabled for draft in drafts):
        spot.refuse("all-disabled", said("Every criterion is disabled."), said("Enable at least one."))
    return drafts


def _read_criterion(spot: Spot, position: int) -> Draft:
    children = spot.children(fix=said("Write `name`, a measure and its worth."))
    if children is None:
        return Draft(spot, None, None, None, True)
    enabled = _read_enabled(children)
    if not enabled:  # it is checked all the same, but warnings of what does not count would only confuse
        spot = Spot(spot.node, spot.path, spot.key_place, Findings(spot.findings.errors))
        children = spot.children() or {}
    parts = sort_condition(spot, children, CRITERION_KEYS, Pattern("a criterion", "a key of")())
    name = _read_name(parts, children)
    group = children["group"].name() if "group" in children else None
    require_subject(parts, children)
    condition = _read_condition(parts, children)
    worth = read_worth(parts, children)
    if name is None or condition is None or worth is None:
        return Draft(spot, None, name, group, enabled)
    criterion = Criterion(name, condition, worth, group, position)
    remark_worth(children, worth)
    return Draft(spot, criterion, name, group, enabled)


def _read_enabled(children: dict[str, Spot]) -> bool:
    return "enabled" not in children or children["enabled"].truth() is not False


def _read_name(parts: Parts, children: dict[str, Spot]) -> str | None:
    if "name" in children:
        return children["name"].text()
    if "name" not in parts.may_have_meant:
        parts.spot.refuse("missing-key", said("The criterion has no `name`."), said("Name what it is about."))
    return None


def _read_condition(parts: Parts, children: dict[str, Spot]) -> Condition | None:
    if parts.is_combination:
        return read_combination(parts, 0)
    measure = read_measure(parts)
    tests = read_tests(parts.tests.values(), parts.measured)
    if "points" in children:
        tests = tests or default_tests(parts)
    return Measured(measure, tests) if measure else None


def _check_names(drafts: list[Draft]) -> None:
    """Names differ; a disabled criterion may wait under the name of another."""
    first: dict[str, Place] = {}
    for draft in drafts:
        if draft.name is None or not draft.enabled:
            continue
        spot = (draft.spot.children() or {})["name"]
        earlier = first.setdefault(draft.name, spot.node.place)
        if earlier is not spot.node.place:
            says = said(
                "Another criterion is named “{name}” too, in line {line}.",
                name=shorten(draft.name),
                line=str(earlier.line),
            )
            spot.refuse("doubled-name", says, said("Give this one a name of its own."))
