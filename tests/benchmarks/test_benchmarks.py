"""What `make bench` measures gives the same scores by every way; how long it takes is not looked at here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from benchmarks.comparing import count_differing
from benchmarks.dataset import Dataset, prepare
from benchmarks.measuring import FailedError, interleaved, run
from benchmarks.rules import TWENTY_FIVE, write_rules
from benchmarks.run import Bench
from firstcall.scoring.reading import read_rule

LEADS, TOUCHPOINTS = 1_000, 50_000


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"), LEADS, TOUCHPOINTS, repeats=1)


@pytest.fixture(scope="module")
def ours(bench: Bench) -> Path:
    run(bench.score([TWENTY_FIVE], bench.data))
    return bench.out("ours")


def rows(sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as db:
        return db.execute(sql).fetchall()


def test_the_data_is_skewed_and_stands_in_order(bench: Bench) -> None:
    data = bench.data
    for file, order in (
        (data.by_type, "type, record_id, occurred_at"),
        (data.by_record, "record_id, occurred_at"),
    ):
        [(count, in_order)] = rows(
            f"SELECT count(*), bool_and(({order}) >= before) FROM (SELECT *, coalesce(lag(row({order}))"
            f" OVER (ORDER BY file_row_number), row({order})) AS before"
            f" FROM read_parquet('{file}', file_row_number = true))"
        )
        assert (count, in_order) == (TOUCHPOINTS, True)
    [(touched, heaviest)] = rows(
        f"SELECT count(*), max(n) FROM (SELECT count(*) AS n FROM '{data.by_type}' GROUP BY record_id)"
    )
    assert touched == 700
    assert heaviest > 40 * TOUCHPOINTS // LEADS
    [(known,)] = rows(
        f"SELECT count(*) FROM '{data.by_type}' SEMI JOIN '{data.records}' AS r ON record_id = r.id"
    )
    assert known == TOUCHPOINTS
    [(heaviest_id,)] = rows(f"SELECT mode(record_id) FROM '{data.by_type}'")
    assert data.heaviest == heaviest_id


def test_data_is_made_once(bench: Bench) -> None:
    made = bench.data.by_type.stat().st_mtime_ns
    again: Dataset = prepare(LEADS, TOUCHPOINTS, bench.cache)
    assert again.by_type.stat().st_mtime_ns == made
    assert not list(again.folder.glob("*.unfinished"))


@pytest.mark.parametrize(
    ("tool", "kind", "moments"),
    [
        ("sql", "scores-and-moments", True),
        ("sql", "scores", False),
        ("polars", "", False),
        ("pandas", "", False),
    ],
)
def test_every_contender_gives_our_scores(
    bench: Bench, ours: Path, tool: str, kind: str, moments: bool
) -> None:
    run(bench.contend(tool, bench.data, kind=kind))
    assert count_differing(ours, bench.out(kind or tool), moments=moments) == (LEADS, 0)


def test_the_reference_gives_our_scores(bench: Bench, ours: Path) -> None:
    run(bench.score([TWENTY_FIVE], bench.data, "--engine", "reference", out="reference"))
    assert count_differing(ours, bench.out("reference"), moments=True) == (LEADS, 0)


def test_the_order_of_the_file_makes_no_difference(bench: Bench, ours: Path) -> None:
    run(bench.score([TWENTY_FIVE], bench.data, out="by_record", touchpoints=bench.data.by_record))
    assert count_differing(ours, bench.out("by_record"), moments=True) == (LEADS, 0)


def test_the_scores_tell_leads_apart(ours: Path) -> None:
    grades = rows(f"SELECT grade, count(*) FROM '{ours}' GROUP BY grade")
    assert {grade for grade, _ in grades} == {"Hot", "Warm", "Cold"}
    [(different,)] = rows(f"SELECT count(DISTINCT total) FROM '{ours}'")
    assert isinstance(different, int)
    assert different > LEADS // 10


def test_every_criterion_decides_something(bench: Bench) -> None:
    """A criterion that no lead meets would be measured for nothing."""
    data, out = bench.data, bench.cache / "explained.parquet"
    command = bench.score([TWENTY_FIVE], data, "--explain")
    command[command.index("--out") + 1] = str(out)
    run(command)
    earned = rows(
        f"SELECT line ->> 'name' FROM (SELECT unnest(from_json(lines, '[\"JSON\"]')) AS line FROM '{out}')"
        " WHERE CAST(line ->> 'points' AS DOUBLE) <> 0 GROUP BY 1"
    )
    names = {criterion.name for criterion in read_rule(TWENTY_FIVE.read_text()).rule.criteria}
    assert names - {str(name) for (name,) in earned} == set()


def test_a_differing_score_is_counted(bench: Bench, ours: Path) -> None:
    other = bench.cache / "other.parquet"
    rows(
        f"COPY (SELECT * REPLACE (CASE WHEN id = '7' THEN total + 0.01 ELSE total END AS total) FROM '{ours}')"
        f" TO '{other}' (FORMAT parquet)"
    )
    assert count_differing(ours, other) == (LEADS, 2)


def test_all_rules_have_as_many_criteria_as_they_say(tmp_path: Path) -> None:
    counts = {}
    for name, file in write_rules(tmp_path).items():
        loaded = read_rule(file.read_text(), file.name)
        assert loaded.warnings == ()
        counts[name] = len(loaded.rule.criteria)
    variants = {f"{kind}_{n}": 25 for kind in ("related", "variant") for n in range(1, 5)}
    assert counts == {"twenty_five": 25, "five": 5, "hundred": 100, **variants}


def test_programs_take_turns(tmp_path: Path) -> None:
    log = tmp_path / "log"
    commands = {
        name: [sys.executable, "-c", f"open({str(log)!r}, 'a').write({name!r}); bytearray(50_000_000)"]
        for name in ("a", "b")
    }
    measured = interleaved(commands, repeats=2)
    assert log.read_text() == "ababab"
    assert [len(runs.runs) for runs in measured.values()] == [2, 2]
    assert measured["a"].megabytes > 50


def test_a_program_that_fails_is_told(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('no such lead'); raise SystemExit(3)"]
    with pytest.raises(FailedError, match=r"ended with 3:\nno such lead"):
        run(command)


def test_one_section_prints_a_table(bench: Bench) -> None:
    sizes = [
        "--leads",
        str(LEADS),
        "--touchpoints",
        str(TOUCHPOINTS),
        "--repeats",
        "1",
        "--cache",
        str(bench.cache),
    ]
    command = [sys.executable, "-m", "benchmarks.run", "--only", "by-hand", *sizes]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "| 1,000 leads, 50,000 touchpoints | s | ratio | processor s | MB |" in done.stdout
    assert "| firstcall score |" in done.stdout
    assert "scores-and-moments: 1,000 scores, 0 differ" in done.stdout
