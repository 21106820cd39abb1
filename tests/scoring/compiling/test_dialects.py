"""Lists, arithmetic and aggregates, in every dialect. Texts, numbers, moments and JSON have files of their own."""

from __future__ import annotations

from firstcall.scoring.columns import Storage
from firstcall.scoring.compiling.dialect import Dialect
from tests.scoring.compiling.trials import Trial


def test_native_lists(trial: Trial) -> None:
    values: list[object] = [["a", "b"], [], ["b", None], [None, "a"], ["a"], None]
    any_a = trial.answers(
        lambda d: f"({d.any_element('x', lambda e: f"{e} = 'a'")}) IS TRUE", values, Storage.LIST
    )
    assert any_a == [True, False, False, True, True, False]
    empty = trial.answers(lambda d: d.list_is_empty("x"), values, Storage.LIST)
    assert empty == [False, True, False, False, False, None]


def test_divisions_round_down(trial: Trial) -> None:
    values = [0, 1, 6, 7, 8, 13, 14, 2**62 + 3, 2**63 - 1]
    narrow = trial.answers(lambda d: f"2 * {d.floor_divide('x', '7')}", [0, 6, 7, 2**62], Storage.INTEGER)
    assert narrow == [0, 0, 2, 2**62 // 7 * 2]
    for divisor in (1, 3, 10_000, 999_983):

        def divided(dialect: Dialect, divisor: int = divisor) -> str:
            return dialect.wide_floor_divide(f"{dialect.widen('x')} * 1000000000 + 999999999", divisor)

        wide = trial.answers(divided, values, Storage.INTEGER)
        assert [int(str(w)) for w in wide] == [(v * 10**9 + 999_999_999) // divisor for v in values]


def test_picking_a_constant(trial: Trial) -> None:
    values = [0, 1, 2]
    assert trial.answers(lambda d: d.pick([5, -7, 2**40], "x"), values, Storage.INTEGER) == [5, -7, 2**40]
    steps = list(range(2000, 0, -1))
    assert trial.answers(lambda d: d.pick(steps, "x"), [0, 1999], Storage.INTEGER) == [2000, 1]


def test_sums_are_wide(trial: Trial) -> None:
    values = [10**18 - 1] * 40 + [-5, None]
    found = trial.aggregate(lambda d: d.sum_wide("x", "i <> 40"), values, Storage.INTEGER)
    assert int(str(found)) == (10**18 - 1) * 40
    assert trial.aggregate(lambda d: d.sum_wide("x", "i > 100"), values, Storage.INTEGER) is None
    assert trial.aggregate(lambda d: d.sum_narrow("x", "i >= 40"), values, Storage.INTEGER) == -5


def test_newest_times(trial: Trial) -> None:
    values = [5, 9, 2**60, 7, 9, 1]
    for position, expected in ((1, 9), (2, 9), (3, 7), (4, None), (9, None)):

        def item(dialect: Dialect, position: int = position) -> str:
            return dialect.item(dialect.newest_times("x", 3, "x < 100"), position)

        assert trial.aggregate(item, values, Storage.INTEGER) == expected
    nothing = trial.aggregate(lambda d: d.item(d.newest_times("x", 3, "x < 0"), 1), values, Storage.INTEGER)
    assert nothing is None


def test_the_first_by_several_keys(trial: Trial) -> None:
    values = ["b", "B", "ä", "a", "😀", "\uffee", None]

    def latest(dialect: Dialect) -> str:
        return dialect.first_by("x", ["CASE WHEN i < 6 THEN 1 END", dialect.by_code_point("x")], "i <> 4")

    assert trial.aggregate(latest, values, Storage.TEXT) == "\uffee"
    by_number = trial.aggregate(
        lambda d: d.first_by("x", ["CASE WHEN i > 3 THEN 6 - i END"], "TRUE"), values, Storage.TEXT
    )
    assert by_number == "😀"
    assert trial.aggregate(lambda d: d.first_by("x", ["i"], "i > 9"), values, Storage.TEXT) is None


def test_distinct_keys(trial: Trial) -> None:
    values = ["1", "1", "one", None, "One"]
    keys = trial.aggregate(lambda d: f"COUNT(DISTINCT {d.distinct_key('t', 'x')})", values, Storage.TEXT)
    assert keys == 3
    assert trial.answers(lambda d: d.distinct_key("n", "x"), [1500000], Storage.INTEGER) == ["n1500000"]


def test_the_first_moment_that_holds(trial: Trial) -> None:
    values = [0, 5, 12, 30, None]
    candidates = ["x + 10", "x + 1", "CAST(NULL AS BIGINT)", "20"]
    many = trial.answers(lambda d: d.first_moment(candidates, lambda m: f"{m} > 5"), values, Storage.INTEGER)
    assert many == [10, 6, 13, 20, 20]
    one = trial.answers(lambda d: d.first_moment(["x"], lambda m: f"{m} > 5"), values, Storage.INTEGER)
    assert one == [None, None, 12, 30, None]
