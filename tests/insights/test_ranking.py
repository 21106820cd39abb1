"""Ranking arithmetic against the naive definitions and against published examples."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstcall.insights.ranking import Levels, Share, deciles, is_clearly_lower, rate_difference

# 109 CT images rated 1 to 5 by one reader: J. A. Hanley, B. J. McNeil (1982), Radiology 143, 29-36, table I.
ABNORMAL, NORMAL = [3, 2, 2, 11, 33], [33, 6, 6, 11, 2]

levels = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=8).filter(
    lambda pairs: sum(won for won, _ in pairs) > 0 and sum(lost for _, lost in pairs) > 0
)


def of(pairs):
    return Levels.of([won for won, _ in pairs], [lost for _, lost in pairs])


def scores(pairs):
    won = [score for score, (count, _) in enumerate(pairs) for _ in range(count)]
    lost = [score for score, (_, count) in enumerate(pairs) for _ in range(count)]
    return won, lost


def above(won, lost):
    return 1.0 if won > lost else 0.5 if won == lost else 0.0


def test_the_published_example_of_hanley_and_mcneil():
    area = Levels.of(ABNORMAL, NORMAL).area()
    assert area is not None
    assert round(area.value, 3) == 0.893


def test_the_interval_is_the_one_that_other_programs_give_for_that_example():
    # Stata's roctab, which uses DeLong's variance: 0.8932, standard error 0.0307, 0.83295 to 0.95339.
    area = Levels.of(ABNORMAL, NORMAL).area()
    assert area is not None
    assert (round(area.interval.low, 5), round(area.interval.high, 5)) == (0.83295, 0.95339)
    assert round((area.interval.high - area.interval.low) / 2 / 1.959964, 4) == 0.0307


@settings(deadline=None)
@given(levels)
def test_the_area_is_how_often_won_stands_above_lost(pairs):
    won, lost = scores(pairs)
    naive = sum(above(w, n) for w in won for n in lost) / len(won) / len(lost)
    area = of(pairs).area()
    assert area is not None
    assert area.value == pytest.approx(naive, abs=1e-12)


@settings(deadline=None)
@given(levels)
def test_the_interval_is_delongs(pairs):
    won, lost = scores(pairs)
    of_won = [sum(above(w, n) for n in lost) / len(lost) for w in won]
    of_lost = [sum(above(w, n) for w in won) / len(won) for n in lost]
    variance = sum(np.var(part, ddof=1) / len(part) for part in (of_won, of_lost) if len(part) > 1)
    area = of(pairs).area()
    assert area is not None
    reach = 1.959963984540054 * math.sqrt(variance)
    assert area.interval.low == pytest.approx(max(0, area.value - reach), abs=1e-9)
    assert area.interval.high == pytest.approx(min(1, area.value + reach), abs=1e-9)


@settings(deadline=None)
@given(levels)
def test_turning_the_score_round_turns_the_area_round(pairs):
    forward, backward = of(pairs).area(), of(pairs[::-1]).area()
    assert forward is not None
    assert backward is not None
    assert forward.value + backward.value == pytest.approx(1)


def test_there_is_no_area_without_both_sides():
    assert Levels.of([3, 4], [0, 0]).area() is None
    assert Levels.of([0], [5]).area() is None


def test_a_million_scores_are_ranked_exactly():
    count = 1_000_000
    won = np.arange(count) % 3 == 0
    area = Levels.of(won, ~won).area()
    assert area is not None
    positions = np.arange(1, count + 1, dtype=np.float64)
    wins = float(won.sum())
    ranks = float(positions[won].sum())
    assert area.value == pytest.approx((ranks - wins * (wins + 1) / 2) / wins / (count - wins), abs=1e-12)


# R. G. Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3.
@pytest.mark.parametrize(
    ("won", "count", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_as_published(won, count, low, high):
    interval = Share(won, count).interval
    assert interval is not None
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_an_interval_stays_in_bounds_and_an_empty_share_has_none():
    assert Share(0, 0).interval is None
    assert Share(0, 0).rate is None
    all_won = Share(20, 20).interval
    assert all_won is not None
    assert all_won.high == 1.0
    assert rate_difference(Share(0, 0), Share(1, 2)) is None


# R. G. Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10.
@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        (Share(56, 70), Share(48, 80), 0.0524, 0.3339),
        (Share(9, 10), Share(3, 10), 0.1705, 0.8090),
        (Share(5, 56), Share(0, 29), -0.0381, 0.1926),
        (Share(0, 10), Share(0, 20), -0.1611, 0.2775),
        (Share(10, 10), Share(0, 20), 0.6791, 1.0000),
    ],
)
def test_the_interval_of_a_difference_as_published(first, second, low, high):
    interval = rate_difference(first, second)
    assert interval is not None
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_of_a_handful_nothing_is_clear():
    assert not is_clearly_lower(Share(0, 6), Share(1, 1))
    assert not is_clearly_lower(Share(0, 3), Share(3, 3))
    assert not is_clearly_lower(Share(0, 0), Share(5, 5))
    assert is_clearly_lower(Share(0, 5), Share(5, 5))
    assert is_clearly_lower(Share(40_000, 500_000), Share(45_000, 500_000))
    assert not is_clearly_lower(Share(5, 5), Share(0, 5))


shares = st.integers(0, 40).flatmap(lambda count: st.builds(Share, st.integers(0, count), st.just(count)))


@given(shares, shares)
def test_what_is_clear_among_few_is_rare_by_chance(first, second):
    """Counted out: of all ways to hand the won to the two, so few hand the first as few as it has."""
    won = first.won + second.won
    ways = math.comb(first.count + second.count, won)
    as_low = sum(
        math.comb(first.count, own) * math.comb(second.count, won - own)
        for own in range(min(first.won, won) + 1)
    )
    if is_clearly_lower(first, second):
        smallest = min(first.count, second.count) * min(won, first.count + second.count - won)
        assert Fraction(as_low, ways) <= Fraction(25, 1000) or smallest >= 5 * (first.count + second.count)
        assert not is_clearly_lower(second, first)


def test_tenths_without_ties():
    won = [0] * 5 + [1] * 5
    tenths = deciles(Levels.of(won, [1 - w for w in won]))
    assert [tenth.won for tenth in tenths] == [1] * 5 + [0] * 5
    assert [tenth.lift for tenth in tenths] == [2] * 5 + [0] * 5
    assert tenths[4].won_so_far == 1
    assert not any(tenth.cuts_a_tie for tenth in tenths)


@settings(deadline=None)
@given(levels)
def test_tenths_hold_everyone_once(pairs):
    found = of(pairs)
    tenths = deciles(found)
    assert sum(tenth.won for tenth in tenths) == pytest.approx(found.won_count)
    assert sum(tenth.records for tenth in tenths) == pytest.approx(found.won_count + found.lost_count)
    assert tenths[-1].won_so_far == pytest.approx(1)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=2))
def test_a_tie_is_shared_out_as_the_mean_over_all_orders(pairs):
    """Won among the best k, for every k, is the mean over every order of the tied records."""
    tied = [[True] * won + [False] * lost for won, lost in pairs[::-1]]
    orders = [
        [record for level in choice for record in level]
        for choice in itertools.product(*(list(itertools.permutations(level)) for level in tied))
    ]
    found = of(pairs)
    for k in range(sum(map(len, tied)) + 1):
        mean = sum(sum(order[:k]) for order in orders) / len(orders)
        assert found.won_in_top(k) == pytest.approx(mean)


def test_a_line_through_a_tie_is_known():
    found = Levels.of([1, 1], [4, 4])
    assert found.cuts_a_tie(2)
    assert not found.cuts_a_tie(5)
    assert [tenth.number for tenth in deciles(found) if not tenth.cuts_a_tie] == [5, 10]
