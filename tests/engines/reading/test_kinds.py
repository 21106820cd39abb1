"""The types of text columns: every row is looked at, and values read as `numbers` and `times` say."""

from __future__ import annotations

import json
from collections.abc import Callable

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstcall.engines.reading.json_values import is_json
from firstcall.engines.reading.kinds import infer, stored
from firstcall.engines.reading.moments import quick_moment
from firstcall.scoring.numbers import millionths
from firstcall.scoring.times import is_date_text, parse_moment, parse_time
from firstcall.scoring.values import Kind

CONNECTION = duckdb.connect()


def column(values: list[str | None]) -> None:
    CONNECTION.execute(
        "CREATE OR REPLACE TABLE cells AS SELECT unnest($values::VARCHAR[]) AS x", {"values": values}
    )


def kind_of(values: list[str | None]) -> Kind:
    column(values)
    return infer(CONNECTION, "cells", {"any name": "x"})["any name"]


def is_plain_number(text: str) -> bool:
    digits = text.lstrip("+-").split(".")[0]
    return millionths(text) is not None and (digits == "0" or not digits.startswith("0"))


ORACLE: dict[Kind, Callable[[str], bool]] = {
    Kind.NUMBER: is_plain_number,
    Kind.TRUTH: lambda text: text in ("true", "false"),
    Kind.DATE: is_date_text,
    Kind.TIME: lambda text: parse_time(text) is not None,
    Kind.LIST: lambda text: is_json(text) and isinstance(json.loads(text), list),
}


def expected(values: list[str | None]) -> Kind:
    filled = [value for value in values if value]
    if not filled:
        return Kind.EMPTY
    return next((kind for kind, fits in ORACLE.items() if all(map(fits, filled))), Kind.TEXT)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "-2.5", "+3", "0", "0.5"], Kind.NUMBER),
        (["1", "007"], Kind.TEXT),
        (["00"], Kind.TEXT),
        (["00.5"], Kind.TEXT),
        (["-01"], Kind.TEXT),
        ([".5"], Kind.TEXT),
        (["5."], Kind.TEXT),
        (["1e3"], Kind.TEXT),
        (["1,000"], Kind.TEXT),
        ([" 1"], Kind.TEXT),
        (["１"], Kind.TEXT),
        (["999999999999"], Kind.NUMBER),
        (["999999999999.9999994"], Kind.NUMBER),
        (["999999999999.9999995"], Kind.TEXT),
        (["1000000000000"], Kind.TEXT),
        (["1", None, "", "2"], Kind.NUMBER),
        (["true", "false"], Kind.TRUTH),
        (["true", "True"], Kind.TEXT),
        (["true", "1"], Kind.TEXT),
        (["2024-02-29"], Kind.DATE),
        (["2023-02-29"], Kind.TEXT),
        (["2024-2-9"], Kind.TEXT),
        (["2024-02-29", "2024-02-29T00:00:00Z"], Kind.TEXT),
        (["2024-02-29T00:00:00Z", "2024-02-29 00:00:00.123456789-05:00"], Kind.TIME),
        (["2024-02-29T00:00Z"], Kind.TEXT),
        (["[]", '["a"]', "[1]"], Kind.LIST),
        (["[NaN]"], Kind.TEXT),
        (["[1,]"], Kind.TEXT),
        (['["a, nan", ",]"]'], Kind.LIST),
        (['{"a": 1}'], Kind.TEXT),
        ([None, ""], Kind.EMPTY),
        ([], Kind.EMPTY),
    ],
)
def test_the_first_kind_that_all_values_fit(values: list[str | None], kind: Kind) -> None:
    assert kind_of(values) is kind
    assert expected(values) is kind


def test_a_single_row_far_down_decides() -> None:
    assert kind_of([*map(str, range(30_000)), "n/a"]) is Kind.TEXT
    assert kind_of([*map(str, range(30_000))]) is Kind.NUMBER


TROUBLE = st.text(alphabet="0123456789+-.:TtZz [],\"'{}eEnaifrulsNIx\u0660İß", max_size=14)
LIKELY = st.one_of(
    TROUBLE,
    st.sampled_from(
        ["true", "false", "", "[]", "[1, null]", "2024-02-29", "2024-02-30", "NaN", "inf", "null"]
    ),
    st.integers(-(10**13), 10**13).map(str),
    st.decimals(-(10**13), 10**13, allow_nan=False, places=8).map(str),
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.datetimes().map(lambda moment: moment.isoformat(" ", "seconds") + "+05:30"),
    st.dates().map(str),
)


@given(st.lists(st.one_of(st.none(), LIKELY), max_size=6))
def test_any_column_has_the_kind_that_the_core_gives_it(values: list[str | None]) -> None:
    assert kind_of(values) is expected(values)


@given(st.lists(LIKELY, min_size=1, max_size=20))
def test_values_are_stored_as_the_core_reads_them(values: list[str]) -> None:
    column(list(values))
    numbers = stored(Kind.NUMBER, "x").sql
    moments = stored(Kind.TIME, "x").sql
    found = CONNECTION.execute(f"SELECT {numbers}, {moments}, {quick_moment('x')} FROM cells").fetchall()
    assert found == [(millionths(v), parse_moment(v), parse_moment(v)) for v in values]
