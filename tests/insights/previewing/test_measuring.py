"""What is kept of criteria gives the points of any edit of their points, as the reference evaluator has them."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstcall.insights.previewing.adding import OUTSIDE, Scored, measurings_of, score
from firstcall.insights.previewing.measuring import Whole, measuring_of
from firstcall.scoring.compiling.duckdb import DuckDB
from firstcall.scoring.compiling.points import compile_points
from firstcall.scoring.reading import read_rule
from firstcall.scoring.rules import Each, Points, Rule, Table, Worth
from tests.scoring import strategies
from tests.scoring.batches import Batch, reference_scores
from tests.scoring.runners import DuckDBRunner
from tests.scoring.test_engines_agree import EXAMPLES, as_rule, batches

RUNNER = DuckDBRunner()


def kept_of(runner: DuckDBRunner, rule: Rule, batch: Batch, known: dict[str, Whole]) -> dict[str, Whole]:
    """As a view keeps it: what is missing is measured, in the order of the batch's records."""
    missing = [m for m in measurings_of([rule]) if m.key not in known]
    if not missing:
        return known
    sql = compile_points([m.criterion for m in missing], batch.columns(), DuckDB())
    rows = {row[0]: row[1:] for row in runner._rows(sql, batch, None)}
    found = dict(known)
    for n, m in enumerate(missing):
        values: list[Any] = [int(rows[subject.id][n]) for subject in batch.subjects]
        big = max(map(abs, values), default=0) >= 2**62
        found[m.key] = np.array(values, dtype=np.object_ if big else np.int64)
    return found


def figures(scored: Scored, at: int) -> dict[str, object] | None:
    if not scored.applies[at]:
        assert scored.grades[at] == OUTSIDE
        return None
    grade = int(scored.grades[at])
    told: dict[str, object] = {name: int(of[at]) for name, of in scored.figures.items()}
    return {**told, "grade": scored.names[grade] if grade >= 0 else None}


def assert_right(rule: Rule, kept: dict[str, Whole], batch: Batch) -> None:
    scored = score(rule, kept, len(batch.subjects))
    expected = reference_scores(rule, batch)
    for at, subject in enumerate(batch.subjects):
        meant = expected.get(subject.id)
        said = figures(scored, at)
        if meant is None:
            assert said is None
        else:
            names = [name for name in said or {} if name != "grade"]
            assert said == {**{name: getattr(meant, name) for name in names}, "grade": meant.grade}


def other_points(rule: Rule, chance: random.Random) -> Rule:
    """The same rule with other points everywhere, of the same sign as before or not."""

    def other(worth: Worth) -> Worth:
        new = chance.choice([-1, 1]) * chance.choice([1, 50, 100, 250, 2_000, 33_333])
        match worth:
            case Table(rows):
                return Table(tuple(replace(row, points=row.points * 2 + 1) for row in rows))
            case Each():
                return replace(worth, points=new)
            case Points():
                return replace(worth, points=new)

    return replace(rule, criteria=tuple(replace(c, worth=other(c.worth)) for c in rule.criteria))


@EXAMPLES
@given(document=strategies.rules(), batch=batches(), seed=st.integers(0, 1_000))
def test_kept_values_give_what_the_reference_gives_whatever_the_points(
    document: strategies.Document, batch: Batch, seed: int
) -> None:
    rule, runner = as_rule(document), RUNNER
    runner.load(batch)
    kept = kept_of(runner, rule, batch, {})
    assert_right(rule, kept, batch)
    edited = other_points(rule, random.Random(seed))
    assert_right(edited, kept_of(runner, edited, batch, kept), batch)


def criterion(text: str) -> Any:
    return read_rule(f"name: A\nmodule: leads\ncriteria: [{text}]\n").rule.criteria[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{name: A, field: x, is: 1, points: 5}", "{name: B, field: x, is: 1, points: -500}"),
        (
            "{name: A, touchpoint: web.visited, each: 2, at_most: 10}",
            "{name: A, touchpoint: web.visited, each: 3}",
        ),
        (
            "{name: A, touchpoint: web.visited, points: 10, decay: {lose: 50%, every: 1 day}}",
            "{name: A, touchpoint: web.visited, points: 12, decay: {lose: 1, every: 1 day}}",
        ),
        (
            "{name: A, field: x, table: [{gte: 3, points: 1}, {points: 2}]}",
            "{name: A, field: x, table: [{gte: 3, points: 7}, {points: -2}]}",
        ),
    ],
)
def test_other_points_need_no_measuring(one: str, other: str) -> None:
    assert measuring_of(criterion(one)).key == measuring_of(criterion(other)).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{name: A, field: x, is: 1, points: 5}", "{name: A, field: x, is: 2, points: 5}"),
        ("{name: A, field: x, is: 1, points: 5}", "{name: A, field: y, is: 1, points: 5}"),
        ("{name: A, field: x, is: 1, points: 5}", "{name: A, field: x, is_not: 1, points: 5}"),
        (
            "{name: A, touchpoint: web.visited, points: 5}",
            "{name: A, touchpoint: web.visited, in_last: 3 days, points: 5}",
        ),
        (
            "{name: A, touchpoint: web.visited, each: 5}",
            "{name: A, touchpoint: web.visited, each: 5, every: 2}",
        ),
        (
            "{name: A, touchpoint: web.visited, each: 5, decay: {lose: 50%, every: 1 day}}",
            "{name: A, touchpoint: web.visited, each: 6, decay: {lose: 50%, every: 1 day}}",
        ),
    ],
)
def test_another_condition_is_measured_anew(one: str, other: str) -> None:
    assert measuring_of(criterion(one)).key != measuring_of(criterion(other)).key
