"""Calls logged by hand are touchpoints: scores move, and heal when a call is undone."""

from __future__ import annotations

import pytest

from firstcall.access.models import User
from firstcall.moments import now
from firstcall.records.actions import erase_records
from firstcall.scorekeeping.keeper import keep_all
from firstcall.touchpoints.models import Touchpoint
from tests.api.world import fine, made
from tests.followups.conftest import Company

pytestmark = pytest.mark.django_db

RULE = """
name: Calls
module: leads
criteria:
  - {name: Talked, touchpoint: call.attended, points: 10}
  - {name: Long, touchpoint: call.attended, where: [{property: duration, gt: 900}], points: 20}
"""


def total(company: Company, record: int) -> float:
    keep_all(now=now)
    [score] = company.people.alice.api.get(f"/records/{record}/scores").body
    return float(score["score"]["total"])


def activated(company: Company) -> int:
    api = company.people.alice.api
    rule = int(made(api, "/rules", {"text": RULE})["id"])
    fine(api.post(f"/rules/{rule}/activation", {}))
    return rule


def test_scores_follow_a_call_and_heal_when_it_is_undone(company: Company) -> None:
    activated(company)
    bob = company.people.bob.api
    given = {"outcome": "reached", "duration": 901, "text": "Wants an offer"}
    call = made(bob, f"/records/{company.bobs}/calls", given)
    assert (call["type"], call["duration"], call["text"]) == ("call.attended", 901, "Wants an offer")
    assert (call["by"], call["revoked_at"]) == (company.people.bob.user.pk, None)
    assert total(company, company.bobs) == 30
    assert bob.get(f"/touchpoints/{call['id']}").body["type"] == "call.attended"
    for _ in range(2):
        assert bob.delete(f"/calls/{call['id']}").status == 204
    assert total(company, company.bobs) == 0
    assert bob.get(f"/records/{company.bobs}/calls").body["items"] == []
    assert bob.get(f"/calls/{call['id']}").body["revoked_at"] is not None


@pytest.mark.parametrize(
    ("outcome", "direction", "type"),
    [
        ("reached", "outgoing", "call.attended"),
        ("no_answer", "outgoing", "call.unattended"),
        ("voicemail", "outgoing", "call.unattended"),
        ("busy", "outgoing", "call.unattended"),
        ("wrong_number", "outgoing", "call.made"),
        ("reached", "incoming", "call.received"),
        ("voicemail", "incoming", "call.missed"),
    ],
)
def test_each_outcome_is_a_type_of_the_catalogue(
    company: Company, outcome: str, direction: str, type: str
) -> None:
    given = {"outcome": outcome, "direction": direction, "occurred_at": "2026-01-01T10:00:00Z"}
    call = made(company.people.bob.api, f"/records/{company.bobs}/calls", given)
    assert (call["type"], call["occurred_at"]) == (type, "2026-01-01T10:00:00Z")


def test_the_newest_call_comes_first_page_by_page(company: Company) -> None:
    api, path = company.people.bob.api, f"/records/{company.bobs}/calls"
    for day in (3, 1, 2):
        made(api, path, {"outcome": "busy", "occurred_at": f"2026-01-0{day}T00:00:00Z"})
    first = api.get(f"{path}?limit=2").body
    rest = api.get(f"{path}?limit=2&after={first['next']}").body
    days = [call["occurred_at"][8:10] for call in [*first["items"], *rest["items"]]]
    assert (days, rest["next"]) == (["03", "02", "01"], None)


def test_what_is_no_call_is_refused_with_all_that_is_wrong(company: Company) -> None:
    api, path = company.people.bob.api, f"/records/{company.bobs}/calls"
    given = {"outcome": "angry", "direction": "up", "duration": -1, "text": 5, "occurred_at": "now"}
    assert set(api.post(path, given).faults) == set(given)
    later = {"outcome": "busy", "occurred_at": "2199-01-01T00:00:00Z"}
    assert api.post(path, later).faults == {"occurred_at": "is still to come."}
    assert Touchpoint.objects.count() == 0


def test_only_ones_own_calls_are_undone_and_those_of_hidden_records_are_not_there(company: Company) -> None:
    call = made(company.people.eve.api, f"/records/{company.eves}/calls", {"outcome": "busy"})["id"]
    bob, rita = company.people.bob.api, company.rita.api
    assert bob.post(f"/records/{company.eves}/calls", {"outcome": "busy"}).status == 404
    for method, path in (
        ("GET", f"/records/{company.eves}/calls"),
        ("GET", f"/calls/{call}"),
        ("DELETE", f"/calls/{call}"),
    ):
        assert bob(method, path).status == 404
    assert rita.delete(f"/calls/{call}").status == 403
    hers = made(rita, f"/records/{company.eves}/calls", {"outcome": "busy"})["id"]
    assert rita.delete(f"/calls/{hers}").status == 204


def test_touchpoints_that_nobody_logged_are_no_calls(company: Company) -> None:
    alice = company.people.alice.api
    fine(alice.post("/touchpoints", [{"type": "call.attended", "record_id": company.bobs}]))
    sent = Touchpoint.objects.get()
    assert alice.delete(f"/calls/{sent.pk}").status == 404
    assert alice.get(f"/records/{company.bobs}/calls").body["items"] == []


def test_calls_go_with_their_record_and_stay_when_their_user_goes(company: Company) -> None:
    call = made(company.rita.api, f"/records/{company.bobs}/calls", {"outcome": "busy"})["id"]
    User.objects.get(pk=company.rita.user.pk).delete()
    assert company.people.bob.api.get(f"/calls/{call}").body["by"] is None
    erase_records([company.bobs], at=now())
    assert Touchpoint.objects.count() == 0
