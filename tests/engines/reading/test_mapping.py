"""Mappings: real exports without hand editing; all that is wrong with one is said at once."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from firstcall.engines.reading import SourceError, load_mapping, parse_mapping
from firstcall.engines.reading.mapping_file import format_fault
from firstcall.scoring.times import parse_moment
from firstcall.scoring.values import Kind
from tests.engines.reading.opening import open_files, problems_of, write


def refused(text: str) -> list[str]:
    with pytest.raises(SourceError) as refusal:
        parse_mapping(text, "map.yaml")
    return [str(problem) for problem in refusal.value.problems]


def test_everything_about_records(tmp_path: Path) -> None:
    leads = write(
        tmp_path / "leads.csv",
        [
            "Lead Number;Created;Turnover;Post Code;Source;Rating",
            '7;15 Apr, 2021 00:03:00;"$22,700.50";01234;Select;5',
            "8;16 Apr, 2021 10:00:00;n/a;00001;Web;Select",
            "9;yesterday;5 k;2;Web;4",
        ],
    )
    mapping = """
records:
  id: Lead Number
  empty: [Select, n/a]
  rename: {Created: created_at, Post Code: zip}
  types:
    Created: {type: time, format: "%d %b, %Y %H:%M:%S"}
    Turnover: {type: number, remove: "$,"}
    zip: text
"""
    opened = open_files(leads, mapping=mapping)
    assert opened.kinds == {
        "created_at": Kind.TIME,
        "Turnover": Kind.NUMBER,
        "zip": Kind.TEXT,
        "Source": Kind.TEXT,
        "Rating": Kind.NUMBER,
    }
    assert opened.records("created_at", "Turnover", "zip", "Source", "Rating") == [
        ("7", parse_moment("2021-04-15T00:03:00Z"), 22_700_500_000, "01234", None, 5_000_000),
        ("8", parse_moment("2021-04-16T10:00:00Z"), None, "00001", "Web", None),
        ("9", None, None, "2", "Web", 4_000_000),
    ]
    assert opened.rejected == [
        (4, "`created_at` is no time and counts as missing"),
        (4, "`Turnover` is no number and counts as missing"),
    ]
    assert [reject.excerpt for reject in opened.source.rejects.first] == ["yesterday", "5 k"]
    assert opened.source.rejects.summary() == [
        f"{leads}: 2 values: a value does not fit its column's type and counts as missing (first: line 4)"
    ]


def test_everything_about_touchpoints(tmp_path: Path) -> None:
    leads = write(tmp_path / "leads.csv", ["a;x", "b;y"])
    touched = write(
        tmp_path / "touched.csv",
        [
            "a;01/02/2024;sent_weekly_digest;Held;1",
            "b;02/02/2024;email_open;Held;2",
            "b;03/02/2024;unsubscribed;Missed;3",
            "b;2024-02-03;email_open;Answered;4",
        ],
    )
    mapping = """
records: {header: [id, n]}
touchpoints:
  header: [who, when, what, status, n]
  record_id: who
  occurred_at: {column: when, format: "%d/%m/%Y"}
  type: {column: what, values: {sent_weekly_digest: campaign.sent}, prefix: email.}
  where: {status: [Held, Answered]}
"""
    opened = open_files(leads, touched, mapping=mapping)
    assert opened.touchpoints("status", "n") == [
        ("a", "campaign.sent", parse_moment("2024-02-01"), "Held", "1"),
        ("b", "email.email_open", parse_moment("2024-02-02"), "Held", "2"),
    ]
    assert opened.rejected == [(4, "occurred_at is not in the mapping's format")]
    assert opened.notes == ["touched.csv: 1 row left aside by the mapping's `where`."]


def test_a_fixed_type_and_renamed_needed_columns(tmp_path: Path) -> None:
    leads = write(tmp_path / "leads.csv", ["LEADID", "1"])
    calls = write(tmp_path / "calls.jsonl", ['{"lead": 1, "at": "2024-01-01T00:00:00Z", "more": {"k": 5}}'])
    mapping = """
