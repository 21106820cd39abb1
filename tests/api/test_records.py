"""Records over the API: written, listed, searched, as they were, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from firstcall.access.models import User
from firstcall.records.models import Module, Record
from tests.api.conftest import Caller
from tests.records.modules import make_accounts, make_layouts, make_leads


@pytest.fixture
def leads(db: None) -> Module:
    leads = make_leads(make_accounts())
    make_layouts(leads)
    return leads


@pytest.fixture
def ann(api: Caller, leads: Module) -> int:
    made = api.post(
        "/modules/leads/records",
        {
            "values": {"first_name": "Ann", "email": "ann@example.com", "employees": 12.5, "crm_id": "A-1"},
            "tags": ["VIP", "vip"],
        },
    )
    assert made.status == 201, made.body
    return int(made.body["id"])


def listed(api: Caller, query: str = "") -> list[int]:
    answer = api.get(f"/modules/leads/records{query}")
    assert answer.status == 200, answer.body
    return [row["id"] for row in answer.body["items"]]


def test_a_record_is_made_and_read(api: Caller, ann: int, alice: User) -> None:
    told = api.get(f"/modules/leads/records/{ann}")
    assert told.headers["ETag"] == '"1"'
    at = told.body["created_at"]
    assert told.body == {
        "id": ann,
        "module": "leads",
        "title": "Ann",
        "layout": "all",
        "owner": {"id": alice.pk, "email": "alice@example.com", "name": "Alice"},
        "tags": ["vip"],
        "values": {"first_name": "Ann", "email": "ann@example.com", "employees": 12.5, "crm_id": "A-1"},
        "version": 1,
        "created_at": at,
        "updated_at": at,
        "deleted_at": None,
    }


def test_numbers_keep_all_their_digits(api: Caller, ann: int) -> None:
    api.patch(f"/modules/leads/records/{ann}", {"values": {"employees": "123456789012.123456"}})
    raw = api.client.get(
        f"/api/v1/modules/leads/records/{ann}", headers={"Authorization": f"Bearer {api.secret}"}
    )
    assert b'"employees":123456789012.123456' in raw.content


def test_every_fault_of_a_record_is_told(api: Caller, leads: Module) -> None:
    wrong = api.post(
        "/modules/leads/records",
        {
            "values": {"email": "ann", "emploies": 5},
            "owner": "nobody@example.com",
            "layout": "none",
            "tags": [""],
        },
    )
    assert wrong.status == 422
    assert wrong.faults == {
        "email": "takes an e-mail address",
        "emploies": "is no field of leads; did you mean employees",
        "owner": "is no user: nobody@example.com",
        "layout": "is no layout of leads; there are: all, short",
        "tags": "takes texts of 1 to 100 characters",
    }
    assert not Record.objects.exists()


def test_two_people_who_change_a_record_do_not_undo_each_other(api: Caller, ann: int) -> None:
    path = f"/modules/leads/records/{ann}"
    tag = api.get(path).headers["ETag"]
    assert api.patch(path, {"values": {"employees": 5}}, If_Match=tag).headers["ETag"] == '"2"'
    late = api.patch(path, {"values": {"employees": 6}}, If_Match=tag)
    assert late.status == 412
    assert late.faults == {"version": "was 1 when it was read and is 2 now: somebody changed the record"}
    assert (
        api.patch(path, {"values": {"employees": None}}, If_Match="*").body["values"].get("employees") is None
    )
    wrong = api.patch(path, {"values": {}}, If_Match="abc")
    assert (wrong.status, wrong.faults) == (422, {"If-Match": "is no version of a record."})


def test_a_unique_value_is_a_conflict(api: Caller, ann: int) -> None:
    wrong = api.post("/modules/leads/records", {"values": {"crm_id": "A-1"}})
    assert (wrong.status, wrong.faults) == (
        409,
        {"crm_id": f"is to be unique, and record {ann} has A-1 already"},
    )


def test_an_upsert_makes_changes_or_does_not_guess(api: Caller, ann: int) -> None:
    path = "/modules/leads/upserts"
    changed = api.post(path, {"by": "email", "values": {"email": "ANN@example.com", "employees": 7}})
    assert (changed.status, changed.body["id"], changed.body["values"]["employees"]) == (200, ann, 7)
    made = api.post(path, {"by": "email", "values": {"email": "bob@example.com"}})
    assert made.status == 201
    api.post("/modules/leads/records", {"values": {"email": "bob@example.com"}})
    torn = api.post(path, {"by": "email", "values": {"email": "bob@example.com"}})
    assert torn.status == 409
    assert "is ambiguous" in torn.faults["email"]
    wrong = api.post(path, {"by": "employees", "values": {}})
    assert (wrong.status, list(wrong.faults)) == (422, ["by"])


def test_a_batch_does_what_it_can_or_nothing(api: Caller, ann: int) -> None:
    path = "/modules/leads/batches"
    rows = [{"values": {"email": "b@example.com"}}, {"values": {"email": "bad"}}]
    nothing = api.post(path, {"do": "create", "records": rows, "all_or_nothing": True})
    assert (nothing.status, nothing.faults) == (422, {"records[1].email": "takes an e-mail address"})
    assert Record.objects.count() == 1
    done = api.post(path, {"do": "create", "records": rows}).body["items"]
    assert [(one["did"], one["faults"]) for one in done] == [
        ("created", []),
        ("refused", [{"at": "email", "says": "takes an e-mail address", "code": "invalid", "records": []}]),
    ]
    made = done[0]["id"]
    for do, records, did in (
        ("change", [{"id": made, "values": {"employees": 5}, "version": 1}], ["changed"]),
        ("change", [{"id": ann, "version": 9}], ["refused"]),
        ("upsert", [{"values": {"email": "b@example.com", "employees": 5}}], ["unchanged"]),
        ("delete", [{"id": made}, {"id": 10**9}], ["deleted", "refused"]),
        ("restore", [{"id": made}, {"id": ann}], ["restored", "refused"]),
    ):
        more = {"by": "email"} if do == "upsert" else {}
        answer = api.post(path, {"do": do, "records": records, **more})
        assert answer.status == 200, answer.body
        assert [one["did"] for one in answer.body["items"]] == did


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        (
            {"do": "change", "records": [{"values": {}}]},
            {"records[0].id": "is needed to change a record."},
        ),
        ({"do": "create", "records": [{"id": 5}]}, {"records[0].id": "is of a record that is there."}),
        (
            {"do": "delete", "records": [{"id": 5, "tags": []}], "by": "email"},
            {"records[0]": "To delete takes the id alone; there is also tags.", "by": "is not for delete."},
        ),
        ({"do": "upsert", "records": [{"values": {}}]}, {"by": "is needed to upsert."}),
        (
            {"do": "create", "records": [{}] * 1001},
            {"records": "List should have at most 1000 items after validation, not 1001"},
        ),
    ],
)
@pytest.mark.usefixtures("leads")
def test_a_batch_that_makes_no_sense_is_refused(api: Caller, body: object, faults: dict[str, str]) -> None:
    wrong = api.post("/modules/leads/batches", body)
    assert (wrong.status, wrong.faults) == (422, faults)


def test_the_trash_gives_back_and_erasing_does_not(
    api: Caller, caller: Callable[..., Caller], ann: int
) -> None:
    path = f"/modules/leads/records/{ann}"
    assert api.delete(path).status == 204
    assert api.delete(path).status == 404
    assert api.patch(path, {"values": {}}).status == 404
    assert listed(api) == []
    assert listed(api, "?in_trash=true") == [ann]
    assert api.get(path).body["deleted_at"] is not None
    assert api.post(f"{path}/restoration").body["deleted_at"] is None
    assert api.post(f"{path}/restoration").status == 404
    refused = caller("records:write").delete(f"{path}?erase=true")
    assert (refused.status, refused.body["detail"]) == (
        403,
        "This needs admin, which this caller may not do.",
    )
    assert api.delete(f"{path}?erase=true").status == 204
    assert api.get(path).status == 404


def test_a_record_is_told_as_it_was_and_why_it_is_not(api: Caller, ann: int, alice: User) -> None:
    path = f"/modules/leads/records/{ann}"
    first = api.get(path).body
    second = api.patch(
        path, {"values": {"employees": 7, "first_name": "Anna"}, "owner": None, "tags": []}
    ).body
    then = api.get(f"{path}?as_of={first['updated_at']}").body
    assert then == {**first, "version": 0}
    assert api.get(f"{path}?as_of={second['updated_at']}").body["values"]["employees"] == 7
    assert api.get(f"{path}?as_of=2020-01-01T00:00:00Z").status == 404
    told = api.get(f"{path}/history?limit=3").body
    rest = api.get(f"{path}/history?limit=3&after={told['next']}").body
    events = [(e["field"], e["before"], e["after"], e["by"]) for e in told["items"] + rest["items"]]
    assert events == [
        ("tags", ["vip"], [], alice.pk),
        ("owner", alice.pk, None, alice.pk),
        ("first_name", "Ann", "Anna", alice.pk),
        ("employees", 12.5, 7, alice.pk),
        ("created", None, True, alice.pk),
    ]
    assert rest["next"] is None


def test_lists_are_filtered(api: Caller, ann: int, alice: User) -> None:
    bob = api.post(
        "/modules/leads/records",
        {"values": {"last_name": "Bob", "source": "Fair"}, "layout": "short", "owner": None},
    ).body["id"]
    at = api.get(f"/modules/leads/records/{bob}").body["created_at"]
    for query, ids in (
        ("", [ann, bob]),
        ("?sort=-id", [bob, ann]),
        (f"?owner={alice.pk}", [ann]),
        ("?owner=0", [bob]),
        ("?tag=VIP", [ann]),
        ("?tag=vip&tag=other", []),
        ("?layout=short", [bob]),
        (f"?created_since={at}", [bob]),
        (f"?updated_since={at}", [bob]),
        ("?filter=" + quote(json.dumps([{"field": "email", "ends_with": "@EXAMPLE.com"}])), [ann]),
        ("?filter=" + quote(json.dumps({"field": "source", "in": ["fair"]})), [bob]),
    ):
        assert listed(api, query) == ids, query
    told = api.get("/modules/leads/records?fields=email,crm_id").body["items"][0]
    assert told["values"] == {"email": "ann@example.com", "crm_id": "A-1"}


@pytest.mark.usefixtures("leads")
@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("?fields=emial", {"fields": "emial is no field of leads."}),
        ("?sort=emial", {"sort": "The records have no field `emial`."}),
        ("?sort=tags", {"sort": "Nothing is sorted by tags, which is a list."}),
        ("?filter=[", {"": "A value is missing"}),
        ("?filter=[{}]", {"[0]": "Nothing is measured here."}),
        ("?owner=-1", {"owner": "Input should be greater than or equal to 0"}),
        ("?sort=last_name&after=abc", {"after": "is not the `next` of a page."}),
        ("?sort=last_name&after=WzMsIngiLDVd", {"after": "is not the `next` of a page in this order."}),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(api: Caller, query: str, faults: dict[str, str]) -> None:
    wrong = api.get(f"/modules/leads/records{query}")
    assert wrong.status == 422
    assert set(wrong.faults) == set(faults)
    for at, says in faults.items():
        assert wrong.faults[at].startswith(says)


@pytest.mark.parametrize(
    "sort", ["last_name", "employees", "created_at", "email", "owner", "account.name", "id"]
)
@pytest.mark.usefixtures("leads")
def test_pages_in_any_order_tell_each_record_once(api: Caller, sort: str) -> None:
    account = api.post("/modules/accounts/records", {"values": {"name": "Acme"}}).body["id"]
    rows = [
        {"last_name": "b", "employees": 10, "email": "b@example.com"},
        {"last_name": "B", "employees": 9, "account": account},
        {"employees": 10},
        {"last_name": "a%", "email": "a@example.com"},
        {"last_name": "É", "employees": -1.5, "account": account},
    ]
    done = api.post("/modules/leads/batches", {"do": "create", "records": [{"values": row} for row in rows]})
    ids = [one["id"] for one in done.body["items"]]
    for direction in ("", "-"):
        whole = listed(api, f"?sort={direction}{sort}")
        assert sorted(whole) == ids
        paged: list[int] = []
        after = ""
        while True:
            page = api.get(f"/modules/leads/records?limit=1&sort={direction}{sort}{after}").body
            paged += [row["id"] for row in page["items"]]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        assert paged == whole
    if sort == "employees":
        assert listed(api, "?sort=employees") == [ids[4], ids[1], ids[0], ids[2], ids[3]]
        assert listed(api, "?sort=-employees") == [ids[2], ids[0], ids[1], ids[4], ids[3]]
    if sort == "last_name":
        assert listed(api, "?sort=last_name") == [ids[3], ids[0], ids[1], ids[4], ids[2]]


def test_search_finds_by_how_things_begin(api: Caller, ann: int) -> None:
    assert api.get("/search?q=AN").body == {"items": [{"id": ann, "module": "leads", "title": "Ann"}]}
    assert api.get("/search?q=a-1&module=accounts").body == {"items": []}
    assert api.get("/search?q=an&module=plants").status == 404
    assert api.get("/search?q=a").status == 422


def test_strangers_are_refused_and_what_is_elsewhere_is_not_there(
    api: Caller, caller: Callable[..., Caller], stranger: Caller, ann: int
) -> None:
    one = f"/modules/leads/records/{ann}"
    reading = [
        ("GET", "/modules/leads/records"),
        ("GET", one),
        ("GET", f"{one}/history"),
        ("GET", "/search?q=ann"),
    ]
    writing = [
        ("POST", "/modules/leads/records"),
        ("POST", "/modules/leads/upserts"),
        ("POST", "/modules/leads/batches"),
        ("PATCH", one),
        ("DELETE", one),
        ("POST", f"{one}/restoration"),
    ]
    for method, path in (*reading, *writing):
        scope = "records:write" if (method, path) in reading else "records:read"
        assert stranger(method, path).status == 401
        assert caller(scope)(method, path, {"values": {}}).status == 403
        assert Caller("fc_wrong")(method, path).status == 401
    other = f"/modules/accounts/records/{ann}"
    for path in (
        other,
        f"{other}/history",
        f"/modules/leads/records/{ann + 999}",
        f"/modules/none/records/{ann}",
    ):
        assert api.get(path).status == 404
    assert api.patch(other, {"values": {}}).status == 404
    assert api.delete(other).status == 404
    assert api.delete(f"{other}?erase=true").status == 404
    assert Record.objects.filter(pk=ann, deleted_at=None).exists()
