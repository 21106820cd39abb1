"""Texts of rules that are changed: what is wanted is said, and all else stays as it was written."""

from __future__ import annotations

import random
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstcall.scoring.documents import parse_document
from firstcall.scoring.documents.plain import Plain, plain, same
from firstcall.scoring.documents.rewriting import rewritten
from firstcall.scoring.documents.writing import written, written_json

RULE = """\
# Ours, do not touch.
name: Call first   # the name
module: leads

criteria:
  # Who they are.
  - name: Boss   # decision makers
    field: job_title
    has_word: [chief,   director]  # not "lead"
    points: 20
  - {name: Small, field: employees, lt: 10, points: -5}   # too small

  # What they do.
  - name: Mail
    touchpoint: email.replied
    each: 1e1
    at_most: 50
    decay:
      lose: 50%   # a half
      every: 30 days
limits: {minimum: 0, maximum: 100}
# The end.
"""


def said(text: str) -> Any:
    document = parse_document(text, "rule")
    assert not document.problems, text
    assert document.root is not None
    return plain(document.root)


def changed(text: str, **change: Any) -> str:
    wanted = said(text)
    wanted.update(change)
    return rewritten(text, wanted)


def lines_lost(old: str, new: str) -> list[str]:
    kept = new.splitlines()
    return [line for line in old.splitlines() if line not in kept]


def test_what_says_the_same_is_not_touched():
    assert rewritten(RULE, said(RULE)) == RULE


def test_one_value_alone_is_changed():
    wanted = said(RULE)
    wanted["criteria"][0]["points"] = Decimal("22.5")
    wanted["criteria"][1]["lt"] = 20
    wanted["criteria"][2]["decay"]["lose"] = "25%"
    new = rewritten(RULE, wanted)
    assert lines_lost(RULE, new) == [
        "    points: 20",
        "  - {name: Small, field: employees, lt: 10, points: -5}   # too small",
        "      lose: 50%   # a half",
    ]
    assert lines_lost(new, RULE) == [
        "    points: 22.5",
        "  - {name: Small, field: employees, lt: 20, points: -5}   # too small",
        "      lose: 25%   # a half",
    ]


def test_keys_come_and_go():
    wanted = said(RULE)
    boss, _, mail = wanted["criteria"]
    del boss["has_word"]
    boss["is"] = "CEO"
    del mail["at_most"], mail["decay"]
    wanted["grades"] = {"Hot": 80, "Cold": 0}
    new = rewritten(RULE, wanted)
    assert said(new) == wanted
    assert lines_lost(new, RULE) == ["    is: CEO", "grades: {Hot: 80, Cold: 0}"]
    assert "# The end." in new
    assert "# decision makers" in new


def test_entries_move_with_what_is_said_about_them():
    wanted = said(RULE)
    wanted["criteria"].insert(0, wanted["criteria"].pop())
    new = rewritten(RULE, wanted)
    assert said(new) == wanted
    assert lines_lost(RULE, new) == lines_lost(new, RULE) == []
    assert new.index("# What they do.") < new.index("name: Mail") < new.index("name: Boss")
    del wanted["criteria"][1]
    new = rewritten(new, wanted)
    assert said(new) == wanted
    assert "Boss" not in new
    assert "# too small" in new


def test_a_new_entry_stands_among_the_others():
    wanted = said(RULE)
    wanted["criteria"].insert(1, {"name": "Copy: of it", "field": "city", "in": ["A", "B, C"], "points": 1})
    new = rewritten(RULE, wanted)
    assert said(new) == wanted
    assert lines_lost(RULE, new) == []
    assert '  - name: "Copy: of it"\n    field: city\n    in: [A, "B, C"]\n    points: 1\n' in new


