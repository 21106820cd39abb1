"""All that happened to a record over HTTP: in one order, page by page, with what touchpoints did to scores."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from firstcall.access.scopes import Scope
from firstcall.access.tokens import issue_token
from firstcall.access.viewing import viewer_of
from firstcall.followups.calls import Call, Outcome, log_call
from firstcall.followups.effects import effects_of
from firstcall.followups.feedback import Opinion, give_feedback
from firstcall.followups.files import attach_file
from firstcall.followups.models import Verdict
from firstcall.followups.notes import write_note
from firstcall.followups.tasks import complete_task, create_task
from firstcall.followups.timeline import Kind, timeline
from firstcall.moments import now
from firstcall.records.actions import change_record
from firstcall.records.models import Record
from firstcall.scorekeeping.actions import write_rule
from firstcall.scorekeeping.keeper import keep_all
from firstcall.scorekeeping.models import StoredRule
from firstcall.scorekeeping.switching import activate
from firstcall.touchpoints.intake import Arrival, accept
from firstcall.touchpoints.models import Source, Touchpoint
from tests.api.conftest import AT, Caller
from tests.followups.conftest import Company

pytestmark = pytest.mark.django_db

RULE = """
name: Call first
module: leads
criteria:
  - {name: Large, field: employees, gte: 100, points: 20}
  - {name: Looked, touchpoint: web.visited, each: 5, at_most: 30}
  - {name: Reached, touchpoint: call.attended, points: 7}
