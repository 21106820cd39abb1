"""Lists, exports and bulk updates by a view that somebody keeps: its conditions, order and columns, for who asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from firstcall.jobs.models import Job
from firstcall.moments import now
from firstcall.records.models import Field, Module, Record
from firstcall.saved_views.models import SavedView
from firstcall.web.records.saved import address_of
from tests.api.conftest import Answer, Caller
from tests.api.people import People, make_people
from tests.api.world import fine, made, work
from tests.records.importing.conftest import data_folder
from tests.records.modules import make_accounts, make_leads

__all__ = ["data_folder"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]

RULE = """
name: Size
module: leads
criteria:
  - {name: Large, field: employees, gte: 100, points: 20}
  - {name: Some, field: employees, gte: 10, points: 5}
grades: {Hot: 20, Warm: 5, Cold: 0}
"""
LEADS = {"Ann": 250, "Bob": 5, "Cora": 120, "Dan": 40}
LIST = "/modules/leads/records"


@pytest.fixture
def leads() -> Module:
    return make_leads()


@pytest.fixture
def people(leads: Module) -> People:
    """All four leads are Bob's; one without a size is Dora's."""
    people = make_people()
    for name, employees in LEADS.items():
        values = {"last_name": name, "email": f"{name}@example.com", "employees": employees}
        made(people.bob.api, LIST, {"values": values, "tags": ["vip"] if name in ("Ann", "Dan") else []})
    made(people.dora.api, LIST, {"values": {"last_name": "Eric"}})
    return people


@pytest.fixture
def rule(people: People) -> int:
    rule = int(made(people.alice.api, "/rules", {"text": RULE})["id"])
    made(people.alice.api, f"/rules/{rule}/activation", {})
    work()
    return rule


def kept(api: Caller, shared: str = "private", module: str = "leads", **query: list[str]) -> int:
    name = f"view {SavedView.objects.count()}"
    return int(made(api, "/views", {"module": module, "name": name, "query": query, "shared": shared})["id"])


def listed(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [item["title"] for item in answer.body["items"]]


def where(field: str, test: str, value: str) -> dict[str, list[str]]:
    return {"f": [field], "t": [test], "v": [value]}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (where("employees", "gte", "100"), {"Ann", "Cora"}),
        ({"f": ["employees", "email"], "t": ["lt", "starts_with"], "v": ["200", "c"]}, {"Cora"}),
        (where("employees", "empty", ""), {"Eric"}),
        (where("created_at", "older_than", "1"), set()),
        (where("did:*", "never", ""), {*LEADS, "Eric"}),
        (where("owner", "is", "dora@example.com"), {"Eric"}),
        ({"tag": ["VIP"]}, {"Ann", "Dan"}),
        ({"whose": ["mine"]}, {"Eric"}),
        ({"whose": ["nobody"]}, set()),
        (where("employees", "gte", ""), {*LEADS, "Eric"}),
        ({}, {*LEADS, "Eric"}),
    ],
    ids=lambda one: str(sorted(one)),
)
def test_a_list_has_what_the_page_of_the_view_has(
    people: People, query: dict[str, list[str]], names: set[str]
) -> None:
    dora = people.dora
    view = kept(dora.api, **query)
    assert set(listed(dora.api.get(f"{LIST}?view={view}"))) == names
    dora.api.client.force_login(dora.user)
    page = dora.api.client.get(f"/records/leads{address_of(SavedView.objects.get(pk=view))}").text
    assert {name for name in (*LEADS, "Eric") if f">{name}</a>" in page} == names


def test_the_order_is_that_of_the_view_page_by_page_unless_another_is_asked_for(people: People) -> None:
    api = people.dora.api
    view = kept(api, sort=["-employees"], tag=[])
    assert listed(api.get(f"{LIST}?view={view}")) == ["Ann", "Cora", "Dan", "Bob", "Eric"]
    assert listed(api.get(f"{LIST}?view={view}&sort=last_name"))[:2] == ["Ann", "Bob"]
    found, after = [], ""
    while True:
        page = api.get(f"{LIST}?view={view}&limit=2&after={after}")
        found += listed(page)
        if (after := page.body["next"]) is None:
            break
    assert found == ["Ann", "Cora", "Dan", "Bob", "Eric"]


def test_scores_narrow_and_sort_and_grades_do(people: People, rule: int) -> None:
    api = people.dora.api
    hot = kept(api, grade=["Hot"], rule=[str(rule)], sort=["last_name"])
    assert listed(api.get(f"{LIST}?view={hot}")) == ["Ann", "Cora"]
    warm = kept(api, grade=["Hot", "Warm"], sort=[f"score:{rule}"])
    assert listed(api.get(f"{LIST}?view={warm}"))[0] == "Dan"
    some = kept(api, f=[f"score:{rule}"], t=["gte"], v=["5"], sort=[f"-score:{rule}"])
    found, after = [], ""
    while True:
        page = api.get(f"{LIST}?view={some}&limit=1&after={after}")
        found += listed(page)
        if (after := page.body["next"]) is None:
            break
    assert (sorted(found[:2]), found[2:]) == (["Ann", "Cora"], ["Dan"])
    # Where nothing is said, the list begins with the best, as on the page.
    plain = kept(api, **where("employees", "lt", "200"))
    assert listed(api.get(f"{LIST}?view={plain}")) == ["Cora", "Dan", "Bob"]


def test_scores_sort_a_list_without_a_view_too(people: People, rule: int) -> None:
    api = people.dora.api
    assert sorted(listed(api.get(f"{LIST}?sort=-score:{rule}"))[:2]) == ["Ann", "Cora"]
    page = api.get(f"{LIST}?sort=-score:{rule}&limit=1")
    by_name = api.get(f"{LIST}?sort=last_name&limit=1").body["next"]
    assert listed(api.get(f"{LIST}?sort=-score:{rule}&limit=1&after={page.body['next']}")) != listed(page)
    wrong = api.get(f"{LIST}?sort=-score:{rule}&after={by_name}")
    assert (wrong.status, wrong.faults) == (422, {"after": "is not the `next` of a page in this order."})
    for none in ("999999", "²", "x", "-1"):
        answer = api.get(f"{LIST}?sort=score:{none}")
        assert (answer.status, answer.faults) == (422, {"sort": "There is no such rule to sort by."})


def test_the_fields_that_are_told_are_the_columns_of_the_view_unless_others_are_named(people: People) -> None:
    api = people.bob.api
    view = kept(api, col=["touched", "email", "owner"], sort=["last_name"])

    def told(more: str = "") -> set[str]:
        return set(api.get(f"{LIST}?view={view}{more}").body["items"][0]["values"])

    assert told() == {"email"}
    assert told("&fields=employees,last_name") == {"employees", "last_name"}
    fine(api.patch(f"/views/{view}", {"query": {"sort": ["last_name"]}}))
    assert told() == {"last_name", "email", "employees"}
    fine(api.patch(f"/views/{view}", {"query": {"col": ["owner"]}}))
    assert told() == set()


def test_what_is_asked_besides_narrows_the_view_further(people: People) -> None:
    api, bob, dora = people.dora.api, people.bob.user.pk, people.dora.user.pk
    view = kept(api, **where("employees", "gte", "40"), tag=["vip"], sort=["last_name"])
    small = '[{"field": "employees", "lt": 100}]'
    for more, names in (
        ("", ["Ann", "Dan"]),
        (f"&filter={small}", ["Dan"]),
        ('&filter={"field": "employees", "lt": 100}', ["Dan"]),
        ("&filter= ", ["Ann", "Dan"]),
        ("&tag=other", []),
        (f"&owner={bob}", ["Ann", "Dan"]),
        (f"&owner={dora}", []),
        ("&updated_since=2099-01-01T00:00:00Z", []),
        ("&in_trash=true", []),
        ("&layout=none", []),
    ):
        assert listed(api.get(f"{LIST}?view={view}{more}")) == names, more
    mine = kept(api, whose=["mine"])
    assert listed(api.get(f"{LIST}?view={mine}&owner={dora}")) == ["Eric"]
    assert listed(api.get(f"{LIST}?view={mine}&owner={bob}")) == []
    wrong = api.get(f'{LIST}?view={view}&filter=[{{"field": "employes", "gte": 1}}]')
    assert list(wrong.faults) == ["[0].field"]


def test_who_does_not_see_the_view_is_told_that_there_is_none(people: People) -> None:
    """Dora is of Bob's team, Eve of another; Charlie looks into no module. Each sees the records that they see anyway."""
    all_of_them = where("last_name", "filled", "")
    views = {how: kept(people.bob.api, how, **all_of_them) for how in ("private", "team", "everyone")}
    for person, seen in (
        (people.bob, {"private", "team", "everyone"}),
        (people.dora, {"team", "everyone"}),
        (people.eve, {"everyone"}),
        (people.alice, {"everyone"}),
        (people.charlie, set()),
    ):
        for how, view in views.items():
            answers = [
                person.api.get(f"{LIST}?view={view}"),
                person.api.post("/exports", {"module": "leads", "view": view}),
                person.api.post("/bulk-updates", {"module": "leads", "view": view, "add_tags": ["x"]}),
            ]
            if how in seen:
                assert [answer.status for answer in answers] == [200, 201, 201]
            elif person is not people.charlie:
                assert {answer.status for answer in answers} == {404}
                assert {answer.body["detail"] for answer in answers} == {"There is no such view."}
            else:
                assert answers[0].status == 404
                assert answers[1].status == answers[2].status == 422
    assert sorted(listed(people.dora.api.get(f"{LIST}?view={views['team']}"))) == [*LEADS, "Eric"]
    assert listed(people.eve.api.get(f"{LIST}?view={views['everyone']}")) == []
    assert people.bob.api.get(f"{LIST}?view=999999").status == 404
    assert people.bob.api.get(f"{LIST}?view=x").status == 422


