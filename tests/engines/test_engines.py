"""Every engine gives the same table of scores and the same explanations over the same files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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
