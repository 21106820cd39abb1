"""Grades, groups and conditions of a rule that are more than a form has rows for."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from firstcall.scoring.documents.plain import Plain
from firstcall.web.building.rows import MOST_ROWS
from firstcall.web.building.settings_form import settings_of, with_settings

MANY = MOST_ROWS + 20


def _held(many: int) -> dict[str, Plain]:
    return {
        "applies_to": [{"field": f"field_{at}", "is": "x"} for at in range(many)],
        "groups": {f"group {at}": {"at_most": 5} for at in range(many)},
        "grades": {f"grade {at}": many - at for at in range(many)},
    }


@pytest.mark.parametrize("part", ["applies_to", "groups", "grades"])
def test_more_than_the_form_has_rows_for_stays_as_it_is_written(part: str) -> None:
    tree: dict[str, Plain] = {"name": "Long", "module": "leads", part: _held(MANY)[part]}
    after = with_settings(tree, QueryDict("rule_name=Long&shows=grades&shows=groups&shows=conditions"), None)
    assert after == tree


@pytest.mark.parametrize("part", ["applies_to", "groups", "grades"])
def test_a_form_that_showed_no_rows_takes_none_away(part: str) -> None:
    """It was made of a text of one row more, and is sent with the text as it was before: somebody has undone that."""
    tree: dict[str, Plain] = {"name": "Long", "module": "leads", part: _held(MOST_ROWS)[part]}
    after = with_settings(tree, QueryDict("rule_name=Other&shows=limits"), None)
    assert after == {**tree, "name": "Other"}


def test_as_many_as_the_form_has_rows_for_are_shown() -> None:
    shown = settings_of({"name": "Long", "module": "leads", **_held(MOST_ROWS)}, None)
    assert [len(rows or ()) for rows in (shown.conditions, shown.groups, shown.grades)] == [MOST_ROWS] * 3