records: {rename: {LEADID: id}}
touchpoints:
  rename: {lead: record_id, at: occurred_at, more: properties}
  type: {fixed: call.attended}
"""
    opened = open_files(leads, calls, mapping=mapping)
    assert opened.touchpoints() == [("1", "call.attended", parse_moment("2024-01-01"))]
    assert opened.fetch("SELECT properties FROM touchpoints") == [('{"k":5}',)]


def test_numbered_rows(tmp_path: Path) -> None:
    leads = write(tmp_path / "bank.csv", ["age;job", "56;maid", "57", "37;clerk"])
    opened = open_files(leads, mapping="records: {number_rows: true}")
    assert opened.records("age") == [("1", 56_000_000), ("2", 37_000_000)]


def test_numbered_rows_of_parquet(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["x", "y"], "n": [5, 6]}), tmp_path / "l.parquet")
    opened = open_files(tmp_path / "l.parquet", mapping="records: {number_rows: true}", ids=["2"])
    assert opened.records("id", "n") == [("2", "y", 6)]


def test_types_and_empty_texts_of_parquet(tmp_path: Path) -> None:
    table = pa.table({"key": ["a", "b", "-"], "day": ["1/2/2024", "-", "x"], "n": [1, 2, 3]})
    pq.write_table(table, tmp_path / "l.parquet")
    mapping = """
records: {id: key, empty: ["-"], types: {day: {type: date, format: "%m/%d/%Y"}, n: text}}
"""
    opened = open_files(tmp_path / "l.parquet", mapping=mapping)
    assert opened.records("day", "n") == [("a", parse_moment("2024-01-02"), "1"), ("b", None, "2")]
    assert opened.rejected == [(3, "the id is missing"), (3, "`day` is no date and counts as missing")]


def test_a_separator_that_nobody_expects(tmp_path: Path) -> None:
    leads = write(tmp_path / "leads.txt", ["id^n", "a^1,5"])
    assert open_files(leads, mapping='records: {separator: "^"}').records("n") == [("a", "1,5")]


def test_text_of_a_mapping_cannot_change_the_sql(tmp_path: Path) -> None:
    evil = "x'); DROP VIEW records; --"
    leads = write(tmp_path / "leads.csv", ["id,n", "a,1"])
    touched = write(tmp_path / "t.csv", ["record_id,type,occurred_at,n", "a,b.c,2024-01-01T00:00:00Z,1"])
    quoted = '"' + evil + '"'
    mapping = f"""
records: {{empty: [{quoted}], rename: {{n: {quoted}}}}}
touchpoints:
  type: {{column: type, values: {{{quoted}: {quoted}}}, prefix: {quoted}}}
  where: {{n: ["1", {quoted}]}}
"""
    opened = open_files(leads, touched, mapping=mapping)
    assert opened.records(evil) == [("a", 1_000_000)]
    assert [row[1] for row in opened.touchpoints()] == [evil + "b.c"]


def test_columns_that_the_file_does_not_have(tmp_path: Path) -> None:
    leads = write(tmp_path / "leads.csv", ["Lead Number,Created", "7,x"])
    touched = write(tmp_path / "t.csv", ["lead,type,occurred_at,status", "7,a.b,x,y"])
    mapping = """
records: {id: Lead Nummer, rename: {Createt: created_at}, types: {Zip: text}}
touchpoints: {record_id: leed, where: {stat: [x]}}
"""
    assert problems_of(leads, touched, mapping=mapping) == [
        "leads.csv: there is no column `Lead Nummer`. The columns are: `Lead Number`, `Created`."
        " Did you mean `Lead Number`?",
        "leads.csv: the mapping's `rename` speaks of a column `Createt`, which the file does not have."
        " Did you mean `Created`?",
        "leads.csv: the mapping's `types` speaks of a column `Zip`, which the file does not have."
        " The columns are: `Lead Number`, `Created`.",
        "t.csv: there is no column `leed`. The columns are: `lead`, `type`, `occurred_at`, `status`."
        " Did you mean `lead`?",
        "t.csv: the mapping's `where` speaks of a column `stat`, which the file does not have."
        " Did you mean `status`?",
    ]


def test_a_new_name_that_is_there_already(tmp_path: Path) -> None:
    leads = write(tmp_path / "leads.csv", ["id,a,b", "1,2,3"])
    assert problems_of(leads, mapping="records: {rename: {a: b}}") == [
        "leads.csv: the mapping's `rename` makes two columns `b`. Choose another name."
    ]


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert refused(
        """
