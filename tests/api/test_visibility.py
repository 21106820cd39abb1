"""Each sees what they may, and nothing else: from outside, as the API answers them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from firstcall.access.rights import Verb, Visibility
from firstcall.records.models import Module
from tests.api.conftest import Caller
from tests.api.people import People, make_people, person
from tests.api.world import made
from tests.records.modules import make_accounts, make_layouts, make_leads

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Company:
    people: People
    leads: Module
    bobs: int
    eves: int
    nobodys: int
    account: int


@pytest.fixture
def company() -> Company:
    people = make_people()
    accounts = make_accounts()
    leads = make_leads(accounts)
    make_layouts(leads)
    account = made(people.eve.api, "/modules/accounts/records", {"values": {"name": "Acme"}})["id"]
    bobs = made(people.bob.api, "/modules/leads/records", {"values": {"last_name": "Bobson", "vat": "1"}})[
        "id"
    ]
    given = {"values": {"last_name": "Eveson", "email": "eve@acme.example", "vat": "2", "account": account}}
    eves = made(people.eve.api, "/modules/leads/records", given)["id"]
    nobody = {"values": {"last_name": "Nobodyson"}, "owner": None}
    nobodys = made(people.alice.api, "/modules/leads/records", nobody)["id"]
    return Company(people, leads, bobs, eves, nobodys, account)


def listed(api: Caller, more: str = "") -> list[int]:
    return [record["id"] for record in api.get(f"/modules/leads/records{more}").body["items"]]


def asked(conditions: Any) -> str:
    return f"?filter={json.dumps(conditions)}"


def test_a_list_has_what_one_sees(company: Company) -> None:
    people = company.people
    everything = [company.bobs, company.eves, company.nobodys]
    assert listed(people.alice.api) == everything
    assert listed(people.bob.api) == listed(people.dora.api) == [company.bobs]
    assert listed(people.eve.api) == [company.eves]
    for sort in ("last_name", "-last_name", "-id"):
        assert listed(people.dora.api, f"?sort={sort}") == [company.bobs]
    assert listed(people.bob.api, f"?owner={people.eve.user.pk}") == []
    assert listed(people.bob.api, "?owner=0") == []


def test_pages_are_whole_whatever_lies_between(company: Company) -> None:
    """A page of another's records is not an empty page of one's own."""
    api = company.people.bob.api
    mine = [company.bobs]
    for number in range(7):
        for caller in (company.people.eve.api, api):
            id = made(caller, "/modules/leads/records", {"values": {"last_name": f"N{number}"}})["id"]
            if caller is api:
                mine.append(id)
    found, after = [], ""
    for _ in range(4):
        body = api.get(f"/modules/leads/records?limit=3{after}").body
        found += [record["id"] for record in body["items"]]
        if body["next"] is None:
            break
        assert len(body["items"]) == 3
        after = f"&after={body['next']}"
    assert found == mine


def test_a_hidden_record_is_answered_as_a_missing_one(company: Company) -> None:
    api, hidden = company.people.bob.api, company.eves
    calls: list[tuple[str, str, Any]] = [
        ("GET", "/modules/leads/records/{}", None),
        ("PATCH", "/modules/leads/records/{}", {"values": {"last_name": "x"}}),
        ("DELETE", "/modules/leads/records/{}", None),
        ("POST", "/modules/leads/records/{}/restoration", None),
        ("GET", "/modules/leads/records/{}/history", None),
        ("GET", "/records/{}/scores", None),
        ("GET", "/records/{}/scores/1", None),
        ("GET", "/records/{}/scores/1/explanation", None),
    ]
    for method, path, body in calls:
        answers = [api(method, path.format(id), body) for id in (hidden, company.nobodys, 10**9)]
        assert [answer.status for answer in answers] == [404, 404, 404], path
        assert answers[0].body == answers[1].body == answers[2].body, path
    read = company.people.eve.api.get(f"/modules/leads/records/{hidden}").body
    assert (read["version"], read["values"]["last_name"]) == (1, "Eveson")


def test_a_batch_takes_hidden_records_for_missing_ones(company: Company) -> None:
    api = company.people.bob.api
    for do in ("change", "delete", "restore"):
        records = [{"id": id} for id in (company.eves, 10**9)]
        hidden, none = api.post("/modules/leads/batches", {"do": do, "records": records}).body["items"]
        assert hidden["did"] == none["did"] == "refused"
        said = [one["faults"][0]["says"].replace(str(one["id"]), "ID") for one in (hidden, none)]
        assert said[0] == said[1]
    assert company.people.eve.api.get(f"/modules/leads/records/{company.eves}").status == 200


def test_what_another_has_is_refused_without_saying_who(company: Company) -> None:
    given = {"values": {"last_name": "x", "vat": "2"}}
    told = company.people.bob.api.post("/modules/leads/records", given)
    assert (told.status, told.faults) == (409, {"vat": "is to be unique, and another record has 2 already"})
    told = company.people.alice.api.post("/modules/leads/records", given)
    assert told.faults == {"vat": f"is to be unique, and record {company.eves} has 2 already"}
    batch = {"do": "create", "records": [given]}
    [outcome] = company.people.bob.api.post("/modules/leads/batches", batch).body["items"]
    assert outcome["faults"][0]["records"] == []


def test_an_upsert_does_not_find_what_is_hidden(company: Company) -> None:
    given = {"by": "email", "values": {"email": "eve@acme.example", "last_name": "Mine"}}
    answer = company.people.bob.api.post("/modules/leads/upserts", given)
    assert answer.status == 201
    assert answer.body["id"] != company.eves
    assert company.people.eve.api.post("/modules/leads/upserts", given).body["id"] == company.eves


def test_a_hidden_record_cannot_be_looked_up(company: Company) -> None:
    for account in (company.account, 10**9):
        given = {"values": {"last_name": "x", "account": account}}
        answer = company.people.bob.api.post("/modules/leads/records", given)
        assert answer.faults == {"account": f"takes the id of a record of accounts; {account} is none"}
    assert (
        company.people.eve.api.post("/modules/leads/records", given | {"values": {"last_name": "x"}}).status
        == 201
    )


def test_a_filter_reads_nothing_of_what_is_hidden(company: Company) -> None:
    """Otherwise a name could be guessed letter by letter."""
    path = f"/modules/leads/records/{company.bobs}"
    given = {"values": {"account": company.account}}
    assert company.people.alice.api.patch(path, given).status == 200
    by_name = asked({"field": "account.name", "is": "Acme"})
    assert listed(company.people.alice.api, by_name) == [company.bobs, company.eves]
    assert listed(company.people.bob.api, by_name) == []
    assert listed(company.people.eve.api, by_name) == [company.eves]
    assert listed(company.people.bob.api, "?sort=account.name") == [company.bobs]
    blind = person("Frank", sees=Visibility.ALL, modules=["leads"])
    answer = blind.api.get(f"/modules/leads/records{by_name}")
    assert (answer.status, answer.body["faults"][0]["code"]) == (422, "no-lookup")


def test_search_finds_what_one_sees(company: Company) -> None:
    def found(api: Caller, text: str) -> list[int]:
        return [one["id"] for one in api.get(f"/search?q={text}").body["items"]]

    assert found(company.people.alice.api, "eves") == [company.eves]
    assert found(company.people.eve.api, "eves") == [company.eves]
    for text in ("eves", "eve@acme", "acme", "nobo"):
        assert found(company.people.bob.api, text) == [], text
    assert found(company.people.dora.api, "bobs") == [company.bobs]


def test_a_module_without_view_is_not_there(company: Company) -> None:
    frank = person("Frank", sees=Visibility.ALL, modules=["leads"])
    assert [row["name"] for row in frank.api.get("/modules").body["items"]] == ["leads"]
    for method, path, body in (
        ("GET", "/modules/{}", None),
        ("GET", "/modules/{}/fields/name", None),
        ("GET", "/modules/{}/records", None),
        ("POST", "/modules/{}/records", {"values": {}}),
        ("GET", "/modules/{}/records/1", None),
        ("POST", "/modules/{}/batches", {"do": "create", "records": [{}]}),
        ("GET", "/search?q=acme&module={}", None),
    ):
        answers = [frank.api(method, path.format(name), body) for name in ("accounts", "nothing")]
        assert answers[0].status == answers[1].status == 404, path
        assert answers[0].body == answers[1].body, path


def test_a_verb_that_is_missing_is_named(company: Company) -> None:
    reader = person("Rita", sees=Visibility.ALL, verbs=[Verb.VIEW])
    path = f"/modules/leads/records/{company.bobs}"
    assert reader.api.get(path).status == 200
    for method, where, body, verb in (
        ("POST", "/modules/leads/records", {"values": {}}, "create"),
        ("POST", "/modules/leads/upserts", {"by": "email", "values": {}}, "edit"),
        ("POST", "/modules/leads/batches", {"do": "upsert", "by": "email", "records": [{}]}, "create"),
        ("POST", "/modules/leads/batches", {"do": "delete", "records": [{"id": 1}]}, "delete"),
        ("PATCH", path, {"values": {}}, "edit"),
        ("DELETE", path, None, "delete"),
        ("POST", f"{path}/restoration", None, "delete"),
        ("POST", "/exports", {"module": "leads"}, "export"),
        ("POST", "/bulk-updates", {"module": "leads", "set": {"employees": 1}}, "edit"),
    ):
        answer = reader.api(method, where, body)
        says = f"This needs the right to {verb} leads, which this caller does not have."
        assert (answer.status, answer.body["detail"]) == (403, says), where


def test_who_is_signed_in_is_told_what_they_may(company: Company) -> None:
    told = company.people.dora.api.get("/session").body
    assert (told["profile"], told["team"], told["rights"]) == ("Dora's", "North", [])
    assert told["modules"]["leads"] == {"may": [verb.value for verb in Verb], "sees": "team"}
    assert company.people.charlie.api.get("/session").body["modules"] == {}
    assert company.people.alice.api.get("/session").body["rights"] == [
        "manage_scoring",
        "manage_settings",
        "manage_users",
    ]
