"""Records: ids, own moments, a choice of ids, and the refusals that say how to mend the call."""

from __future__ import annotations

from pathlib import Path

import pytest

from firstcall.scoring.times import parse_moment
from tests.engines.reading.opening import open_files, problems_of, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "leads.csv"


@pytest.mark.parametrize(
    ("header", "likely", "option"),
    [
        ("Prospect ID,Name", "Prospect ID", "'Prospect ID'"),
        ("Name,LEADID", "LEADID", "LEADID"),
        ("Record ID,Email", "Record ID", "'Record ID'"),
        ("Id,Email", "Id", "Id"),
        ("First Name,Email", "Email", "Email"),
        ("Name,Ticket-ID", "Ticket-ID", "Ticket-ID"),
        ("Joe's id,Name", "Joe's id", "'Joe'\\''s id'"),
    ],
)
def test_no_column_of_ids(path: Path, header: str, likely: str, option: str) -> None:
    listed = ", ".join(f"`{name}`" for name in header.split(","))
    assert problems_of(write(path, [header, "1,2"])) == [
        f"leads.csv: there is no column `id`. The columns are: {listed}. Is it `{likely}`? Say which column it is"
        f" with --id-column {option}, or in a mapping (records: {{id: {likely}}})."
    ]


def test_no_column_that_looks_like_ids(path: Path) -> None:
    assert problems_of(write(path, ["age;job", "1;2"])) == [
        "leads.csv: there is no column `id`. The columns are: `age`, `job`. Say which column it is"
        " with --id-column NAME, or in a mapping (records: {id: NAME})."
    ]


def test_the_problems_of_both_files_are_said_at_once(path: Path, tmp_path: Path) -> None:
    calls = write(tmp_path / "calls.csv", ["LEADID,Call Start Time,Call Type", "1,2,3"])
    assert problems_of(write(path, ["LEADID,x", "1,2"]), calls) == [
        "leads.csv: there is no column `id`. The columns are: `LEADID`, `x`. Is it `LEADID`? Say which column it is"
        " with --id-column LEADID, or in a mapping (records: {id: LEADID}).",
        "calls.csv: there is no column `record_id`. The columns are: `LEADID`, `Call Start Time`, `Call Type`."
        " Is it `LEADID`? Say which column it is in a mapping (touchpoints: {record_id: LEADID}).",
        "calls.csv: there is no column `occurred_at`. Is it `Call Start Time`? Say which column it is in a mapping"
        " (touchpoints: {occurred_at: Call Start Time}).",
        "calls.csv: there is no column `type`. Is it `Call Type`? Say which column it is in a mapping"
        " (touchpoints: {type: Call Type}).",
    ]


def test_the_first_of_rows_with_one_id_wins(path: Path) -> None:
    opened = open_files(write(path, ["id,n", "b,1", "a,2", "b,3", "A,4", "b,5"]))
    assert opened.records("n") == [("A", 4_000_000), ("a", 2_000_000), ("b", 1_000_000)]
    reason = "a row with the same id came before"
    assert opened.rejected == [(4, reason), (6, reason)]
    assert [(r.id, r.excerpt) for r in opened.source.rejects.first] == [("b", "b,3"), ("b", "b,5")]


def test_ids_are_texts(path: Path) -> None:
    opened = open_files(write(path, ["id", "007", "7", " 7", "7.0"]))
    assert opened.records() == [(" 7",), ("007",), ("7",), ("7.0",)]
    assert not opened.source.columns.records.integer_ids