@pytest.mark.parametrize(
    "text",
    [
        "name:\nmodule: leads\ncriteria: []\n",
        "name: A\ncriteria:\n-\n  name: B\n- name: C",
        "name: >\n  A\n  long one\ncriteria: # here\n  -   name: |\n        B\n      points: 1\n  - name: D\n",
        "{name: A, # flow\n criteria: [{name: B, points: 1}]}\n",
        "'name': \"A\"\n\"criteria\": [{name: 'B''s'}]\n...\n",
        "--- # a document\nname: A\ncriteria:\n    - name: B\n\n\n    # about C\n    - name: C\n      points: 1 # one\n",
    ],
)
def test_however_it_is_written(text: str) -> None:
    for change in (
        {"name": "New"}, {"criteria": [{"name": "X", "points": 3}]}, {"criteria": [{"name": "C"}, {"name": "B"}]},
        {"grades": {"Hot": 1}}, {"module": "deals"}, {"criteria": []},
    ):  # fmt: skip
        wanted = said(text) | change
        assert same(said(rewritten(text, wanted)), wanted), (text, change)


def test_json_stays_json():
    text = '{"name": "A", "criteria": [{"name": "B", "points": 1.50}]}'
    new = changed(text, name='A\u2028 "b"')
    assert said(new) == {"name": 'A\u2028 "b"', "criteria": [{"name": "B", "points": Decimal("1.5")}]}
    assert new.startswith('{\n  "name": ')
    assert parse_document(new, "rule.json").problems == ()


WORDS = st.one_of(
    st.sampled_from(
        ["name", "*", "a.b", "true", "NO", "010", "1:30", "~", "", " x", "x ", "- a", "a: b", "a #b", "50%", "İß", "'", '"',
         "{", "]", "!t", "&a", "|", ">", "%", "@", "`", "2026-01-01",
         "\\", "a\nb", "\t", "\x85", "\u2028", "🙂", "0x1f", ".5"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6),
)  # fmt: skip
SCALARS = st.one_of(
    WORDS,
    st.booleans(),
    st.none(),
    st.integers(-999, 999),
    st.decimals(-99, 99, places=2),
    st.just(Decimal("1E+3")),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(st.one_of(WORDS, st.just("criteria")), VALUES, min_size=1, max_size=4)


def commented(text: str, chance: random.Random) -> str:
    lines = []
    for line in text.splitlines():
        if chance.random() < 0.3:
            lines.append(" " * chance.randrange(6) + "# above")
        lines.append(line + ("  # beside" if chance.random() < 0.3 else ""))
        if chance.random() < 0.1:
            lines.append("")
    return "\n".join(lines) + chance.choice(["", "\n", "\n\n# last\n"])


def altered(value: Plain, chance: random.Random, fresh: Plain) -> Plain:
    """Somewhere in the value something else, something more, something less, or another order."""
    match value:
        case dict() if value and chance.random() < 0.9:
            key = chance.choice(list(value))
            turn = chance.randrange(4)
            if turn == 0:
                return {name: held for name, held in value.items() if name != key}
            if turn == 1:
                return (
                    {f"new{len(value)}": fresh, **value}
                    if chance.random() < 0.5
                    else {**value, "added": fresh}
                )
            return {**value, key: altered(value[key], chance, fresh)}
        case list() if value and chance.random() < 0.9:
            items, at = list(value), chance.randrange(len(value))
            turn = chance.randrange(4)
            if turn == 0:
                items.pop(at)
            elif turn == 1:
                items.insert(at, fresh)
            elif turn == 2:
                items.insert(chance.randrange(len(items)), items.pop(at))
            else:
                items[at] = altered(items[at], chance, fresh)
            return items
    return deepcopy(fresh)


@given(DOCUMENTS, VALUES, st.randoms(use_true_random=False))
def test_whatever_is_wanted_is_said(document: dict[str, Plain], fresh: Plain, chance: random.Random) -> None:
    text = commented(written(document), chance)
    assert same(said(text), document), text
    for _ in range(3):
        wanted = altered(document, chance, fresh)
        if not isinstance(wanted, dict) or not wanted:
            continue
        new = rewritten(text, wanted)
        assert same(said(new), wanted), (text, new)
        text, document = new, wanted


@given(DOCUMENTS)
def test_json_says_the_same(document: dict[str, Plain]) -> None:
    parsed = parse_document(written_json(document), "rule.json")
    assert not parsed.problems
    assert parsed.root is not None
    assert same(plain(parsed.root), document)
