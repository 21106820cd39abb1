"""Parquet stays where it is: views that read only what is asked for, with every native type."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from firstcall.engines.reading import Source
from firstcall.scoring.columns import Storage
from firstcall.scoring.values import Kind
from tests.engines.reading.opening import Opened, open_files, problems_of, write

TOUCHED = {
    "record_id": pa.array(["a", "b", "a"]),
    "type": pa.array(["web.visited"] * 3),
    "occurred_at": pa.array([0, 1_000_000, 2_000_000], pa.timestamp("us")),
}


def parquet(path: Path, columns: dict[str, Any], **how: Any) -> Path:
    pq.write_table(pa.table(columns), path, **how)
    return path


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    return parquet(tmp_path / "leads.parquet", {"id": ["a", "b"]})


def touched(tmp_path: Path, **columns: Any) -> Path:
    return parquet(tmp_path / "touched.parquet", {**TOUCHED, **columns})


def plan(opened: Opened, sql: str) -> str:
    return str(opened.fetch(f"EXPLAIN {sql}")[0][1])


# --- types


def test_native_types_keep_their_storage(tmp_path: Path) -> None:
    moment = datetime(2024, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    columns = {
        "id": pa.array(["a"]),
        "text": pa.array(["x"]),
        "category": pa.array(["x"]).dictionary_encode(),
        "small": pa.array([1], pa.int8()),
        "big": pa.array([1], pa.int64()),
        "unsigned": pa.array([2**63], pa.uint64()),
        "single": pa.array([1.5], pa.float32()),
        "double": pa.array([1.5]),
        "money": pa.array([Decimal("1.50")], pa.decimal128(10, 2)),
        "truth": pa.array([True]),
        "day": pa.array([date(2024, 1, 2)]),
        "seconds": pa.array([moment.replace(tzinfo=None)], pa.timestamp("ms")),
        "micro": pa.array([moment.replace(tzinfo=None)], pa.timestamp("us")),
        "zoned": pa.array([moment], pa.timestamp("us", "Europe/Berlin")),
        "texts": pa.array([["x", None]]),
        "days": pa.array([[date(2024, 1, 2)]]),
        "objects": pa.array([[{"k": 1}]]),
        "nested": pa.array([[[1]]]),
        "struct": pa.array([{"k": 1}]),
        "map": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())),
        "clock": pa.array([1], pa.time64("us")),
        "nothing": pa.nulls(1),
    }
    opened = open_files(parquet(tmp_path / "l.parquet", columns))
    assert {
        name: (str(column.storage), str(column.kind), column.element)
        for name, column in opened.source.columns.records.fields.items()
    } == {
        "text": ("text", "text", None),
        "category": ("text", "text", None),
        "small": ("integer", "number", None),
        "big": ("integer", "number", None),
        "unsigned": ("decimal", "number", None),
        "single": ("double", "number", None),
        "double": ("double", "number", None),
        "money": ("decimal", "number", None),
        "truth": ("truth", "true/false", None),
        "day": ("date", "date", None),
        "seconds": ("timestamp", "time", None),
        "micro": ("timestamp", "time", None),
        "zoned": ("timestamptz", "time", None),
        "texts": ("list", "list", Storage.TEXT),
        "days": ("list", "list", Storage.TEXT),
        "objects": ("json", "list", None),
        "nested": ("json", "list", None),
        "struct": ("json", "text", None),
        "map": ("json", "text", None),
        "clock": ("text", "text", None),
        "nothing": ("text", "empty", None),
    }
    names = ["texts", "objects", "nested", "struct", "map", "unsigned"]
    assert opened.records(*names) == [("a", ["x", None], '[{"k":1}]', "[[1]]", '{"k":1}', '{"k":1}', 2**63)]


def test_digits_beyond_microseconds_are_cut_off(tmp_path: Path) -> None:
    nano = pa.array([-1, 1999, 1_000_000_001_999], pa.timestamp("ns"))
    zoned = pa.array([-1, 1999, 1_000_000_001_999], pa.timestamp("ns", "America/New_York"))
    columns = {
        "id": ["a", "b", "c"],
        "t": nano,
        "z": zoned,
    }
    opened = open_files(parquet(tmp_path / "l.parquet", columns))
    opened.fetch("SET TimeZone = 'Asia/Tokyo'")
    fields = opened.source.columns.records.fields
    assert opened.fetch(
        f"SELECT epoch_us({fields['t'].ref}), epoch_us({fields['z'].ref}) FROM records ORDER BY id"
    ) == [(-1, -1), (1, 1), (1_000_000_001, 1_000_000_001)]


def test_lists_hold_what_lists_of_json_hold(tmp_path: Path) -> None:
    moment = datetime(2024, 1, 2, 3, 4, 5, 600000, tzinfo=UTC)
    columns = {
        "id": ["a"],
        "days": [[date(24, 1, 2), None]],
        "times": pa.array([[moment, None]], pa.list_(pa.timestamp("us"))),
        "zoned": pa.array([[moment]], pa.list_(pa.timestamp("us", "America/New_York"))),
        "nano": pa.array([[-1]], pa.list_(pa.timestamp("ns"))),
        "single": pa.array([[0.5, float("nan"), float("inf"), None]], pa.list_(pa.float32())),
        "money": [[Decimal("1.50")]],
        "nested": [[[float("nan"), 1.5]]],
        "objects": [[{"k": float("-inf"), "l": [1.5]}, None]],
        "struct": [{"k": float("nan"), "it's": 1}],
    }
    opened = open_files(parquet(tmp_path / "l.parquet", columns))
    opened.fetch("SET TimeZone = 'Asia/Tokyo'")
    assert opened.records(*list(columns)[1:]) == [
        (
            "a",
            ["0024-01-02", None],
            ["2024-01-02T03:04:05.6Z", None],
            ["2024-01-02T03:04:05.6Z"],
            ["1969-12-31T23:59:59.999999Z"],
            [0.5, None, None, None],
            [1.5],
            "[[null,1.5]]",
            '[{"k":null,"l":[1.5]},null]',
            '{"k":null,"it\'s":1}',
        )
    ]


def test_bytes_are_left_out_with_a_note(tmp_path: Path) -> None:
    opened = open_files(parquet(tmp_path / "l.parquet", {"id": ["a"], "blob": [b"x"], "n": [1]}))
    assert list(opened.kinds) == ["n"]
    assert opened.notes == ["l.parquet: the column `blob` holds bytes, no values, and is left out."]


def test_names_with_quotes_and_sql_and_equal_but_for_case(tmp_path: Path) -> None:
    names = ['a"b', "'; DROP VIEW records; --", "Name", "name", "file", "line", "nth", "row_id", "c0", "rows"]
    columns = {"id": ["a"], **{name: [str(i)] for i, name in enumerate(names)}}
    opened = open_files(parquet(tmp_path / "l.parquet", columns))
    assert list(opened.kinds) == names
    assert opened.records(*names) == [("a", *map(str, range(len(names))))]


def test_json_columns(tmp_path: Path) -> None:
    path = tmp_path / "l.parquet"
    sql = """COPY (SELECT 'a' AS id, '["x"]'::JSON AS list, '{"k":1}'::JSON AS object) TO '{}'"""
    duckdb.connect().execute(sql.replace("{}", str(path)))
    opened = open_files(path)
    assert opened.kinds == {"list": Kind.LIST, "object": Kind.TEXT}


# --- ids


@pytest.mark.parametrize(
    ("records", "touches", "integer"),
    [
        (pa.array([7, 8]), pa.array([7, 8, 7]), True),
        (pa.array([7, 8], pa.int32()), pa.array([7, 8, 7], pa.int64()), True),
        (pa.array([7, 8]), pa.array(["7", "8", "7"]), False),
        (pa.array(["7", "8"]), pa.array([7, 8, 7]), False),
        (pa.array([7.0, 8.0]), pa.array([7, 8, 7]), False),
        (pa.array([Decimal(7), Decimal(8)]), pa.array(["7", "8", "7"]), False),
    ],
)
def test_ids_are_integers_where_both_files_have_integers(
    tmp_path: Path, records: pa.Array, touches: pa.Array, integer: bool
) -> None:
    leads = parquet(tmp_path / "l.parquet", {"id": records})
    opened = open_files(leads, touched(tmp_path, record_id=touches))
    assert opened.source.columns.records.integer_ids is integer
    assert [row[0] for row in opened.records()] == ([7, 8] if integer else ["7", "8"])
    assert opened.fetch("SELECT count(*) FROM touchpoints JOIN records ON record_id = id") == [(3,)]
    assert opened.rejected == []


def test_different_types_of_ids_are_noted(tmp_path: Path) -> None:
    opened = open_files(parquet(tmp_path / "l.parquet", {"id": [1]}), touched(tmp_path))
    path = f"{tmp_path}/l.parquet"
    assert opened.source.rejects.notes == [
        f"{path}: `id` holds whole numbers, `record_id` of {tmp_path}/touched.parquet texts;"
        " both are compared as text."
    ]


def test_integer_ids_without_touchpoints(tmp_path: Path) -> None:
    opened = open_files(parquet(tmp_path / "l.parquet", {"id": [3, 1, 2]}), ids=["1", "2"])
    assert opened.source.columns.records.integer_ids
    assert opened.records() == [(1,), (2,)]


def test_fractions_are_no_ids(tmp_path: Path) -> None:
    opened = open_files(parquet(tmp_path / "l.parquet", {"id": [1.0, 2.5, None]}))
    assert opened.records() == [("1",)]
    assert opened.rejected == [(2, "the id is neither text nor a whole number"), (3, "the id is missing")]


def test_ids_of_a_type_that_is_none(tmp_path: Path) -> None:
    assert problems_of(parquet(tmp_path / "l.parquet", {"id": [True]})) == [
        "l.parquet: the column `id` is of type BOOLEAN; ids are text or whole numbers."
        " Write that column in another type."
    ]


def test_missing_and_repeated_ids_are_left_out(tmp_path: Path) -> None:
    columns = {"id": ["a", None, "b", "a", "", "b"], "n": [1, 2, 3, 4, 5, 6]}
    opened = open_files(parquet(tmp_path / "l.parquet", columns, row_group_size=2))
    assert opened.records("n") == [("a", 1), ("b", 3)]
    assert opened.source.records == 2
    assert opened.rejected == [
        (2, "the id is missing"),
        (5, "the id is missing"),
        (4, "a row with the same id came before"),
        (6, "a row with the same id came before"),
    ]


def test_the_first_file_wins(tmp_path: Path) -> None:
    parquet(tmp_path / "1.parquet", {"id": ["a", "b"], "n": [1, 2]})
    parquet(tmp_path / "2.parquet", {"n": [3, 4], "id": ["b", "c"], "late": ["x", "y"]})
    opened = open_files(tmp_path)
    assert opened.records("n", "late") == [("a", 1, None), ("b", 2, None), ("c", 4, "y")]
    assert [(Path(r.file).name, r.line) for r in opened.source.rejects.first] == [("2.parquet", 1)]


# --- touchpoints


def test_clean_touchpoints_are_a_bare_view(tmp_path: Path, leads: Path) -> None:
    n = 20_000
    path = parquet(
        tmp_path / "t.parquet",
        {
            "record_id": ["a"] * n,
            "type": ["web.visited"] * n,
            "occurred_at": pa.array(range(n), pa.timestamp("us")),
            "path": [f"/p{i % 7}" for i in range(n)],
            "unused": ["x"] * n,
        },
        row_group_size=1000,
    )
    opened = open_files(leads, path)
    explained = plan(
        opened,
        "SELECT count(*) FROM touchpoints WHERE occurred_at > make_timestamp(19000) AND p3_path = '/p3'",
    )
    assert "WHERE" not in opened.fetch("SELECT sql FROM duckdb_views() WHERE view_name = 'touchpoints'")[0][0]
    assert "c3 = '/p3'" in explained
    assert "c4" not in explained
    assert "c2 > '1970-01-01 00:00:00.019'::TIMESTAMP" in explained


def test_microseconds_and_zones_stay_as_they_are(tmp_path: Path, leads: Path) -> None:
    for unit, storage in (("us", Storage.TIMESTAMP), ("ms", Storage.TIMESTAMP), ("ns", Storage.TIMESTAMP)):
        opened = open_files(leads, touched(tmp_path, occurred_at=pa.array([0, 1, 2], pa.timestamp(unit))))
        assert opened.source.columns.touchpoints is not None
        assert opened.source.columns.touchpoints.occurred_at is storage
    opened = open_files(leads, touched(tmp_path, occurred_at=pa.array([0, 1, 2], pa.timestamp("us", "UTC"))))
    assert opened.source.columns.touchpoints is not None
    assert opened.source.columns.touchpoints.occurred_at is Storage.TIMESTAMPTZ


def test_dates_are_their_first_moment(tmp_path: Path, leads: Path) -> None:
    days = pa.array([date(2024, 1, 1)] * 3)
    opened = open_files(leads, touched(tmp_path, occurred_at=days))
    assert opened.fetch("SELECT DISTINCT epoch_us(occurred_at) FROM touchpoints") == [(1704067200000000,)]


def test_times_as_text(tmp_path: Path, leads: Path) -> None:
    times = ["2024-01-01T00:00:00.1234567+01:00", "1970-01-01 00:00:00", "2024-01-01"]
    opened = open_files(leads, touched(tmp_path, occurred_at=times))
    assert opened.touchpoints() == [("a", "web.visited", 1704063600123456), ("b", "web.visited", 0)]
    assert opened.rejected == [(3, "occurred_at is no RFC 3339 time such as 2024-05-31T09:30:00Z")]


def test_times_of_another_type(tmp_path: Path, leads: Path) -> None:
    assert problems_of(leads, touched(tmp_path, occurred_at=[1, 2, 3])) == [
        "touched.parquet: the column `occurred_at` is of type BIGINT; times are timestamps, or text by RFC 3339."
        " Write that column in another type."
    ]


def test_times_outside_the_calendar(tmp_path: Path, leads: Path) -> None:
    far = pa.array([0, 253_402_300_800_000_000, -62_135_596_800_000_001], pa.timestamp("us"))
    opened = open_files(leads, touched(tmp_path, occurred_at=far))
    assert opened.source.touchpoints == 1
    assert [line for line, _ in opened.rejected] == [2, 3]


def test_missing_cells(tmp_path: Path, leads: Path) -> None:
    opened = open_files(
        leads,
        touched(
            tmp_path,
            record_id=["a", None, "b"],
            type=[None, None, "x.y"],
            occurred_at=pa.array([0, None, 5], pa.timestamp("us")),
        ),
    )
    assert opened.source.touchpoints == 1
    assert opened.rejected == [(1, "the type is missing"), (2, "the record_id is missing")]


def test_touchpoints_of_unknown_records_are_listed_by_row(tmp_path: Path, leads: Path) -> None:
    opened = open_files(leads, touched(tmp_path, record_id=["a", "x", "y"]))
    assert opened.source.count_unknown() == 2
    assert opened.rejected == [(2, "no record has this record_id"), (3, "no record has this record_id")]
    assert [reject.id for reject in opened.source.finish().first] == ["x", "y"]
    assert len(opened.source.finish()) == 2


def test_a_name_that_looks_like_a_pattern_is_that_file_alone(tmp_path: Path) -> None:
    folder = tmp_path / "a[1]*b?"
    folder.mkdir()
    parquet(folder / "l1.parquet", {"id": ["other"]})
    opened = open_files(parquet(folder / "l[1].parquet", {"id": ["a"], "Size": [1], "size": [2]}))
    assert opened.records("Size", "size") == [("a", 1, 2)]


def test_repeated_touchpoint_ids(tmp_path: Path, leads: Path) -> None:
    opened = open_files(leads, touched(tmp_path, id=["t1", "t1", None]))
    assert opened.source.touchpoints == 2
    assert opened.rejected == [(2, "a touchpoint with the same id came before")]


def test_an_id_that_came_before_with_a_record_not_asked_for(tmp_path: Path, leads: Path) -> None:
    touchpoints = touched(tmp_path, id=["t1", "t1", "t2"], record_id=["a", "b", "b"])
    for ids in (None, ["b"]):
        opened = open_files(leads, touchpoints, ids=ids)
        assert opened.rejected == [(2, "a touchpoint with the same id came before")]
        assert opened.fetch("SELECT count(*) FROM touchpoints WHERE record_id = 'b'") == [(1,)]


def test_equal_rows_without_ids_are_several_touchpoints(tmp_path: Path, leads: Path) -> None:
    same = {"record_id": ["a"] * 3, "occurred_at": pa.array([0, 0, 0], pa.timestamp("us"))}
    assert open_files(leads, touched(tmp_path, **same)).source.touchpoints == 3


# --- properties


def test_a_struct_is_taken_apart_and_wins_over_columns(tmp_path: Path, leads: Path) -> None:
    opened = open_files(
        leads,
        touched(
            tmp_path,
            properties=[
                {"path": "/in", "n": 1, "o'k\"": {"d": 1}},
                {"path": None, "n": None, "o'k\"": None},
                None,
            ],
            path=["/own", "/own", "/own"],
            n=["x", "y", None],
            own=[1, 2, 3],
        ),
    )
    columns = opened.source.columns.touchpoints
    assert columns is not None
    assert not columns.has_json
    storages = {name: str(column.storage) for name, column in columns.properties.items()}
    assert storages == {"path": "text", "n": "json", "own": "integer", "o'k\"": "json"}
    found = opened.touchpoints("path", "n", "own", "o'k\"")
    assert sorted((row[3:] for row in found), key=lambda row: row[2]) == [
        ("/in", "1", 1, '{"d":1}'),
        ("/own", '"y"', 2, None),
        ("/own", None, 3, None),
    ]
    assert "c3.path" in plan(opened, "SELECT max(s0_path) FROM touchpoints")


def test_keys_of_a_struct_that_are_equal_but_for_case(tmp_path: Path, leads: Path) -> None:
    opened = open_files(leads, touched(tmp_path, properties=[{"Path": "/A", "path": "/a"}] * 3))
    assert {row[3:] for row in opened.touchpoints("Path", "path")} == {("/A", "/a")}


def test_a_struct_beside_a_column_is_still_a_column_of_its_own(tmp_path: Path, leads: Path) -> None:
    of = open_files(
        leads, touched(tmp_path, properties=[{"a": "x", "b": 1, "c": "x"}] * 3, a=["true"] * 3, b=["y"] * 3)
    )
    columns = of.source.columns.touchpoints
    assert columns is not None
    assert {name: column.own for name, column in columns.properties.items()} == {
        "a": True,
        "b": True,
        "c": False,
    }


def test_json_text_is_left_as_it_is(tmp_path: Path, leads: Path) -> None:
    opened = open_files(
        leads, touched(tmp_path, properties=['{"path": "/a"}', None, "{}"], own=["x", "y", "z"])
    )
    columns = opened.source.columns.touchpoints
    assert columns is not None
    assert columns.has_json
    assert str(columns.properties["own"].storage) == "text"
    assert opened.rejected == []


def test_json_text_wins_over_columns(tmp_path: Path, leads: Path) -> None:
    opened = open_files(
        leads, touched(tmp_path, properties=['{"own": 5}', '{"own": null}', None], own=["x", "y", None])
    )
    columns = opened.source.columns.touchpoints
    assert columns is not None
    assert str(columns.properties["own"].storage) == "json"
    assert sorted(str(row[3]) for row in opened.touchpoints("own")) == ['"y"', "5", "None"]


def test_json_text_that_is_no_object(tmp_path: Path, leads: Path) -> None:
    texts = ['{"a": 1}', "[1]", "nonsense", '{"a": NaN}', '{"a": 1,}', '{"a": ", nan"}', "null", None, ""]
    columns = {
        "record_id": ["a"] * 9,
        "type": ["a.b"] * 9,
        "occurred_at": pa.array([0] * 9, pa.timestamp("us")),
        "properties": texts,
    }
    opened = open_files(leads, parquet(tmp_path / "t.parquet", columns))
    assert opened.source.touchpoints == 4
    assert sorted(opened.rejected) == [(n, "properties is no JSON object") for n in (2, 3, 4, 5, 9)]
    assert opened.fetch("SELECT count(json_extract(properties, '/a')) FROM touchpoints") == [(2,)]


def test_a_map_of_properties(tmp_path: Path, leads: Path) -> None:
    maps = pa.array([[("a", 1)], [], None], pa.map_(pa.string(), pa.int64()))
    opened = open_files(leads, touched(tmp_path, properties=maps))
    assert opened.fetch("SELECT properties FROM touchpoints ORDER BY occurred_at") == [
        ('{"a":1}',),
        ("{}",),
        (None,),
    ]


# --- files


def test_a_folder_with_partitions(tmp_path: Path, leads: Path) -> None:
    for month in ("2024-01", "2024-02"):
        folder = tmp_path / "touched" / f"month={month}"
        folder.mkdir(parents=True)
        parquet(folder / "0.parquet", TOUCHED)
    write(tmp_path / "touched" / "_SUCCESS", "")
    opened = open_files(leads, tmp_path / "touched")
    assert opened.source.touchpoints == 6
    assert {row[3] for row in opened.touchpoints("month")} == {"2024-01", "2024-02"}


def test_a_cut_off_file(tmp_path: Path) -> None:
    whole = parquet(tmp_path / "l.parquet", {"id": ["a"] * 1000})
    whole.write_bytes(whole.read_bytes()[:-20])
    assert problems_of(whole) == [
        "l.parquet: the Parquet file is cut off: its end is missing. Copy or write it again."
    ]


def test_no_parquet(tmp_path: Path) -> None:
    assert problems_of(write(tmp_path / "l.parquet", "id,name\n1,a\n")) == [
        "l.parquet: this is no Parquet file. Check the file, or rename it."
    ]


def test_a_broken_footer(tmp_path: Path) -> None:
    path = write(tmp_path / "l.parquet", b"PAR1" + b"\x00" * 50 + b"\x10\x00\x00\x00PAR1")
    says = problems_of(path)[0]
    assert says.startswith("l.parquet: the files cannot be read (")
    assert says.endswith("). Write them again.")


def test_a_name_twice(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array(["1"]), pa.array([1]), pa.array([2])], names=["id", "x", "x"])
    pq.write_table(table, tmp_path / "l.parquet")
    assert problems_of(tmp_path / "l.parquet") == [
        "l.parquet: the header has a name twice: `x` is column 2 and 3."
        " Rename one of them in the file, or name all columns in a mapping (header: […])."
    ]


def test_no_rows(tmp_path: Path, leads: Path) -> None:
    empty = {name: column[:0] for name, column in TOUCHED.items()}
    opened = open_files(leads, parquet(tmp_path / "t.parquet", empty))
    assert (opened.source.records, opened.source.touchpoints) == (2, 0)


def test_the_connection_is_free_for_others(tmp_path: Path, leads: Path) -> None:
    opened = open_files(leads, touched(tmp_path))
    assert isinstance(opened.source, Source)
    assert opened.source.connection.sql("SELECT count(*) FROM touchpoints").fetchall() == [(3,)]
    assert opened.source.connection.cursor().execute("SELECT count(*) FROM records").fetchall() == [(2,)]


def test_only_the_touchpoints_of_the_records_asked_for(tmp_path: Path, leads: Path) -> None:
    columns = {"record_id": ["a", "x", "b"], "type": ["a.b", None, None], "properties": ["{}", "[", "["]}
    opened = open_files(leads, touched(tmp_path, **columns), ids=["a"])
    assert opened.source.touchpoints == 1
    assert opened.rejected == []
    assert opened.notes == ["touched.parquet: only the touchpoints of the records asked for were looked at."]


def test_a_property_may_be_looked_at_before_a_row_is_left_out(tmp_path: Path, leads: Path) -> None:
    n = 5000
    columns = {
        "record_id": ["a"] * n,
        "type": ["a.b"] * n,
        "occurred_at": pa.array([0] * n, pa.timestamp("us")),
        "properties": ['{"k": 1}', "nonsense", '{"k": NaN}', None, "{"] * (n // 5),
    }
    opened = open_files(leads, parquet(tmp_path / "t.parquet", columns))
    assert opened.fetch(
        "SELECT count(*) FROM touchpoints WHERE json_extract(properties, '/k') = '1'::JSON"
    ) == [(n // 5,)]
    assert opened.source.rejects.count("properties") == 3 * n // 5
