"""Modules, fields and layouts over the API."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from firstcall.access.models import User
from firstcall.records.actions import create_record
from firstcall.records.models import Module
from firstcall.records.standard import ensure_standard_modules
from tests.api.conftest import AT, Caller

PLANTS = {
    "name": "plants",
    "label": "Plants",
    "title": ["name"],
    "fields": [
        {"name": "name", "kind": "text", "required": True},
        {"name": "colour", "kind": "picklist", "choices": ["Red", "Green"], "default": "Red"},
        {"name": "height", "kind": "number", "default": 1.5},
    ],
    "layouts": [
        {"name": "all", "default": True, "all_fields": True},
        {
            "name": "short",
            "fields": [{"field": "name"}, {"field": "colour", "required": True, "choices": ["Red"]}],
        },
    ],
}


@pytest.fixture
def plants(api: Caller) -> Module:
    made = api.post("/modules", PLANTS)
    assert made.status == 201, made.body
    return Module.objects.get(name="plants")


def test_the_standard_modules_are_told(api: Caller) -> None:
    ensure_standard_modules()
    told = api.get("/modules").body["items"]
    assert [(row["name"], row["people"], row["is_standard"]) for row in told] == [
        ("leads", True, True),
        ("contacts", True, True),
        ("accounts", False, True),
        ("deals", False, True),
    ]
    deals = api.get("/modules/deals").body
    account = next(field for field in deals["fields"] if field["name"] == "account")
    assert (account["kind"], account["target"], account["is_standard"]) == ("lookup", "accounts", True)


@pytest.mark.usefixtures("plants")
def test_a_module_is_made_read_changed_and_deleted(api: Caller) -> None:
    told = api.get("/modules/plants").body
    assert told["fields"][1] == {
        "name": "colour",
        "label": "Colour",
        "kind": "picklist",
        "choices": ["Red", "Green"],
        "required": False,
        "unique": False,
        "external_id": False,
        "default": "Red",
        "target": None,
        "currency": "",
        "written_by": "anyone",
        "is_standard": False,
    }
    assert told["layouts"][1] == {
        "name": "short",
        "label": "Short",
        "default": False,
        "all_fields": False,
        "fields": [
            {"field": "name", "required": None, "choices": None},
            {"field": "colour", "required": True, "choices": ["Red"]},
        ],
    }
    assert api.patch("/modules/plants", {"label": "Herbs", "people": True}).body["people"] is True
    again = api.post("/modules", PLANTS)
    assert (again.status, again.faults) == (422, {"name": "There is plants already."})
    assert api.delete("/modules/plants").status == 204
    assert api.get("/modules/plants").status == 404


@pytest.mark.usefixtures("plants")
def test_fields_come_change_and_go(api: Caller) -> None:
    made = api.post("/modules/plants/fields", {"name": "latin_name", "kind": "text", "unique": True})
    assert (made.status, made.body["label"]) == (201, "Latin name")
    changed = api.patch("/modules/plants/fields/colour", {"choices": ["Red", "Blue"], "default": None})
    assert (changed.body["choices"], changed.body["default"]) == (["Red", "Blue"], None)
    assert api.get("/modules/plants/fields/colour").body == changed.body
    wrong = api.patch("/modules/plants/fields/height", {"kind": "date", "default": "tall"})
    assert wrong.status == 422
    assert wrong.faults == {
        "default": "`height` takes a date such as 2026-09-01.",
        "kind": "plants.height is number, and its values are no date.",
    }
    taken = api.post("/modules/plants/fields", {"name": "height", "kind": "text"})
    assert taken.faults == {"name": "There is height already."}
    used = api.delete("/modules/plants/fields/name")
    assert used.status == 422
    assert {"title[0]", "layouts[1].fields[0]"} <= set(used.faults)
    assert api.delete("/modules/plants/fields/latin_name").status == 204
    assert api.get("/modules/plants/fields/latin_name").status == 404
    assert api.delete("/modules/plants/fields/latin_name").status == 404


def test_layouts_come_change_and_go(api: Caller, plants: Module) -> None:
    made = api.post(
        "/modules/plants/layouts", {"name": "tall", "default": True, "fields": [{"field": "height"}]}
    )
    assert made.status == 201
    defaults = {layout["name"]: layout["default"] for layout in api.get("/modules/plants").body["layouts"]}
    assert defaults == {"all": False, "short": False, "tall": True}
    changed = api.patch("/modules/plants/layouts/short", {"default": True, "fields": [{"field": "height"}]})
    assert changed.body["default"] is True
    assert [entry["field"] for entry in changed.body["fields"]] == ["height"]
    assert api.delete("/modules/plants/layouts/short").faults == {
        "layouts": "One layout is the default; here are 0."
    }
    assert api.delete("/modules/plants/layouts/tall").status == 204
    assert api.get("/modules/plants/layouts/tall").status == 404
    create_record(plants, {"height": 2}, at=AT)
    api.patch("/modules/plants/layouts/all", {"default": True})
    assert api.delete("/modules/plants/layouts/short").faults == {
        "layouts": "1 records have the layout short."
    }


def test_every_fault_is_told_at_its_place(api: Caller) -> None:
    wrong = api.post(
        "/modules",
        {
            "name": "pots",
            "title": ["nam"],
            "fields": [
                {"name": "owner", "kind": "text"},
                {"name": "plant", "kind": "lookup", "target": "plants"},
                {"name": "name", "kind": "text", "default": {"a": 1}},
            ],
            "layouts": [{"name": "a", "fields": [{"field": "nam"}]}],
        },
    )
    assert wrong.status == 422
    assert wrong.faults == {
        "fields[0].name": "`owner` is what every record has by itself.",
        "fields[1].target": "There is no module plants.",
        "fields[2].default": "`name` takes a text.",
        "title[0]": "There is no field nam.",
        "layouts": "One layout is the default; here are 0.",
        "layouts[0].fields[0]": "There is no field nam.",
    }


@pytest.mark.usefixtures("plants")
def test_who_may_not_shape_modules_is_refused(
    caller: Callable[..., Caller], bob: User, stranger: Caller
) -> None:
    for method, path in (
        ("POST", "/modules"),
        ("PATCH", "/modules/plants"),
        ("DELETE", "/modules/plants"),
        ("POST", "/modules/plants/fields"),
        ("PATCH", "/modules/plants/fields/name"),
        ("DELETE", "/modules/plants/fields/name"),
        ("POST", "/modules/plants/layouts"),
        ("PATCH", "/modules/plants/layouts/all"),
        ("DELETE", "/modules/plants/layouts/all"),
    ):
        assert stranger(method, path, {}).status == 401
        assert caller("records:read", "records:write")(method, path, {}).status == 403
        assert caller("modules:write", user=bob)(method, path, {}).status == 403
    for path in ("/modules", "/modules/plants", "/modules/plants/fields/name", "/modules/plants/layouts/all"):
        assert stranger.get(path).status == 401
        assert caller("modules:write").get(path).status == 403
        assert caller("records:read", user=bob).get(path).status == 200


@pytest.mark.usefixtures("plants")
def test_who_changes_what_somebody_has_changed_is_told_who_did(api: Caller, alice: User) -> None:
    for what, path, first, second in (
        ("module", "/modules/plants", {"label": "Herbs"}, {"label": "Trees"}),
        ("field", "/modules/plants/fields/colour", {"choices": ["Red", "Blue"]}, {"label": "Tint"}),
        ("layout", "/modules/plants/layouts/short", {"label": "Brief"}, {"fields": [{"field": "name"}]}),
    ):
        tag = api.get(path).headers["ETag"]
        changed = api.patch(path, first, If_Match=tag)
        assert (changed.status, changed.headers["ETag"] == tag) == (200, False), what
        late = api.patch(path, second, If_Match=tag)
        assert (late.status, late.body["type"]) == (412, "urn:firstcall:changed-meanwhile")
        assert late.body["detail"].startswith(f"{alice} has changed the {what} at 20")
        assert api.get(path).body == changed.body
        refused = api.patch(path, second, If_Match="nonsense")
        assert refused.faults == {"If-Match": f"is no version of a {what}."}
        assert api.patch(path, second, If_Match=changed.headers["ETag"]).status == 200
        assert api.patch(path, first).status == 200  # whatever version it has


@pytest.mark.usefixtures("plants")
def test_a_change_of_one_part_is_none_of_the_others(api: Caller) -> None:
    """Two who change two fields of a module do not stand in each other's way."""
    paths = ["/modules/plants", "/modules/plants/fields/height", "/modules/plants/layouts/all"]
    tags = [api.get(path).headers["ETag"] for path in paths]
    assert api.patch("/modules/plants/fields/colour", {"label": "Tint"}).status == 200
    assert [api.get(path).headers["ETag"] for path in paths] == tags
    for path, tag in zip(paths, tags, strict=True):
        assert api.patch(path, {"label": "New"}, If_Match=tag).status == 200


def test_what_is_new_comes_with_its_etag(api: Caller) -> None:
    made = api.post("/modules", PLANTS)
    field = api.post("/modules/plants/fields", {"name": "age", "kind": "number"})
    layout = api.post("/modules/plants/layouts", {"name": "tiny", "all_fields": True})
    for answer, path in (
        (made, "/modules/plants"),
        (field, "/modules/plants/fields/age"),
        (layout, "/modules/plants/layouts/tiny"),
    ):
        assert answer.headers["ETag"] == api.get(path).headers["ETag"]
