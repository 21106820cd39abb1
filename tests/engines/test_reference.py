"""The reference engine agrees with DuckDB, figure by figure and line by line, over files as people have them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from firstcall.demo import Format, generate
from firstcall.engines.duckdb import DuckDBEngine
from firstcall.engines.engine import Engine, Scope
from firstcall.engines.reading import Source, open_source
from firstcall.engines.reference import ReferenceEngine
from firstcall.engines.workspace import Workspace
from firstcall.scoring.reading import read_rule
from firstcall.scoring.rules import Rule
from firstcall.scoring.scores import Score
from firstcall.scoring.times import parse_moment

RULES = Path(__file__).parents[2] / "docs" / "guide" / "rules"
AS_OF = parse_moment("2026-07-15T12:00:00Z")


def rules() -> list[Rule]:
    return [read_rule(path.read_bytes(), path.name).rule for path in sorted(RULES.glob("*.yaml"))]


@pytest.fixture(scope="module", params=["csv", "jsonl", "parquet"])
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    form: Format = request.param
    made = generate(tmp_path_factory.mktemp("demo"), leads=150, touchpoints_per_lead=20, format=form)
    return str(made.leads_path), str(made.touchpoints_path)


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with Workspace() as workspace:
        yield workspace


def table(engine: Engine, source: Source, scope: Scope, workspace: Workspace) -> list[tuple[object, ...]]:
    engine.score(rules(), source, scope, workspace)
    return workspace.run("SELECT * FROM scores ORDER BY rule, id").fetchall()


def explained(
    engine: Engine, rule: Rule, source: Source, scope: Scope, workspace: Workspace
) -> dict[str, Score]:
    return dict(engine.explain(rule, source, scope, workspace))


def test_figures_agree(demo: tuple[str, str], workspace: Workspace):
    source = open_source(workspace.connection, *demo)
    by_sql = table(DuckDBEngine(), source, Scope(AS_OF), workspace)
    assert len(by_sql) > 150
    assert table(ReferenceEngine(), source, Scope(AS_OF), workspace) == by_sql


def test_explanations_agree(demo: tuple[str, str], workspace: Workspace):
    source = open_source(workspace.connection, *demo)
    for rule in rules():
        by_sql = explained(DuckDBEngine(), rule, source, Scope(AS_OF), workspace)
        assert by_sql
        assert explained(ReferenceEngine(), rule, source, Scope(AS_OF), workspace) == by_sql


def test_moments_of_their_own_agree(demo: tuple[str, str], workspace: Workspace):
    source = open_source(workspace.connection, *demo, as_of_field="decided_at")
    by_sql = table(DuckDBEngine(), source, Scope(None), workspace)
    assert len(by_sql) > 150
    assert table(ReferenceEngine(), source, Scope(None), workspace) == by_sql


def test_a_few_ids_agree(demo: tuple[str, str], workspace: Workspace):
    ids = ("L0000005", "L0000149", "L0000001")
    source = open_source(workspace.connection, *demo)
    by_sql = table(DuckDBEngine(), source, Scope(AS_OF, ids), workspace)
    assert {row[1] for row in by_sql} <= set(ids)
    assert table(ReferenceEngine(), source, Scope(AS_OF, ids), workspace) == by_sql


def test_whole_number_ids_and_typed_columns_agree(tmp_path: Path, workspace: Workspace):
    records, touchpoints = tmp_path / "r.parquet", tmp_path / "t.parquet"
    workspace.run(
        f"""COPY (SELECT i AS id, DATE '2026-01-01' + CAST(i AS INTEGER) AS started,
                TIMESTAMPTZ '2026-06-01 00:00:00+00' AS created_at, i / 3 AS size, ['x', 'tag' || i] AS tags,
                i % 2 = 0 AS paying FROM range(40) r(i)) TO '{records}'"""
    )
    workspace.run(
        f"""COPY (SELECT i % 50 AS record_id, 'web.visited' AS type, TIMESTAMP '2026-07-01' + INTERVAL 1 HOUR * i
                AS occurred_at, {{'path': '/p' || i % 3, 'seconds': i / 7}} AS properties, i % 5 AS depth
                FROM range(500) r(i)) TO '{touchpoints}'"""
    )
    rule = read_rule(
        """
name: Typed
module: leads
criteria:
  - {name: Tag, field: tags, in: [tag7, tag8], points: 3}
  - {name: New, field: started, in_last: 180 days, points: 5}
  - {name: Size, field: size, table: [{gte: 10, points: 4.5}, {gt: 0.333333, points: 2}]}
  - {name: Pays, field: paying, is: true, points: 1}
  - {name: Read, touchpoint: web.visited, sum: seconds, each: 1, every: 10}
  - {name: Deep, touchpoint: web.visited, where: {property: depth, gte: 4}, points: 2}
  - {name: Last page, touchpoint: web.visited, latest: path, is: /p2, points: 2}
  - {name: Quiet, days_since: web.visited, each: -1}
""",
        "typed.yaml",
    ).rule
    source = open_source(workspace.connection, str(records), str(touchpoints))
    assert source.columns.records.integer_ids
    scope = Scope(parse_moment("2026-07-20"), ("0", "7", "13", "39"))
    by_sql = explained(DuckDBEngine(), rule, source, scope, workspace)
    assert set(by_sql) == {"0", "7", "13", "39"}
    assert explained(ReferenceEngine(), rule, source, scope, workspace) == by_sql


def test_properties_as_json_text_agree_however_they_are_written(tmp_path: Path, workspace: Workspace):
    texts = [json.dumps({"path": value}) for value in ('a"b', "A\\B", "\n", None, ["x", 5])]
    texts += ['{"path": 5e0}', '{"path": 1e400}', '{"path": true}', '{ "path" : "x" }', "null"]
    texts += [' {"path": "X"} ', r'{"path": "\u0058"}']
    workspace.run(
        "CREATE TABLE held (record_id VARCHAR, type VARCHAR, occurred_at TIMESTAMP, properties VARCHAR)"
    )
    for number, text in enumerate(texts):
        row = {"id": f"L{number}", "text": text}
        workspace.run("INSERT INTO held VALUES ($id, 'web.visited', TIMESTAMP '2026-07-01', $text)", row)
    records, touchpoints = tmp_path / "r.parquet", tmp_path / "t.parquet"
    workspace.run(f"COPY (SELECT record_id AS id FROM held) TO '{records}'")
    workspace.run(f"COPY held TO '{touchpoints}'")
    tests = {
        "is": 'a"b', "in": ["x", "\n", 5], "starts_with": ["a\\b", "X"], "contains": "n", "ends_with": '"b',
        "has_word": "b", "gte": 5, "is_not": True, "empty": False,
    }  # fmt: skip
    criteria = [
        {"name": key, "touchpoint": "web.visited", "where": {"property": "path", key: value}, "points": 1}
        for key, value in tests.items()
    ]
    rule = read_rule(json.dumps({"name": "R", "module": "leads", "criteria": criteria}), "r.json").rule
    source = open_source(workspace.connection, str(records), str(touchpoints))
    assert source.touchpoints == len(texts)
    by_sql = explained(DuckDBEngine(), rule, source, Scope(AS_OF), workspace)
    assert explained(ReferenceEngine(), rule, source, Scope(AS_OF), workspace) == by_sql
    totals = [by_sql[f"L{number}"].total // 100 for number in range(len(texts))]
    assert totals == [5, 4, 3, 1, 5, 4, 2, 1, 4, 1, 4, 4]