def test_mine_are_those_of_who_looks(people: People) -> None:
    view = kept(people.bob.api, "everyone", whose=["mine"], sort=["last_name"])
    assert listed(people.bob.api.get(f"{LIST}?view={view}")) == list(LEADS)
    assert listed(people.dora.api.get(f"{LIST}?view={view}")) == ["Eric"]


def test_a_view_of_another_module_is_refused(people: People) -> None:
    make_accounts()
    view = kept(people.alice.api, module="accounts")
    for answer in (
        people.alice.api.get(f"{LIST}?view={view}"),
        people.alice.api.post("/exports", {"module": "leads", "view": view}),
    ):
        assert (answer.status, answer.faults) == (422, {"view": "is a view of accounts, and not of leads."})


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (where("colour", "is", "red"), "It asks about colour, which leads does not have."),
        (
            where("employees", "rhymes", "1"),
            "It asks of employees whether it rhymes, which is no test of it.",
        ),
        (where("employees", "gte", "many"), "many"),
        ({"grade": ["Hot"]}, "It asks for grades of a rule that is not active."),
        ({"grade": ["Hot"], "rule": ["7"]}, "It asks for grades of a rule that is not active."),
        ({"whose": ["hers"]}, "It asks whose they are by hers, which is neither mine nor nobody."),
        ({"f": ["employees"] * 51}, "It has more than 50 conditions."),
    ],
    ids=["field", "test", "value", "grade", "rule", "whose", "many"],
)
def test_a_view_that_cannot_be_asked_any_more_is_refused_and_finds_not_everything(
    people: People, query: dict[str, list[str]], says: str
) -> None:
    api = people.dora.api
    view = kept(api, **query)
    for answer in (
        api.get(f"{LIST}?view={view}"),
        api.post("/exports", {"module": "leads", "view": view}),
        api.post("/bulk-updates", {"module": "leads", "view": view, "add_tags": ["x"]}),
    ):
        assert (answer.status, list(answer.faults)) == (422, ["view"])
        assert says in answer.faults["view"]
        assert answer.body["faults"][0]["fix"] == "Change the view, or send its conditions as the filter."
    assert not Job.objects.exists()