grades: {Hot: 30, Cold: -100}
"""


def arrive(record: Record, *paths: str, days: int = 0) -> None:
    source, _ = Source.objects.get_or_create(name="site", defaults={"created_at": now()})
    at = now()
    arrivals = [
        Arrival(f"{path}{days}", "web.visited", at - timedelta(days=days), record.pk, {"path": path})
        for path in paths
    ]
    accept(source, arrivals, received_at=at)
    keep_all(now=now)


@pytest.fixture
def lead(company: Company) -> Record:
    """One that has lived."""
    record = Record.objects.get(pk=company.bobs)
    viewer = viewer_of(company.people.bob.user)
    activate(write_rule(RULE, at=now()), at=now())
    keep_all(now=now)
    arrive(record, "/")
    arrive(record, "/pricing", "/team", days=3)
    change_record(record, {"employees": 5}, at=now(), by=company.people.bob.user)
    keep_all(now=now)
    task = create_task(record, "Call", viewer=viewer, at=now())
    complete_task(task, viewer=viewer, at=now())
    write_note(record, "Likes tea", viewer=viewer, at=now())
    log_call(record, Call(Outcome.REACHED, text="Nice"), viewer=viewer, at=now())
    attach_file(record, "offer.txt", [b"For Ann"], viewer=viewer, at=now())
    keep_all(now=now)
    give_feedback(record, StoredRule.objects.get(), Opinion(Verdict.GOOD, "in_need"), viewer=viewer, at=now())
    return record


def test_what_a_touchpoint_did_is_told_without_reading_all_that_came_later(lead: Record) -> None:
    early = list(Touchpoint.objects.filter(record=lead, type="web.visited").order_by("pk")[:1])
    before = effects_of(lead, early)
    for number in range(5):
        arrive(lead, f"/later{number}")
    with CaptureQueriesContext(connection) as asked:
        assert effects_of(lead, early) == before
    assert [effect.by for effect in before[early[0].pk]] == [500]
    of_touchpoints = [query["sql"] for query in asked if 'FROM "touchpoints_touchpoint"' in query["sql"]]
    assert of_touchpoints
    assert all(" BETWEEN " in sql or "MIN(" in sql for sql in of_touchpoints)


def test_everything_stands_in_one_order(company: Company, lead: Record) -> None:
    items = company.people.bob.api.get(f"/records/{lead.pk}/timeline").body["items"]
    assert all(a["at"] >= b["at"] for a, b in pairwise(items))
    assert {item["kind"] for item in items} == {kind.value for kind in Kind}
    told = {item["kind"]: item["told"] for item in items}
    assert told["note"] == {"text": "Likes tea"}
    assert told["field_change"] == {"field": "employees", "old": "120", "new": "5"}
    assert told["feedback"] == {"rule": StoredRule.objects.get().pk, "verdict": "good", "reason": "in_need"}
    assert told["task_done"] == {"subject": "Call"}
    bob = company.people.bob.user.pk
    assert {item["by"] for item in items if item["kind"] in ("note", "call", "task_added")} == {bob}


def test_each_touchpoint_tells_what_it_did_to_the_score(company: Company, lead: Record) -> None:
    items = company.people.bob.api.get(f"/records/{lead.pk}/timeline").body["items"]
    did = {
        item["told"]["properties"].get("path", item["kind"]): [
            (e["before"], e["after"], e["grade_after"], e["others"]) for e in item["effects"]
        ]
        for item in items
        if item["kind"] in ("touchpoint", "call")
    }
    assert did == {
        "/": [(20, 25, "Cold", 0)],
        "/pricing": [(25, 35, "Hot", 1)],
        "/team": [(25, 35, "Hot", 1)],
        "call": [(15, 22, "Cold", 0)],
    }


def test_one_that_moved_nothing_has_no_effect(company: Company, lead: Record) -> None:
    arrive(lead, "/a", "/b", "/c")  # 30 at most
    arrive(lead, "/more", days=1)
    items = company.people.bob.api.get(f"/records/{lead.pk}/timeline?kind=touchpoint").body["items"]
    did = {item["told"]["properties"]["path"]: [e["after"] for e in item["effects"]] for item in items}
    assert did["/more"] == []
    assert did["/a"] == [37]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_follow_each_other_without_gap_or_double(company: Company, lead: Record, limit: int) -> None:
    """Also where much happened at one moment."""
    at = now()
    viewer = viewer_of(company.people.bob.user)
    for n in range(4):
        write_note(lead, str(n), viewer=viewer, at=at)
        create_task(lead, str(n), viewer=viewer, at=at)
        change_record(lead, {"employees": n}, at=at)
    api, path = company.people.bob.api, f"/records/{lead.pk}/timeline"
    whole = api.get(f"{path}?limit=1000").body["items"]
    seen, after = [], ""
    while True:
        page = api.get(f"{path}?limit={limit}{after}").body
        seen += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert [(one["kind"], one["id"]) for one in seen] == [(one["kind"], one["id"]) for one in whole]
    assert len({(one["kind"], one["id"]) for one in seen}) == len(seen) > 20


def test_some_kinds_alone(company: Company, lead: Record) -> None:
    api, path = company.people.bob.api, f"/records/{lead.pk}/timeline"
    found = api.get(f"{path}?kind=note&kind=created").body["items"]
    assert [one["kind"] for one in found] == ["note", "created"]
    assert api.get(f"{path}?kind=song").status == 422


def test_what_is_still_to_come_is_left_out(company: Company, lead: Record) -> None:
    found, _ = timeline(lead, until=lead.created_at - timedelta(seconds=1), most=100)
    assert [one.kind for one in found if one.kind is not Kind.TOUCHPOINT] == []
    assert all(isinstance(one.at, datetime) for one in found)


@pytest.mark.parametrize("after", ["x", "WzEsMiwzXQ", "WyJhIiwibm90ZSIsMV0", "WzFlOTksIm5vdGUiLDFd"])
def test_a_place_that_is_none_is_refused(company: Company, lead: Record, after: str) -> None:
    answer = company.people.bob.api.get(f"/records/{lead.pk}/timeline?after={after}")
    assert (answer.status, answer.body["faults"][0]["at"]) == (422, "after")


def test_whoever_does_not_see_the_record_sees_nothing_of_it(company: Company, lead: Record) -> None:
    assert company.people.eve.api.get(f"/records/{lead.pk}/timeline").status == 404
    scopes = [Scope.RECORDS_READ, Scope.SCORES_READ]
    narrow = Caller(issue_token(company.people.bob.user, "narrow", scopes, at=AT)[1])
    assert narrow.get(f"/records/{lead.pk}/timeline").status == 403
