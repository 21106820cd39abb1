"""Dates and times out of whole columns: every way of writing them, and no guess where day and month could be swapped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstcall.records.importing.dates import (
    DAY_FIRST,
    MONTH_FIRST,
    DateReading,
    UncertainDatesError,
    date_sql,
    decide,
    facts_of,
    facts_query,
    moment_sql,
)
from firstcall.scoring.times import moment_of


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def reading_of(
    connection: duckdb.DuckDBPyConnection, texts: Sequence[str], order: str | None = None
) -> DateReading:
    connection.execute("CREATE OR REPLACE TABLE texts AS SELECT unnest(?::VARCHAR[]) AS x", [list(texts)])
    return decide(facts_of(connection.execute(facts_query("x", "texts")).fetchall()), order)


def moments(
    connection: duckdb.DuckDBPyConnection, texts: Sequence[str], reading: DateReading, zone: str = "UTC"
) -> list[int | None]:
    sql = f"SELECT {moment_sql('x', reading, zone)} FROM (SELECT unnest(?::VARCHAR[]) AS x)"
    return [row[0] for row in connection.execute(sql, [list(texts)]).fetchall()]


NIGHT = datetime(2021, 4, 15, 0, 3, tzinfo=UTC)
WRITTEN = [
    ("2021-04-15T00:03:00Z", NIGHT),
    ("2021-04-15 00:03", NIGHT),
    ("2021/4/15 0:03:00", NIGHT),
    ("2021-04-15T02:03:00+02:00", NIGHT),
    ("2021-04-14T19:03:00.000-0500", NIGHT),
    ("2021-04-15 00:03:00 UTC", NIGHT),
    ("15 Apr, 2021 00:03:00", NIGHT),
    ("Thu, 15 Apr 2021 02:03:00 +0200", NIGHT),
    ("15. April 2021 00:03", NIGHT),
    ("15-APR-2021 12:03 AM", NIGHT),
    ("April 15th, 2021 at 12:03 am", NIGHT),
    ("Apr 15, 2021 12:03:00 a.m.", NIGHT),
    ("1618444980", NIGHT),
    ("1618444980000", NIGHT),
    ("20210415T000300Z", NIGHT),
    ("2021-04-15 12:03 PM", NIGHT + timedelta(hours=12)),
    ("5. März 2021", datetime(2021, 3, 5, tzinfo=UTC)),
    ("12 août 2021", datetime(2021, 8, 12, tzinfo=UTC)),
    ("3 de", None),
    ("31 Feb 2021", None),
    ("2021-04-15 24:00:00", None),
    ("15 Foo 2021", None),
    ("2021-04-15 13:03 PM", None),
    ("soon", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "meant"), WRITTEN, ids=[text or "empty" for text, _ in WRITTEN])
def test_a_moment_is_read_however_it_is_written(
    connection: duckdb.DuckDBPyConnection, text: str, meant: datetime | None
) -> None:
    [found] = moments(connection, [text], DateReading())
    assert found == (None if meant is None else moment_of(meant))


def test_a_value_that_tells_settles_the_order_of_the_whole_column(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    for texts, order in (
        (["01/02/2021", "31/12/2020"], DAY_FIRST),
        (["1/2/2021 10:00", "12/31/2020 9:30 PM"], MONTH_FIRST),
        (["1.2.2021", "3.4.2021"], DAY_FIRST),
        (["13-01-99", "01-02-98"], DAY_FIRST),
    ):
        assert reading_of(connection, texts).order == order
    swapped = reading_of(connection, ["1/2/2021", "12/31/2020"])
    assert moments(connection, ["1/2/2021"], swapped) == [moment_of(date(2021, 1, 2))]


def test_what_can_be_read_in_two_ways_is_asked_and_not_guessed(connection: duckdb.DuckDBPyConnection) -> None:
    for texts, says in (
        (["01/02/2021", "12/12/2020"], "its dates could have the day or the month first; no value tells"),
        (["13/02/2021", "02/13/2021"], "some of its dates have the day first and some the month"),
        (
            ["21-04-15", "21-04-16"],
            "the years have two digits, and any part of its dates could be the year",
        ),
    ):
        with pytest.raises(UncertainDatesError, match=says) as asked:
            reading_of(connection, texts)
        assert "day-first, month-first, or a format" in asked.value.fix
    told = reading_of(connection, ["01/02/2021"], MONTH_FIRST)
    assert moments(connection, ["01/02/2021"], told) == [moment_of(date(2021, 1, 2))]


def test_a_format_that_was_told_is_taken_by_the_letter(connection: duckdb.DuckDBPyConnection) -> None:
    told = DateReading((), None, "%y|%d|%m")
    assert moments(connection, ["21|15|04", "2021-04-15"], told) == [moment_of(date(2021, 4, 15)), None]


def test_a_time_without_a_zone_is_of_the_zone_that_was_told(connection: duckdb.DuckDBPyConnection) -> None:
    texts = ["2024-07-01 12:00:00", "2024-07-01T12:00:00Z", "2024-01-01 12:00:00", "1.7.2024 12:00"]
    found = moments(connection, texts, DateReading(order=DAY_FIRST), "Europe/Berlin")
    hours = [
        datetime(2024, 7, 1, 10, tzinfo=UTC),
        datetime(2024, 7, 1, 12, tzinfo=UTC),
        datetime(2024, 1, 1, 11, tzinfo=UTC),
        datetime(2024, 7, 1, 10, tzinfo=UTC),
    ]
    assert found == [moment_of(hour) for hour in hours]


def test_a_date_is_the_day_as_written(connection: duckdb.DuckDBPyConnection) -> None:
    texts = ["2021-04-15T23:30:00-05:00", "16 Apr, 2021 00:03:00", "31/12/2020", "1618444980", "x"]
    sql = f"SELECT {date_sql('x', DateReading(order=DAY_FIRST))} FROM (SELECT unnest(?::VARCHAR[]) AS x)"
    found = [row[0] for row in connection.execute(sql, [texts]).fetchall()]
    assert found == ["2021-04-15", "2021-04-16", "2020-12-31", "2021-04-15", None]


FORMATS = [
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M",
    "%d %b %Y %H:%M:%S",
    "%b %d, %Y",
    "%d.%m.%Y %H:%M",
    "%Y-%m-%dT%H:%M:%S.%fZ",
]


@given(
    st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001
    st.sampled_from(FORMATS),
)
def test_what_python_writes_is_read_as_the_same(
    connection: duckdb.DuckDBPyConnection, moment: datetime, format: str
) -> None:
    text = moment.strftime(format)
    [found] = moments(connection, [text], reading_of(connection, [text]))
    assert found == moment_of(datetime.strptime(text, format))  # noqa: DTZ007