def test_a_field_that_is_deleted_takes_no_condition_away_in_silence(people: People, leads: Module) -> None:
    api = people.dora.api
    view = kept(api, **where("crm_id", "empty", ""))
    assert len(listed(api.get(f"{LIST}?view={view}"))) == 5
    Field.objects.get(module=leads, name="crm_id").delete()
    assert api.get(f"{LIST}?view={view}").status == 422


def exported(api: Caller, **asked: Any) -> list[list[str]]:
    job = made(api, "/exports", {"module": "leads", "scores": "none", **asked})["id"]
    work()
    answer = api.client.get(f"/api/v1/exports/{job}/file", headers={"Authorization": f"Bearer {api.secret}"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return [line.split(",") for line in text.splitlines()]


def test_an_export_has_the_records_and_the_columns_of_the_view(people: People) -> None:
    api = people.dora.api
    view = kept(api, **where("employees", "gte", "40"), col=["email", "owner"], sort=["last_name"])
    head, *rows = exported(api, view=view)
    shown = [name for name in head if name in ("first_name", "last_name", "email", "employees", "phone")]
    assert shown == ["first_name", "last_name", "email"]
    at = head.index("last_name")
    assert {row[at] for row in rows} == {"Ann", "Cora", "Dan"}
    head, *rows = exported(api, view=view, columns=["last_name"], tags=["vip"], owner=people.bob.user.pk)
    assert "email" not in head
    assert {row[head.index("last_name")] for row in rows} == {"Ann", "Dan"}
    head, *rows = exported(api, view=kept(api, tag=["vip"]), filter='{"field": "employees", "lt": 100}')
    assert "phone" in head
    assert {row[head.index("last_name")] for row in rows} == {"Dan"}


def test_grades_of_a_view_choose_those_that_have_them_when_it_is_asked(people: People, rule: int) -> None:
    api = people.dora.api
    view = kept(api, grade=["Hot"])
    head, *rows = exported(api, view=view)
    assert {row[head.index("last_name")] for row in rows} == {"Ann", "Cora"}
    ann = Record.objects.get(values__last_name="Ann").pk
    bob = Record.objects.get(values__last_name="Bob").pk
    head, *rows = exported(api, view=view, ids=[ann, bob])
    assert {row[head.index("last_name")] for row in rows} == {"Ann"}


def test_a_bulk_update_changes_the_records_of_the_view_alone(people: People) -> None:
    api = people.bob.api
    view = kept(api, **where("employees", "gte", "100"))
    made(api, "/bulk-updates", {"module": "leads", "view": view, "add_tags": ["large"]})
    work()
    large = Record.objects.filter(tags__contains=["large"]).values_list("values__last_name", flat=True)
    assert set(large) == {"Ann", "Cora"}


def test_a_view_changed_meanwhile_lists_as_it_is_now(people: People) -> None:
    api = people.dora.api
    view = kept(api, **where("employees", "gte", "100"), sort=["last_name"])
    fine(api.patch(f"/views/{view}", {"query": {**where("employees", "lt", "100"), "sort": ["last_name"]}}))
    assert listed(api.get(f"{LIST}?view={view}")) == ["Bob", "Dan"]
    since = (now() + timedelta(days=1)).isoformat().replace("+", "%2B")
    assert listed(api.get(f"{LIST}?view={view}&created_since={since}")) == []
    fine(api.delete(f"/views/{view}"))
    assert api.get(f"{LIST}?view={view}").status == 404


def test_more_of_a_grade_than_a_choice_holds_are_refused_and_not_cut_off(
    people: People, rule: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    dora = people.dora
    view = kept(dora.api, grade=["Hot"])
    monkeypatch.setattr("firstcall.saved_views.asking.MOST_IDS", 1)
    answer = dora.api.post("/exports", {"module": "leads", "view": view})
    assert (answer.status, answer.faults) == (422, {"grade": "More than 1 records have these grades."})
    dora.api.client.force_login(dora.user)
    asked = {"do": "export", "everything": "yes", "asked": "?grade=Hot"}
    page = dora.api.client.post("/records/leads/bulk", asked, follow=True)
    assert "More than 1 records have these grades." in page.text
    assert not Job.objects.filter(kind="records.export").exists()
