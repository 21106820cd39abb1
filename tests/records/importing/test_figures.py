"""Numbers out of whole columns: groups and decimals, money, units; no guess where 1.234 could be a thousand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstcall.records.importing.figures import (
    UncertainFiguresError,
    decide,
    facts_of,
    facts_query,
    number_sql,
)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def sign_of(connection: duckdb.DuckDBPyConnection, texts: Sequence[str]) -> str:
    connection.execute("CREATE OR REPLACE TABLE texts AS SELECT unnest(?::VARCHAR[]) AS x", [list(texts)])
    return decide(facts_of(connection.execute(facts_query("x", "texts")).fetchall()))


def numbers(connection: duckdb.DuckDBPyConnection, texts: Sequence[str], sign: str) -> list[str | None]:
    sql = f"SELECT {number_sql('x', sign)} FROM (SELECT unnest(?::VARCHAR[]) AS x)"
    return [row[0] for row in connection.execute(sql, [list(texts)]).fetchall()]


@pytest.mark.parametrize(
    ("texts", "meant"),
    [
        (["1.234,56", "12", "-1.000"], ["1234.56", "12", "-1000"]),
        (["$1,117.10K", "$5.70K", "1.5M", "2b"], ["1117100", "5700", "1500000", "2000000000"]),
        (["($3.00)", "3.00-", "-3", "- 3"], ["-3.00", "-3.00", "-3", "-3"]),
        (["EUR 12.5", "12.5 €", "CHF 1'234.5", "50%"], ["12.5", "12.5", "1234.5", "50"]),
        (["1 234 567,8", "1\u202f234,50", "1,23"], ["1234567.8", "1234.50", "1.23"]),
        (["9.83E-05", "1e3", ".5", "5."], ["9.83E-05", "1E3", "0.5", "5"]),
        (["1,234,567", "1,23,4", "1.2.3", "12a", "", "-"], ["1234567", None, None, None, None, None]),
        (["1.234.567", "5"], ["1234567", "5"]),
        (["0.125", "1.234"], ["0.125", "1.234"]),
        (["007", "0"], ["007", "0"]),
        (["$21,042", "$3"], ["21042", "3"]),
        (["1.234 €"], ["1234"]),
    ],
)
def test_numbers_are_read_however_they_are_written(
    connection: duckdb.DuckDBPyConnection, texts: list[str], meant: list[str | None]
) -> None:
    assert numbers(connection, texts, sign_of(connection, texts)) == meant


def test_what_can_be_read_in_two_ways_is_asked_and_not_guessed(connection: duckdb.DuckDBPyConnection) -> None:
    for texts, says in (
        (["1.234", "5"], "its numbers are all like 1.234, which is a thousand or a little over one"),
        (["1,234", "2,500"], "its numbers are all like 1,234, which is a thousand or a little over one"),
        (["1,5", "1.5"], "some of its numbers have a decimal point and some a decimal comma"),
    ):
        with pytest.raises(UncertainFiguresError, match=says) as asked:
            sign_of(connection, texts)
        assert asked.value.fix.startswith("Say what stands before the decimals: point or comma.")


@given(
    st.decimals(-(10**11), 10**11, places=2),
    st.sampled_from([(",", "."), (".", ","), ("'", "."), (" ", ",")]),
)
def test_grouped_amounts_are_read_as_they_are(
    connection: duckdb.DuckDBPyConnection, amount: Decimal, signs: tuple[str, str]
) -> None:
    group, decimal = signs
    text = f"{amount:,.2f}".replace(",", "\0").replace(".", decimal).replace("\0", group)
    [found] = numbers(connection, [text], sign_of(connection, [text]))
    assert found is not None
    assert Decimal(found) == amount
