"""Every engine gives the same table of scores and the same explanations over the same files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from firstcall.demo import AS_OF, generate
from firstcall.engines.duckdb import DuckDBEngine
from firstcall.engines.engine import Engine, Scope
from firstcall.engines.postgres import PostgresEngine
from firstcall.engines.reading import Source, open_source
from firstcall.engines.reference import ReferenceEngine
from firstcall.engines.spark import SparkEngine
from firstcall.engines.workspace import Workspace
from firstcall.scoring.reading import read_rule
from firstcall.scoring.rules import Rule
from firstcall.scoring.times import moment_of
from tests.scoring.batches import plain

RULES = Path(__file__).parents[2] / "docs" / "guide" / "rules"
NOW = moment_of(AS_OF)


@pytest.fixture(scope="module")
def rules() -> list[Rule]:
    return [read_rule(path.read_bytes(), path.name).rule for path in sorted(RULES.glob("*.yaml"))]


@pytest.fixture(scope="module", params=["csv", "parquet"])
def files(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    demo = generate(tmp_path_factory.mktemp("demo"), leads=150, touchpoints_per_lead=20, format=request.param)
    return str(demo.leads_path), str(demo.touchpoints_path)


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with Workspace() as workspace:
        yield workspace


@pytest.fixture(params=["postgres", pytest.param("spark", marks=pytest.mark.slow), "reference"])
def other(request: pytest.FixtureRequest) -> Engine:
    if request.param == "postgres":
        return PostgresEngine(request.getfixturevalue("postgres_dsn"))
    if request.param == "spark":
        pytest.importorskip("pyspark", reason="Spark is not installed: make spark")
        return SparkEngine("local[2]")
    return ReferenceEngine()


def scores(
    engine: Engine, rules: list[Rule], source: Source, scope: Scope, workspace: Workspace
) -> list[object]:
    engine.score(rules, source, scope, workspace)
    found = workspace.connection.execute("SELECT * FROM scores ORDER BY rule, id").fetchall()
    workspace.run("DROP TABLE scores")
    return found


@pytest.mark.parametrize("own_moments", [False, True], ids=["one moment", "a moment of each record"])
def test_the_same_scores(
    files: tuple[str, str], rules: list[Rule], workspace: Workspace, other: Engine, own_moments: bool
) -> None:
    source = open_source(workspace.connection, *files, as_of_field="decided_at" if own_moments else None)
    scope = Scope(None if own_moments else NOW)
    expected = scores(DuckDBEngine(), rules, source, scope, workspace)
    assert len(expected) > 100
    assert scores(other, rules, source, scope, workspace) == expected


def test_the_same_explanations(
    files: tuple[str, str], rules: list[Rule], workspace: Workspace, other: Engine
) -> None:
    source = open_source(workspace.connection, *files)
    engine = DuckDBEngine()
    for rule in rules:
        ids = [id for id, _ in engine.explain(rule, source, Scope(NOW), workspace)][:20]
        scope = Scope(NOW, tuple(ids))
        expected = {id: plain(score) for id, score in engine.explain(rule, source, scope, workspace)}
        assert len(expected) == len(ids) > 0
        assert {id: plain(s) for id, s in other.explain(rule, source, scope, workspace)} == expected


def test_the_same_of_every_type_of_parquet(tmp_path: Path, workspace: Workspace, other: Engine) -> None:
    """Single precision counts as the double that it is, in lists too; NaN is not a number anywhere."""
    columns = {
        "single": pa.array([-26555.7, 1.0000005], pa.float32()),
        "singles": pa.array([[-26555.7, None], [float("nan"), 1.0000005]], pa.list_(pa.float32())),
        "money": [[Decimal("7.25")], None],
        "days": [[date(2024, 1, 1)], []],
        "times": [[datetime(2024, 1, 1, 10, tzinfo=UTC)], []],
        "nested": [[[1.5], [float("inf")]], []],
    }
    tests = {
        "single": "is: -26555.699219",
        "singles": "in: [-26555.699219, 1]",
        "money": "gte: 7.25",
        "days": "before: 2024-01-02",
        "times": "after: 2024-01-01",
        "nested": "empty: false",
    }
    records, touchpoints = tmp_path / "r.parquet", tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": ["a", "b"], **columns}), records)
    touched = {
        "record_id": ["a", "b"],
        "type": ["x.y"] * 2,
        "occurred_at": [datetime(2024, 1, 1, tzinfo=UTC)] * 2,
    }
    arrays = [pa.array(column) for column in columns.values()]
    struct = pa.StructArray.from_arrays(arrays, [f"held {name}" for name in columns])
    pq.write_table(pa.table({**touched, **columns, "properties": struct}), touchpoints)
    measures = ["field: {}", "touchpoint: x.y, latest: {}", "touchpoint: x.y, latest: held {}"]
    criteria = ", ".join(
        f"{{name: {name} {n}, {measure.format(name)}, {test}, points: 1}}"
        for name, test in tests.items()
        for n, measure in enumerate(measures)
    )
    rule = read_rule(f"{{name: R, module: leads, criteria: [{criteria}]}}").rule
    source = open_source(workspace.connection, str(records), str(touchpoints))
    found = dict(DuckDBEngine().explain(rule, source, Scope(NOW), workspace))
    assert {id: score.total for id, score in found.items()} == {"a": 18_00, "b": 3_00}
    expected = {id: plain(score) for id, score in found.items()}
    assert {id: plain(s) for id, s in other.explain(rule, source, Scope(NOW), workspace)} == expected


def test_only_in_a_column_of_its_own_does_the_text_true_count_as_true(
    tmp_path: Path, workspace: Workspace
) -> None:
    records, touchpoints = tmp_path / "r.csv", tmp_path / "t.jsonl"
    records.write_text("id\na\n")
    head = '{"record_id": "a", "type": "x.y", "occurred_at": "2026-01-01T00:00:00Z"'
    touchpoints.write_text(
        f'{head}, "own": "True"}}\n{head}, "own": 5}}\n{head}, "properties": {{"held": "true"}}}}\n'
    )
    criteria = ", ".join(
        f"{{name: {name}, touchpoint: x.y, where: {{property: {name}, is: true}}, points: 1}}"
        for name in ("own", "held")
    )
    rule = read_rule(f"{{name: R, module: leads, criteria: [{criteria}]}}").rule
    source = open_source(workspace.connection, str(records), str(touchpoints))
    for engine in (DuckDBEngine(), ReferenceEngine()):
        [(_, score)] = engine.explain(rule, source, Scope(NOW), workspace)
        assert [line.points for line in score.lines] == [100, 0]
