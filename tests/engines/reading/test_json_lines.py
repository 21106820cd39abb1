"""JSON lines: one object a line, typed as JSON is; broken lines are listed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from firstcall.engines.reading import lines
from firstcall.scoring.values import Kind
from tests.engines.reading.opening import open_files, problems_of, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "leads.jsonl"


def test_ids_as_number_and_as_text_are_the_same(path: Path) -> None:
    rows = ['{"id": 7, "a": 1}', '{"id": "7", "a": 2}', '{"id": 8.0, "a": 3}', '{"id": "08", "a": 4}']
    opened = open_files(write(path, rows))
    assert opened.records("a") == [("08", 4_000_000), ("7", 1_000_000), ("8", 3_000_000)]
    assert opened.rejected == [(2, "a row with the same id came before")]


def test_ids_that_are_none(path: Path) -> None:
    rows = [
        '{"id": 7.5}',
        '{"id": true}',
        '{"id": ["a"]}',
        '{"id": null}',
        '{"a": 1}',
        '{"id": ""}',
        '{"id": "x"}',
    ]
    opened = open_files(write(path, rows))
    assert opened.records() == [("x",)]
    bad, none = "the id is neither text nor a whole number", "the id is missing"
    assert opened.rejected == [(1, bad), (2, bad), (3, bad), (4, none), (5, none), (6, none)]


def test_a_very_large_whole_number_as_id_keeps_its_digits(path: Path) -> None:
    opened = open_files(write(path, ['{"id": 123456789012345678901}', '{"id": 5}']))
    assert opened.records() == [("123456789012345678901",), ("5",)]


def test_lines_that_are_no_object(path: Path) -> None:
    rows = [
        '{"id": "1", "a": 1}',
        '{"id": "2", "a": NaN}',
        '{"id": "3", "a": Infinity}',
        '{"id": "4", "a": 1e999}',
        '{"id": "5"',
        "[1, 2]",
        '"text"',
        "{'id': '6'}",
        '{"id": "7", "a": 1,}',
        "",
        '{"id": "8", "a": 2} x',
        '{"id": "9", "a": 3}',
    ]
    opened = open_files(write(path, rows))
    assert opened.records("a") == [("1", 1_000_000), ("9", 3_000_000)]
    assert [line for line, _ in opened.rejected] == [2, 3, 4, 5, 6, 7, 8, 9, 11]
    codes = [reject.code for reject in opened.source.rejects.first]
    assert codes == ["json", "json", "json", "json", "object", "object", "json", "json", "json"]
    assert opened.rejected[0] == (2, "no valid JSON: invalid character (byte 17)")
    assert opened.rejected[4] == (6, "the line is JSON, but no object")


def test_nul_in_a_text_is_refused_but_a_written_escape_is_not(path: Path) -> None:
    rows = [
        '{"id": "1", "a": "x\\u0000y"}',
        '{"id": "2", "a": {"k": ["\\u0000"]}}',
        '{"id": "3", "a": "\\\\u0000"}',
    ]
    opened = open_files(write(path, rows))
    assert opened.records("a") == [("3", "\\u0000")]
    assert opened.rejected == [(1, "a NUL character in a text"), (2, "a NUL character in a text")]


def test_of_a_doubled_key_the_last_counts(path: Path) -> None:
    assert open_files(write(path, ['{"id": "1", "a": "x", "a": "y"}'])).records("a") == [("1", "y")]


def test_a_list_instead_of_lines(tmp_path: Path) -> None:
    says = problems_of(write(tmp_path / "leads.json", '[{"id": 1}]'))
    assert says == [
        "leads.json:1: the file is one JSON list; one object a line is needed."
        " Convert it, for example with: jq -c '.[]' FILE > FILE.jsonl"
    ]


def test_columns_take_the_type_that_all_their_values_fit(path: Path) -> None:
    rows = [
        {"id": 1, "n": 1, "t": True, "d": "2024-02-29", "m": "2024-02-29T10:00:00Z", "l": ["a", 1], "x": 5},
        {
            "id": 2,
            "n": "2.50",
            "t": "false",
            "d": None,
            "m": "2024-02-29 12:00:00+02:00",
            "l": "[1]",
            "x": "a",
        },
        {"id": 3, "n": 1e-7, "t": "", "d": "1970-01-02", "m": "", "l": [], "x": {"k": 1}, "late": 1},
    ]
    opened = open_files(write(path, map(json.dumps, rows)))
    assert opened.kinds == {
        "n": Kind.NUMBER,
        "t": Kind.TRUTH,
        "d": Kind.DATE,
        "m": Kind.TIME,
        "l": Kind.LIST,
        "x": Kind.TEXT,
        "late": Kind.NUMBER,
    }
    day = 1709164800 * 1_000_000
    ten = day + 36_000 * 1_000_000
    assert opened.records("n", "t", "d", "m", "l", "x", "late") == [
        ("1", 1_000_000, True, day, ten, '["a",1]', "5", None),
        ("2", 2_500_000, False, None, ten, "[1]", "a", None),
        ("3", 0, None, 86_400_000_000, None, "[]", '{"k":1}', 1_000_000),
    ]


def test_an_empty_text_is_a_text_here(path: Path) -> None:
    assert open_files(write(path, ['{"id": "1", "a": ""}', '{"id": "2", "a": "x"}'])).records("a") == [
        ("1", ""),
        ("2", "x"),
    ]


def test_a_mark_at_the_beginning_and_windows_line_ends(path: Path) -> None:
    opened = open_files(write(path, '\ufeff{"id": "1"}\r\n\r\n{"id": "2"}\r\n{"x": 1}\r\n'))
    assert opened.records() == [("1",), ("2",)]
    assert opened.rejected == [(4, "the id is missing")]


def test_nothing_but_blank_lines(path: Path) -> None:
    assert problems_of(write(path, "\n\n"))[0].startswith("leads.jsonl: there is no column `id`.")


def test_deep_nesting_is_refused(path: Path) -> None:
    opened = open_files(
        write(path, ['{"id": "1", "a": ' + "[" * 100_000 + "]" * 100_000 + "}", '{"id": "2"}'])
    )
    assert opened.records() == [("2",)]
    assert opened.rejected == [(1, "the JSON is nested too deeply")]


@pytest.mark.parametrize("block", [30, 1 << 22])
def test_keys_that_come_late(path: Path, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BLOCK", block)
    monkeypatch.setattr("firstcall.engines.reading.files.CHUNK", 20)
    rows = [json.dumps({"id": i, f"k{i // 10}": i if i % 2 else str(i)}) for i in range(40)]
    opened = open_files(write(path, [*rows, "oops"]))
    assert opened.source.records == 40
    assert dict.fromkeys(opened.kinds.values()) == {Kind.NUMBER: None}
    assert opened.rejected == [(41, "no valid JSON: invalid character (byte 0)")]


class TestTouchpoints:
    """Own keys keep their JSON type; `properties` wins over them."""

    @pytest.fixture
    def leads(self, tmp_path: Path) -> Path:
        return write(tmp_path / "l.csv", ["id", "1", "2"])

    def test_own_keys(self, leads: Path) -> None:
        base = {"record_id": 1, "type": "web.visited", "occurred_at": "1970-01-01T00:00:00Z"}
        opened = open_files(
            leads,
            write(
                leads.parent / "t.jsonl",
                [
                    json.dumps({**base, "path": "/a", "n": 1.5, "mixed": "x"}),
                    json.dumps({**base, "path": "true", "n": None, "mixed": True}),
                ],
            ),
        )
        assert opened.source.columns.touchpoints is not None
        storages = {n: str(c.storage) for n, c in opened.source.columns.touchpoints.properties.items()}
        assert storages == {"path": "text", "n": "json", "mixed": "json"}
        assert opened.touchpoints("path", "n", "mixed") == [
            ("1", "web.visited", 0, "/a", "1.5", '"x"'),
            ("1", "web.visited", 0, "true", None, "true"),
        ]

    def test_properties_win_where_they_have_the_key(self, leads: Path) -> None:
        base = {"record_id": "2", "type": "a.b", "occurred_at": "1970-01-01 00:00:01"}
        rows = [
            {**base, "properties": {"path": "/in", "k/~'\"": 1}, "path": "/own", "k/~'\"": "own"},
            {**base, "properties": {"path": None}, "path": "/own"},
            {**base, "properties": None, "path": "/own"},
            {**base, "properties": '{"path": 5}', "path": None},
        ]
        opened = open_files(leads, write(leads.parent / "t.jsonl", map(json.dumps, rows)))
        assert opened.source.columns.touchpoints is not None
        assert opened.source.columns.touchpoints.has_json
        found = opened.touchpoints("path", "k/~'\"")
        assert sorted(row[3] for row in found) == ['"/in"', '"/own"', '"/own"', "5"]
        assert {row[4] for row in found} == {"1", None}

    def test_properties_that_are_no_object(self, leads: Path) -> None:
        base = {"record_id": "2", "type": "a.b", "occurred_at": "1970-01-01 00:00:01"}
        rows = [
            {**base, "properties": p}
            for p in ({"a": 1}, [1], "x", 7, True, '{"a": NaN}', '{"a": "\\u0000"}', "")
        ]
        opened = open_files(leads, write(leads.parent / "t.jsonl", map(json.dumps, rows)))
        assert opened.source.touchpoints == 1
        assert opened.rejected == [(n, "properties is no JSON object") for n in range(2, 9)]

    def test_needed_cells(self, leads: Path) -> None:
        good = {"record_id": 1, "type": "a.b", "occurred_at": "2024-01-01T00:00:00Z"}
        rows = [
            good,
            {**good, "record_id": None},
            {**good, "record_id": 1.5},
            {**good, "type": 5},
            {**good, "type": ""},
            {**good, "occurred_at": 1700000000},
            {**good, "occurred_at": "yesterday"},
            {**good, "occurred_at": None},
            {**good, "record_id": 3},
        ]
        opened = open_files(leads, write(leads.parent / "t.jsonl", map(json.dumps, rows)))
        form = "occurred_at is no RFC 3339 time such as 2024-05-31T09:30:00Z"
        assert opened.rejected == [
            (2, "the record_id is missing"),
            (3, "the record_id is neither text nor a whole number"),
            (4, "the type is no text"),
            (5, "the type is missing"),
            (6, form),
            (7, form),
            (8, "occurred_at is missing"),
            (9, "no record has this record_id"),
        ]
