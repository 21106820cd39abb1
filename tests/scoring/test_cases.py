"""The scenarios of `cases/`, by the reference evaluator; the engines run the same ones."""

from __future__ import annotations

import pytest

from firstcall.scoring.numbers import format_points
from firstcall.scoring.scores import Score
from tests.scoring.cases import Case, Expectation, ExpectedLine, load_cases, reference_score


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.id)
def test_the_reference_gives_what_the_case_expects(case: Case) -> None:
    assert case.expect.disagreements(reference_score(case)) == []


def test_a_wrong_score_is_told_in_words() -> None:
    expectation = Expectation(
        figures={"total": 1500}, grade="Hot", lines={"Clicked": ExpectedLine(points=1500)}
    )
    score = Score(
        positive=0, negative=0, touchpoint_positive=0, touchpoint_negative=0, total=1000, grade=None
    )
    assert format_points(score.total) == "10"
    assert expectation.disagreements(score) == [
        "total is '10', expected '15'",
        "grade is None, expected 'Hot'",
        "no line Clicked",
    ]
    assert expectation.disagreements(None) == ["scored: False"]
