"""Texts to nodes: what YAML and JSON values mean, where they stand, and hostile texts."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstcall.scoring.documents import Document, Entries, Items, Node, Scalar, parse_document
from firstcall.scoring.documents.from_yaml import resolve
from firstcall.scoring.documents.nodes import exact_number


def plain(node: Node | None) -> object:
    """The values of a tree without their places."""
    match node:
        case Scalar():
            return node.value
        case Items():
            return [plain(item) for item in node.items]
        case Entries():
            return {entry.key: plain(entry.value) for entry in node.entries}
    return None


def only_value(text: str, file: str = "rule.yaml") -> object:
    document = parse_document(text, file)
    assert document.problems == ()
    return plain(document.root)


def problems(text: str | bytes, file: str = "rule.yaml") -> list[str]:
    return [str(problem) for problem in parse_document(text, file).problems]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("true", True),
        ("false", False),
        *((word, word) for word in ("True", "FALSE", "yes", "no", "NO", "on", "Off", "y", "N")),
        *((word, None) for word in ("", "~", "null", "Null", "NULL")),
        ("nULL", "nULL"),
        ("010", 10),
        ("+12", 12),
        ("-0", 0),
        ("0o17", 15),
        ("0x1F", 31),
        ("-0x1F", "-0x1F"),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("1,000", "1,000"),
        ("1:30", "1:30"),
        ("1.50", Decimal("1.50")),
        (".5", Decimal("0.5")),
        ("12.", Decimal(12)),
        ("1e3", Decimal(1000)),
        ("-1.5E-2", Decimal("-0.015")),
        ("e3", "e3"),
        (".", "."),
        (".inf", Decimal("Infinity")),
        ("-.INF", Decimal("-Infinity")),
        ("inf", "inf"),
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31 09:00:00Z", "2026-01-31 09:00:00Z"),
        ("=", "="),
        ("٣", "٣"),
    ],
)
def test_a_plain_scalar_means_what_yaml_1_2_says(source: str, value: object) -> None:
    assert resolve(source) == value
    assert type(resolve(source)) is type(value)


def test_not_a_number_is_a_number_by_type_so_that_reading_can_say_so() -> None:
    value = resolve(".nan")
    assert isinstance(value, Decimal)
    assert value.is_nan()


@pytest.mark.parametrize("text", ["'true'", '"true"', "|-\n  true", ">-\n  true", "!!str true", "! true"])
def test_what_is_quoted_is_text(text: str) -> None:
    assert only_value(f"a: {text}\n") == {"a": "true"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!!int 5", 5),
        ("!!float 5", 5),
        ("!!bool true", True),
        ("!!null ~", None),
        ("!!seq [1]", [1]),
        ("!!map {b: 1}", {"b": 1}),
    ],
)
def test_core_tags_are_taken_where_they_fit(text: str, value: object) -> None:
    assert only_value(f"a: {text}\n") == {"a": value}


@pytest.mark.parametrize(
    "text", ["!!bool yes", "!!int 5.5", "!!null x", "!!seq {b: 1}", "!own x", "!!timestamp 2026-01-31"]
)
def test_other_tags_are_refused(text: str) -> None:
    tag = text.split()[0]
    assert problems(f"a: {text}\n") == [
        f"rule.yaml:1:4: a: The tag `{tag}` does not fit here. Remove it: a rule needs no tags."
    ]


def test_anchors_alone_do_no_harm() -> None:
    assert only_value("&all a: &one 1\n") == {"a": 1}


def test_keys_are_text_as_written() -> None:
    assert only_value("{1: a, 010: b, true: c, ~: d, '': e}") == {
        "1": "a",
        "010": "b",
        "true": "c",
        "~": "d",
        "": "e",
    }


def test_numbers_are_exact() -> None:
    text = "0.1000000000000000055511151231257827"
    assert only_value(text) == Decimal(text)
    assert exact_number("-1e400") == Decimal("-Infinity")
    assert exact_number("1e-400") == Decimal("1e-400")
    assert exact_number("0e" + "9" * 30) == 0
    assert exact_number("1e" + "0" * 30 + "2") == 100


def test_places_count_lines_and_characters_from_1() -> None:
    document = parse_document("\ufeffé: 1\r\nb:\r  - x\n  - {c: 'ü', d: 5}\n", "r.yaml")
    assert isinstance(document.root, Entries)
    first, second = document.root.entries
    assert (str(first.place), str(first.value.place)) == ("r.yaml:1:1", "r.yaml:1:4")
    assert (str(second.place), str(second.value.place)) == ("r.yaml:2:1", "r.yaml:3:3")
    assert isinstance(second.value, Items)
    inner = second.value.items[1]
    assert isinstance(inner, Entries)
    assert [str(entry.place) for entry in inner.entries] == ["r.yaml:4:6", "r.yaml:4:14"]
    assert [str(entry.value.place) for entry in inner.entries] == ["r.yaml:4:9", "r.yaml:4:17"]


def test_a_value_left_out_stands_at_its_key() -> None:
    document = parse_document("a: 1\nb:\n\nc: 2\n", "r.yaml")
    assert isinstance(document.root, Entries)
    assert str(document.root.entries[1].value.place) == "r.yaml:2:1"


def test_former_line_breaks_are_characters() -> None:
    assert only_value("a: x \u2028 y\u2029z\nb: 'p\x85q'\n") == {"a": "x \u2028 y\u2029z", "b": "p\x85q"}


def test_escaped_surrogate_pairs_are_joined() -> None:
    assert only_value('a: "\\ud83d\\ude00"') == {"a": "😀"}
    assert only_value('{"a": "\\ud83d\\ude00"}', "r.json") == {"a": "😀"}


def test_what_can_be_found_at_once_is_told_at_once() -> None:
    text = 'a: *x\na: 1\nb: !own y\nc: "\\0"\n? [k]\n: 1\n'
    assert [line.split(":", 3)[1:] for line in problems(text)] == [
        [
            "1",
            "4",
            " a: `*x` is an alias, and a rule is written without aliases. "
            "Write out what it stands for; a text that begins with * goes in quotes.",
        ],
        ["2", "1", " a: `a` stands here again; first in line 1, column 1. Keep one of them."],
        ["3", "4", " b: The tag `!own` does not fit here. Remove it: a rule needs no tags."],
        ["4", "4", " c: The text holds the character U+0000, which no database keeps. Remove it."],
        ["5", "3", " A key is one word, not a list or a mapping."],
    ]


def test_encodings() -> None:
    assert problems("name: é".encode("latin-1")) == [
        "rule.yaml:1:7: The text is not UTF-8: the byte 0xe9 does not belong here. Save the file as UTF-8."
    ]
    assert problems("name: é".encode("utf-16")) == [
        "rule.yaml:1:1: The text is UTF-16. Save the file as UTF-8."
    ]
    assert plain(parse_document("name: é".encode("utf-8-sig"), "r.yaml").root) == {"name": "é"}
    assert problems("a: 1\nb: \ud800") == [
        "rule.yaml:2:4: The text holds half a surrogate pair, which is no character. Remove it."
    ]
    assert problems(b"a: 1\nb: x\0") == [
        "rule.yaml:2:5: The text holds the character U+0000, which no database keeps. Remove it."
    ]


def test_ten_megabytes_are_refused_unread() -> None:
    said = [
        "rule.yaml:1:1: A rule has at most 1 MB of text; this has 10.0 MB (10,000,000 bytes). "
        "Is it the right file? Split the rule, or shorten its lists."
    ]
    assert problems(b"[" * 10_000_000) == said
    assert problems("é" * 5_000_000) == said


def test_one_megabyte_is_read() -> None:
    text = "a: " + "x" * 999_997
    assert only_value(text) == {"a": "x" * 999_997}


def test_a_billion_laughs_are_not_laughed() -> None:
    lines = ["a: &a [lol, lol]"]
    lines += [
        f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}, *{a}, *{a}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    found = parse_document("\n".join(lines), "r.yaml").problems
    assert {problem.code for problem in found} == {"alias"}
    assert len(found) == 48


@pytest.mark.parametrize("file", ["r.yaml", "r.json", "r"])
@pytest.mark.parametrize("opening", ["[", '{"a": ', '[{"a": '])
def test_deep_nesting_is_refused_early(opening: str, file: str) -> None:
    document = parse_document(opening * 100_000, file)
    assert document.root is None
    assert [problem.says for problem in document.problems] == ["Nothing in a rule is nested this deep."]


def test_very_long_lists_are_given_up() -> None:
    assert problems("- a\n" * 200_000) == [
        "rule.yaml:10001:3: This list has more than 10,000 entries; a list has at most 1,000."
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", []),
        (
            '{"a": NaN}',
            [
                "r.json:1:7: `NaN` is not a JSON value. Put text in double quotes; write a number like 12 or 0.5."
            ],
        ),
        (
            '{"a": -Infinity}',
            [
                "r.json:1:7: `-Infinity` is not a JSON value. Put text in double quotes; write a number like 12 or 0.5."
            ],
        ),
        (
            '{"a": 010}',
            [
                "r.json:1:7: `010` is not a JSON value. Put text in double quotes; write a number like 12 or 0.5."
            ],
        ),
        (
            '{"a": .5}',
            [
                "r.json:1:7: `.5` is not a JSON value. Put text in double quotes; write a number like 12 or 0.5."
            ],
        ),
        ("{'a': 1}", ["r.json:1:2: A key is missing. Keys stand in double quotes."]),
        ('{"a": 1,}', ["r.json:1:9: Nothing follows the comma. Remove the last comma."]),
        ('{"a": 1 "b": 2}', ["r.json:1:9: A comma or `}` is missing."]),
        ('{"a" 1}', ['r.json:1:6: A colon is missing after the key. Write "key": value.']),
        ("[1, 2\n", ["r.json:2:1: A comma or `]` is missing."]),
        ('{"a": 1} x', ["r.json:1:10: Something follows the end of the document. Remove it."]),
        (
            '{"a": "x\ny"}',
            ["r.json:1:9: This text is not written as JSON wants it: invalid control character."],
        ),
        ('{"a": "\\x"}', ["r.json:1:8: This text is not written as JSON wants it: invalid \\escape."]),
        ('{"a": }', ["r.json:1:7: A value is missing: here is `}`. Texts stand in double quotes."]),
        (
            '{"a":',
            ["r.json:1:6: A value is missing: here is the end of the text. Texts stand in double quotes."],
        ),
        (
            '{"a": 1,\n "a": "\\u0000", "b": "\\ud800"}',
            [
                "r.json:2:7: a: The text holds the character U+0000, which no database keeps. Remove it.",
                "r.json:2:2: a: `a` stands here again; first in line 1, column 2. Keep one of them.",
                "r.json:2:22: b: The text holds half a surrogate pair, which is no character. Remove it.",
            ],
        ),
    ],
)
def test_json_is_strict(text: str, said: list[str]) -> None:
    assert problems(text, "r.json") == said


def test_json_places() -> None:
    document = parse_document('{"a": [1, {"b": "x"}],\n  "c": -1.50e1}', "r.json")
    assert plain(document.root) == {"a": [1, {"b": "x"}], "c": Decimal(-15)}
    assert isinstance(document.root, Entries)
    assert [str(entry.place) for entry in document.root.entries] == ["r.json:1:2", "r.json:2:3"]
    assert [str(entry.value.place) for entry in document.root.entries] == ["r.json:1:7", "r.json:2:8"]


@pytest.mark.parametrize("file", ["stdin", "-", "rule.txt"])
def test_without_a_telling_name_json_is_known_by_its_form(file: str) -> None:
    assert only_value(' {"a": "1:30"}', file) == {"a": "1:30"}
    assert only_value("{a: 1:30}", file) == {"a": "1:30"}
    assert problems('{"a": 1, "a": 2}', file) == [
        f"{file}:1:10: a: `a` stands here again; first in line 1, column 2. Keep one of them."
    ]


def test_the_name_tells_in_capitals_too() -> None:
    assert problems("a: 1", "RULE.JSON") == [
        "RULE.JSON:1:1: `a` is not a JSON value. Put text in double quotes; write a number like 12 or 0.5."
    ]


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text('abc é\n"\\', max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON_VALUES, st.sampled_from([None, 1]), st.booleans())
def test_json_comes_back_as_it_went(value: object, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    document = parse_document(text, "r.json")
    assert document.problems == ()
    assert plain(document.root) == value


@given(
    st.one_of(
        st.text(), st.binary(), st.text("[]{}:,-?&*!|>'\"%@` \n\tab0.~#"), st.text('[]{}:,"\\u0dt1e-. \n')
    ),
    st.sampled_from(["r.yaml", "r.json", "r"]),
)
def test_no_text_makes_parsing_fail(text: str | bytes, file: str) -> None:
    assert isinstance(parse_document(text, file), Document)
