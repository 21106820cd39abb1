"""The scenarios of `cases/`, compiled to SQL and run by the engines; the reference runs the same ones."""

from __future__ import annotations

import pytest

from firstcall.scoring.reading import read_rule
from tests.scoring.batches import Batch, DuckDBRunner, Subject
from tests.scoring.cases import Case, load_cases


@pytest.fixture(scope="module")
def duckdb_runner() -> DuckDBRunner:
    return DuckDBRunner()


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.id)
def test_duckdb_gives_what_the_case_expects(case: Case, duckdb_runner: DuckDBRunner) -> None:
    rule = read_rule(case.rule_text, case.file).rule
    batch = Batch(case.fields, [Subject("x", case.record, case.touchpoints)], case.as_of)
    duckdb_runner.load(batch)
    assert case.expect.disagreements(duckdb_runner.explained(rule, batch).get("x")) == []
