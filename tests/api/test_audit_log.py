"""What is done stands in the audit log: who, when, from where, before and after; and it stays."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from firstcall.access.models import AuditEntry
from tests.api.people import People, make_people
from tests.api.world import fine, made
from tests.records.modules import make_leads

pytestmark = pytest.mark.django_db

RULE = "name: Size\nmodule: leads\ncriteria: [{name: Large, field: employees, gte: 100, points: 20}]\n"


@pytest.fixture
def people() -> People:
    make_leads()
    return make_people()


def told(people: People, query: str = "") -> list[dict[str, Any]]:
    return list(people.alice.api.get(f"/audit-log?limit=1000{query}").body["items"])


def test_who_changed_what_from_where_before_and_after(people: People) -> None:
    api = people.alice.api
    id = made(api, "/teams", {"name": "West"})["id"]
    fine(api.put(f"/teams/{id}", {"name": "Far west"}))
    fine(api.delete(f"/teams/{id}"))
    found = told(people, f"&kind=team&thing={id}")
    assert [(one["did"], one["name"]) for one in found] == [
        ("deleted", "Far west"),
        ("changed", "Far west"),
        ("created", "West"),
    ]
    assert {(one["email"], one["address"]) for one in found} == {("alice@example.com", "127.0.0.1")}
    assert (found[1]["before"], found[1]["after"]) == ({"name": "West"}, {"name": "Far west"})
    assert found[0]["after"] is None
    assert found[2]["before"] is None


def test_rules_modules_sources_tokens_imports_and_exports_are_in_it(people: People) -> None:
    api = people.alice.api
    rule = made(api, "/rules", {"text": RULE})["id"]
    made(api, f"/rules/{rule}/activation", {})
    fine(api.put(f"/rules/{rule}", {"text": RULE.replace("20", "25")}, If_Match='"1"'))
    fine(api.delete(f"/rules/{rule}/activation"))
    fine(api.delete(f"/rules/{rule}"))
    made(api, "/modules", {"name": "trips"})
    made(api, "/modules/leads/fields", {"name": "size", "kind": "number"})
    source = made(api, "/sources", {"name": "site"})
    token = made(api, "/tokens", {"name": "shop", "scopes": ["records:read"]})
    made(api, "/exports", {"module": "leads"})
    made(api, "/bulk-updates", {"module": "leads", "set": {"employees": 1}})
    found = [(one["did"], one["kind"]) for one in reversed(told(people, f"&user={people.alice.user.pk}"))]
    for kind in ("module", "field", "source", "write_key", "token", "export", "import"):
        assert ("created", kind) in found, kind
    of_rules = [one for one in found if one[1] in ("rule", "rule_version", "activation")]
    assert of_rules == [
        ("created", "rule"),
        ("created", "rule_version"),
        ("created", "activation"),
        ("created", "rule_version"),
        ("created", "activation"),
        ("deleted", "rule"),
    ]
    everything = json.dumps(told(people))
    for secret in (token["secret"], source["write_keys"][0]["key"], "pbkdf2", "digest"):
        assert secret not in everything


def test_signing_in_and_failing_to_are_in_it_and_what_was_typed_is_not(people: People) -> None:
    def sign_in(email: str, password: str) -> None:
        given = {"email": email, "password": password}
        Client(REMOTE_ADDR="192.0.2.7").post("/api/v1/session", given, content_type="application/json")

    sign_in("bob@example.com", "a long enough password")
    sign_in("bob@example.com", "wrong horse")
    sign_in("my password by mistake", "x")
    found = told(people, "&kind=session")
    assert [(one["did"], one["email"], one["address"]) for one in found] == [
        ("failed_to_sign_in", None, "192.0.2.7"),
        ("failed_to_sign_in", "bob@example.com", "192.0.2.7"),
        ("signed_in", "bob@example.com", "192.0.2.7"),
    ]
    everything = json.dumps(told(people))
    assert "wrong horse" not in everything
    assert "mistake" not in everything


def test_a_new_password_is_told_as_a_change_alone(people: People) -> None:
    fine(people.alice.api.post(f"/users/{people.bob.user.pk}/password", {}))
    [entry] = told(people, f"&kind=user&did=changed&thing={people.bob.user.pk}")
    assert (entry["before"], entry["after"]) == ({}, {"password": "changed"})


def test_what_is_undone_leaves_no_entry_and_nobody_is_taken_for_another(people: People) -> None:
    before = AuditEntry.objects.count()
    assert people.alice.api.post("/users", {"email": "bob@example.com", "profile": 1}).status in (409, 422)
    assert AuditEntry.objects.count() == before
    made(people.alice.api, "/teams", {"name": "West"})
    people.bob.user.team = None
    people.bob.user.save()  # by no request
    assert told(people)[0]["user"] is None
    assert told(people)[0]["after"] == {"team_id": None}


@pytest.mark.parametrize("sql", ["UPDATE access_auditentry SET name = 'x'", "DELETE FROM access_auditentry"])
def test_nothing_in_it_is_changed_or_deleted(people: People, sql: str) -> None:
    with (
        pytest.raises(DatabaseError, match="The audit log is only added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


def test_it_comes_in_pages_and_as_a_file(people: People) -> None:
    api = people.alice.api
    for number in range(5):
        made(api, "/teams", {"name": f"=T{number}"})
    path = f"/audit-log?kind=team&user={people.alice.user.pk}&limit=2"
    names, after = [], ""
    while True:
        body = api.get(path + after).body
        names += [one["name"] for one in body["items"]]
        if body["next"] is None:
            break
        after = f"&after={body['next']}"
    assert names == [f"=T{number}" for number in (4, 3, 2, 1, 0)]
    secret = {"Authorization": f"Bearer {api.secret}"}
    answer = Client().get(f"/api/v1/audit-log/file?kind=team&user={people.alice.user.pk}", headers=secret)
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
    assert [row["name"] for row in rows] == [f"'=T{number}" for number in range(5)]
    assert rows[0]["email"] == "alice@example.com"
    assert api.get("/audit-log?until=2000-01-01T00:00:00Z").body["items"] == []
