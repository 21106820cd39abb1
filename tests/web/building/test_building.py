"""The rule builder from outside: who may, what becomes of the text by each thing done to a card, saving, conflicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from firstcall.access.models import Profile, User
from firstcall.access.rights import EVERY_OTHER, Grant, Right, Verb, Visibility
from firstcall.moments import now
from firstcall.records.actions import create_record
from firstcall.records.models import Field
from firstcall.records.standard import ensure_standard_modules
from firstcall.scorekeeping.starting import find_template, templates
from firstcall.scoring.documents import parse_document
from firstcall.scoring.documents.plain import plain
from tests.web.conftest import RULE, Company


def person(rights: frozenset[Right], grants: Mapping[str, Any]) -> Client:
    profile = Profile.objects.create(name="P", grants=grants, rights=sorted(rights))
    client = Client()
    client.force_login(User.objects.create_user("p@example.com", "a long password", profile=profile))
    return client


EVERYTHING = Grant(frozenset(Verb), Visibility.ALL).to_json()
SCORING = frozenset({Right.MANAGE_SCORING})


@pytest.fixture
def alice(company: Company) -> Client:
    client = Client()
    client.force_login(company.alice)
    return client


def do(client: Client, text: str, **given: object) -> dict[str, Any]:
    answer = client.post("/rules/draft", {"text": text, **given})
    assert answer.status_code == 200, answer.content
    told: dict[str, Any] = answer.json()
    return told


def said(text: str) -> Any:
    root = parse_document(text, "rule").root
    assert root is not None
    return plain(root)


def criterion(client: Client, text: str, at: int, **given: object) -> Any:
    return said(do(client, text, do="card", at=at, **given)["text"])["criteria"][at]


PRICES = {
    "name": "Looked at prices", "enabled": "1", "subject": "touchpoint", "type": "web.visited", "aggregate": "count",
    "in_last_size": "30", "in_last_unit": "days", "worth": "each", "points": "5", "at_most": "30",
}  # fmt: skip
LARGE = {
    "name": "Large company", "enabled": "1", "subject": "field", "field": "employees", "t0_test": "gte", "t0_value": "100",
    "worth": "points", "points": "20",
}  # fmt: skip


def test_a_card_that_was_not_touched_changes_nothing(alice: Client) -> None:
    for at, card in enumerate((LARGE, PRICES)):
        assert do(alice, RULE, do="card", at=at, **card)["text"] == RULE


def test_points_and_values_are_changed_where_they_stand(alice: Client) -> None:
    told = do(alice, RULE, do="card", at=0, **{**LARGE, "points": "25,5", "t0_value": "150"})
    assert told["text"] == RULE.replace("gte: 100, points: 20", "gte: 150, points: 25.5")
    assert told["isSound"]
    assert "+25.5 when employees is at least 150" in told["cards"]


def test_whatever_is_typed_is_kept_and_told_at_its_card(alice: Client) -> None:
    told = do(alice, RULE, do="card", at=0, **{**LARGE, "points": "many", "t0_value": ""})
    assert said(told["text"])["criteria"][0] == {
        "name": "Large company", "field": "employees", "gte": None, "points": "many",
    }  # fmt: skip
    assert not told["isSound"]
    assert told["says"] == "2 problems"
    card = told["cards"][told["cards"].index('id="card-0"') : told["cards"].index('id="touchpoint-cards"')]
    assert "`points` takes a number, not the text “many”." in card
    assert 'value="many"' in card
    # The others are told what they say all the same.
    assert "5 for each web.visited in the last 30 days" in told["cards"]


def test_something_else_is_looked_at(alice: Client) -> None:
    changed = criterion(alice, RULE, 0, **{**LARGE, "field": "source"})
    assert changed == {"name": "Large company", "field": "source", "empty": False, "points": 20}
    changed = criterion(alice, RULE, 0, **{**LARGE, "subject": "touchpoint"})
    assert changed == {"name": "Large company", "touchpoint": "web.visited", "points": 20}
    changed = criterion(alice, RULE, 1, **{**PRICES, "subject": "days_since"})
    assert changed == {"name": "Looked at prices", "days_since": "web.visited", "each": 5, "at_most": 30}


def test_where_windows_and_measures(alice: Client) -> None:
    more: dict[str, object] = {
        **PRICES, "type": ["web.visited", "email.clicked"], "aggregate": "distinct", "property": "path",
        "w0_about": "path", "w0_test": "starts_with", "w0_value": "/pricing\n/offers",
        "w1_about": "machine", "w1_test": "no",
        "older_than_size": "1", "older_than_unit": "hours", "from": "2026-01-31", "every": "2", "at_most": "",
    }  # fmt: skip
    assert criterion(alice, RULE, 1, **more) == {
        "name": "Looked at prices",
        "touchpoint": ["web.visited", "email.clicked"],
        "distinct": "path",
        "where": [
            {"property": "path", "starts_with": ["/pricing", "/offers"]},
            {"property": "machine", "is": False},
        ],
        "in_last": "30 days",
        "older_than": "1 hour",
        "from": "2026-01-31",
        "each": 5,
        "every": 2,
    }


def test_true_stays_true_where_something_beside_it_changes(alice: Client) -> None:
    text = RULE.replace(
        "in_last: 30 days,",
        "where: [{property: path, is: 5}, {property: machine, is_not: true}], in_last: 30 days,",
    )
    rows = {
        "w0_about": "path", "w0_test": "is", "w0_value": "5", "w1_about": "machine", "w1_test": "is_not",
        "w1_value": "true",
    }  # fmt: skip
    assert do(alice, text, do="card", at=1, **PRICES, **rows)["text"] == text
    changed = criterion(alice, text, 1, **PRICES, **{**rows, "w0_value": "/pricing"})
    assert changed["where"] == [
        {"property": "path", "is": "/pricing"},
        {"property": "machine", "is_not": True},
    ]
    gone = criterion(alice, text, 1, **PRICES, **{key: value for key, value in rows.items() if key[1] == "1"})
    assert gone["where"] == {"property": "machine", "is_not": True}
    new = criterion(alice, RULE, 1, **PRICES, w4_about="robot", w4_test="is_not", w4_value="true")
    assert new["where"] == {"property": "robot", "is_not": True}


def test_tables_and_fading(alice: Client) -> None:
    bare = {key: value for key, value in LARGE.items() if not key.startswith("t0")}
    table: dict[str, object] = {
        **bare, "worth": "table", "r0_test": "gte", "r0_value": "1000", "r0_points": "20", "r1_test": "between",
        "r1_value": ["10", "99"], "r1_points": "-5", "r3_test": "", "r3_points": "1",
    }  # fmt: skip
    text = do(alice, RULE, do="card", at=0, **table)["text"]
    assert said(text)["criteria"][0] == {
        "name": "Large company",
        "field": "employees",
        "table": [{"gte": 1000, "points": 20}, {"between": [10, 99], "points": -5}, {"points": 1}],
    }
    back = criterion(alice, text, 0, **{**table, "worth": "points", "points": ""})
    assert back == {"name": "Large company", "field": "employees", "gte": 1000, "points": 20}
    told = do(alice, RULE, do="card", at=1, **PRICES, more="decay")
    assert said(told["text"])["criteria"][1]["decay"] == {"lose": "50%", "every": "30 days"}
    assert "It fades: +5 when new, half after 30 days" in told["cards"]


def test_what_no_card_shows_stays_and_can_be_moved_and_weighed(alice: Client) -> None:
    text = RULE.replace(
        "criteria:\n",
        "criteria:\n  - name: Both   # our own\n"
        "    all: [{field: source, is: Web}, {touchpoint: '*', gte: 3}]\n    description: x\n    points: 5\n",
    )
    told = do(alice, text)
    assert "Edit in YAML" in told["cards"]
    told = do(alice, text, do="card", at=0, name="Both", enabled="1", points="7")
    assert told["text"] == text.replace("    points: 5\n", "    points: 7\n")
    told = do(alice, told["text"], do="move", at=0, to=2)
    assert [one["name"] for one in said(told["text"])["criteria"]] == [
        "Large company", "Looked at prices", "Both", "Unsubscribed",
    ]  # fmt: skip
    assert "name: Both   # our own" in told["text"]


def test_cards_come_and_go(alice: Client) -> None:
    text = do(alice, RULE, do="add", what="touchpoint")["text"]
    text = do(alice, text, do="duplicate", at=3)["text"]
    text = do(alice, text, do="add", what="fit")["text"]
    told = do(alice, text, do="remove", at=0)
    assert [one["name"] for one in said(told["text"])["criteria"]] == [
        "Looked at prices", "Unsubscribed", "Visited our pages", "Visited our pages 2", "New criterion",
    ]  # fmt: skip
    assert told["isSound"], told["problems"]
    off = criterion(alice, RULE, 0, **{key: value for key, value in LARGE.items() if key != "enabled"})
    assert off["enabled"] is False


SETTINGS: dict[str, object] = {
    "rule_name": "Call first", "description": "", "minimum": "", "maximum": "", "grade_parts": "total",
    "g0_part": "total", "g0_name": "Hot", "g0_at": "40", "g1_part": "total", "g1_name": "Warm", "g1_at": "20",
    "g2_part": "total", "g2_name": "Cold", "g2_at": "-100",
    "a0_about": "source", "a0_test": "is_not", "a0_value": "Fair",
    "shows": ["grades", "limits", "groups", "conditions"],
}  # fmt: skip


def test_what_stands_beside_the_criteria(alice: Client) -> None:
    assert do(alice, RULE, do="settings", **SETTINGS)["text"] == RULE
    changed = {
        **SETTINGS, "rule_name": "Call: now", "description": "For sales.", "maximum": "100", "g0_at": "50",
        "b0_name": "Web", "b0_at_most": "20", "a1_about": "employees", "a1_test": "gte", "a1_value": "5",
    }  # fmt: skip
    told = do(alice, RULE, do="settings", **changed)
    tree = said(told["text"])
    assert tree == said(RULE) | {
        "name": "Call: now",
        "description": "For sales.",
        "limits": {"maximum": 100},
        "grades": {"Hot": 50, "Warm": 20, "Cold": -100},
        "groups": {"Web": {"at_most": 20}},
        "applies_to": [{"field": "source", "is_not": "Fair"}, {"field": "employees", "gte": 5}],
    }
    assert "No criterion is in the group Web." in told["cards"]
    two = said(do(alice, RULE, do="settings", **{**SETTINGS, "grade_parts": "two"})["text"])["grades"]
    assert two["fit"] == {"Hot": 40, "Warm": 20, "Cold": -100}
    more = said(do(alice, RULE, do="settings", **SETTINGS, more="grade")["text"])["grades"]
    assert more == {"Hot": 40, "Warm": 20, "Cold": -100, "New": 50}


@pytest.mark.parametrize(
    "text",
    ["", "name: [", "- 1", "name: A", "x: &a 1\ny: *a", "criteria: 7",
     "name: A\nmodule: leads\ncriteria: [1, [2], {all: 3}]",
     "name: A\nmodule: nowhere\ncriteria: [{name: B, field: c, points: 1}]", "{\"name\": \"A\"}", "name: A\nname: B",
     "name: {a: 1}\nmodule: leads\ngrades: [1]\ngroups: 5\nlimits: x\napplies_to: y\ndescription: [z]\ncriteria: []"],
)  # fmt: skip
def test_no_text_is_too_strange(alice: Client, text: str) -> None:
    for given in (
        {},
        {"do": "add", "what": "fit"},
        {"do": "card", "at": "0", **LARGE},
        {"do": "settings", **SETTINGS},
    ):
        told = do(alice, text, **given)
        assert told["isSound"] is False or given
        assert told["problems"] or told["isSound"]


def test_templates_open_in_the_builder_and_are_shown_whole(alice: Client) -> None:
    ensure_standard_modules()
    page = alice.get("/rules/new?module=leads").text
    for template in templates():
        opened = alice.get(f"/rules/new?module={template.module}&from={template.name}")
        assert opened.status_code == 200
        told = do(alice, template.text)
        assert told["isSound"], (template.name, told["problems"])
        assert (f"from={template.name}" in page) == (template.module == "leads")
        assert "Edit in YAML" not in told["cards"], template.name
    assert alice.get("/rules/new?module=leads&from=nowhere").status_code == 404
    assert alice.get("/rules/new?module=leads&from=blank&name=Mine").status_code == 200


def test_every_card_of_a_template_says_the_same_after_it_was_sent(alice: Client) -> None:
    """What a browser would send of each card, untouched, leaves the text as it is."""
    from tests.web.building.forms import forms_of

    ensure_standard_modules()
    names = ("fit_and_interest", "shop_contacts", "deals")
    combined = [one.name for one in templates() if "not: " in one.text or "all:" in one.text]
    for template in filter(None, map(find_template, dict.fromkeys([*names, *combined]))):
        told = do(alice, template.text, open=list(range(30)))
        for form in forms_of(told["cards"]):
            answer = alice.post("/rules/draft", {"text": template.text, **form})
            assert answer.json()["text"] == template.text, (template.name, form)


def test_one_record_is_tried(alice: Client, company: Company) -> None:
    found = alice.post("/rules/draft/trial", {"text": RULE, "q": "mill"}).text
    assert f'data-trial-record="{company.ann.pk}"' in found
    draft = RULE.replace("points: 20", "points: 50")
    page = alice.post("/rules/draft/trial", {"text": draft, "record": company.ann.pk}).text
    assert "Ann Miller" in page
    assert "75" in page
    assert "Hot" in page
    assert (
        "does not apply" in alice.post("/rules/draft/trial", {"text": draft, "record": company.eve.pk}).text
    )
    assert (
        "Mend the problems" in alice.post("/rules/draft/trial", {"text": "x", "record": company.ann.pk}).text
    )


def test_a_record_to_try_is_found_beside_many_of_other_modules(alice: Client, company: Company) -> None:
    for number in range(60):
        create_record(company.acme.module, {"name": f"Mill {number}"}, at=now())
    found = alice.post("/rules/draft/trial", {"text": RULE, "q": "mill"}).text
    assert f'data-trial-record="{company.ann.pk}"' in found


PATHS = ("/rules/draft", "/rules/draft/preview", "/rules/draft/trial", "/rules/draft/save")


def test_who_may_not_manage_scoring_is_refused(company: Company, bob: Client) -> None:
    assert bob.get("/rules/new").status_code == 403
    assert bob.get(f"/rules/{company.rule.pk}/edit").status_code == 403
    for path in PATHS:
        assert bob.post(path, {"text": RULE}).status_code == 403, path
    assert Client().get("/rules/new").status_code == 302


def test_rules_and_records_that_are_hidden_are_not_there(company: Company) -> None:
    blind = person(SCORING, {EVERY_OTHER: EVERYTHING, "leads": Grant().to_json()})
    assert blind.get(f"/rules/{company.rule.pk}/edit").status_code == 404
    assert blind.get("/rules/999999/edit").status_code == 404
    assert blind.get("/rules/new?module=leads&from=blank").status_code == 404
    assert (
        blind.post("/rules/draft/save", {"text": RULE, "rule": company.rule.pk, "version": 1}).status_code
        == 404
    )
    assert "There is no module leads." in blind.post("/rules/draft", {"text": RULE}).json()["problems"]
    assert company.rule.versions.count() == 1


def test_a_manager_who_sees_own_records_tries_and_previews_these_alone(company: Company) -> None:
    charlie = person(SCORING, {EVERY_OTHER: Grant(frozenset(Verb)).to_json()})
    assert charlie.get(f"/rules/{company.rule.pk}/edit").status_code == 200
    found = charlie.post("/rules/draft/trial", {"text": RULE, "q": "mill"}).text
    tried = charlie.post("/rules/draft/trial", {"text": RULE, "record": company.ann.pk}).text
    assert "Miller" not in found + tried


def test_sentences_call_fields_by_their_labels_and_look_ups_by_both(alice: Client) -> None:
    ensure_standard_modules()
    Field.objects.filter(module__name="leads", name="employees").update(label="Number of people")
    assert "+20 when Number of people is at least 100" in do(alice, RULE)["cards"]
    text = (
        "name: A\nmodule: contacts\ncriteria:\n"
        "  - {name: B, any: [{field: account.industry, is: Retail}, {not: {field: job_title, empty: true}}], points: 5}\n"
    )
    told = do(alice, text)
    assert told["isSound"], told["problems"]
    assert "+5 when Account: Industry is “Retail” or not (Job title is empty)" in told["cards"]
