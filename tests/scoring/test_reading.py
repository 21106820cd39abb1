"""Reading rules: what good ones mean; what is said of bad ones stands in `bad_rules/`, case by case."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from firstcall.scoring.operators import NEGATIVE_TESTS, POSITIVE_TESTS, Compare, Empty, HasWord, Is
from firstcall.scoring.problems import Problem, RuleError
from firstcall.scoring.reading import LoadedRule, read_rule
from firstcall.scoring.rules import (
    Aggregate,
    All,
    Any,
    Criterion,
    DaysSinceMeasure,
    Decay,
    Each,
    FieldMeasure,
    Grade,
    Group,
    Limits,
    Measured,
    Not,
    Points,
    PropertyTest,
    Row,
    Table,
    Test,
    TouchpointMeasure,
    Window,
)
from firstcall.scoring.times import DAY, HOUR, MINUTE, WEEK
from firstcall.scoring.values import Operand

BAD_RULES = Path(__file__).parent / "bad_rules"
EXAMPLES = Path(__file__).parents[3] / "shared" / "spec" / "examples"
HEAD = "name: R\nmodule: leads\ncriteria:\n"
AT_LEAST_ONE = Test("gte", Compare(">=", Operand(1)))


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


def said_of(text: str | bytes, file: str = "rule.yaml") -> list[str]:
    """The problems of a rule in the form of `bad_rules/`."""
    with pytest.raises(RuleError) as caught:
        read_rule(text, file)
    return [
        f"{p.place.line}:{p.place.column} {p.code} {p.json_path or '-'} | {p.says} | {p.fix}".rstrip(" |")
        for p in caught.value.problems
        if p.place
    ]


def read(criterion: str) -> Criterion:
    """A criterion named A, of its other keys in flow style."""
    (read,) = read_rule(f"{HEAD}- {{name: A, {criterion}}}\n").rule.criteria
    return read


def warned(criterion: str) -> list[str]:
    loaded = read_rule(f"{HEAD}- {{name: A, {criterion}}}\n")
    assert all(warning.severity == "warning" for warning in loaded.warnings)
    return [f"{w.place.column if w.place else 0} {w.code} {w.json_path} | {w.says}" for w in loaded.warnings]


@pytest.mark.parametrize(("rule", "problems"), bad_rules())
def test_a_bad_rule_is_refused_with_every_problem(rule: str, problems: list[str]) -> None:
    assert said_of(rule) == problems


@pytest.mark.parametrize("key", [*POSITIVE_TESTS, *NEGATIVE_TESTS])
def test_every_test_can_be_read(key: str) -> None:
    operator = POSITIVE_TESTS[NEGATIVE_TESTS.get(key, key)]
    operands = ("x", "[x]", "5", "[1, 2]", "2026-01-31", "3 days", "true")
    tests: list[Test] = []
    for operand in operands:
        with suppress(RuleError):
            condition = read(f"field: f, {key}: {operand}, points: 1").condition
            tests += condition.tests if isinstance(condition, Measured) else []
    assert tests
    assert {type(test.operator) for test in tests} == {operator}
    assert {(test.key, test.negated) for test in tests} == {(key, key in NEGATIVE_TESTS)}


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


def test_a_whole_rule() -> None:
    rule = read_rule(
        """
name: R
module: leads
description: Two lines,
  folded.
