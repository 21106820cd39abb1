"""Feedback on scores over HTTP: what is thought of a lead, with the score as it was then."""

from __future__ import annotations

import pytest

from firstcall.followups.models import Feedback
from firstcall.moments import now
from firstcall.records.actions import erase_records
from firstcall.scorekeeping.keeper import keep_all
from tests.api.conftest import Caller
from tests.api.world import fine, made
from tests.followups.conftest import Company

pytestmark = pytest.mark.django_db

RULE = """
name: Size
module: leads
criteria: [{name: Large, field: employees, gte: 100, points: 20.25}]
grades: {Hot: 20, Cold: 0}
"""


@pytest.fixture
def rule(company: Company) -> int:
    api = company.people.alice.api
    rule = int(made(api, "/rules", {"text": RULE})["id"])
    fine(api.post(f"/rules/{rule}/activation", {}))
    keep_all(now=now)
    return rule


def given(api: Caller, record: int, rule: int, **said: str) -> dict[str, object]:
    answer = api.put(f"/records/{record}/scores/{rule}/feedback", {"verdict": "good", **said})
    told: dict[str, object] = fine(answer).body
    return told


def test_it_keeps_the_score_and_its_reasons_as_they_were(company: Company, rule: int) -> None:
    bob, alice = company.people.bob, company.people.alice
    said = given(bob.api, company.bobs, rule, verdict="bad", reason="no_budget", comment=" Broke ")
    assert (said["version"], said["comment"], said["by"]) == (1, "Broke", bob.user.pk)
    then = said["score"]
    assert isinstance(then, dict)
    assert (then["total"], then["grade"]) == (20.25, "Hot")
    fine(alice.api.put(f"/rules/{rule}", {"text": RULE.replace("20.25", "7")}, If_Match='"1"'))
    fine(alice.api.post(f"/rules/{rule}/activation", {}))
    fine(bob.api.patch(f"/modules/leads/records/{company.bobs}", {"values": {"employees": 1}}))
    keep_all(now=now)
    again = bob.api.get(f"/feedback/{said['id']}").body
    assert again == said
    assert again["explanation"]["version"] == 1
    assert again["explanation"]["total"] == 20.25


def test_of_one_person_the_newest_counts(company: Company, rule: int) -> None:
    bob, alice = company.people.bob.api, company.people.alice.api
    first = given(bob, company.bobs, rule, verdict="good")
    second = given(bob, company.bobs, rule, verdict="bad", reason="not_real")
    other = given(alice, company.bobs, rule, verdict="good", reason="engaged")
    listed = bob.get(f"/records/{company.bobs}/feedback").body["items"]
    assert [one["id"] for one in listed] == [other["id"], second["id"]]
    assert bob.get(f"/feedback/{first['id']}").body["ended_at"] is not None
    assert bob.delete(f"/feedback/{second['id']}").status == 204
    counts = alice.get(f"/rules/{rule}/feedback-counts").body["items"]
    assert counts == [{"grade": "Hot", "good": 1, "bad": 0}]


def test_that_of_a_rule_is_filtered_and_counted_among_what_one_sees(company: Company, rule: int) -> None:
    people = company.people
    given(people.bob.api, company.bobs, rule, verdict="good", reason="in_need")
    given(people.eve.api, company.eves, rule, verdict="bad", reason="duplicate")
    path, alice = f"/rules/{rule}/feedback", people.alice.api
    for query, records in (
        ("", [company.eves, company.bobs]),
        ("?verdict=bad", [company.eves]),
        ("?reason=in_need", [company.bobs]),
        (f"?by={people.eve.user.pk}", [company.eves]),
        ("?grade=Hot&grade=", [company.eves, company.bobs]),
        ("?grade=Cold", []),
        ("?version=2", []),
    ):
        assert [one["record"] for one in alice.get(path + query).body["items"]] == records, query
    assert [one["record"] for one in people.bob.api.get(path).body["items"]] == [company.bobs]
    assert people.bob.api.get(f"{path}-counts").body["items"] == [{"grade": "Hot", "good": 1, "bad": 0}]
    assert alice.get(f"{path}-counts").body["items"] == [{"grade": "Hot", "good": 1, "bad": 1}]


def test_a_reason_goes_with_its_verdict(company: Company, rule: int) -> None:
    path = f"/records/{company.bobs}/scores/{rule}/feedback"
    answer = company.people.bob.api.put(path, {"verdict": "good", "reason": "no_budget"})
    assert (answer.status, answer.faults) == (422, {"reason": "is no reason for a good lead."})
    assert answer.body["faults"][0]["fix"].startswith("Take one of good_fit,")
    assert Feedback.objects.count() == 0


def test_what_is_hidden_or_not_scored_is_not_there(company: Company, rule: int) -> None:
    bob, alice = company.people.bob.api, company.people.alice.api
    id = given(company.people.eve.api, company.eves, rule)["id"]
    body = {"verdict": "good"}
    assert bob.put(f"/records/{company.eves}/scores/{rule}/feedback", body).status == 404
    assert bob.get(f"/records/{company.eves}/feedback").status == 404
    assert bob.get(f"/feedback/{id}").status == bob.delete(f"/feedback/{id}").status == 404
    assert company.rita.api.delete(f"/feedback/{id}").status == 403
    idle = made(alice, "/rules", {"text": RULE.replace("Size", "Idle")})["id"]
    answer = bob.put(f"/records/{company.bobs}/scores/{idle}/feedback", body)
    assert (answer.status, answer.body["detail"]) == (404, "There is no such score.")


def test_it_goes_with_its_record_and_with_its_rule(company: Company, rule: int) -> None:
    given(company.people.bob.api, company.bobs, rule)
    given(company.people.eve.api, company.eves, rule)
    erase_records([company.bobs], at=now())
    assert [one.record_id for one in Feedback.objects.all()] == [company.eves]
    assert company.people.alice.api.delete(f"/rules/{rule}").status == 204
    assert Feedback.objects.count() == 0
