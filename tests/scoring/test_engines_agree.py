"""Invariant 2: all engines and the reference evaluator agree exactly, on random rules, records and moments.

Invariant 3, the lines of an explanation add up, is tested of the reference; here lines are compared one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from firstcall.scoring.columns import Storage
from firstcall.scoring.reading import read_rule
from firstcall.scoring.rules import Rule
from firstcall.scoring.times import DAY
from tests.scoring import strategies, worlds
from tests.scoring.batches import Batch, Subject, plain, reference_scores
from tests.scoring.cases import RawTouchpoint
from tests.scoring.runners import DuckDBRunner, PostgresRunner, Runner, SparkRunner

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

EXAMPLES = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
)

RECORDS, TOUCHPOINTS = strategies.records(), strategies.touchpoints()
LOOKUPS = worlds.lookups(worlds.OWN)
WORLDS = st.one_of(st.just(worlds.World()), worlds.worlds(), worlds.worlds())


def as_rule(document: strategies.Document) -> Rule:
    return read_rule(json.dumps(document), "rule.json").rule


@st.composite
def batches(draw: st.DrawFn, own_columns: bool = False, moments: bool = False, coded: bool = False) -> Batch:
    """A few records, so that one statement meets many cases."""
    as_of = strategies.AS_OF
    subjects = [
        Subject(
            f"r{i}",
            draw(RECORDS),
            draw(TOUCHPOINTS),
            as_of + draw(st.integers(-40, 40)) * DAY // 4 if moments else None,
            draw(LOOKUPS),
        )
        for i in range(draw(st.integers(1, 6)))
    ]
    return Batch(
        strategies.FIELDS,
        subjects,
        as_of,
        own_columns=own_columns,
        coded=coded,
        numbers=draw(st.sampled_from([Storage.DECIMAL, Storage.DOUBLE, Storage.MILLIONTHS])),
        names=strategies.PROPERTIES,
        world=draw(WORLDS),
    )


def assert_agrees(runner: Runner, document: strategies.Document, batch: Batch) -> None:
    rule = as_rule(document)
    runner.load(batch)
    found = {id: plain(score) for id, score in runner.explained(rule, batch).items()}
    expected = {id: plain(score) for id, score in reference_scores(rule, batch).items()}
    assert found == expected


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    if request.param == "duckdb":
        yield DuckDBRunner()
        return
    yield request.getfixturevalue("postgres_runner")


@pytest.fixture(scope="module")
def postgres_runner(postgres_dsn: str) -> Iterator[PostgresRunner]:
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        yield PostgresRunner(connection)


@EXAMPLES
@given(strategies.rules(), batches())
def test_with_properties_in_json(runner: Runner, document: strategies.Document, batch: Batch) -> None:
    assert_agrees(runner, document, batch)


@EXAMPLES
@given(strategies.rules(), batches(own_columns=True))
def test_with_properties_in_columns(runner: Runner, document: strategies.Document, batch: Batch) -> None:
    assert_agrees(runner, document, batch)


@EXAMPLES
@given(strategies.rules(), batches())
def test_with_properties_coded_beside_the_json(
    postgres_runner: PostgresRunner, document: strategies.Document, batch: Batch
) -> None:
    assert_agrees(postgres_runner, document, replace(batch, coded=True))


@EXAMPLES
@given(strategies.rules(), batches(moments=True))
def test_with_a_moment_of_each_record(runner: Runner, document: strategies.Document, batch: Batch) -> None:
    assert_agrees(runner, document, batch)


@st.composite
def fading(draw: st.DrawFn) -> tuple[strategies.Document, Batch]:
    """A sum of fading points that lies above its cap more often than not, at moments close to steps."""
    every = draw(st.sampled_from((1, 3, 7)))
    lose = draw(st.sampled_from(("50%", "50%", "25%", "90%", 2, 3.5, 5)))
    criterion = {
        "name": "Fades",
        "touchpoint": "email.opened",
        "each": draw(st.sampled_from((10, -10, 4.5))),
        "at_most": draw(st.sampled_from((0, 5, 10, 10, 20, 24.99))),
        "decay": {"lose": lose, "every": f"{every} days"},
    }
    window = draw(st.sampled_from((None, None, 2, every, 3 * every, 60)))
    if window is not None:
        criterion["in_last"] = f"{window} days"
    near = st.builds(
        lambda steps, off: strategies.AS_OF - steps * every * DAY + off,
        st.integers(0, 5),
        st.sampled_from(draw(st.sampled_from(((0,), (-1,), (-1, 0), (-DAY // 2, 0, 1))))),
    )
    touchpoint = st.builds(lambda at: RawTouchpoint("email.opened", at, {}), near)
    subjects = [
        Subject(f"r{i}", draw(RECORDS), draw(st.lists(touchpoint, min_size=2, max_size=9)))
        for i in range(draw(st.integers(1, 4)))
    ]
    document = {"name": "Fading", "module": "leads", "criteria": [criterion]}
    return document, Batch(strategies.FIELDS, subjects, strategies.AS_OF, names=strategies.PROPERTIES)


@settings(EXAMPLES, max_examples=150)
@given(fading())
def test_where_a_cap_hides_what_fades(runner: Runner, given: tuple[strategies.Document, Batch]) -> None:
    assert_agrees(runner, *given)


@settings(EXAMPLES, max_examples=40)
@given(st.lists(strategies.rules(), min_size=2, max_size=4), batches())
def test_several_rules_in_one_pass_score_as_each_alone(
    runner: Runner, documents: list[strategies.Document], batch: Batch
) -> None:
    rules = [as_rule(document) for document in documents]
    runner.load(batch)
    together = {(int(str(row[1])), *row[:1], *row[2:]) for row in runner.figures(rules, batch)}
    alone = {(i, *row) for i, rule in enumerate(rules) for row in runner.figures([rule], batch)}
    assert together == alone


@settings(EXAMPLES, max_examples=40)
@given(strategies.rules(), batches(), st.integers(0, 6))
def test_restricted_to_ids_the_others_are_left_out(
    runner: Runner, document: strategies.Document, batch: Batch, kept: int
) -> None:
    rule = as_rule(document)
    runner.load(batch)
    ids = [subject.id for subject in batch.subjects][:kept]
    all_scores = runner.explained(rule, batch)
    some = runner.explained(rule, batch, [*ids, "nobody"])
    assert some == {id: score for id, score in all_scores.items() if id in ids}


@pytest.mark.slow
@settings(EXAMPLES, max_examples=15, phases=(Phase.explicit, Phase.generate))
@given(strategies.rules(most=8), batches(), st.booleans())
def test_spark_too(
    spark: SparkSession, document: strategies.Document, batch: Batch, own_columns: bool
) -> None:
    # Not shrunk: each example costs seconds.
    assert_agrees(SparkRunner(spark), document, replace(batch, own_columns=own_columns))
