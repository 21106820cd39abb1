"""Moments, in every dialect, as whole microseconds since 1970."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from firstcall.scoring.columns import Storage
from firstcall.scoring.compiling.dialect import Dialect
from firstcall.scoring.times import moment_of, parse_moment
from tests.scoring.compiling.trials import Trial, differing


def moment_texts() -> list[str | None]:
    chosen = random.Random(7)
    days = ["2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "2100-02-29", "2024-04-31", "2024-13-01",
            "2024-00-10", "2024-01-00", "0000-12-31", "0001-01-01", "9999-12-31", "1582-10-10", "1970-01-01",
            "2024-1-1", "+2024-01-01", "20240101", "12024-01-01", "2024-12-31", "1883-11-18", "２０２４-01-01"]  # fmt: skip
    clocks = [
        "00:00:00",
        "23:59:59",
        "24:00:00",
        "12:60:00",
        "12:00:60",
        "1:00:00",
        "12:00",
        "00:00:01",
        "02:30:00",
    ]
    fractions = ["", ".5", ".1234567", ".9999999", ".000001", ".0000009", ".", ",5", "." + "9" * 40]
    zones = [
        "",
        "Z",
        "z",
        "+00:00",
        "-00:00",
        "+23:59",
        "-23:59",
        "+24:00",
        "+05:30",
        "-08:00",
        "+0530",
        "+05",
        " Z",
        "UTC",
    ]
    marks = ["T", "t", " ", "  ", "_"]
    mixed = [
        chosen.choice(days)
        + chosen.choice(marks)
        + chosen.choice(clocks)
        + chosen.choice(fractions)
        + chosen.choice(zones)
        for _ in range(3000)
    ]
    edges = [
        f"{day}T{clock}{zone}"
        for day in ("0001-01-01", "9999-12-31", "0000-12-31")
        for clock in clocks
        for zone in zones
    ]
    return [*days, *mixed, *edges, "", "now", "today", "infinity", "2024-01-01\n", " 2024-01-01", "2024-01-01T",
            "2024-01-01 00:00:00Z\n", "2024-01-01Z", "epoch", None]  # fmt: skip


def test_moments_in_text(trial: Trial) -> None:
    values = moment_texts()
    answers = trial.answers(lambda d: d.text_moment("x"), values, Storage.TEXT)
    assert differing(values, answers, [None if v is None else parse_moment(v) for v in values]) == []


FIRST, LAST = (end.replace(tzinfo=UTC) for end in (datetime.min, datetime.max))  # noqa: DTZ901


def times() -> list[datetime]:
    chosen = random.Random(8)
    ends = [FIRST, LAST, datetime(1970, 1, 1, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC)]
    ends += [datetime(1582, 10, 10, 1, tzinfo=UTC), datetime(1883, 11, 18, 12, 1, tzinfo=UTC)]
    ends += [datetime(2024, 3, 10, 2, 30, tzinfo=UTC)]
    spread = (LAST - FIRST) // timedelta(microseconds=1)
    return ends + [FIRST + timedelta(microseconds=chosen.randrange(spread)) for _ in range(200)]


def without_zones(values: list[datetime]) -> list[datetime]:
    return [value.replace(tzinfo=None) for value in values]


def test_dates(trial: Trial) -> None:
    values = [*(value.date() for value in times()), None]
    answers = trial.answers(lambda d: d.date_moment("x"), values, Storage.DATE)
    assert differing(values, answers, [None if value is None else moment_of(value) for value in values]) == []


def test_timestamps(trial: Trial) -> None:
    values, expected = times(), [moment_of(value) for value in times()]
    aware = trial.answers(lambda d: d.timestamptz_moment("x"), [*values, None], Storage.TIMESTAMPTZ)
    assert differing([*values, None], aware, [*expected, None]) == []
    naive = trial.answers(
        lambda d: d.timestamp_moment("x"), [*without_zones(values), None], Storage.TIMESTAMP
    )
    assert differing([*values, None], naive, [*expected, None]) == []


def test_bounds_of_timestamps(trial: Trial) -> None:
    values = times()
    columns = {Storage.TIMESTAMP: without_zones(values), Storage.TIMESTAMPTZ: values}
    far = moment_of(datetime(2300, 1, 1, tzinfo=UTC)) + 1
    for bound in (moment_of(values[4]), 0, -1, far, moment_of(values[-1])):
        for storage, column in columns.items():

            def split(dialect: Dialect, storage: Storage = storage, bound: int = bound) -> str:
                later = dialect.later_than(storage, "x", f"{bound + 5} - 5")
                upto = dialect.not_later_than(storage, "x", str(bound))
                return f"CASE WHEN {later} THEN 1 ELSE 0 END + CASE WHEN {upto} THEN 2 ELSE 0 END"

            answers = trial.answers(split, column, storage)
            assert differing(values, answers, [1 if moment_of(v) > bound else 2 for v in values]) == []
