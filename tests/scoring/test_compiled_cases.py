"""The scenarios of `cases/`, compiled to SQL and run by the engines; the reference runs the same ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

import psycopg
import pytest

from firstcall.scoring.reading import read_rule
from tests.scoring.batches import Batch, Subject
from tests.scoring.cases import Case, load_cases
from tests.scoring.runners import DuckDBRunner, PostgresRunner, Runner, SparkRunner

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def disagreements(runner: Runner, cases: list[Case]) -> list[str]:
    """What the engine gives otherwise than expected; the cases have one rule and one moment."""
    first = cases[0]
    rule = read_rule(first.rule_text, first.file).rule
    subjects = [Subject(case.id, case.record, case.touchpoints) for case in cases]
    batch = Batch(first.fields, subjects, first.as_of)
    runner.load(batch)
    scores = runner.explained(rule, batch)
    return [
        f"{case.id}: {found}" for case in cases for found in case.expect.disagreements(scores.get(case.id))
    ]


def grouped() -> list[list[Case]]:
    """The cases by rule and moment: each group is one statement."""
    groups = groupby(load_cases(), key=lambda case: (case.rule_text, case.file, case.as_of))
    return [list(cases) for _, cases in groups]


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    if request.param == "duckdb":
        yield DuckDBRunner()
        return
    with psycopg.connect(request.getfixturevalue("postgres_dsn"), autocommit=True) as connection:
        yield PostgresRunner(connection)


@pytest.mark.parametrize("cases", grouped(), ids=lambda cases: cases[0].id)
def test_the_engine_gives_what_the_cases_expect(cases: list[Case], runner: Runner) -> None:
    assert disagreements(runner, cases) == []


@pytest.mark.slow
@pytest.mark.parametrize("file", sorted({case.file for case in load_cases()}))
def test_spark_gives_what_the_cases_expect(file: str, spark: SparkSession) -> None:
    runner = SparkRunner(spark)
    assert [d for cases in grouped() if cases[0].file == file for d in disagreements(runner, cases)] == []
