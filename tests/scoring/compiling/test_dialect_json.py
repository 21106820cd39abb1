"""JSON values, in every dialect: a property by any key, and what a value reads as."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from firstcall.scoring.columns import Storage
from firstcall.scoring.compiling.dialect import Dialect
from firstcall.scoring.values import Value
from tests.scoring.compiling.trials import Trial, differing

KEYS = ["a", "a.b", "a b", "", "$", "$.a", "it's", 'say "x"', "it's \"x\"", "é", "😀", "[0]", "*", "/", "~1", "\\", "\\n",
        "\n", "]", "'", '"', "a'] | $['b", "0", "-1", "${a}", "%"]  # fmt: skip


def test_properties_by_any_key(trial: Trial) -> None:
    values = [{key: f"is {key}"} for key in KEYS] + [
        {"a": {"b": 1}},
        {"a": None},
        [],
        "a",
        1,
        True,
        {},
    ]

    def texts(dialect: Dialect) -> str:
        found = (dialect.json_text(dialect.json_property("x", key)) for key in KEYS)
        return " || '|' || ".join(f"COALESCE({text}, '')" for text in found)

    def expected(value: object) -> str:
        held = [value.get(key) if isinstance(value, dict) else None for key in KEYS]
        return "|".join(text if isinstance(text, str) else "" for text in held)

    answers = trial.answers(texts, [json.dumps(value) for value in values], Storage.JSON)
    assert differing(values, answers, map(expected, values)) == []


def test_a_property_that_is_null_is_missing(trial: Trial) -> None:
    values = ['{"a": null}', "{}", '{"a": ""}', '{"a": []}', '{"a": false}', '{"a": "null"}']
    answers = trial.answers(lambda d: f"{d.json_property('x', 'a')} IS NULL", values, Storage.JSON)
    assert answers == [True, True, False, False, False, False]


JSON_TEXTS = [
    "0", "1", "-1.5", "1e11", "999999999999", "1000000000000", "1e12", "9223372036854775808", "1e30", "0.1",
    "5e-7", "1e-300", "0.1234565", "1e400", "-1e400", "1e-400", "1E5", "1e-7", "0.00000050", "1.0", "-0", "-0.0",
    "12345678901234567890", "1e2", "1.50e+1", "0.12345649999999999999999999", "0." + "0" * 60 + "1",
    "123456789.123456789012345678901234567890", "123456789012345678901234567890123456789012345",
    '"1"', '"1.5"', '""', '"x"', '"true"', '"null"', '"[]"', '"é😀"', '"\\ud83d\\ude00"', '"a\\nb\\\\\\"\'"',
    "true", "false", "[]", "[1]", '["a", null, "b"]', "[[]]", "{}", '{"a": 1}', "[true]", '["", "x"]', "[null]",
    '"2024-01-01"', "[ ]", ' "x" ', " true ",
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("json_text", lambda v: v.text),
        ("json_typed_number", lambda v: v.number if v.is_number else None),
        ("json_truth", lambda v: v.truth),
        ("json_is_list", lambda v: isinstance(v.raw, list)),
        ("json_is_empty", lambda v: v.is_empty),
    ],
)
def test_readings_of_json(trial: Trial, name: str, expected: Callable[[Value], object]) -> None:
    answers = trial.answers(lambda d: getattr(d, name)("x"), JSON_TEXTS, Storage.JSON)
    values = [Value(json.loads(text)) for text in JSON_TEXTS]
    assert differing(JSON_TEXTS, answers, map(expected, values)) == []


def test_elements_of_json_lists(trial: Trial) -> None:
    values: list[object] = [
        ["a", "b"],
        [1, "a"],
        [],
        [None],
        [None, "a"],
        ["A"],
        [["a"]],
        {"a": "a"},
        "a",
        1,
        [True],
    ]

    def any_a(dialect: Dialect) -> str:
        held = dialect.json_any_element("x", lambda e: f"{dialect.json_text(e)} = 'a'")
        return f"CASE WHEN {dialect.json_is_list('x')} AND {held} THEN 1 ELSE 0 END"

    answers = trial.answers(any_a, [json.dumps(value) for value in values], Storage.JSON)
    assert differing(values, answers, [int(isinstance(v, list) and "a" in v) for v in values]) == []


def test_texts_of_json_lists(trial: Trial) -> None:
    values: list[object] = [["a", "b"], [1, "a", None], [], [None], ["é", "", "x"]]
    written = [json.dumps(value) for value in values]
    answers = trial.answers(
        lambda d: d.json_list_key("x", lambda e: f"COALESCE({d.json_text(e)}, '')"), written, Storage.JSON
    )
    assert [str(answer).replace("\x1f", "|") for answer in answers] == ["a|b|", "|a||", "", "|", "é||x|"]
