"""The JSON Schema of a rule: it takes what `read_rule` takes, and refuses what JSON Schema can see is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from firstcall.scoring.reading.vocabulary import CRITERION_KEYS, RULE_KEYS, TEST_KEYS
from firstcall.scoring.schema import rule_schema

EXAMPLES = Path(__file__).parents[3] / "shared" / "spec" / "examples"
GOOD = {"name": "A", "field": "f", "is": "x", "points": 1}
DECAY = {"lose": "50%", "every": "30 days"}
VALIDATOR = Draft202012Validator(rule_schema())


def is_valid(criterion: dict[str, object], **rule: object) -> bool:
    document = {"name": "R", "module": "leads", "criteria": [criterion], **rule}
    return VALIDATOR.is_valid(document)


def test_the_schema_is_one_and_is_json() -> None:
    Draft202012Validator.check_schema(rule_schema())
    assert json.loads(json.dumps(rule_schema())) == rule_schema()


def test_it_knows_every_key_of_the_language_and_describes_each() -> None:
    schema = rule_schema()
    definitions = schema["$defs"]
    assert isinstance(definitions, dict)
    assert set(schema["properties"]) == {*RULE_KEYS}  # type: ignore[call-overload]
    criterion = definitions["criterion"]["properties"]
    assert set(criterion) == {*CRITERION_KEYS}
    assert all(criterion[key]["description"] for key in criterion)
    assert {*TEST_KEYS} <= {*definitions["row"]["properties"]}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_it_takes_the_examples(path: Path) -> None:
    document = YAML(typ="safe", pure=True).load(path)
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []


def test_there_are_examples() -> None:
    if not EXAMPLES.is_dir():
        pytest.skip("the examples of the specification are not on this machine")
    assert list(EXAMPLES.glob("*.yaml"))


@pytest.mark.parametrize(
    "keys",
    [
        {"field": "f", "is": True, "points": -0.5, "enabled": False, "group": 1},
        {"field": "f", "in": ["x", 5, False], "points": 19.99},
        {"field": "f", "between": ["2026-01-01", "2026-01-02T09:00:00Z"], "points": 1},
        {"field": "f", "in_last": "1 day", "in_next": "2 weeks", "points": 1},
        {"field": "f", "table": [{"in_last": "1 day", "points": 1}, {"points": 0}]},
        {"touchpoint": "a.b", "points": 1},
        {
            "touchpoint": ["a.b", "c.*", "*"],
            "in_last": "1 day",
            "to": "2026-01-01",
            "each": 1,
            "every": 0.5,
            "at_most": 5,
        },
        {"touchpoint": "a.b", "in_last": "1 day", "points": 1, "decay": DECAY},
        {"touchpoint": "a.b", "each": 1, "decay": {"lose": 0.5, "every": "1 hour"}},
        {"touchpoint": "a.b", "in_last": "1 day", "table": [{"gte": "5", "points": 1}]},
        {"touchpoint": "a.b", "latest": "p", "empty": True, "points": 1},
        {"touchpoint": "a.b", "busiest": "1 day", "gt": 1, "points": 1},
        {"touchpoint": "a.b", "of": "account.contacts", "each": 1},
        {"days_since": "a.b", "of": "contacts", "each": -1},
        {"days_since": "a.b", "where": [{"property": "p", "is": 1}], "each": -1},
        {"all": [{"field": "f", "is": "x"}, {"not": {"touchpoint": "*"}}], "points": 1},
    ],
)
def test_it_takes_good_criteria(keys: dict[str, object]) -> None:
    assert is_valid({"name": "A", **keys})


@pytest.mark.parametrize(
    "criterion",
    [
        {"field": "f", "is": "x", "points": 1},
        {**GOOD, "name": ""},
        {**GOOD, "colour": "red"},
        {**GOOD, "touchpoint": "a.b"},
        {"name": "A", "is": "x", "points": 1},
        {"name": "A", "field": "f", "is": "x"},
        {"name": "A", "field": "f", "points": 1},
        {**GOOD, "table": [{"points": 1}]},
        {**GOOD, "points": 1_000_001},
        {**GOOD, "points": "1"},
        {**GOOD, "is": ""},
        {**GOOD, "is": 10**12},
        {**GOOD, "in": []},
        {**GOOD, "in": ["x"] * 1001},
        {**GOOD, "contains": 5},
        {**GOOD, "gt": "abc"},
        {**GOOD, "between": [1]},
        {**GOOD, "before": 2026},
        {**GOOD, "in_last": "3 months"},
        {**GOOD, "in_last": 3},
        {**GOOD, "empty": "true"},
        {**GOOD, "where": {"property": "p", "is": 1}},
        {**GOOD, "from": "2026-01-01"},
        {**GOOD, "sum": "p"},
        {**GOOD, "of": "contacts"},
        {"name": "A", "touchpoint": "a.b", "of": "", "points": 1},
        {"name": "A", "touchpoint": "a.b", "of": ["contacts"], "points": 1},
        {"name": "A", "touchpoint": "a.b", "of": "account..contacts", "points": 1},
        {"name": "A", "touchpoint": "a.b", "of": ".contacts", "points": 1},
        {"name": "A", "all": [{"touchpoint": "a.b"}], "of": "contacts", "points": 1},
        {**GOOD, "every": 2},
        {**GOOD, "decay": DECAY},
        {"name": "A", "field": "f", "each": 1},
        {"name": "A", "field": "f", "table": []},
        {"name": "A", "field": "f", "table": [{"gt": 1}]},
        {"name": "A", "field": "f", "table": [{"points": 1}], "gt": 1},
        {"name": "A", "touchpoint": "Web.Visited", "points": 1},
        {"name": "A", "touchpoint": [], "points": 1},
        {"name": "A", "touchpoint": "a.b", "in_next": "1 day", "points": 1},
        {"name": "A", "touchpoint": "a.b", "sum": "p", "max": "p", "gt": 1, "points": 1},
        {"name": "A", "touchpoint": "a.b", "sum": "p", "points": 1},
        {"name": "A", "touchpoint": "a.b", "sum": "p", "empty": True, "points": 1},
        {"name": "A", "touchpoint": "a.b", "distinct_days": False, "gt": 1, "points": 1},
        {"name": "A", "touchpoint": "a.b", "gt": 1, "each": 1},
        {"name": "A", "touchpoint": "a.b", "latest": "p", "each": 1},
        {"name": "A", "touchpoint": "a.b", "each": 1, "every": 0},
        {"name": "A", "touchpoint": "a.b", "each": 1, "at_most": -1},
        {"name": "A", "touchpoint": "a.b", "each": 1, "decay": {"lose": "50%"}},
        {"name": "A", "touchpoint": "a.b", "each": 1, "decay": {"lose": 0, "every": "1 day"}},
        {"name": "A", "touchpoint": "a.b", "each": 1, "every": 2, "decay": DECAY},
        {"name": "A", "touchpoint": "a.b", "gt": 1, "points": 1, "decay": DECAY},
        {"name": "A", "touchpoint": "a.b", "table": [{"points": 1}], "decay": DECAY},
        {"name": "A", "touchpoint": "a.b", "where": {"is": 1}, "points": 1},
        {"name": "A", "touchpoint": "a.b", "where": {"property": "p"}, "points": 1},
        {"name": "A", "touchpoint": "a.b", "where": {"property": "p", "in_last": "1 day"}, "points": 1},
        {"name": "A", "days_since": "a.b", "in_last": "1 day", "gt": 1, "points": 1},
        {"name": "A", "days_since": "a.b", "table": [{"in_last": "1 day", "points": 1}]},
        {"name": "A", "all": [], "points": 1},
        {"name": "A", "all": [{"field": "f", "is": "x", "points": 1}], "points": 1},
        {"name": "A", "all": [{"field": "f", "is": "x"}], "each": 1},
        {"name": "A", "not": {"field": "f", "is": "x"}, "gt": 1, "points": 1},
    ],
)
def test_it_refuses_bad_criteria(criterion: dict[str, object]) -> None:
    assert not is_valid(criterion)


@pytest.mark.parametrize(
    ("rule", "valid"),
    [
        ({}, True),
        ({"name": 5}, False),
        ({"criteria": []}, False),
        ({"criteria": [GOOD] * 201}, False),
        ({"colour": "red"}, False),
        ({"applies_to": [{"field": "f", "is": "x"}]}, True),
        ({"applies_to": {"field": "f", "is": "x"}}, False),
        ({"groups": {"G": {"at_most": 5, "at_least": -5}}}, True),
        ({"groups": {"G": {}}}, False),
        ({"groups": {"G": {"at_most": -1}}}, False),
        ({"groups": {"G": {"at_least": 1}}}, False),
        ({"limits": {"minimum": -5, "maximum": 5}}, True),
        ({"limits": {"min": 0}}, False),
        ({"grades": {"Hot": 80, "fit": 5}}, True),
        ({"grades": {"fit": {"A": 1}, "touchpoints": {"1": 1}}}, True),
        ({"grades": {"fit": {"A": 1}}}, False),
        ({"grades": {"Hot": "80"}}, False),
    ],
)
def test_the_whole_rule(rule: dict[str, object], valid: bool) -> None:
    assert is_valid(GOOD, **rule) is valid


@pytest.mark.parametrize("missing", ["name", "module", "criteria"])
def test_what_is_required(missing: str) -> None:
    rule = {"name": "R", "module": "leads", "criteria": [GOOD]}
    del rule[missing]
    assert not VALIDATOR.is_valid(rule)
