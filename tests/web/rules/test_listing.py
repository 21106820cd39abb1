"""The list of scoring rules: what is found, what each line tells, and who sees which."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from firstcall.access.models import Profile, User
from firstcall.access.profiles import Standard
from firstcall.access.rights import EVERY_OTHER, Grant
from firstcall.moments import now
from firstcall.scorekeeping.actions import edit_rule, write_rule
from firstcall.scorekeeping.models import StoredRule
from firstcall.scorekeeping.switching import deactivate, plan, set_aside
from tests.web.conftest import RULE, Company

PART = {"HX-Request": "true"}
DRAFT = "name: %s\nmodule: leads\ncriteria: [{name: Any, touchpoint: '*', points: 1}]\n"


def other(name: str, more: str = "") -> StoredRule:
    return write_rule(DRAFT % name + more, at=now()).rule


def named(client: Client, query: str = "") -> list[str]:
    """The names of the rules that the list shows, in its order."""
    rules = client.get(f"/rules/{query}").context["lines"]
    return [line.rule.name for line in rules]


def test_rules_are_found_by_name_module_layout_and_status(company: Company, bob: Client) -> None:
    other("Quiet")
    other("Only emea", "applies_to: [{field: layout, is: emea}]\n")
    assert named(bob) == ["Call first", "Only emea", "Quiet"]
    assert named(bob, "?name=QUI") == ["Quiet"]
    assert named(bob, "?module=accounts") == []
    assert named(bob, "?layout=standard") == ["Call first", "Quiet"]
    assert named(bob, "?status=draft") == ["Only emea", "Quiet"]
    assert named(bob, "?status=active&name=first") == ["Call first"]
    assert named(bob, "?status=nonsense&from=x") == ["Call first", "Only emea", "Quiet"]
    page = bob.get("/rules/?name=nowhere").text
    assert "No rule meets all of this" in page
    assert 'value="nowhere"' in page


def test_a_line_tells_how_the_rule_stands_and_who_changed_it_last(company: Company, bob: Client) -> None:
    rule, at = company.rule, now()
    assert "wrote version 1" not in bob.get("/rules/").text
    assert "switched version 1 on" in bob.get("/rules/").text
    second = edit_rule(rule, RULE.replace("points: 20", "points: 25"), at=at, by=company.alice)
    page = bob.get("/rules/").text
    assert "version 2 is a draft" in page
    assert "Alice Ames wrote version 2" in page
    plan(second, at=at + timedelta(days=1), now=at, by=company.alice)
    assert "version 2 follows" in bob.get("/rules/").text
    deactivate(rule, at=now(), by=company.bob)
    page = bob.get("/rules/").text
    assert "Bob Brown switched it off" in page
    assert "Stopped" in page


def test_a_rule_that_the_product_set_aside_says_so(company: Company, bob: Client) -> None:
    rule = StoredRule.objects.get()
    assert rule.activation_id is not None
    set_aside(rule.pk, rule.activation_id, why="It took too long.", at=now())
    assert "the product set it aside" in bob.get("/rules/").text
    page = bob.get(f"/rules/{rule.pk}/").text
    assert "could not be computed" in page
    assert "It took too long." in page


def test_how_many_records_reach_which_grade(company: Company, bob: Client) -> None:
    bar = bob.get(f"/rules/{company.rule.pk}/?part=bar", headers=PART).text
    assert "<html" not in bar
    assert 'aria-label="Hot: 1, Warm: 0, Cold: 1"' in bar
    assert "2 records" in bar
    draft = other("Draft")
    assert "No record is scored" in bob.get(f"/rules/{draft.pk}/?part=bar", headers=PART).text


def test_many_rules_are_read_by_few_queries_and_page_by_page(company: Company, bob: Client) -> None:
    bob.get("/rules/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        bob.get("/rules/")
    for number in range(60):
        other(f"Rule {number:02}")
    with CaptureQueriesContext(connection) as many:
        page = bob.get("/rules/")
    assert len(page.context["lines"]) == 50
    drafts = 49  # of these it is asked whether they were ever switched on
    assert len(many) - len(few) <= drafts
    assert named(bob, "?from=50") == [f"Rule {number}" for number in range(49, 60)]


@pytest.fixture
def charlie(company: Company) -> Client:
    """Sees his own records alone, and manages nothing."""
    return signed_in(Profile.objects.standard(Standard.REPRESENTATIVE))


@pytest.fixture
def stranger(company: Company) -> Client:
    """May look into accounts, and no other module."""
    nothing, every = Grant().to_json(), Grant(frozenset({"view"})).to_json()
    return signed_in(
        Profile.objects.create(name="Accounts", grants={EVERY_OTHER: nothing, "accounts": every})
    )


def signed_in(profile: Profile) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("eyes@example.com", "a long password", profile=profile))
    return client


def test_who_does_not_see_the_module_does_not_see_its_rules(company: Company, stranger: Client) -> None:
    assert named(stranger) == []
    assert "Call first" not in stranger.get("/rules/").text
    for path in ("", "?part=picture", "text", "activation", "stop", "clone", "delete", "score-fields", "run"):
        assert stranger.get(f"/rules/{company.rule.pk}/{path}").status_code == 404, path
        assert stranger.post(f"/rules/{company.rule.pk}/{path}").status_code in (404, 405), path


def test_who_sees_only_his_own_counts_only_his_own(company: Company, charlie: Client) -> None:
    path = f"/rules/{company.rule.pk}/"
    assert "No record is scored" in charlie.get(f"{path}?part=bar", headers=PART).text
    assert "No record is scored" in charlie.get(f"{path}?part=picture", headers=PART).text


def test_who_does_not_manage_scoring_reads_and_changes_nothing(company: Company, charlie: Client) -> None:
    rule = company.rule
    page = charlie.get(f"/rules/{rule.pk}/")
    assert page.status_code == 200
    assert "Looked at prices" in page.text
    assert f"/rules/{rule.pk}/activation" not in page.text
    assert "New rule" not in charlie.get("/rules/").text
    assert charlie.get(f"/rules/{rule.pk}/text").status_code == 200
    for path in ("activation", "stop", "clone", "delete", "score-fields", "run"):
        assert charlie.get(f"/rules/{rule.pk}/{path}").status_code == 403, path
        assert charlie.post(f"/rules/{rule.pk}/{path}", {"name": "x"}).status_code == 403, path
    for path in ("plan/cancel", "versions/1/restore"):
        assert charlie.post(f"/rules/{rule.pk}/{path}").status_code == 403, path
    assert charlie.post(f"/rules/{rule.pk}/runs/1/cancel").status_code == 404
    assert StoredRule.objects.get().active_id == rule.active_id


def test_nobody_who_is_not_signed_in_sees_anything(company: Company) -> None:
    for path in ("/rules/", f"/rules/{company.rule.pk}/", f"/rules/{company.rule.pk}/text"):
        answer = Client().get(path)
        assert (answer.status_code, answer["Location"]) == (302, f"/sign-in?next={path}")


def test_rules_stand_in_the_navigation_of_who_sees_a_module(company: Company, bob: Client) -> None:
    assert 'href="/rules/"' in bob.get("/").text
    nothing = signed_in(Profile.objects.create(name="Nothing", grants={EVERY_OTHER: Grant().to_json()}))
    assert 'href="/rules/"' not in nothing.get("/").text
