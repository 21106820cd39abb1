"""Brackets split any scores into a readable number of parts that hold each score once."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from firstcall.insights.brackets import brackets_of

points = st.lists(st.integers(-(10**7), 10**7), min_size=1, max_size=60)


def split(scores):
    counted = sorted(Counter(scores).items())
    return brackets_of([score for score, _ in counted], [count for _, count in counted])


@settings(deadline=None)
@given(points)
def test_every_score_is_in_exactly_one_bracket(scores):
    brackets = split(scores)
    assert all(sum(score in bracket for bracket in brackets) == 1 for score in scores)


@settings(deadline=None)
@given(points)
def test_there_are_at_most_a_dozen_of_one_round_width(scores):
    brackets = split(scores)
    assert len(brackets) <= 13
    widths = {b.high - b.low for b in brackets if b.low is not None and b.high is not None}
    assert len(widths) <= 1
    assert all(str(width).rstrip("0") in ("1", "2", "5") for width in widths)


def test_brackets_of_a_hundred_points_are_tens():
    shown = [str(bracket) for bracket in split(range(0, 10_001, 100))]
    assert shown[0] == "0 to <10"
    assert shown[-1] == "90 or more"
    assert len(shown) == 10


def test_a_few_far_off_records_do_not_stretch_the_scale():
    scores = [*range(0, 10_000, 10), 5_000_000, -7_000_000]
    shown = [str(bracket) for bracket in split(scores)]
    assert shown[0] == "below 10"
    assert shown[-1] == "90 or more"


def test_one_score_is_one_bracket_and_none_is_none():
    assert [str(bracket) for bracket in split([500, 500])] == ["all"]
    assert brackets_of([], []) == []


def test_two_scores_far_apart_are_told_apart_even_when_one_is_rare():
    brackets = brackets_of([0, 10_000], [9_999, 1])
    assert 0 in brackets[0]
    assert 10_000 in brackets[-1]
    assert len(brackets) > 1


def test_scores_in_steps_of_five_have_brackets_of_five():
    assert [str(bracket) for bracket in split([1000, 1500, 2000, 2500, 3000] * 3)] == [
        "10 to <15",
        "15 to <20",
        "20 to <25",
        "25 to <30",
        "30 or more",
    ]
