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
    after = with_settings(tree, QueryDict("rule_name=Long"), None)
    assert after == tree


def test_as_many_as_the_form_has_rows_for_are_shown() -> None:
    shown = settings_of({"name": "Long", "module": "leads", **_held(MOST_ROWS)}, None)
    assert [len(rows or ()) for rows in (shown.conditions, shown.groups, shown.grades)] == [MOST_ROWS] * 3