record: {}
records:
  idd: X
  number_rows: maybe
  empty: {a: b}
  types: {a: tme, b: {type: number, format: "%Y"}, c: {type: date, format: "%Q"}, d: {type: time, format: "%H"}}
  separator: ", "
  encoding: utf-99
touchpoints:
  type: {fixed: a.b, prefix: c}
  occurred_at: {colum: x}
  rename: [a]
"""
    ) == [
        "map.yaml: record: there is no key `record` here. Did you mean `records`?",
        "map.yaml: records.idd: there is no key `idd` here. Did you mean `id`?",
        "map.yaml: records.number_rows: this must be true or false.",
        "map.yaml: records.types.a: a type is one of number, date, time, text. Did you mean `time`?",
        "map.yaml: records.types.b.format: `format` goes with the type date or time. Remove it, or change the type.",
        "map.yaml: records.types.c.format: the format has %Q, which stands for nothing."
        ' An example is "%d %b, %Y %H:%M:%S".',
        "map.yaml: records.types.d.format: the format has no part of a date, such as %Y, %m and %d."
        ' An example is "%d %b, %Y %H:%M:%S".',
        'map.yaml: records.separator: a separator is one character. Write for example "^" or "\\t".',
        "map.yaml: records.empty[0]: this must be a text. Put the text in quotes.",
        "map.yaml: records.encoding: there is no encoding `utf-99`. Common are utf-8, cp1252, utf-16.",
        "map.yaml: touchpoints.occurred_at.colum: there is no key `colum` here. Did you mean `column`?",
        "map.yaml: touchpoints.rename: this must be a mapping of keys to values. Write `key: value` lines.",
        "map.yaml: touchpoints.type: `fixed` is the type of all rows and goes with no other key."
        " Keep `fixed`, or the others.",
    ]


def test_id_and_numbered_rows_exclude_each_other() -> None:
    assert refused("records: {id: a, number_rows: true}") == [
        "map.yaml: records: `id` and `number_rows` exclude each other. Keep one of them."
    ]


def test_broken_yaml_is_told_with_its_line() -> None:
    says = refused("records:\n  id: [a\n")
    assert len(says) == 1
    assert says[0].startswith("map.yaml:3: this is no valid YAML: ")


def test_a_text_instead_of_a_mapping() -> None:
    assert refused("just words") == [
        "map.yaml: this must be a mapping of keys to values. Write `key: value` lines."
    ]


def test_a_mapping_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"map\.yaml: the mapping cannot be read \(.*\)\. Check the path\."):
        load_mapping(str(tmp_path / "map.yaml"))


def test_an_empty_mapping_and_words_of_yaml() -> None:
    assert parse_mapping("") == parse_mapping("records:\ntouchpoints:\n")
    mapping = parse_mapping("records: {id: 7, empty: [NO, 0, false, -]}")
    assert mapping.records.id == "7"
    assert mapping.records.empty == ("NO", "0", "false", "-")
    assert mapping.with_id("x").records.id == "x"


@pytest.mark.parametrize(
    ("format", "fault"),
    [
        ("%Y-%m-%d", ""),
        ("100%% %d", ""),
        ("%%d", "the format has no part of a date, such as %Y, %m and %d."),
        ("%Y%", "the format has %, which stands for nothing."),
    ],
)
def test_formats(format: str, fault: str) -> None:
    assert format_fault(format) == fault
