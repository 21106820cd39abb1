"""Templates of rules, and a try of a draft on one record, over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from firstcall.access.models import Profile, User
from firstcall.access.rights import Grant, Verb, Visibility
from firstcall.moments import now
from firstcall.records.actions import create_record, delete_records
from firstcall.records.models import Module, Record
from firstcall.records.writing.given import Given as GivenRecord
from firstcall.scorekeeping.models import StoredRule
from firstcall.scorekeeping.starting import templates
from tests.api.conftest import Caller
from tests.scorekeeping.company import lead, plain_leads

pytestmark = pytest.mark.django_db

DRAFT = """
name: Size
module: leads
criteria:
  - {name: Large, field: employees, gte: 100, points: 20}
  - {name: Director, field: job_title, has_word: director, points: 12.5}
  - {name: Visits, touchpoint: web.visited, each: 5}
grades: {Hot: 60, Cold: 0}
"""


@pytest.fixture
def module(db: None) -> Module:
    return plain_leads()


@pytest.fixture
def record(module: Module) -> Record:
    return create_record(module, GivenRecord(lead()), at=now())


def person(name: str, grants: dict[str, Grant]) -> User:
    profile = Profile.objects.create(name=name, grants={key: one.to_json() for key, one in grants.items()})
    return User.objects.create_user(f"{name}@example.com", "a long enough password", profile=profile)


class TestTemplates:
    def test_all_are_listed_and_their_texts_are_rules(self, api: Caller, module: Module) -> None:
        listed = api.get("/rules/templates").body["items"]
        assert [one["name"] for one in listed] == [one.name for one in templates()]
        for one in listed:
            whole = api.get(f"/rules/templates/{one['name']}").body
            assert {key: whole[key] for key in one} == one
            assert f"module: {one['module']}" in whole["text"]

    def test_they_are_narrowed_by_module_and_industry(self, api: Caller) -> None:
        deals = api.get("/rules/templates?module=deals").body["items"]
        assert {one["module"] for one in deals} == {"deals"}
        software = api.get("/rules/templates?industry=SOFTWARE").body["items"]
        assert {one["industry"] for one in software} == {"Software"}
        assert api.get("/rules/templates?industry=none").body["items"] == []

    def test_those_of_hidden_modules_are_not_there(self, caller: Callable[..., Caller]) -> None:
        charlie = caller("rules:read", user=person("charlie", {"deals": Grant(frozenset({Verb.VIEW}))}))
        assert {one["module"] for one in charlie.get("/rules/templates").body["items"]} == {"deals"}
        assert charlie.get("/rules/templates/software_leads").status == 404
        assert charlie.get("/rules/templates/nothing").status == 404


class TestTrying:
    def test_it_says_what_the_record_would_have_and_why(self, api: Caller, record: Record) -> None:
        answer = api.post("/rules/try", {"text": DRAFT, "record": record.pk})
        assert answer.status == 200
        told = answer.body
        assert (told["total"], told["positive"], told["touchpoint_total"], told["grade"]) == (
            32.5,
            32.5,
            0,
            "Cold",
        )
        points = {line["name"]: line["points"] for line in told["lines"]}
        assert points == {"Large": 20, "Director": 12.5, "Visits": 0}
        assert not StoredRule.objects.exists()

    def test_where_the_rule_does_not_apply_it_says_why(self, api: Caller, record: Record) -> None:
        text = DRAFT.replace("criteria:", "applies_to: [{field: employees, lt: 10}]\ncriteria:")
        told = api.post("/rules/try", {"text": text, "record": record.pk}).body
        assert told["scored"] is False
        assert [one["holds"] for one in told["applies_to"]] == [False]

    def test_all_that_is_wrong_is_said(self, api: Caller, record: Record) -> None:
        text = DRAFT.replace("gte: 100", "gte: many").replace("points: 12.5", "points: 12.5, colour: red")
        answer = api.post("/rules/try", {"text": text, "record": record.pk})
        assert answer.status == 422
        assert answer.faults.keys() == {"criteria[0].gte", "criteria[1].colour"}
        assert api.post("/rules/try", {"text": DRAFT}).faults.keys() == {"record"}

    def test_what_is_not_seen_or_of_another_module_is_not_there(
        self, api: Caller, caller: Callable[..., Caller], record: Record, bob: User
    ) -> None:
        other = create_record(Module.objects.create(name="deals", label="Deals"), GivenRecord({}), at=now())
        asked = {"text": DRAFT, "record": record.pk}
        assert api.post("/rules/try", {**asked, "record": other.pk}).status == 404
        assert api.post("/rules/try", {**asked, "record": 10**15}).status == 404
        scopes = ("rules:read", "records:read", "scores:read")
        assert caller(*scopes, user=bob).post("/rules/try", asked).status == 200
        own = person("own", {"leads": Grant(frozenset({Verb.VIEW}), Visibility.OWN)})
        assert caller(*scopes, user=own).post("/rules/try", asked).status == 404
        none = person("none", {})
        assert caller(*scopes, user=none).post("/rules/try", asked).faults.keys() == {"module"}
        delete_records(record.module, [record.pk], at=now())
        assert api.post("/rules/try", asked).status == 404

    @pytest.mark.parametrize("left", ["rules:read", "records:read", "scores:read"])
    def test_a_token_needs_every_scope(
        self, caller: Callable[..., Caller], record: Record, left: str
    ) -> None:
        scopes = {"rules:read", "records:read", "scores:read"} - {left}
        assert caller(*scopes).post("/rules/try", {"text": DRAFT, "record": record.pk}).status == 403
