"""Each engine in turn, to be asked what a dialect's expression gives."""

from __future__ import annotations

import pytest

from tests.scoring.compiling.trials import DuckDBTrial, PostgresTrial, SparkTrial, Trial


@pytest.fixture(params=["duckdb", "postgres", pytest.param("spark", marks=pytest.mark.slow)])
def trial(request: pytest.FixtureRequest) -> Trial:
    if request.param == "duckdb":
        return DuckDBTrial()
    if request.param == "postgres":
        return PostgresTrial(request.getfixturevalue("postgres"))
    return SparkTrial(request.getfixturevalue("spark"))
