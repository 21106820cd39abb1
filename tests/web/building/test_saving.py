"""Saving what was built: as a draft, switched on now or later; who is slower is told, and nothing is lost."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from firstcall.moments import now
from firstcall.records.models import Field
from firstcall.scorekeeping.actions import edit_rule
from firstcall.scorekeeping.models import PlannedActivation, RuleVersion, StoredRule
from firstcall.scorekeeping.switching import activate, deactivate
from firstcall.web.building import saving
from tests.web.conftest import RULE, Company


@pytest.fixture
def alice(company: Company) -> Client:
    client = Client()
    client.force_login(company.alice)
    return client


def save(client: Client, text: str, **given: object) -> Any:
    return client.post("/rules/draft/save", {"text": text, "then": "draft", "records": "all", **given})


def test_a_new_rule_is_saved_as_a_draft_and_then_switched_on(alice: Client, company: Company) -> None:
    text = RULE.replace("Call first", "Call second")
    answer = save(alice, text)
    assert answer.status_code == 200, answer.content
    rule = StoredRule.objects.get(name="Call second")
    assert answer.json()["address"] == f"/rules/{rule.pk}/edit"
    assert rule.active is None
    assert rule.newest.created_by == company.alice
    changed = text.replace("points: 20", "points: 21")
    assert save(alice, changed, rule=rule.pk, version=1, then="now", records="new").status_code == 200
    rule.refresh_from_db()
    assert rule.active is not None
    assert (rule.active.number, rule.activation and rule.activation.reach) == (2, "new")
    tomorrow = timezone.localtime(now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    again = text.replace("points: 20", "points: 22")
    assert save(alice, again, rule=rule.pk, version=2, then="later", at=tomorrow).status_code == 200
    assert PlannedActivation.objects.get().version.number == 3


def test_what_is_wrong_is_not_saved(alice: Client, company: Company) -> None:
    answer = save(alice, RULE.replace("points: 20", "points: x"), rule=company.rule.pk, version=1)
    assert answer.status_code == 422
    assert "takes a number" in answer.json()["html"]
    answer = save(alice, RULE)
    assert "There is a rule Call first for Leads already." in answer.json()["html"].replace("leads", "Leads")
    answer = save(alice, RULE + "# x\n", rule=company.rule.pk, version=1, then="later", at="2020-01-01T10:00")
    assert "Choose a moment to come." in answer.json()["html"]
    assert company.rule.versions.count() == 1


def test_who_is_slower_is_told_what_changed_and_overwrites_only_knowingly(
    alice: Client, company: Company
) -> None:
    edit_rule(company.rule, RULE.replace("points: 20", "points: 25"), at=now(), by=company.bob)
    mine = RULE.replace("at_most: 30", "at_most: 40")
    answer = save(alice, mine, rule=company.rule.pk, version=1)
    assert answer.status_code == 409
    told = answer.json()
    assert told["newest"] == 2
    assert "Bob Brown saved version 2" in told["html"]
    assert "Criterion “Large company” now gives 25 points instead of 20." in told["html"]
    assert company.rule.versions.count() == 2
    assert save(alice, mine, rule=company.rule.pk, version=2).status_code == 200
    assert company.rule.newest.text == mine


def test_who_switches_on_unseen_what_another_switched_is_told_and_what_was_made_is_kept(
    alice: Client, company: Company
) -> None:
    builder = alice.get(f"/rules/{company.rule.pk}/edit").text
    [known] = re.findall(r'data-switched="(\d+)"', builder)
    deactivate(company.rule, at=now(), by=company.bob)
    mine = RULE.replace("at_most: 30", "at_most: 40")
    answer = save(alice, mine, rule=company.rule.pk, version=1, then="now", after=known)
    assert answer.status_code == 409
    told = answer.json()
    assert "It is saved as version 2, and was not switched on." in told["html"]
    assert "Bob Brown has switched the rule off while you were looking:" in told["html"]
    company.rule.refresh_from_db()
    assert (company.rule.active, company.rule.newest.text) == (None, mine)
    assert save(alice, mine, then="now", **told["stored"]).status_code == 200
    company.rule.refresh_from_db()
    assert (company.rule.active, company.rule.versions.count()) == (company.rule.newest, 2)


def test_a_field_that_goes_before_the_rule_is_switched_on_is_told(
    alice: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def activate_late(version: RuleVersion, **given: Any) -> None:
        Field.objects.filter(module=company.leads, name="employees").delete()
        activate(version, **given)

    monkeypatch.setattr(saving, "activate", activate_late)
    answer = save(alice, RULE.replace("Call first", "Call second"), then="now", after=0)
    assert answer.status_code == 422
    told = answer.json()
    made = StoredRule.objects.get(name="Call second")
    assert told["stored"] == {"rule": made.pk, "version": 1, "after": 0}
    assert "It is saved as version 1, and was not switched on." in told["html"]
    assert "criteria[0].field" in told["html"]
    assert made.active is None


def test_a_second_plan_is_refused_and_the_first_is_named(alice: Client, company: Company) -> None:
    at = timezone.localtime(now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    begins = {"rule": company.rule.pk, "version": 1, "then": "later", "at": at}
    assert save(alice, RULE, **begins).status_code == 200
    answer = save(alice, RULE + "# more\n", **begins)
    assert answer.status_code == 422
    assert "Version 1 is planned for" in answer.json()["html"]
    assert "It is saved as version 2" in answer.json()["html"]
    assert PlannedActivation.objects.get().version.number == 1
