"""The draws are pinned: another number here means that every demo in the world changes."""

import numpy as np
import pytest

from firstcall.demo.draws import Draws, chance_table, growth_table, normal_table, skewed_table


def test_the_same_key_gives_the_same_stream_and_another_key_another():
    assert Draws(7, 0).below(1_000, 6).tolist() == [625, 897, 775, 225, 300, 873]
    assert Draws(7, 1).below(1_000, 6).tolist() == [770, 111, 189, 159, 431, 501]


def test_uniform_is_within_its_bounds_and_even():
    drawn = Draws(1).uniform(100_000)
    assert drawn.min() >= 0
    assert drawn.max() < 1
    assert np.histogram(drawn, bins=10, range=(0, 1))[0] == pytest.approx(10_000, rel=0.05)


def test_below_takes_a_limit_for_each_draw():
    limits = np.tile([1, 2, 50], 1_000)
    drawn = Draws(2).below(limits, 3_000)
    assert (drawn < limits).all()
    assert drawn[2::3].max() == 49


def test_pick_follows_the_weights_and_never_takes_weight_zero():
    counts = np.bincount(Draws(3).pick([1, 0, 3], 40_000), minlength=3)
    assert counts[1] == 0
    assert counts[2] / counts[0] == pytest.approx(3, rel=0.05)


def test_chance_may_differ_from_draw_to_draw():
    assert Draws(4).chance(np.array([0.0, 1.0] * 50), 100).tolist() == [False, True] * 50


def test_tables_have_the_shapes_they_are_named_for():
    assert normal_table().mean() == pytest.approx(0, abs=1e-3)
    assert normal_table().std() == pytest.approx(1, abs=0.01)
    assert skewed_table(1.15).mean() == pytest.approx(1, abs=1e-3)
    assert skewed_table(1.15).max() > 10
    assert chance_table(-100, 100)[[0, 100, 200]].tolist() == [0.268941, 0.5, 0.731059]
    assert growth_table(np.array([0.0, 1.0]), 2.0).tolist() == [1.0, 7.3891]
