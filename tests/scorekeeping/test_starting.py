"""What rules begin from: every template can be stored and says something in a new installation."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from firstcall.records.models import Module
from firstcall.records.standard import ensure_standard_modules
from firstcall.scorekeeping.actions import create_rule
from firstcall.scorekeeping.checking import check_draft, check_rule
from firstcall.scorekeeping.starting import blank_rule, find_template, templates

AT = datetime(2026, 9, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def modules() -> None:
    ensure_standard_modules()


@pytest.mark.parametrize("name", [template.name for template in templates()])
def test_every_template_can_be_stored(name: str) -> None:
    template = find_template(name)
    assert template is not None
    checked = check_rule(template.text)
    assert [str(warning) for warning in checked.warnings] == []
    assert template.industry
    assert template.title
    assert checked.rule.description
    create_rule(template.text, at=AT)


def test_names_of_templates_differ_within_a_module():
    names = [(template.module, template.rule.name) for template in templates()]
    assert len(set(names)) == len(names)
    assert len(templates()) >= 10
    assert find_template("nowhere") is None


def test_next_to_nothing_can_be_stored_for_every_module():
    for module in Module.objects.all():
        assert check_draft(blank_rule(module, f'"{module}": a rule')).problems == ()
        create_rule(blank_rule(module, f'"{module}": a rule'), at=AT)