applies_to: [{field: industry, is: Retail}, {touchpoint: "*"}]
criteria:
- {name: A, field: f, is: x, points: 1.50, group: 1}
- {name: Off, touchpoint: a.b, each: 1, group: 1, enabled: false}
- {name: B, touchpoint: a.b, each: -1, group: Mail, enabled: true}
groups: {1: {at_least: -20.25}, Mail: {at_most: 40, at_least: 0}}
limits: {minimum: -5, maximum: 1000000}
grades: {010: 10, NO: 0, "1": 99.99}
"""
    ).rule
    assert (rule.name, rule.module, rule.description) == ("R", "leads", "Two lines, folded.")
    assert rule.applies_to == (
        Measured(FieldMeasure("industry"), (Test("is", Is((Operand("Retail"),))),)),
        Measured(TouchpointMeasure(("*",)), (AT_LEAST_ONE,)),
    )
    assert [(c.name, c.group, c.position, c.is_touchpoint) for c in rule.criteria] == [
        ("A", "1", 0, False),
        ("B", "Mail", 2, True),
    ]
    assert rule.groups == (Group("1", None, -2025), Group("Mail", 4000, 0))
    assert rule.limits == Limits(-500, 100_000_000)
    assert rule.grades is not None
    assert rule.grades.total == (Grade("1", 9999), Grade("010", 1000), Grade("NO", 0))


def test_grades_in_two_parts() -> None:
    grades = read_rule(
        HEAD
        + "- {name: A, field: f, is: x, points: 1}\ngrades: {fit: {C: 0, A: 40}, touchpoints: {2: 1, 1: 2}}\n"
    ).rule.grades
    assert grades is not None
    assert grades.two_part
    assert grades.fit == (Grade("A", 4000), Grade("C", 0))
    assert grades.touchpoints == (Grade("1", 200), Grade("2", 100))


def test_grades_may_be_named_fit_and_touchpoints() -> None:
    grades = read_rule(
        HEAD + "- {name: A, field: f, is: x, points: 1}\ngrades: {fit: 10, touchpoints: 0}\n"
    ).rule.grades
    assert grades is not None
    assert grades.total == (Grade("fit", 1000), Grade("touchpoints", 0))


def test_empty_mappings_are_as_if_left_out() -> None:
    rule = read_rule(
        HEAD + "- {name: A, field: f, is: x, points: 1}\ngroups: {}\nlimits: {}\ngrades: {}\n"
    ).rule
    assert (rule.groups, rule.limits, rule.grades) == ((), Limits(), None)


@pytest.mark.parametrize(
    ("written", "measure"),
    [
        ("touchpoint: web.visited", TouchpointMeasure(("web.visited",))),
        ("touchpoint: [a_1.b2, c.*, '*']", TouchpointMeasure(("a_1.b2", "c.*", "*"))),
        (
            "touchpoint: a.b, in_last: 30 days, older_than: 1 hour",
            TouchpointMeasure(("a.b",), window=Window(30 * DAY, HOUR)),
        ),
        (
            "touchpoint: a.b, from: 1970-01-02, to: '1970-01-02T00:00:01+00:00'",
            TouchpointMeasure(("a.b",), window=Window(start=DAY, end=DAY + 1_000_000)),
        ),
    ],
)
def test_touchpoints_are_counted_once_or_more_without_a_test(
    written: str, measure: TouchpointMeasure
) -> None:
    criterion = read(f"{written}, points: 5")
    assert criterion.condition == Measured(measure, (AT_LEAST_ONE,))
    assert criterion.worth == Points(500)


@pytest.mark.parametrize(
    ("written", "aggregate", "name", "span"),
    [
        ("sum: p", Aggregate.SUM, "p", None),
        ("max: p", Aggregate.MAX, "p", None),
        ("min: p", Aggregate.MIN, "p", None),
        ("latest: p", Aggregate.LATEST, "p", None),
        ("distinct: p", Aggregate.DISTINCT, "p", None),
        ("distinct_days: true", Aggregate.DISTINCT_DAYS, None, None),
        ("busiest: 2 weeks", Aggregate.BUSIEST, None, 2 * WEEK),
    ],
)
def test_aggregates(written: str, aggregate: Aggregate, name: str | None, span: int | None) -> None:
    condition = read(f"touchpoint: a.b, {written}, gt: 1, points: 5").condition
    measure = TouchpointMeasure(("a.b",), aggregate=aggregate, property=name, span=span)
    assert condition == Measured(measure, (Test("gt", Compare(">", Operand(1))),))


def test_where_is_one_condition_or_a_list() -> None:
    path = PropertyTest(
        "path", (Test("is", Is((Operand("/"),))), Test("is_not", Is((Operand(5),)), negated=True))
    )
    form = PropertyTest("form", (Test("empty", Empty(), negated=True),))
    one = read("days_since: a.b, where: {property: path, is: /, is_not: 5}, each: -1").condition
    assert one == Measured(DaysSinceMeasure(("a.b",), (path,)))
    two = read(
        "days_since: a.b, where: [{property: path, is: /, is_not: 5}, {property: form, empty: false}], each: 1"
    )
    assert two.condition == Measured(DaysSinceMeasure(("a.b",), (path, form)))


def test_combinations() -> None:
    condition = read(
        "all: [{any: [{touchpoint: a.b}, {days_since: a.b, gt: 3}]}, {not: {field: f, has_word: [x, y]}}], points: 1"
    ).condition
    assert condition == All(
        (
            Any(
                (
                    Measured(TouchpointMeasure(("a.b",)), (AT_LEAST_ONE,)),
                    Measured(DaysSinceMeasure(("a.b",)), (Test("gt", Compare(">", Operand(3))),)),
                )
            ),
            Not(Measured(FieldMeasure("f"), (Test("has_word", HasWord(("x", "y"))),))),
        )
    )


@pytest.mark.parametrize(
    "key", ["is_not", "not_in", "not_contains", "not_starts_with", "not_ends_with", "not_has_word"]
)
def test_the_opposites_are_the_same_operators_negated(key: str) -> None:
    negated = read(
        f"field: f, {key}: [a], points: 1" if key != "is_not" else "field: f, is_not: a, points: 1"
    )
    positive = read(
        f"field: f, {NEGATIVE_TESTS[key]}: " + ("[a]" if key != "is_not" else "a") + ", points: 1"
    )
    assert isinstance(negated.condition, Measured)
    assert isinstance(positive.condition, Measured)
    assert negated.condition.tests == (Test(key, positive.condition.tests[0].operator, negated=True),)


@pytest.mark.parametrize(
    ("written", "raw"),
    [
        ("5", 5),
        ("010", 10),
        ("0x1F", 31),
        ("1e3", 1000),
        ("5.0", 5),
        ("0.1", Decimal("0.1")),
        ("0.30000000000000004", Decimal("0.30000000000000004")),
        ("0.1000000000000000055511151231257827", Decimal("0.1")),
        ("-999999999999", -999_999_999_999),
        ("'5'", "5"),
        ("NO", "NO"),
        ("True", "True"),
        ("true", True),
        ("1:30", "1:30"),
        ("2026-01-31", "2026-01-31"),
        ("'  '", "  "),
    ],
)
def test_what_values_are_compared_with(written: str, raw: object) -> None:
    condition = read(f"field: f, is: {written}, points: 1").condition
    assert isinstance(condition, Measured)
    operator = condition.tests[0].operator
    assert isinstance(operator, Is)
    assert operator.operands[0].raw == raw
    assert type(operator.operands[0].raw) is type(raw)


@pytest.mark.parametrize(
    ("written", "worth"),
    [
        ("points: -1000000", Points(-100_000_000)),
        ("points: 0.10", Points(10)),
        ("points: 1e1", Points(1000)),
        ("each: 10", Each(1000)),
        ("each: -5, every: 7, at_most: 40", Each(-500, 7_000_000, 4000)),
        ("each: 1, every: 0.01", Each(100, 10_000)),
        ("each: 1, decay: {lose: 50%, every: 30 days}", Each(100, decay=Decay(30 * DAY, lose_share=5000))),
        ("each: 1, decay: {lose: 33.25%, every: 1 minute}", Each(100, decay=Decay(MINUTE, lose_share=3325))),
        ("points: 20, decay: {lose: 0.01, every: 1 week}", Points(2000, Decay(WEEK, lose_points=1))),
        ("points: 20, decay: {lose: 100%, every: 1 hour}", Points(2000, Decay(HOUR, lose_share=10_000))),
        (
            "points: 20, decay: {lose: 1%, every: 36500 days}",
            Points(2000, Decay(36_500 * DAY, lose_share=100)),
        ),
        (
            "table: [{gte: 5, points: 2}, {points: -1}]",
            Table((Row((Test("gte", Compare(">=", Operand(5))),), 200), Row((), -100))),
        ),
    ],
)
def test_worth(written: str, worth: object) -> None:
    assert read(f"touchpoint: a.b, {written}").worth == worth


def test_below_each_and_table_stand_no_tests() -> None:
    for written in ("each: 1", "table: [{points: 1}]"):
        assert read(f"touchpoint: a.b, {written}").condition == Measured(TouchpointMeasure(("a.b",)))


@pytest.mark.parametrize(
    "written",
    [
        "field: f, gt: '5', points: 1",
        "field: f, between: ['1', 2], points: 1",
        "field: f, between: [5, 5], points: 1",
        "field: f, between: [2026-01-01, '2026-01-01T00:00:00Z'], points: 1",
        "field: f, in_last: 1 day, in_next: 1 days, older_than: 007 weeks, points: 1",
        "touchpoint: a.b, max: p, empty: true, points: 1",
        "touchpoint: a.b, min: p, empty: false, points: 1",
        "touchpoint: a.b, latest: p, empty: true, points: 1",
        "touchpoint: a.b, latest: p, contains: x, before: 2026-01-01, points: 1",
        "days_since: a.b, empty: true, points: 1",
        "touchpoint: a.b, max: p, each: 1, every: 2.5",
        "touchpoint: a.b, is: '5', points: 1",
        "field: f, table: [{in_last: 1 day, points: 1}]",
        "field: in, is: x, points: 1",
        "field: 'with \"quotes\"; DROP TABLE', is: x, points: 1",
    ],
)
def test_these_are_allowed(written: str) -> None:
    assert warned(written) == []


def test_ten_levels_of_conditions_and_not_eleven() -> None:
    def nested(depth: int) -> str:
        return "not: {" * depth + "field: f, is: x" + "}" * depth + ", points: 1"

    assert isinstance(read(nested(10)).condition, Not)
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
    assert read("touchpoint: a.b, points: -20, decay: {lose: 0.01, every: 1 day}").worth == Points(
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
