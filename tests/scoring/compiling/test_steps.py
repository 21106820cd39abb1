"""Points as steps of a whole number equal the meaning of the tests, number by number."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstcall.scoring.compiling.steps import Steps, all_hold, capped_steps, steps_of_table, steps_of_tests
from firstcall.scoring.numbers import MILLION
from firstcall.scoring.operators import SIGNS, Between, Compare, Empty, Is
from firstcall.scoring.rules import Row, Test
from firstcall.scoring.values import Operand, Value

numbers = st.one_of(st.integers(-3, 12), st.sampled_from(["2.5", "0.000001", "-0.5", "11.999999"])).map(
    Operand
)
operators = st.one_of(
    st.builds(Compare, st.sampled_from(list(SIGNS.values())), numbers),
    st.builds(Between, numbers, numbers),
    st.builds(Is, st.lists(numbers, min_size=1, max_size=3).map(tuple)),
    st.just(Empty()),
)
tests_of_rules = st.builds(Test, st.just("key"), operators, st.booleans())
rows = st.builds(Row, st.lists(tests_of_rules, min_size=1, max_size=2).map(tuple), st.integers(-5, 5))


def value_at(steps: Steps, number: int) -> int:
    return [v for start, v in zip(steps.starts, steps.values, strict=True) if start <= number][-1]


@given(st.lists(rows, min_size=1, max_size=4).map(tuple))
def test_steps_of_a_table_are_the_first_row_that_holds(table: tuple[Row, ...]) -> None:
    steps = steps_of_table(table)
    for number in range(20):
        expected = next((row.points for row in table if all_hold(row.tests, Value(number))), 0)
        assert value_at(steps, number) == expected
    assert steps.missing == next((row.points for row in table if all_hold(row.tests, Value(None))), 0)
    assert all(a != b for a, b in zip(steps.values, steps.values[1:], strict=False))


@given(
    st.integers(-300, 300),
    st.integers(1, 5 * MILLION).map(lambda n: n // 10_000 * 10_000 or 10_000),
    st.integers(0, 2_000),
)
def test_capped_steps_are_the_clamped_product(points: int, every: int, at_most: int) -> None:
    steps = capped_steps(points, every, at_most)
    for number in range(40):
        product = points * (number * MILLION // every)
        assert value_at(steps, number) == max(-at_most, min(at_most, product))


@given(st.lists(rows, min_size=1, max_size=3).map(tuple))
def test_the_sql_of_steps_says_the_same(table: tuple[Row, ...]) -> None:
    steps = steps_of_table(table)
    found = duckdb.sql(
        f"SELECT x, {steps.sql('x')}, {steps.truth_sql('x')}, {steps.next_boundary_sql('x')},"
        f" {steps.last_boundary_sql('x', str)} FROM (SELECT unnest([NULL, {', '.join(map(str, range(15)))}]) AS x)"
    ).fetchall()
    for number, points, truth, following, last in found:
        expected = steps.missing if number is None else value_at(steps, number)
        assert (points, truth) == (expected, expected != 0)
        if number is not None:
            assert following == min((b for b in steps.boundaries if b > number), default=None)
            assert last == max((b for b in steps.boundaries if b <= number), default=None)


@pytest.mark.parametrize(
    ("sign", "bound", "boundaries"),
    [(">", "2.5", (3,)), (">=", "3", (3,)), ("<", "3", (3,)), ("<=", "3", (4,)), (">", "-1", ())],
)
def test_boundaries_stand_where_the_answer_turns(sign: str, bound: str, boundaries: tuple[int, ...]) -> None:
    assert steps_of_tests((Test("t", Compare(sign, Operand(bound))),), 1).boundaries == boundaries
