"""Touchpoints by the API: each is accepted, a duplicate, or rejected with its place and its mend."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from firstcall.access.models import User
from firstcall.records.actions import create_record
from firstcall.records.models import Module, Record
from firstcall.touchpoints.models import Touchpoint
from tests.api.conftest import Caller
from tests.api.trackers import START, a_source, leads

pytestmark = pytest.mark.django_db


@pytest.fixture
def module() -> Module:
    return leads()


@pytest.fixture
def ann(module: Module) -> Record:
    return create_record(module, {"email": "ann@example.com", "phone": "+49 30 1234567"}, at=START)


def test_one_is_taken(api: Caller, ann: Record) -> None:
    sent = {
        "type": "email.clicked",
        "email": "Ann@example.com",
        "message_id": "m1",
        "properties": {"url": "/a"},
    }
    answer = api.post("/touchpoints", sent)
    assert answer.status == 200
    kept = Touchpoint.objects.get()
    assert answer.body == {
        "accepted": 1, "duplicate": 0, "rejected": 0,
        "results": [{"status": "accepted", "message_id": "m1", "id": kept.pk, "record_id": ann.pk, "faults": []}],
    }  # fmt: skip
    assert (kept.type, kept.properties, kept.source.name) == ("email.clicked", {"url": "/a"}, "API")
    assert api.post("/touchpoints", sent).body["duplicate"] == 1
    assert Touchpoint.objects.count() == 1


@pytest.mark.parametrize(
    "name", [{"email": "ann@example.com"}, {"phone": "+49301234567"}, {"record_id": 0}], ids=str
)
def test_a_person_is_named_in_many_ways(api: Caller, ann: Record, name: dict[str, Any]) -> None:
    name = {"record_id": ann.pk} if "record_id" in name else name
    assert api.post("/touchpoints", {"type": "call.made", **name}).body["results"][0]["record_id"] == ann.pk


def test_who_is_not_known_yet_waits(api: Caller, module: Module) -> None:
    answer = api.post(
        "/touchpoints",
        [{"type": "web.visited", "anonymous_id": "a"}, {"type": "web.visited", "user_id": "u"}],
    )
    assert [one["record_id"] for one in answer.body["results"]] == [None, None]
    assert len(api.get("/touchpoints?waiting=true").body["items"]) == 2


def test_many_may_come_in_a_list_or_under_a_name(api: Caller, ann: Record) -> None:
    many = [{"type": "web.visited", "record_id": ann.pk}] * 3
    assert api.post("/touchpoints", many).body["accepted"] == 3
    assert api.post("/touchpoints", {"touchpoints": many}).body["accepted"] == 3


def test_some_rejected_are_told_beside_those_taken(api: Caller, ann: Record) -> None:
    sent = [{"type": "web.visited", "record_id": ann.pk}, {"type": "Visit", "record_id": 987654, "tpye": 1}]
    answer = api.post("/touchpoints", sent)
    assert (answer.status, answer.body["accepted"], answer.body["rejected"]) == (207, 1, 1)
    unknown, type = answer.body["results"][1]["faults"]
    assert unknown == {"at": "tpye", "says": "is no part of a touchpoint.", "fix": "Did you mean type?"}
    assert (type["at"], type["says"]) == ("type", "is no type.")
    assert type["fix"] == "Write channel.event in small letters, digits and _, such as email.clicked."


@pytest.mark.parametrize(
    ("sent", "faults"),
    [
        ({}, {"type": "is missing.", "touchpoint": "says of nobody whose it is."}),
        ({"type": "a.b", "email": "nobody"}, {"email": "is no e-mail address."}),
        ({"type": "a.b", "phone": "030 1"}, {"phone": "is no phone number with its country code, such as +49 30 1234567."}),
        ({"type": "a.b", "user_id": "undefined"}, {"user_id": "names nobody."}),
        ({"type": "a.b", "user_id": 7}, {"user_id": "takes a text."}),
        ({"type": "a.b", "record_id": 987654}, {"record_id": "There is no record 987654."}),
        ({"type": "a.b", "record_id": True}, {"record_id": "takes the id of a record."}),
        ({"type": "a.b", "user_id": "u", "occurred_at": "yesterday"}, {"occurred_at": "is no date and time."}),
        ({"type": "a.b", "user_id": "u", "properties": []}, {"properties": "takes an object."}),
        ({"type": "a.b", "user_id": "u", "message_id": "m" * 100}, {"message_id": "takes a text of 1 to 99 characters."}),
        ([7, []], {"touchpoints[0]": "is no object.", "touchpoints[1]": "is no object."}),
        ([], {"touchpoints": "is empty."}),
        ({"touchpoints": 7}, {"touchpoints": "takes a list."}),
        ({"touchpoints": [], "source": "x"}, {"source": "stands beside `touchpoints`."}),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_with_all_faults(
    api: Caller, module: Module, sent: object, faults: object
) -> None:
    answer = api.post("/touchpoints", sent)
    assert (answer.status, answer.faults) == (422, faults)
    assert not Touchpoint.objects.exists()


def test_too_many_are_refused(api: Caller) -> None:
    answer = api.post("/touchpoints", [{}] * 2_501)
    assert (answer.status, answer.body["detail"]) == (
        413, "2,501 touchpoints are too many for one request; send up to 2,500 at a time.",
    )  # fmt: skip


def test_times_are_kept_as_they_are_given(api: Caller, ann: Record) -> None:
    for number, at in enumerate(["1999-12-31T23:59:59.123456+01:00", "2199-01-01T00:00:00Z"]):
        api.post(
            "/touchpoints", {"type": "a.b", "record_id": ann.pk, "occurred_at": at, "message_id": f"{number}"}
        )
    assert [t.occurred_at for t in Touchpoint.objects.order_by("message_id")] == [
        datetime(1999, 12, 31, 22, 59, 59, 123456, tzinfo=UTC), datetime(2199, 1, 1, tzinfo=UTC),
    ]  # fmt: skip


def test_a_write_key_only_sends(caller: Callable[..., Caller]) -> None:
    source, key = a_source()
    holder = Caller(key)
    assert holder.post("/touchpoints", {"type": "a.b", "user_id": "u"}).status == 200
    assert Touchpoint.objects.get().source == source
    for path in ("/touchpoints", "/sources", "/ambiguities", "/sightings"):
        assert holder.get(path).status == 401


def test_a_token_without_the_scope_is_refused(caller: Callable[..., Caller], stranger: Caller) -> None:
    assert caller("touchpoints:read").post("/touchpoints", {}).status == 403
    assert stranger.post("/touchpoints", {}).status == 401
    assert caller("touchpoints:write").get("/touchpoints").status == 403


def test_a_token_names_its_source(api: Caller, ann: Record) -> None:
    source, _ = a_source("phone system")
    sent = {"type": "call.made", "record_id": ann.pk}
    assert api.post("/touchpoints?source=phone%20system", sent).status == 200
    assert Touchpoint.objects.get().source == source
    assert api.post("/touchpoints?source=nothing", sent).faults == {"source": "is no active source."}


def test_they_are_listed_in_pages(api: Caller, ann: Record) -> None:
    types = ["web.visited", "web.clicked", "email.opened"]
    sent = [
        {"type": type, "record_id": ann.pk, "occurred_at": f"2026-0{month}-01T00:00:00Z"}
        for type in types for month in (3, 1, 2)
    ]  # fmt: skip
    api.post("/touchpoints", [*sent, {"type": "web.visited", "user_id": "other"}])
    seen, after = [], ""
    while after is not None:
        answer = api.get(f"/touchpoints?record={ann.pk}&limit=2&after={after}")
        seen += [one["occurred_at"][:7] for one in answer.body["items"]]
        after = answer.body["next"]
    assert seen == ["2026-03"] * 3 + ["2026-02"] * 3 + ["2026-01"] * 3
    assert len(api.get(f"/touchpoints?record={ann.pk}&type=web.*").body["items"]) == 6
    assert len(api.get("/touchpoints?type=email.opened&since=2026-02-01T00:00:00Z").body["items"]) == 2
    [waiting] = api.get("/touchpoints?waiting=true").body["items"]
    assert waiting["identities"] == [{"kind": "user_id", "value": "other"}]
    assert api.get(f"/touchpoints/{waiting['id']}").body == waiting
    assert api.get("/touchpoints/1234567").status == 404


def test_they_are_revoked_and_count_again(api: Caller, ann: Record) -> None:
    api.post("/touchpoints", [{"type": "web.visited", "record_id": ann.pk}] * 3)
    revocation = api.post("/revocations", {"record": ann.pk, "reason": "a bot"})
    assert (revocation.status, revocation.body["touchpoints"]) == (201, 3)
    assert len(api.get("/touchpoints?revoked=true").body["items"]) == 3
    assert api.delete(f"/revocations/{revocation.body['id']}").body == {"touchpoints": 3, "job_id": None}
    assert api.get("/touchpoints?revoked=true").body["items"] == []
    assert api.get("/revocations").body["items"][0]["ended_at"]
    assert api.post("/revocations", {"type": "web.visited"}).faults == {"ids": "is missing."}


def test_they_are_moved(api: Caller, ann: Record, module: Module) -> None:
    bob = create_record(module, {"last_name": "Bob"}, at=START)
    api.post("/touchpoints", {"type": "web.visited", "record_id": ann.pk})
    assert api.post("/touchpoint-moves", {"record": ann.pk, "to": bob.pk}).body == {"touchpoints": 1}
    assert Touchpoint.objects.get().record == bob
    assert api.post("/touchpoint-moves", {"record": bob.pk, "to": 987654}).faults == {
        "to": "There is no record 987654."
    }


def test_ambiguities_are_shown_and_settled(api: Caller, ann: Record, module: Module) -> None:
    create_record(module, {"email": "ann@example.com"}, at=START)
    api.post("/touchpoints", [{"type": "web.visited", "email": "ann@example.com"}] * 2)
    [open] = api.get("/ambiguities?status=open").body["items"]
    assert (open["why"], open["waiting"], len(open["candidates"])) == ("several_records", 2, 2)
    assert open["identities"] == [{"kind": "email", "value": "ann@example.com", "namespace": ""}]
    path = f"/ambiguities/{open['id']}"
    assert api.put(path, {"status": "assigned"}).faults == {"record_id": "is missing."}
    settled = api.put(path, {"status": "assigned", "record_id": ann.pk})
    assert (settled.body["status"], settled.body["record_id"], settled.body["waiting"]) == (
        "assigned",
        ann.pk,
        0,
    )
    assert Touchpoint.objects.filter(record=ann).count() == 2
    assert api.get("/ambiguities?status=open").body["items"] == []
    assert api.get("/ambiguities").body["items"] == [settled.body]
    assert api.put(path, {"status": "ignored"}).body["record_id"] is None


def test_types_are_listed_and_ones_own_defined(api: Caller) -> None:
    api.post("/touchpoints", [{"type": "app.opened", "user_id": "u"}] * 2)
    [seen] = api.get("/sightings?kind=unknown_type").body["items"]
    assert (seen["name"], seen["count"]) == ("app.opened", 2)
    own = {"channel": "app", "event": "opened", "label": "Opened the app", "properties": {"screen": "text"}}
    assert api.post("/touchpoint-types", own).body == {**own, "type": "app.opened", "is_custom": True}
    assert api.post("/touchpoint-types", own).status == 409
    assert api.post("/touchpoint-types", {"channel": "web", "event": "visited", "label": "X"}).status == 409
    assert api.get("/sightings").body["items"] == []
    types = {one["type"]: one for one in api.get("/touchpoint-types").body["items"]}
    assert types["app.opened"]["is_custom"]
    assert types["call.attended"]["properties"]["duration"] == "number"
    assert api.delete("/touchpoint-types/app.opened").status == 204
    assert api.delete("/touchpoint-types/web.visited").status == 404


class TestSources:
    def test_are_made_with_a_key(self, api: Caller, module: Module) -> None:
        made = api.post("/sources", {"name": "Shop", "kind": "website", "module": "leads"})
        assert made.status == 201
        [key] = made.body["write_keys"]
        assert len(key["key"]) == 32
        bearer = {"Authorization": f"Bearer {key['key']}"}
        sent = Client().post("/v1/page", {"userId": "u"}, content_type="application/json", headers=bearer)
        assert sent.status_code == 200
        assert api.get("/sources").body["items"] == [made.body]
        assert api.post("/sources", {"name": "Shop"}).status == 409

    def test_who_changes_one_that_somebody_has_changed_is_told_who_did(
        self, api: Caller, alice: User
    ) -> None:
        path = f"/sources/{api.post('/sources', {'name': 'Shop'}).body['id']}"
        tag = api.get(path).headers["ETag"]
        changed = api.patch(path, {"mapping": {"region": "DE"}}, If_Match=tag)
        assert (changed.status, changed.headers["ETag"] == tag) == (200, False)
        late = api.patch(path, {"mapping": {"region": "AT"}}, If_Match=tag)
        assert (late.status, late.body["type"]) == (412, "urn:firstcall:changed-meanwhile")
        assert late.body["detail"].startswith(f"{alice} has changed the source at 20")
        assert api.get(path).body == changed.body
        refused = api.patch(path, {"name": "Store"}, If_Match="nonsense")
        assert refused.faults == {"If-Match": "is no version of a source."}
        assert api.patch(path, {"name": "Store"}, If_Match=changed.headers["ETag"]).status == 200
        last = api.patch(path, {"is_active": False}).body  # whatever version it has
        assert (last["name"], last["mapping"], last["is_active"]) == ("Store", {"region": "DE"}, False)

    def test_get_new_keys_and_lose_old_ones(self, api: Caller) -> None:
        source = api.post("/sources", {"name": "Shop"}).body
        path = f"/sources/{source['id']}/write-keys"
        new = api.post(path).body
        assert api.delete(f"{path}/{source['write_keys'][0]['id']}").status == 204
        keys = {
            key["key"]: key["revoked_at"] for key in api.get(f"/sources/{source['id']}").body["write_keys"]
        }
        assert keys[new["key"]] is None
        assert keys[source["write_keys"][0]["key"]] is not None

    def test_mappings_are_checked_all_at_once(self, api: Caller, module: Module) -> None:
        mapping = {
            "traits": {"firma": "compny", "x": None},
            "events": {"A": "B", "*": "app.*"},
            "region": "Germany",
            "trait": {},
        }
        answer = api.post("/sources", {"name": "Shop", "mapping": mapping, "module": "nothing"})
        assert set(answer.faults) == {
            "module",
            "mapping.traits.firma",
            "mapping.events.A",
            "mapping.region",
            "mapping.trait",
        }
        answer = api.post("/sources", {"name": "Shop", "mapping": mapping})
        assert answer.faults["mapping.traits.firma"].endswith("compny is none. Did you mean company?")

    def test_are_changed(self, api: Caller, module: Module) -> None:
        source = api.post("/sources", {"name": "Shop"}).body
        path = f"/sources/{source['id']}"
        changed = api.patch(
            path, {"mapping": {"events": {"*": "app.*"}}, "is_active": False, "namespace": "shop"}
        )
        assert changed.body == {
            **source,
            "mapping": {"events": {"*": "app.*"}},
            "is_active": False,
            "namespace": "shop",
        }
        assert api.patch(path, {"name": None}).faults == {"name": "takes no null."}

    def test_that_touchpoints_came_from_stay(self, api: Caller, module: Module) -> None:
        source = api.post("/sources", {"name": "Shop"}).body
        api.post("/touchpoints?source=Shop", {"type": "a.b", "user_id": "u"})
        assert api.delete(f"/sources/{source['id']}").status == 409
        Touchpoint.objects.all().delete()
        assert api.delete(f"/sources/{source['id']}").status == 204
