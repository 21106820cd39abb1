"""Evidence over HTTP: the touchpoints behind each line, as of now and of any moment, and by whom it may be read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from firstcall.access.scopes import Scope
from firstcall.access.tokens import issue_token
from firstcall.access.viewer import PRODUCT
from firstcall.moments import now
from firstcall.records.models import Record
from firstcall.scorekeeping.actions import write_rule
from firstcall.scorekeeping.keeper import keep_all
from firstcall.scorekeeping.models import StoredRule
from firstcall.scorekeeping.switching import activate
from firstcall.touchpoints.intake import Arrival, accept
from firstcall.touchpoints.models import Source, Touchpoint
from firstcall.touchpoints.revoking import Selection, revoke_selected
from tests.api.conftest import AT, Caller
from tests.api.people import People, make_people
from tests.api.world import made
from tests.records.modules import make_leads

pytestmark = pytest.mark.django_db

RULE = """
name: Call first
module: leads
criteria:
  - {name: Large, field: employees, gte: 100, points: 20}
  - {name: Looked, touchpoint: web.visited, where: {property: path, is: /pricing}, in_last: 30 days, each: 5}
  - {name: Silent, days_since: web.*, gte: 1, points: -3}
grades: {Hot: 100, Warm: 40, Cold: -100}
"""


@pytest.fixture
def people() -> People:
    return make_people()


@pytest.fixture
def lead(people: People) -> Record:
    make_leads()
    given = {"values": {"last_name": "Ann", "employees": 200}}
    record = Record.objects.get(pk=made(people.bob.api, "/modules/leads/records", given)["id"])
    activate(write_rule(RULE, at=now()), at=now())
    at = now()
    paths = [("/pricing", 2), ("/pricing", 40), ("/team", 3), ("/pricing", 5)]
    source = Source.objects.create(name="site", created_at=at)
    accept(
        source,
        [
            Arrival(str(n), "web.visited", at - timedelta(days=days), record.pk, {"path": path})
            for n, (path, days) in enumerate(paths)
        ],
        received_at=at,
    )
    keep_all(now=now)
    return record


def test_each_line_has_its_touchpoints(people: People, lead: Record) -> None:
    path = f"/records/{lead.pk}/scores/{StoredRule.objects.get().pk}/evidence"
    told = people.bob.api.get(path).body
    lines = {line["name"]: line for line in told["lines"]}
    assert set(lines) == {"Looked", "Silent"}
    looked = lines["Looked"]
    assert looked["count"] == 2
    assert [one["points"] for one in looked["touchpoints"]] == [5, 5]
    ids = [int(Touchpoint.objects.get(message_id=name).pk) for name in ("0", "3")]
    assert [one["id"] for one in looked["touchpoints"]] == ids
    assert all(one["until"] > one["occurred_at"] for one in looked["touchpoints"])
    silent = lines["Silent"]["touchpoints"]
    assert [(one["id"], one["points"], one["until"]) for one in silent] == [(ids[0], None, None)]
    assert told["next_grades"] == [
        {
            "grade": "Warm",
            "points_missing": 13,
            "part": None,
            "changes": [{"name": "Looked", "times": 3, "points": 15}],
        }
    ]


def test_as_of_a_past_moment_and_after_what_was_revoked(people: People, lead: Record) -> None:
    path = f"/records/{lead.pk}/scores/{StoredRule.objects.get().pk}/evidence"
    before = now()
    newest = Touchpoint.objects.get(message_id="0").pk
    revoke_selected(Selection(ids=(newest,)), reason="a test", at=now(), by=None, viewer=PRODUCT)
    keep_all(now=now)
    counts = {
        as_of: people.bob.api.get(f"{path}{as_of}").body["lines"][0]["count"]
        for as_of in ("", f"?as_of={before.strftime('%Y-%m-%dT%H:%M:%S.%fZ')}")
    }
    assert list(counts.values()) == [1, 2]
    long_ago = people.bob.api.get(f"{path}?as_of=2001-01-01T00:00:00Z").body
    assert long_ago == {"lines": [], "next_grades": []}


def test_who_may_read_it(people: People, lead: Record) -> None:
    path = f"/records/{lead.pk}/scores/{StoredRule.objects.get().pk}/evidence"
    assert people.eve.api.get(path).status == 404
    assert people.charlie.api.get(path).status == 404
    narrow = Caller(issue_token(people.bob.user, "narrow", [Scope.SCORES_READ], at=AT)[1])
    assert narrow.get(path).status == 403
