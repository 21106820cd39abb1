"""Filters on scores: totals, figures, grades of any rule of the module."""

from __future__ import annotations

import pytest

from firstcall.access.viewer import PRODUCT
from firstcall.moments import now
from firstcall.records.errors import InvalidFilterError
from firstcall.records.filtering import read_filter
from firstcall.records.models import Record
from tests.web.conftest import Company, company

__all__ = ["company"]

pytestmark = pytest.mark.django_db


def met(company: Company, *conditions: object) -> set[int]:
    filter = read_filter(company.leads, list(conditions), viewer=PRODUCT)
    return set(filter.of(Record.objects.filter(module=company.leads), now=now()).values_list("pk", flat=True))


def test_totals_figures_grades_and_none(company: Company) -> None:
    rule, ann, cora, eve = company.rule.pk, company.ann.pk, company.cora.pk, company.eve.pk
    for condition, who in [
        ({"score": rule, "gte": 45}, {ann}),
        ({"score": rule, "gt": 45}, set()),
        ({"score": "call FIRST", "lte": 0}, {cora}),
        ({"score": rule, "figure": "positive", "is": 20}, {ann}),
        ({"score": rule, "figure": "touchpoint_negative", "gte": "15.00"}, {cora}),
        ({"score": rule, "grade": "Hot"}, {ann}),
        ({"score": rule, "grade": ["Hot", "Cold"]}, {ann, cora}),
        ({"score": rule, "grade": "O'Hara"}, set()),
        ({"score": rule, "scored": True}, {ann, cora}),
        ({"score": rule, "scored": False}, {eve}),
    ]:
        assert met(company, condition) == who, condition
    both = [{"field": "employees", "gte": 1}, {"score": rule, "gte": -100}, {"touchpoint": "web.*", "gte": 5}]
    assert met(company, *both) == {ann}


def test_everything_that_is_wrong_is_told_at_its_place(company: Company) -> None:
    conditions = [
        {"field": "last_name", "is": "Ann"},
        {"score": "Call last", "gte": True, "figur": "total", "grade": []},
        {"score": company.rule.pk, "figure": "sum; DROP"},
        {"score": company.rule.pk, "gte": "1.234"},
    ]
    with pytest.raises(InvalidFilterError) as told:
        met(company, *conditions)
    found = [(problem.path, problem.code) for problem in told.value.problems]
    assert found == [
        ((1, "figur"), "unknown-key"),
        ((1, "score"), "no-rule"),
        ((1, "gte"), "type"),
        ((1, "grade"), "type"),
        ((2, "figure"), "unknown-figure"),
        ((3, "gte"), "type"),
    ]


def test_problems_of_fields_keep_their_places_beside_scores(company: Company) -> None:
    with pytest.raises(InvalidFilterError) as told:
        met(company, {"score": company.rule.pk, "gte": 1}, {"field": "nosuch", "is": 1})
    assert told.value.problems[0].path[0] == 1


@pytest.mark.parametrize("beyond", ["1e1000000", "-1e999999", "Infinity", "NaN", "1e-1000000", 10**14, 1e300])
def test_what_no_score_can_be_is_no_number_of_points(company: Company, beyond: object) -> None:
    with pytest.raises(InvalidFilterError) as told:
        met(company, {"score": company.rule.pk, "gte": beyond})
    assert [problem.path for problem in told.value.problems] == [(0, "gte")]
    assert "gte takes points, a number with two decimals at most." in str(told.value.problems[0])
