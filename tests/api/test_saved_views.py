"""Views of lists in the API: kept, read, changed, shared, begun with, deleted; by whom, and seen by whom."""

from __future__ import annotations

import pytest

from firstcall.access.rights import Right, Verb
from firstcall.saved_views.models import SavedView
from tests.api.conftest import Answer, Caller
from tests.api.people import People, calls, make_people, person
from tests.api.world import made
from tests.records.modules import make_leads

pytestmark = pytest.mark.django_db
LARGE = {"f": ["employees"], "t": ["gte"], "v": ["100"], "sort": ["-employees"]}


@pytest.fixture
def people() -> People:
    make_leads()
    return make_people()


def kept(api: Caller, name: str = "Large", shared: str = "private") -> int:
    given = {"module": "leads", "name": name, "query": LARGE, "shared": shared}
    return int(made(api, "/views", given)["id"])


def names(answer: Answer) -> list[str]:
    return [view["name"] for view in answer.body["items"]]


def test_a_view_is_kept_read_changed_and_deleted(people: People) -> None:
    bob = people.bob.api
    answer = bob.post("/views", {"module": "leads", "name": " Large ", "query": LARGE})
    assert (answer.status, answer.headers["ETag"]) == (201, '"1"')
    told = dict(answer.body)
    id = told.pop("id")
    assert told.pop("created_at") == told.pop("changed_at")
    assert told == {
        "module": "leads",
        "name": "Large",
        "owner": people.bob.user.pk,
        "shared": "private",
        "query": LARGE,
        "may_change": True,
        "is_first": False,
        "version": 1,
    }
    changed = bob.patch(f"/views/{id}", {"name": "Larger", "shared": "team"})
    assert (changed.body["name"], changed.body["shared"], changed.body["query"]) == ("Larger", "team", LARGE)
    changed = bob.patch(f"/views/{id}", {"query": {"tag": ["vip"]}})
    assert (changed.body["name"], changed.body["query"]) == ("Larger", {"tag": ["vip"]})
    assert bob.get(f"/views/{id}").body == changed.body
    assert bob.delete(f"/views/{id}").status == 204
    assert bob.get(f"/views/{id}").status == 404


def test_who_is_slower_is_told_who_changed_it_and_when(people: People) -> None:
    alice, bob = people.alice.api, people.bob.api
    id = kept(bob, shared="everyone")
    tag = alice.get(f"/views/{id}").headers["ETag"]
    assert bob.patch(f"/views/{id}", {"name": "Larger"}, If_Match=tag).headers["ETag"] == '"2"'
    late = alice.patch(f"/views/{id}", {"name": "Largest"}, If_Match=tag)
    assert (late.status, late.body["type"]) == (412, "urn:firstcall:changed-meanwhile")
    assert late.body["detail"].startswith(f"{people.bob.user} has changed the view at 20")
    assert alice.get(f"/views/{id}").body["name"] == "Larger"
    assert alice.patch(f"/views/{id}", {"name": "x"}, If_Match="nonsense").status == 422


def test_each_sees_their_own_and_what_is_shared_with_them(people: People) -> None:
    """Dora is of Bob's team, Eve of another; Charlie looks into no module."""
    bob, dora, eve = people.bob.api, people.dora.api, people.eve.api
    ids = {how: kept(bob, how, how) for how in ("private", "team", "everyone")}
    kept(eve, "Eve's")
    assert names(bob.get("/views")) == ["everyone", "private", "team"]
    assert names(dora.get("/views?module=leads")) == ["everyone", "team"]
    assert names(eve.get("/views")) == ["Eve's", "everyone"]
    assert people.charlie.api.get("/views").body["items"] == []
    assert people.charlie.api.get("/views?module=leads").status == 404
    for api, seen in (
        (dora, {"team", "everyone"}),
        (eve, {"everyone"}),
        (people.charlie.api, set()),
        (people.alice.api, {"everyone"}),
    ):
        for how, id in ids.items():
            assert api.get(f"/views/{id}").status == (200 if how in seen else 404), how
    page = bob.get("/views?limit=2")
    assert names(bob.get(f"/views?limit=2&after={page.body['next']}")) == ["team"]


def test_shared_ones_are_changed_by_their_owner_and_by_who_manages_settings(people: People) -> None:
    id = kept(people.bob.api, shared="everyone")
    path = f"/views/{id}"
    assert people.eve.api.get(path).body["may_change"] is False
    for answer in (people.eve.api.patch(path, {"name": "Mine"}), people.eve.api.delete(path)):
        assert (answer.status, answer.body["detail"]) == (
            403,
            "This view is somebody else's. Keep one of your own.",
        )
    frank = person("Frank", verbs=[Verb.VIEW], rights=[Right.MANAGE_SETTINGS]).api
    assert frank.patch(path, {"shared": "private"}).status == 200
    assert frank.get(path).status == 404
    assert people.bob.api.get(path).body["name"] == "Large"


def test_a_list_begins_with_the_view_that_one_says(people: People) -> None:
    bob, eve = people.bob.api, people.eve.api
    first, second = kept(bob, "First", "everyone"), kept(bob, "Second")
    assert bob.put(f"/views/{first}/first").body["is_first"] is True
    assert bob.put(f"/views/{second}/first").body["is_first"] is True
    assert [view["is_first"] for view in bob.get("/views").body["items"]] == [False, True]
    assert eve.get(f"/views/{first}").body["is_first"] is False
    assert eve.put(f"/views/{second}/first").status == 404
    assert bob.delete(f"/views/{first}/first").status == 204  # it began with the other
    assert bob.get(f"/views/{second}").body["is_first"] is True
    assert bob.delete(f"/views/{second}/first").status == 204
    assert bob.get(f"/views/{second}").body["is_first"] is False


def test_what_cannot_be_kept_is_said_with_its_place(people: People) -> None:
    bob = people.bob.api
    kept(bob)
    for given, at, says in (
        ({"name": "Large"}, "name", "You have a view called Large already"),
        ({"name": " "}, "name", "must have a character"),
        ({"shared": "world"}, "shared", "private"),
        ({"module": "nosuch"}, "module", "There is no module nosuch."),
        ({"query": {"colour": ["red"]}}, "query.colour", "not permitted"),
        ({"query": {"tag": ["x" * 900, "y" * 950]}}, "query", "asks for too much"),
    ):
        answer = bob.post("/views", {"module": "leads", "name": "New", **given})
        assert answer.status == 422, given
        assert says in answer.faults[at]
    other = kept(bob, "Other")
    assert "name" in bob.patch(f"/views/{other}", {"name": "Large"}).faults
    assert SavedView.objects.count() == 2


def test_who_may_not_even_look_into_the_module_keeps_no_view_of_it(people: People) -> None:
    answer = people.charlie.api.post("/views", {"module": "leads", "name": "x"})
    assert (answer.status, answer.faults) == (422, {"module": "There is no module leads."})
    reader = calls(people.bob.user)
    assert reader.get("/views").status == 200
    assert Caller().get("/views").status == 401
