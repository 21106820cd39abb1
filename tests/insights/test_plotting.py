"""The picture of a backtest: whole or not at all, the same bytes each time, and fit for odd rules."""

import pytest

from firstcall.insights.backtesting import backtest
from firstcall.insights.plotting import draw_backtest, plot_backtest
from firstcall.insights.winning import parse_outcome
from tests.insights.sources import NOW, opened, rule

PNG = b"\x89PNG\r\n\x1a\n"


def result(criteria="{name: Size, field: n, gte: 5, points: 10}", *, name="Size", count=40):
    records = [{"id": f"{i}", "n": i % 10, "won": int(i % 10 > 6)} for i in range(count)]
    with opened(records) as (source, workspace):
        return backtest(rule(criteria, name=name), parse_outcome("won=1"), source, NOW, workspace)


def texts(figure):
    shown = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        shown += [axes.get_title(loc="left"), *(text.get_text() for text in axes.texts)]
        shown += [label.get_text() for label in axes.get_xticklabels()]
        legend = axes.get_legend()
        shown += [text.get_text() for text in legend.get_texts()] if legend else []
    return shown


def test_the_picture_says_what_the_backtest_says():
    shown = texts(draw_backtest(result()))
    assert "Size" in shown
    assert any(text.startswith("AUC 0.857   (95% interval ") for text in shown)
    assert "40 records, 12 won (30.0%) by won=1" in shown
    assert "the best 20% hold 40% of the won" in shown
    assert "all records 30.0%" in shown
    assert {"Conversion by score", "Cumulative gains", "Scores of won and lost"} <= set(shown)
    assert "0–5\n20" in shown


def test_the_same_backtest_gives_the_same_bytes(tmp_path):
    first, second = tmp_path / "first.png", tmp_path / "second.png"
    plot_backtest(result(), first)
    plot_backtest(result(), second)
    assert first.read_bytes().startswith(PNG)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    "criteria",
    [
        "{name: Nobody, field: n, gt: 99, points: 10}",
        "{name: Tiny, field: n, gte: 5, points: 0.01}",
        "{name: Lost, field: n, gte: 5, points: -1000000}",
        "\n".join(f"{{name: N{i}, field: n, is: {i}, points: {i * i * 500}}}" for i in range(10)),
    ],
)
def test_odd_scores_are_drawn(criteria, tmp_path):
    path = tmp_path / "odd.png"
    plot_backtest(result(criteria), path)
    assert path.read_bytes().startswith(PNG)


def test_a_name_with_dollars_is_no_formula(tmp_path):
    plot_backtest(
        result(name='"$x_{$ a very long name that goes on and on and on until it has to be cut off"'),
        tmp_path / "a.png",
    )
    assert (tmp_path / "a.png").stat().st_size > 10_000


def test_no_half_picture_stays(tmp_path, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", full)
    with pytest.raises(OSError, match="No space left"):
        plot_backtest(result(), tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []
