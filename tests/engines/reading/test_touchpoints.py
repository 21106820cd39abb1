"""Touchpoints of CSV files: what a row needs, times in every form, own columns and properties."""

from __future__ import annotations

from pathlib import Path

import pytest

from firstcall.scoring.columns import Storage
from firstcall.scoring.times import parse_time
from tests.engines.reading.opening import Opened, open_files, write


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    return write(tmp_path / "leads.csv", ["id", "1", "2"])


def touch(leads: Path, *rows: str, header: str = "record_id,type,occurred_at", **how: str) -> Opened:
    return open_files(leads, write(leads.parent / "touched.csv", [header, *rows]), **how)  # type: ignore[arg-type]


TIMES = [
    "2024-02-29T10:11:12Z",
    "2024-02-29 10:11:12",
    "2024-02-29t10:11:12z",
    "2024-02-29T10:11:12.1234567Z",
    "2024-02-29T10:11:12.5+05:30",
    "2024-02-29T10:11:12-11:45",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "2024-02-29T24:00:00Z",
    "2023-02-29T10:11:12Z",
    "2024-02-29T10:11Z",
    "2024-02-29",
    "29.02.2024 10:11:12",
    "02/29/2024",
    "Feb 29, 2024",
    "1709201472",
    "2024-02-29T10:11:60Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    " 2024-02-29T10:11:12Z",
    "now",
    "infinity",
]


@pytest.mark.parametrize("time", TIMES)
def test_times(leads: Path, time: str) -> None:
    moment = parse_time(time)
    opened = touch(
        leads, f"1,a.b,{time}" if "," not in time else f'1,a.b,"{time}"', "2,a.b,2024-01-01T00:00:00Z"
    )
    found = [row[2] for row in opened.touchpoints() if row[0] == "1"]
    assert found == ([] if moment is None else [moment])
    form = "occurred_at is no RFC 3339 time such as 2024-05-31T09:30:00Z"
    assert opened.rejected == ([(2, form)] if moment is None else [])


def test_rows_that_lack_what_they_need(leads: Path) -> None:
    opened = touch(
        leads,
        ",a.b,2024-01-01T00:00:00Z",
        "1,,2024-01-01T00:00:00Z",
        "1,a.b,",
        ",,",
        "1,a.b,2024-01-01T00:00:00Z",
        "3,a.b,2024-01-01T00:00:00Z",
        "1,a.b",
    )
    assert opened.rejected == [
        (8, "2 cells where the header has 3"),
        (2, "the record_id is missing"),
        (3, "the type is missing"),
        (4, "occurred_at is missing"),
        (5, "the record_id is missing"),
        (7, "no record has this record_id"),
    ]
    assert opened.source.touchpoints == 2
    assert opened.source.rejects.summary() == [
        f"{leads.parent}/touched.csv: 1 row: the number of cells differs from the header's (first: line 8)",
        f"{leads.parent}/touched.csv: 2 rows: the record_id is missing (first: line 2)",
        f"{leads.parent}/touched.csv: 1 row: the type is missing (first: line 3)",
        f"{leads.parent}/touched.csv: 1 row: occurred_at is missing (first: line 4)",
        f"{leads.parent}/touched.csv: 1 row: no record has this record_id (first: line 7)",
    ]


def test_own_columns_stay_texts(leads: Path) -> None:
    opened = touch(
        leads, "1,a.b,1970-01-01T00:00:00Z,12,true,,2024-01-01", header="record_id,type,occurred_at,n,t,e,d"
    )
    columns = opened.source.columns.touchpoints
    assert columns is not None
    assert {column.storage for column in columns.properties.values()} == {Storage.TEXT}
    assert not columns.has_json
    assert opened.touchpoints("n", "t", "e", "d") == [("1", "a.b", 0, "12", "true", None, "2024-01-01")]


def test_a_repeated_touchpoint_id_counts_among_good_rows_only(leads: Path) -> None:
    opened = touch(
        leads,
        "t1,1,a.b,never",
        "t1,1,a.b,1970-01-01T00:00:00Z",
        "t1,2,a.b,1970-01-01T00:00:00Z",
        ",1,a.b,1970-01-01T00:00:01Z",
        ",1,a.b,1970-01-01T00:00:01Z",
        header="id,record_id,type,occurred_at",
    )
    assert [row[:1] + row[2:3] for row in opened.touchpoints()] == [
        ("1", 0),
        ("1", 1_000_000),
        ("1", 1_000_000),
    ]
    assert opened.rejected == [
        (2, "occurred_at is no RFC 3339 time such as 2024-05-31T09:30:00Z"),
        (4, "a touchpoint with the same id came before"),
    ]
    assert opened.source.columns.touchpoints is not None
    assert list(opened.source.columns.touchpoints.properties) == []


def test_properties_as_json_text(leads: Path) -> None:
    header = "record_id,type,occurred_at,properties,path,n"
    opened = touch(
        leads,
        '1,a.b,1970-01-01T00:00:01Z,"{""path"": ""/in"", ""path"": ""/last""}",/own,5',
        '1,a.b,1970-01-01T00:00:02Z,"{""path"": null}",/own,6',
        "1,a.b,1970-01-01T00:00:03Z,,,7",
        "1,a.b,1970-01-01T00:00:04Z,{},true,8",
        "1,a.b,1970-01-01T00:00:05Z,nonsense,/own,9",
        "1,a.b,1970-01-01T00:00:06Z,[1],/own,9",
        '1,a.b,1970-01-01T00:00:07Z,"{""a"": NaN}",/own,9',
        header=header,
    )
    columns = opened.source.columns.touchpoints
    assert columns is not None
    assert columns.has_json
    assert {name: str(c.storage) for name, c in columns.properties.items()} == {"path": "json", "n": "text"}
    assert [row[3:] for row in opened.touchpoints("path", "n")] == [
        ('"/last"', "5"),
        ('"/own"', "6"),
        (None, "7"),
        ('"true"', "8"),
    ]
    assert opened.rejected == [(line, "properties is no JSON object") for line in (6, 7, 8)]
    assert [reject.excerpt for reject in opened.source.rejects.first] == ["nonsense", "[1]", '{"a": NaN}']


def test_no_touchpoints_file(leads: Path) -> None:
    opened = open_files(leads)
    assert opened.source.touchpoints is None
    assert opened.source.columns.touchpoints is None
    assert opened.source.count_unknown() == 0
    assert opened.rejected == []


def test_all_rows_unreadable(leads: Path) -> None:
    opened = touch(leads, "1,a.b,x", "2,a.b,y")
    assert opened.source.touchpoints == 0
    assert len(opened.rejected) == 2


def test_finishing_twice_lists_once(leads: Path) -> None:
    opened = touch(leads, "9,a.b,1970-01-01T00:00:00Z")
    assert len(opened.source.finish()) == len(opened.source.finish()) == 1


def test_closing_removes_the_files(leads: Path) -> None:
    opened = touch(leads, "1,a.b,1970-01-01T00:00:00Z")
    folder = opened.source._folder
    assert folder is not None
    assert list(Path(folder.name).iterdir())
    opened.source.close()
    assert not Path(folder.name).exists()
