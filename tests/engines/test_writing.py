"""Writing the table of scores: exact at any size, ordered, escaped, whole."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from python_calamine import load_workbook

from firstcall.engines.collecting import collect
from firstcall.engines.engine import SCORES_TABLE
from firstcall.engines.workspace import Workspace
from firstcall.engines.writing import (
    MOST_EXCEL_CHARACTERS,
    UnwritableError,
    check_target,
    find_format,
    write_scores,
)
from firstcall.scoring.line_objects import lines_json
from firstcall.scoring.numbers import points_decimal
from firstcall.scoring.scores import Line, Score
from firstcall.scoring.times import LAST_MOMENT

HUGE = 12_345_678_901_234_567_890_123_456_789_012_345  # hundredths


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with Workspace() as workspace:
        workspace.run(SCORES_TABLE)
        workspace.run("ALTER TABLE scores ADD COLUMN lines VARCHAR")
        yield workspace


def score(
    total: int = 0, *, grade: str | None = None, moment: int | None = None, lines: tuple[Line, ...] = ()
) -> Score:
    return Score(max(total, 0), max(-total, 0), 0, 0, total, grade, moment, lines)


def fill(workspace: Workspace, *rows: tuple[int, str, Score]) -> None:
    collect(rows, workspace, lines=True)


def lines_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


@pytest.mark.parametrize("total", [HUGE, -HUGE, 1, -1, 0, 99, -100, 2**63, -(2**63) - 1])
def test_every_digit_of_points_is_kept(total: int, workspace: Workspace, tmp_path: Path):
    fill(workspace, (0, "a", score(total)))
    expected = points_decimal(total)
    write_scores(workspace, tmp_path / "s.csv", rules=["R"])
    assert lines_of(tmp_path / "s.csv")[0][6] == f"{expected:.2f}"
    write_scores(workspace, tmp_path / "s.jsonl", rules=["R"])
    assert f'"total":{expected:.2f},' in (tmp_path / "s.jsonl").read_text()
    write_scores(workspace, tmp_path / "s.jsonl", rules=["R"], lines=True)
    assert f'"total":{expected:.2f},' in (tmp_path / "s.jsonl").read_text()
    write_scores(workspace, tmp_path / "s.parquet", rules=["R"])
    assert pq.read_table(tmp_path / "s.parquet")["total"].to_pylist() == [expected]
    write_scores(workspace, tmp_path / "s.xlsx", rules=["R"])
    assert load_workbook(tmp_path / "s.xlsx").get_sheet_by_index(0).to_python()[1][6] == pytest.approx(
        float(expected)
    )


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1, "1970-01-01T00:00:00.000001Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (1_500_000, "1970-01-01T00:00:01.500000Z"),
        (LAST_MOMENT, "9999-12-31T23:59:59.999999Z"),
        (None, ""),
    ],
)
def test_moments_are_rfc_3339(moment: int | None, text: str, workspace: Workspace, tmp_path: Path):
    fill(workspace, (0, "a", score(moment=moment)))
    write_scores(workspace, tmp_path / "s.csv", rules=["R"])
    assert lines_of(tmp_path / "s.csv")[0][8] == text


def test_the_highest_come_first_and_ties_by_the_code_points_of_ids(workspace: Workspace, tmp_path: Path):
    ids = ["b", "a", "É", "10", "9", "Z", "a'b", 'q"uote', "semi;colon", "com,ma", "line\nend", "😀"]
    fill(workspace, *((0, id, score(5)) for id in ids), (0, "low", score(-1)), (0, "top", score(10_000)))
    write_scores(workspace, tmp_path / "s.csv", rules=["R"])
    assert [row[0] for row in lines_of(tmp_path / "s.csv")] == ["top", *sorted(ids), "low"]


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_hundred_thousand_rows_stay_in_order(ending: str, workspace: Workspace, tmp_path: Path):
    workspace.run(
        "INSERT INTO scores SELECT 0, 'r' || i, 0, 0, 0, 0, 0, (i * 7919) % 1000, NULL, NULL, '[]' FROM range(100000) r(i)"
    )
    path = tmp_path / f"s.{ending}"
    assert write_scores(workspace, path, rules=["R"], lines=True) == 100_000
    if ending == "csv":
        found = [(-Decimal(row[6]), row[0]) for row in lines_of(path)]
    else:
        objects = map(json.loads, path.read_text().splitlines())
        found = [(-Decimal(str(row["total"])), row["id"]) for row in objects]
    assert found == sorted(found)


def test_names_of_rules_and_paths_cannot_break_out(workspace: Workspace, tmp_path: Path):
    names = ["it's'; DROP TABLE scores; --", 'a "quoted" one']
    fill(workspace, (0, "a", score(1)), (1, "a", score(2)))
    path = tmp_path / "o'clock; DROP.csv"
    write_scores(workspace, path, rules=names)
    assert [row[0] for row in lines_of(path)] == names
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_each_rule_has_its_rows_together_in_the_order_given(workspace: Workspace, tmp_path: Path):
    fill(workspace, (0, "a", score(1)), (1, "a", score(9)), (0, "b", score(2)), (1, "b", score(3)))
    write_scores(workspace, tmp_path / "s.csv", rules=["Z", "A"])
    assert [(row[0], row[1]) for row in lines_of(tmp_path / "s.csv")] == [
        ("Z", "b"),
        ("Z", "a"),
        ("A", "a"),
        ("A", "b"),
    ]


def test_lines_keep_every_digit_in_json(workspace: Workspace, tmp_path: Path):
    line = Line("Sum “x”", HUGE, Decimal("98765432109876543210.123456"), 0)
    fill(workspace, (0, "a", score(HUGE, lines=(line,))))
    write_scores(workspace, tmp_path / "s.jsonl", rules=["R"], lines=True)
    text = (tmp_path / "s.jsonl").read_text("utf-8")
    read = json.loads(text, parse_float=Decimal)
    assert read["lines"] == [
        {
            "name": "Sum “x”",
            "value": Decimal("98765432109876543210.123456"),
            "points": points_decimal(HUGE),
            "next_change_at": "1970-01-01T00:00:00Z",
        }
    ]


def test_values_that_json_lacks_are_text():
    lines = [Line("a", 0, float("nan")), Line("b", 0, [float("inf"), None, True, "x\ny"])]
    read = json.loads(lines_json(lines))
    assert [line["value"] for line in read] == ["nan", ["inf", None, True, "x\ny"]]


def test_ids_stay_text_in_excel(workspace: Workspace, tmp_path: Path):
    fill(workspace, *((0, id, score()) for id in ("007", "=1+1", "https://x.example", "1e5")))
    write_scores(workspace, tmp_path / "s.xlsx", rules=["R"])
    rows = load_workbook(tmp_path / "s.xlsx").get_sheet_by_index(0).to_python()[1:]
    assert [row[0] for row in rows] == ["007", "1e5", "=1+1", "https://x.example"]


def test_excel_refuses_more_rows_than_a_sheet_holds(tmp_path: Path):
    check_target(tmp_path / "s.xlsx", 1_048_575)
    check_target(tmp_path / "s.csv", 1_048_576)
    with pytest.raises(UnwritableError) as refused:
        check_target(tmp_path / "s.xlsx", 1_048_576)
    assert str(refused.value) == (
        f"{tmp_path / 's.xlsx'}: a sheet of Excel holds 1,048,575 rows, and there are 1,048,576."
        " Write .csv or .parquet, or fewer records with --ids."
    )


def test_excel_refuses_a_cell_that_is_too_long_and_leaves_nothing(workspace: Workspace, tmp_path: Path):
    line = Line("long", 0, "x" * MOST_EXCEL_CHARACTERS)
    fill(workspace, (0, "a", score(lines=(line,))))
    with pytest.raises(UnwritableError, match=r"row 2 of the sheet: lines is 32,8\d\d characters long"):
        write_scores(workspace, tmp_path / "s.xlsx", rules=["R"], lines=True)
    assert list(tmp_path.iterdir()) == []


def test_an_error_on_the_way_leaves_the_old_file(workspace: Workspace, tmp_path: Path):
    (tmp_path / "s.csv").write_text("old")
    workspace.run(
        "INSERT INTO scores SELECT 0, 'a', 0, 0, 0, 0, 0, 170141183460469231731687303715884105727, NULL, NULL, NULL"
    )
    with pytest.raises(Exception, match="DECIMAL"):
        write_scores(workspace, tmp_path / "s.csv", rules=["R"])
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("s.csv", "old")]


def test_formats_go_by_the_ending():
    assert [find_format(name) for name in ("a.CSV", "a.jsonl", "a.parquet", "b.xlsx", "a", "a.json")] == [
        "csv",
        "jsonl",
        "parquet",
        "xlsx",
        None,
        None,
    ]
