"""Every engine gives the same scores of rules that reach through look-ups and measure related people, over files."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from firstcall.engines.duckdb import DuckDBEngine
from firstcall.engines.engine import Engine, Scope
from firstcall.engines.postgres import PostgresEngine
from firstcall.engines.reading import Source, open_source
from firstcall.engines.reference import ReferenceEngine
from firstcall.engines.spark import SparkEngine
from firstcall.engines.workspace import Workspace
from firstcall.scoring.reading import read_rule
from firstcall.scoring.times import parse_moment
from tests.scoring.batches import plain

AS_OF = parse_moment("2026-09-01") or 0
RULE = """
name: Deals
module: deals
criteria:
  - {name: Industry, field: account.industry, is: IT, points: 5}
  - {name: Group, field: account.parent.employees, gte: 500, points: 7}
  - {name: Title, field: contact.job_title, has_word: director, points: 3}
  - {name: Far, field: contact.account.parent.industry, empty: true, points: 0.5}
  - {name: Buyer, touchpoint: email.replied, of: contact, each: 2, decay: {lose: 50%, every: 3 days}}
  - {name: Colleagues, touchpoint: "web.*", of: account.contacts, in_last: 20 days, gte: 2, points: 4}
  - {name: Paths, touchpoint: "web.*", of: account.contacts, distinct: path, each: 1}
  - {name: Group is busy, touchpoint: "*", of: account.parent.contacts, busiest: 2 days, each: 1}
  - {name: Quiet, days_since: "*", of: account.contacts, each: -0.25, at_most: 5}
  - {name: Own, touchpoint: "*", each: 1}
limits: {maximum: 40}
"""


def made(folder: Path, format: str) -> dict[str, str]:
    """Random deals, accounts and contacts with touchpoints; some look-ups lead nowhere."""
    chance = random.Random(5)
    rows = {
        "accounts": [
            {"id": i, "industry": chance.choice(["IT", "Retail"]), "employees": chance.choice([5, 500]),
             "parent": chance.choice([None, 100, 101, 999])}
            for i in range(100, 110)
        ],
        "contacts": [
            {"id": i, "job_title": chance.choice(["Director", "Intern"]), "account": chance.choice([None, *range(99, 110)])}
            for i in range(200, 230)
        ],
        "deals": [
            {"id": i, "created_at": "2026-08-01", "account": chance.choice([None, *range(99, 110)]),
             "contact": chance.choice([None, *range(199, 230)])}
            for i in range(300, 340)
        ],
        "touchpoints": [
            {"record_id": chance.choice([*range(200, 230), *range(300, 340), 1]),
             "type": chance.choice(["web.visited", "web.left", "email.replied"]),
             "occurred_at": f"2026-{chance.choice(['08', '08', '09'])}-{chance.randrange(1, 31):02}T12:00:00Z",
             "path": chance.choice(["/a", "/b", None])}
            for _ in range(300)
        ],
    }  # fmt: skip
    paths = {}
    for name, of in rows.items():
        paths[name] = str(folder / f"{name}.{format}")
        connection = duckdb.connect()
        values = ", ".join(str(tuple(row.values())).replace("None", "NULL") for row in of)
        columns = ", ".join(of[0])
        connection.execute(f"COPY (SELECT * FROM (VALUES {values}) AS t({columns})) TO '{paths[name]}'")
    return paths


@pytest.fixture(params=["csv", "parquet"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Source, Workspace]]:
    paths = made(tmp_path, request.param)
    with Workspace() as workspace:
        yield _opened(paths, workspace), workspace


def _opened(paths: dict[str, str], workspace: Workspace, ids: list[str] | None = None) -> Source:
    from firstcall.engines.reading import parse_mapping

    return open_source(
        workspace.connection,
        paths["deals"],
        paths["touchpoints"],
        mapping=parse_mapping("related: {accounts: {lookups: {parent: accounts}}}"),
        module="deals",
        related={name: paths[name] for name in ("accounts", "contacts")},
        ids=ids,
    )


@pytest.fixture(params=["postgres", pytest.param("spark", marks=pytest.mark.slow), "reference"])
def other(request: pytest.FixtureRequest) -> Engine:
    if request.param == "postgres":
        return PostgresEngine(request.getfixturevalue("postgres_dsn"))
    if request.param == "spark":
        pytest.importorskip("pyspark", reason="Spark is not installed: make spark")
        return SparkEngine("local[2]")
    return ReferenceEngine()


def explained(engine: Engine, source: Source, workspace: Workspace, scope: Scope) -> dict[str, object]:
    rule = read_rule(RULE).rule
    return {id: plain(score) for id, score in engine.explain(rule, source, scope, workspace)}


def test_the_same_explanations(source: tuple[Source, Workspace], other: Engine) -> None:
    opened, workspace = source
    expected = explained(DuckDBEngine(), opened, workspace, Scope(AS_OF))
    assert len(expected) == 40
    lines = [line for score in expected.values() for line in score["lines"]]  # type: ignore[index]
    assert {name for kind, name, points, *_ in lines if points} >= {
        *(
            "Industry",
            "Group",
            "Title",
            "Far",
            "Buyer",
            "Colleagues",
            "Paths",
            "Group is busy",
            "Quiet",
            "Own",
        )
    }
    assert explained(other, opened, workspace, Scope(AS_OF)) == expected


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_few_records_are_scored_as_among_all(tmp_path: Path, format: str) -> None:
    paths, few = made(tmp_path, format), ["300", "307", "311"]
    with Workspace() as workspace:
        everyone = explained(DuckDBEngine(), _opened(paths, workspace), workspace, Scope(AS_OF))
    with Workspace() as workspace:
        scope = Scope(AS_OF, tuple(few))
        some = explained(DuckDBEngine(), _opened(paths, workspace, few), workspace, scope)
    assert some == {id: everyone[id] for id in few}
