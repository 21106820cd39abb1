"""What changed between two texts of a rule, in words."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from ruamel.yaml import YAML

from firstcall.scoring.differing import differences
from firstcall.scoring.documents.renaming import renamed
from firstcall.scoring.problems import RuleError
from firstcall.scoring.reading import read_rule
from firstcall.scoring.rules import Rule
from tests.scoring.strategies import rules

GOLDEN: dict[str, Any] = YAML(typ="safe").load(Path(__file__).with_name("differences.yaml"))


def edited(edits: list[list[str]]) -> str:
    text: str = GOLDEN["rule"]
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return text


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["case"])
def test_an_edit_in_words(case: dict[str, Any]) -> None:
    assert [str(found) for found in differences(GOLDEN["rule"], edited(case["edits"]))] == case["says"]


def meaning(rule: Rule) -> Rule:
    """The rule without where its criteria stand in the document; their order stays."""
    return replace(rule, criteria=tuple(replace(criterion, position=0) for criterion in rule.criteria))


@given(rules(), rules())
def test_whatever_changes_the_meaning_is_told(one: Any, other: Any) -> None:
    for old, new in ((one, other), (one, {**one, "criteria": other["criteria"]}), (one, one)):
        texts = [json.dumps(document) for document in (old, new)]
        try:
            before, after = (meaning(read_rule(text, "rule.json").rule) for text in texts)
        except RuleError:  # criteria of one in the groups of the other
            continue
        found = differences(texts[0], texts[1] + "\n")
        assert (
            [difference.part for difference in found] == ["text"]
            if before == after
            else "text" not in {difference.part for difference in found}
        )
        # A rule may say the same condition twice, so the same may be told twice.
        assert all(difference.says for difference in found)


NAMES = (
    "Ready: or not",
    'with "quotes" and \\',
    "ünïcode “”",
    "#1",
    "- x",
    "yes",
    "12",
    "two\nlines",
    "{a: b}",
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "text",
    [
        GOLDEN["rule"],
        GOLDEN["rule"].replace("name: Readiness", "name: >-\n  Readi\n  ness\n"),
        GOLDEN["rule"].replace("name: Readiness", "name: |\n  Readiness\n"),
        GOLDEN["rule"].replace("name: Readiness", "'name' : 'Readiness' # a comment"),
        GOLDEN["rule"].replace("name: Readiness\n", "") + "name: Readiness",
        '{"module": "leads", "criteria": [{"name": "A", "field": "name", "is": "name", "points": 1}], "name": "R"}',
        '{\n\t"name": "R", "module": "leads",\n\t"criteria": [\n\t\t{"name": "A", "field": "a", "is": 1, "points": 1}]\n}',
    ],
    ids=["plain", "folded", "literal", "quoted", "last", "JSON", "JSON with tabs"],
)
def test_another_name_and_all_else_as_it_is(text: str, name: str) -> None:
    old, new = read_rule(text, "rule").rule, read_rule(renamed(text, name), "rule").rule
    assert new == replace(old, name=name)
    assert renamed(text, name).count("#") - name.count("#") == text.count("#")


def test_each_says_what_it_is_of() -> None:
    [found] = differences(GOLDEN["rule"], edited([["director, points: 20", "director, points: 25"]]))
    assert (found.kind, found.part, found.name) == ("changed", "criterion", "Director")
