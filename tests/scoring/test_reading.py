"""Reading rules: what good ones mean; what is said of bad ones stands in `bad_rules/`, case by case."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from firstcall.scoring.problems import Problem, RuleError
from firstcall.scoring.reading import LoadedRule, read_rule
from firstcall.scoring.rules import (
    Decay,
    Not,
    Points,
)
from firstcall.scoring.times import DAY
from tests.scoring.written import HEAD, read_criterion, said_of

BAD_RULES = Path(__file__).parent / "bad_rules"
EXAMPLES = Path(__file__).parents[3] / "shared" / "spec" / "examples"


def bad_rules() -> list[pytest.ParameterSet]:
    yaml = YAML(typ="safe", pure=True)
    return [
        pytest.param(case["rule"], case["problems"], id=f"{path.stem}-{number}")
        for path in sorted(BAD_RULES.glob("*.yaml"))
        for number, case in enumerate(yaml.load(path), start=1)
    ]


def doubtful_criteria() -> list[tuple[str, list[str]]]:
    cases = YAML(typ="safe", pure=True).load(Path(__file__).parent / "doubtful_criteria.yaml")
    return [(case["criterion"], case["warnings"]) for case in cases]


def warned(criterion: str) -> list[str]:
    loaded = read_rule(f"{HEAD}- {{name: A, {criterion}}}\n")
    assert all(warning.severity == "warning" for warning in loaded.warnings)
    return [f"{w.place.column if w.place else 0} {w.code} {w.json_path} | {w.says}" for w in loaded.warnings]


@pytest.mark.parametrize(("rule", "problems"), bad_rules())
def test_a_bad_rule_is_refused_with_every_problem(rule: str, problems: list[str]) -> None:
    assert said_of(rule) == problems


def test_problems_are_told_in_the_order_of_their_places() -> None:
    text = "limits: {minimum: x}\nname: 5\ncriteria: [{name: A}]\nmodule: []\n"
    assert [line.split()[0] for line in said_of(text)] == ["1:19", "2:7", "3:12", "3:12", "4:9"]


def test_the_error_reads_as_lines() -> None:
    with pytest.raises(RuleError) as caught:
        read_rule("name: R\nmodul: leads\ncriteria: []\n", "my rules.yaml")
    assert str(caught.value).splitlines() == [
        "my rules.yaml:2:1: modul: `modul` is not a key of a rule. Did you mean `module`?",
        "my rules.yaml:3:11: criteria: `criteria` is an empty list. Put something in it, or remove it.",
    ]


def test_json_problems_have_the_same_words_and_their_own_places() -> None:
    text = '{"name": "R", "module": "leads",\n "criteria": [{"name": "A", "feild": "f", "is": "x", "points": 1.005}]}'
    assert said_of(text, "rule.json") == [
        "2:29 unknown-key criteria[0].feild | `feild` is not a key of a criterion. | Did you mean `field`?",
        "2:64 too-many-decimals criteria[0].points | `points` has at most two decimals. "
        "| Round it: nothing here is rounded silently.",
    ]


@pytest.mark.parametrize("text", ["", "null", "  \n"])
def test_empty_json_is_no_rule(text: str) -> None:
    assert said_of(text, "r.json") == [
        "1:1 empty - | There is no rule in this text. | Begin with `name:`, `module:` and `criteria:`."
    ]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_examples_load_without_a_warning(path: Path) -> None:
    loaded = read_rule(path.read_bytes(), path.name)
    assert loaded.warnings == ()
    assert loaded.rule.criteria


def test_there_are_examples() -> None:
    if not EXAMPLES.is_dir():
        pytest.skip("the examples of the specification are not on this machine")
    assert len(list(EXAMPLES.glob("*.yaml"))) >= 10


def test_ten_levels_of_conditions_and_not_eleven() -> None:
    def nested(depth: int) -> str:
        return "not: {" * depth + "field: f, is: x" + "}" * depth + ", points: 1"

    assert isinstance(read_criterion(nested(10)).condition, Not)
    (said,) = said_of(f"{HEAD}- {{name: A, {nested(11)}}}\n")
    assert said.split(" | ")[1:] == [
        "`all`, `any` and `not` stand within each other at most 10 deep.",
        "Flatten the condition, or split the criterion.",
    ]


def test_two_hundred_criteria_and_not_one_more() -> None:
    lines = [f"- {{name: A{number}, field: f, is: x, points: 1}}\n" for number in range(201)]
    assert len(read_rule(HEAD + "".join(lines[:200])).rule.criteria) == 200
    assert said_of(HEAD + "".join(lines)) == [
        "4:1 too-many criteria | `criteria` has 201 entries; 200 are the most. | Shorten it."
    ]


@pytest.mark.parametrize("key", ["in", "contains", "has_word"])
def test_a_thousand_entries_and_not_one_more(key: str) -> None:
    def rule(count: int) -> str:
        return f"{HEAD}- {{name: A, field: f, {key}: [{', '.join('x' * count)}], points: 1}}\n"

    assert read_rule(rule(1000)).rule.criteria
    (said,) = said_of(rule(1001))
    assert said.endswith(f"`{key}` has 1,001 entries; 1,000 are the most. | Shorten it.")


def test_two_thousand_steps_and_not_one_more() -> None:
    assert read_criterion("touchpoint: a.b, points: -20, decay: {lose: 0.01, every: 1 day}").worth == Points(
        -2000, Decay(DAY, lose_points=1)
    )
    (said,) = said_of(
        f"{HEAD}- {{name: A, touchpoint: a.b, points: -20.01, decay: {{lose: 0.01, every: 1 day}}}}\n"
    )
    assert "It takes 2,001 steps to lose all points; 2,000 are the most." in said


def test_a_disabled_criterion_is_checked_and_left_out() -> None:
    on = "- {name: A, field: f, is: x, points: 1, group: G}\n"
    off = (
        "- {name: A, touchpoint: a.b, lt: 0, points: 0, group: G, enabled: false}\n"
        "- {name: B, field: f, is: x, points: 1, group: H, enabled: false}\n"
    )
    loaded = read_rule(HEAD + on + off + "groups: {G: {at_most: 5}}\n")
    assert [criterion.name for criterion in loaded.rule.criteria] == ["A"]
    assert loaded.warnings == ()


@pytest.mark.parametrize(("criterion", "warnings"), doubtful_criteria())
def test_what_has_no_effect_is_allowed_with_a_warning(criterion: str, warnings: list[str]) -> None:
    assert warned(criterion) == warnings


def test_places_of_values_and_keys() -> None:
    loaded = read_rule(HEAD + "- name: A\n  field: f\n  in: [a,\n    b]\n  points: 1\n", "r.yaml")
    assert isinstance(loaded, LoadedRule)
    assert str(loaded.places["criteria", 0, "in", 1]) == "r.yaml:7:5"
    assert str(loaded.places["criteria", 0, "in"]) == "r.yaml:6:7"
    assert str(loaded.key_places["criteria", 0, "in"]) == "r.yaml:6:3"
    assert str(loaded.places[()]) == "r.yaml:1:1"
    assert loaded.file == "r.yaml"


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}- {{name: A, field: f, is: x, points: {'9' * 500_000}}}\n",
        f"{HEAD}- {{name: A, field: f, is: 0x{'f' * 500_000}, points: 1}}\n",
        f"{HEAD}- {{name: A, field: f, is: x, points: 0.{'0' * 500_000}1}}\n",
        f"{HEAD}- {{name: A, touchpoint: a.b, each: 1, every: 1e-999999999999}}\n",
        f"{HEAD}- {{name: A, touchpoint: a.b, each: 1, "
        f"decay: {{lose: {'9' * 500_000}%, every: {'9' * 100_000} days}}}}\n",
        f"{HEAD}- {{name: A, {'x' * 500_000}: 1, field: f, is: x, points: 1}}\n",
    ],
    ids=["points", "hexadecimal", "decimals", "exponent", "share", "key"],
)
def test_enormous_values_are_refused_in_few_words(text: str) -> None:
    said = said_of(text)
    assert 1 <= len(said) <= 2
    assert all(len(line.split(" | ", 1)[1]) < 300 for line in said)


KEYS = (
    "name module criteria field touchpoint days_since all any not points each table every decay lose group groups "
    "at_most where property in_last from sum busiest is in gt between empty has_word enabled limits grades fit"
)
WORDS = st.sampled_from(KEYS.split())
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(allow_nan=False, allow_infinity=False),
    WORDS,
    st.sampled_from(["a.b", "*", "3 days", "50%", "2026-01-31", "", "5"]),
    st.text(max_size=3),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=25,
)


def errors_of(text: str | bytes, file: str) -> tuple[Problem, ...]:
    try:
        assert read_rule(text, file).rule.criteria
    except RuleError as error:
        return error.problems or pytest.fail("refused without a problem")
    return ()


def loads_or_is_refused(text: str | bytes, file: str) -> None:
    for problem in errors_of(text, file):
        assert problem.place
        assert problem.says
        assert problem.severity == "error"


@given(st.one_of(st.text(), st.binary()), st.sampled_from(["r.yaml", "r.json", "r"]))
def test_any_text_loads_or_is_refused(text: str | bytes, file: str) -> None:
    loads_or_is_refused(text, file)


@given(st.dictionaries(WORDS, TREES, max_size=6))
def test_any_tree_of_the_languages_words_loads_or_is_refused(criterion: dict[str, object]) -> None:
    rule = {"name": "R", "module": "leads", "criteria": [{"name": "A", "points": 1, **criterion}]}
    loads_or_is_refused(json.dumps(rule), "r.json")