class TestOwnMoments:
    """`as_of_field`: every record as of its own moment."""

    def test_of_a_csv_file(self, path: Path) -> None:
        rows = ["id,decided", "a,2024-01-02T03:04:05Z", "b,", "c,2024-05-01 00:00:00+02:00"]
        opened = open_files(write(path, rows), as_of_field="decided")
        assert opened.fetch("SELECT id, as_of FROM records ORDER BY id") == [
            ("a", parse_moment("2024-01-02T03:04:05Z")),
            ("c", parse_moment("2024-04-30T22:00:00Z")),
        ]
        assert opened.rejected == [(3, "the record's own as-of moment is missing")]
        assert "decided" in opened.kinds

    def test_of_dates(self, path: Path) -> None:
        opened = open_files(write(path, ["id,decided", "a,2024-01-02"]), as_of_field="decided")
        assert opened.fetch("SELECT as_of FROM records") == [(parse_moment("2024-01-02"),)]

    def test_of_a_format(self, path: Path) -> None:
        mapping = 'records: {types: {decided: {type: time, format: "%d.%m.%Y %H:%M"}}}'
        opened = open_files(
            write(path, ["id,decided", "a,02.01.2024 10:30", "b,soon"]),
            mapping=mapping,
            as_of_field="decided",
        )
        assert opened.fetch("SELECT as_of FROM records") == [(parse_moment("2024-01-02T10:30:00Z"),)]
        assert opened.rejected == [
            (3, "the record's own as-of moment is missing"),
            (3, "`decided` is no time and counts as missing"),
        ]

    def test_no_such_field(self, path: Path) -> None:
        assert problems_of(write(path, ["id,decided_at", "a,2024-01-02"]), as_of_field="decided") == [
            "leads.csv: there is no column `decided` for --as-of-field. Did you mean `decided_at`?"
        ]

    @pytest.mark.parametrize(
        ("cell", "article"), [("soon", "text"), ("5", "a number"), ("", "empty"), ("true", "true/false")]
    )
    def test_a_field_of_another_type(self, path: Path, cell: str, article: str) -> None:
        assert problems_of(write(path, ["id,decided", f"a,{cell}"]), as_of_field="decided") == [
            f"leads.csv: `decided` is {article}, and --as-of-field needs dates or times. Give its format in a"
            ' mapping (records: {types: {decided: {type: time, format: "%d.%m.%Y"}}}).'
        ]

    def test_touchpoints_of_a_record_without_a_moment_are_not_unknown(
        self, path: Path, tmp_path: Path
    ) -> None:
        touched = write(tmp_path / "t.csv", ["record_id,type,occurred_at", "b,a.b,2024-01-01T00:00:00Z"])
        opened = open_files(write(path, ["id,d", "a,2024-01-02", "b,"]), touched, as_of_field="d")
        assert opened.source.count_unknown() == 0


class TestChosenIds:
    """`ids`: only some records."""

    def test_only_these(self, path: Path, tmp_path: Path) -> None:
        rows = ["id,n", *(f"{i},{i}" for i in range(50)), "it's,1", "7,9"]
        opened = open_files(write(path, rows), ids=["7", "it's"])
        assert opened.records("n") == [("7", 7_000_000), ("it's", 1_000_000)]
        assert opened.source.records == 2

    def test_ids_that_no_record_has(self, path: Path) -> None:
        assert problems_of(write(path, ["id", "1", "2"]), ids=["1", "x", "9'; DROP TABLE records"]) == [
            "leads.csv: no record has the id 'x'."
            " Check the id; rows that were left out are listed with --rejects.",
            'leads.csv: no record has the id "9\'; DROP TABLE records".'
            " Check the id; rows that were left out are listed with --rejects.",
        ]

    def test_touchpoints_of_other_records_are_not_unknown(self, path: Path, tmp_path: Path) -> None:
        touched = write(
            tmp_path / "t.csv",
            ["record_id,type,occurred_at", *(f"{i},a.b,2024-01-01T00:00:00Z" for i in (1, 2, 3))],
        )
        opened = open_files(write(path, ["id", "1", "2"]), touched, ids=["1"])
        assert opened.source.count_unknown() == 1


def test_a_moment_is_the_same_however_it_is_stored(path: Path) -> None:
    opened = open_files(write(path, ["id,created_at", "a,1969-12-31T23:59:59.9999999Z"]))
    assert opened.records("created_at") == [("a", -1)]
