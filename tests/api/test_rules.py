"""Scoring rules over HTTP: written, edited by two at once, switched now and later, run, copied, deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from firstcall.access.models import User
from firstcall.jobs.models import Job
from firstcall.moments import now
from firstcall.records.actions import create_record
from firstcall.records.models import Module
from firstcall.scorekeeping import actions
from firstcall.scorekeeping.models import Activation, StoredRule, StoredScore
from firstcall.scorekeeping.switching import activate, activate_due, deactivate
from firstcall.scorekeeping.uses import forget_finder, tell_users
from tests.api.conftest import Caller
from tests.scorekeeping.company import lead, plain_leads, run_sweep

pytestmark = pytest.mark.django_db

TEXT = """
name: Size  # what counts
module: leads
description: Large ones first.
applies_to: [{field: opted_in, is_not: false}]
criteria:
  - {name: Large, field: employees, gte: 100, points: 20}
"""


@pytest.fixture
def module(db: None) -> Module:
    return plain_leads()


@pytest.fixture
def rule(module: Module, api: Caller) -> int:
    answer = api.post("/rules", {"text": TEXT})
    assert answer.status == 201
    return int(answer.body["id"])


def edited(points: int) -> dict[str, str]:
    return {"text": TEXT.replace("points: 20", f"points: {points}")}


def test_a_rule_is_stored_as_a_draft_with_who_and_when(rule: int, api: Caller) -> None:
    answer = api.get(f"/rules/{rule}")
    body = answer.body
    assert answer.headers["ETag"] == '"1"'
    assert (body["name"], body["module"], body["status"]) == ("Size", "leads", "draft")
    assert (body["version"], body["active_version"], body["text"]) == (1, None, TEXT)
    assert (body["description"], body["created_by"]["name"]) == ("Large ones first.", "Alice")


def test_everything_that_is_wrong_is_said_at_once(module: Module, api: Caller) -> None:
    text = TEXT.replace("gte: 100", "gte: many").replace("points: 20", "points: 20, colour: red")
    answer = api.post("/rules", {"text": text})
    assert answer.status == 422
    assert answer.faults.keys() == {"criteria[0].gte", "criteria[0].colour"}
    answer = api.post("/rules", {"text": TEXT.replace("employees", "employes")})
    assert answer.faults == {"criteria[0].field": "The records have no field `employes`."}
    assert not StoredRule.objects.exists()
    answer = api.post("/rules", {"text": TEXT.replace("leads", "leeds")})
    assert answer.body["faults"][0]["fix"] == "Did you mean leads?"


def test_a_text_is_checked_without_being_stored(module: Module, api: Caller) -> None:
    answer = api.post("/rules/check", {"text": TEXT.replace("gte: 100", "gte: many")})
    assert answer.status == 200
    [problem] = answer.body["problems"]
    assert (answer.body["ok"], problem["line"], problem["path"]) == (False, 7, "criteria[0].gte")
    doubtful = TEXT.replace("field: employees, gte: 100", "touchpoint: web.visited, lt: 0")
    answer = api.post("/rules/check", {"text": doubtful})
    assert answer.body["ok"]
    assert [problem["severity"] for problem in answer.body["problems"]] == ["warning"]


def test_an_edit_is_a_version_and_the_active_one_goes_on(rule: int, api: Caller) -> None:
    api.post(f"/rules/{rule}/activation", {})
    answer = api.put(f"/rules/{rule}", edited(25), If_Match='"1"')
    assert (answer.status, answer.headers["ETag"]) == (200, '"2"')
    assert (answer.body["version"], answer.body["active_version"]) == (2, 1)
    numbers = [version["number"] for version in api.get(f"/rules/{rule}/versions").body["items"]]
    assert numbers == [2, 1]
    assert api.get(f"/rules/{rule}/versions/1").body["text"] == TEXT
    assert api.get(f"/rules/{rule}/versions/3").status == 404
    [difference] = api.get(f"/rules/{rule}/diff?from=1").body
    assert difference["says"] == "Criterion “Large” now gives 25 points instead of 20."
    [back] = api.get(f"/rules/{rule}/diff?from=2&to=1").body
    assert back["says"] == "Criterion “Large” now gives 20 points instead of 25."


def test_of_two_who_edit_one_version_the_second_is_told_what_came_meanwhile(rule: int, api: Caller) -> None:
    assert api.put(f"/rules/{rule}", edited(25), If_Match='"1"').status == 200
    answer = api.put(f"/rules/{rule}", edited(30), If_Match='"1"')
    assert (answer.status, answer.headers["ETag"]) == (412, '"2"')
    assert answer.body["detail"] == (
        "Version 2 was stored meanwhile by Alice. Look at what it changed, and edit that version."
    )
    assert answer.faults == {"version 2": "Criterion “Large” now gives 25 points instead of 20."}
    assert api.get(f"/rules/{rule}").body["version"] == 2
    assert api.put(f"/rules/{rule}", edited(30), If_Match=answer.headers["ETag"]).body["version"] == 3


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/activation", {}),
        ("POST", "/activation", {"version": 1}),
        ("POST", "/activation", {"at": "2099-01-01T00:00:00Z"}),
        ("DELETE", "/activation", None),
        ("DELETE", "", None),
    ],
    ids=["activate", "roll-back", "plan", "deactivate", "delete"],
)
def test_who_switches_or_deletes_is_told_of_a_version_that_came_meanwhile(
    rule: int, api: Caller, method: str, path: str, body: dict[str, Any] | None
) -> None:
    if method == "DELETE":
        api.post(f"/rules/{rule}/activation", {})
    read = api.get(f"/rules/{rule}").headers["ETag"]
    stands = api.put(f"/rules/{rule}", edited(25), If_Match=read)
    answer = api(method, f"/rules/{rule}{path}", body, If_Match=read)
    assert (answer.status, answer.headers["ETag"]) == (412, '"2"')
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["type"] == "urn:firstcall:edited-meanwhile"
    assert answer.body["detail"] == (
        "Version 2 was stored meanwhile by Alice. Look at what it changed, and decide anew."
    )
    assert answer.faults == {"version 2": "Criterion “Large” now gives 25 points instead of 20."}
    assert api.get(f"/rules/{rule}").body == stands.body
    assert api(method, f"/rules/{rule}{path}", body, If_Match="soon").faults == {
        "If-Match": "is no version of a rule."
    }
    assert api(method, f"/rules/{rule}{path}", body, If_Match=answer.headers["ETag"]).status in (200, 204)
    after = api.get(f"/rules/{rule}")
    assert after.status == 404 or after.body != stands.body


def test_any_version_is_switched_and_deleted_where_none_is_named(rule: int, api: Caller) -> None:
    api.put(f"/rules/{rule}", edited(25), If_Match='"1"')
    assert api.post(f"/rules/{rule}/activation", {}).status == 200
    assert api.delete(f"/rules/{rule}/activation", If_Match="*").status == 204
    assert api.delete(f"/rules/{rule}").status == 204


def test_a_rule_that_is_edited_while_it_is_deleted_stays(
    rule: int, api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deactivate_and(stored: StoredRule, **given: Any) -> None:
        deactivate(stored, **given)
        actions.edit_rule(stored, edited(25)["text"], at=now())

    with monkeypatch.context() as between:
        between.setattr(actions, "deactivate", deactivate_and)
        answer = api.delete(f"/rules/{rule}", If_Match='"1"')
    assert answer.status == 412
    assert answer.body["detail"].endswith("and decide anew: the rule is stopped, and not deleted.")
    assert api.get(f"/rules/{rule}").body["version"] == 2


def test_the_description_says_where_an_etag_is_taken(api: Caller) -> None:
    paths = api.get("/openapi.json").body["paths"]
    for path, method in (
        ("/rules/{id}", "put"),
        ("/rules/{id}", "delete"),
        ("/rules/{id}/activation", "post"),
        ("/rules/{id}/activation", "delete"),
    ):
        operation = paths[f"/api/v1{path}"][method]
        assert "If-Match" in [one["name"] for one in operation["parameters"] if one["in"] == "header"]
        assert "412" in operation["responses"]


def test_an_edit_says_which_version_it_began_from(rule: int, api: Caller) -> None:
    answer = api.put(f"/rules/{rule}", edited(25))
    assert answer.status == 422
    assert answer.faults == {"If-Match": 'must say which version the edit began from, such as "3".'}


def test_another_name_renames_and_keeps_the_identity(rule: int, api: Caller) -> None:
    answer = api.put(f"/rules/{rule}", {"text": TEXT.replace("Size", "Weight")}, If_Match='"1"')
    assert (answer.body["id"], answer.body["name"], answer.body["version"]) == (rule, "Weight", 2)
    api.post("/rules", {"text": TEXT})
    answer = api.put(f"/rules/{rule}", {"text": TEXT}, If_Match='"2"')
    assert answer.faults == {"name": "There is a rule Size for leads already."}


def test_a_rule_stays_in_its_module(rule: int, api: Caller) -> None:
    Module.objects.create(name="contacts", label="Contacts", is_people=True)
    other = "name: Size\nmodule: contacts\ncriteria: [{name: A, touchpoint: '*', points: 1}]"
    answer = api.put(f"/rules/{rule}", {"text": other}, If_Match='"1"')
    assert answer.faults == {"module": "The rule scores leads, and a rule stays in its module."}


def test_a_copy_says_the_same_under_another_name(rule: int, api: Caller) -> None:
    answer = api.post(f"/rules/{rule}/clone", {"name": "Size: two"})
    assert (answer.status, answer.body["name"], answer.body["status"]) == (201, "Size: two", "draft")
    assert answer.body["text"] == TEXT.replace("Size ", '"Size: two" ')
    assert api.post(f"/rules/{rule}/clone", {"name": "Size"}).status == 422


def test_rules_are_found_by_name_module_layout_and_status(rule: int, api: Caller) -> None:
    north = TEXT.replace("Size", "North").replace(
        "[{field: opted_in, is_not: false}]", "[{field: layout, in: [north, east]}]"
    )
    assert api.post("/rules", {"text": north}).body["layouts"] == ["east", "north"]
    api.post(f"/rules/{rule}/activation", {})

    def found(query: str) -> list[str]:
        return [row["name"] for row in api.get(f"/rules?{query}").body["items"]]

    assert found("") == ["North", "Size"]
    assert found("name=IZ") == ["Size"]
    assert found("module=leads&status=active") == ["Size"]
    assert found("status=draft") == ["North"]
    assert found("layout=north") == ["North", "Size"]
    assert found("layout=south") == ["Size"]
    assert found("module=deals") == []
    api.delete(f"/rules/{rule}/activation")
    assert found("status=inactive") == ["Size"]


def test_switching_on_scores_what_is_there_in_a_job(rule: int, module: Module, api: Caller) -> None:
    record = create_record(module, lead(), at=now())
    answer = api.post(f"/rules/{rule}/activation", {})
    assert answer.status == 200
    activation = answer.body["activation"]
    assert (activation["version"], activation["records"], activation["complete_at"]) == (1, "all", None)
    job = Job.objects.get(pk=activation["job"])
    assert api.get(f"/jobs/{job.pk}").body["kind"] == "scores.sweep"
    run_sweep(job, now)
    assert StoredScore.objects.get(record=record).total == 20_00
    [switched] = api.get(f"/rules/{rule}/activations").body["items"]
    assert (switched["by"]["name"], switched["complete_at"] is None) == ("Alice", False)


def test_only_new_records_or_those_changed_lately(rule: int, module: Module, api: Caller) -> None:
    create_record(module, lead(), at=now())
    answer = api.post(f"/rules/{rule}/activation", {"records": "new"})
    assert answer.body["activation"]["job"] is None
    since = (now() - timedelta(days=30)).isoformat()
    answer = api.post(f"/rules/{rule}/activation", {"records": "changed", "changed_since": since})
    assert answer.body["activation"]["changed_since"] == since.replace("+00:00", "Z")
    for unfit in ({"records": "changed"}, {"changed_since": since}):
        answer = api.post(f"/rules/{rule}/activation", unfit)
        assert answer.faults == {"changed_since": "goes with the records `changed`, and only with them."}


def test_an_activation_is_planned_shown_and_cancelled(rule: int, api: Caller) -> None:
    at = now() + timedelta(days=1)
    answer = api.post(f"/rules/{rule}/activation", {"at": at.isoformat()})
    assert answer.body["activation"] is None
    assert answer.body["planned"]["version"] == 1
    assert api.get(f"/rules/{rule}").body["planned"]["by"]["name"] == "Alice"
    assert api.post(f"/rules/{rule}/activation", {"at": at.isoformat()}).status == 409
    assert api.delete(f"/rules/{rule}/planned-activation").status == 204
    assert api.delete(f"/rules/{rule}/planned-activation").status == 404
    assert activate_due(at) == 0
    past = (now() - timedelta(days=1)).isoformat()
    answer = api.post(f"/rules/{rule}/activation", {"at": past})
    assert answer.faults == {"at": "The moment has passed. Leave it out to activate now."}


def test_a_run_now_for_a_rule_some_records_or_a_module(rule: int, module: Module, api: Caller) -> None:
    assert api.post(f"/rules/{rule}/runs", {}).status == 409
    api.post(f"/rules/{rule}/activation", {"records": "new"})
    one, other = (create_record(module, lead(), at=now() - timedelta(days=1)) for _ in range(2))
    answer = api.post(f"/rules/{rule}/runs", {"ids": [one.pk]})
    assert answer.status == 202
    run_sweep(Job.objects.get(pk=answer.body["job"]), now)
    assert list(StoredScore.objects.values_list("record", flat=True)) == [one.pk]
    answer = api.post("/score-runs", {"module": "leads"})
    run_sweep(Job.objects.get(pk=answer.body["job"]), now)
    assert set(StoredScore.objects.values_list("record", flat=True)) == {one.pk, other.pk}
    assert Activation.objects.get().complete_at is not None
    assert api.post("/score-runs", {"module": "leeds"}).faults == {"module": "There is no module leeds."}
    assert api.post(f"/rules/{rule}/runs", {"layout": "x"}).faults == {"layout": "is no layout of leads."}


@pytest.fixture
def automation() -> Iterator[None]:
    finder = tell_users(lambda rule: [f"the automation Tell {rule.name}"])
    yield
    forget_finder(finder)


@pytest.mark.usefixtures("automation")
def test_a_rule_in_use_is_not_deleted(rule: int, api: Caller) -> None:
    answer = api.delete(f"/rules/{rule}")
    assert answer.status == 409
    assert answer.faults == {"rule": "is used by the automation Tell Size."}


def test_deleting_takes_scores_and_score_fields_along(rule: int, module: Module, api: Caller) -> None:
    create_record(module, lead(), at=now())
    api.put(f"/rules/{rule}/score-fields", {"fields": {"total": "size_score"}})
    run_sweep(Job.objects.get(pk=api.post(f"/rules/{rule}/activation", {}).body["activation"]["job"]), now)
    assert StoredScore.objects.exists()
    assert api.delete(f"/rules/{rule}").status == 204
    assert api.get(f"/rules/{rule}").status == 404
    assert not StoredScore.objects.exists()
    assert not module.fields.filter(name="size_score").exists()


def test_a_rule_that_is_switched_on_while_it_is_deleted_stays(
    rule: int, api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deactivate_and(stored: StoredRule, **given: Any) -> None:
        deactivate(stored, **given)
        activate(stored.newest, at=now())

    with monkeypatch.context() as between:
        between.setattr(actions, "deactivate", deactivate_and)
        answer = api.delete(f"/rules/{rule}")
    assert (answer.status, answer.body["type"]) == (409, "urn:firstcall:switched-meanwhile")
    says = "The product switched version 1 on meanwhile. The rule is not deleted."
    assert answer.body["detail"] == says
    assert api.delete(f"/rules/{rule}").status == 204


def test_a_rule_that_somebody_else_deletes_first_is_missing(
    rule: int, api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deactivate_late(stored: StoredRule, **given: Any) -> None:
        StoredRule.objects.get(pk=stored.pk).delete()
        deactivate(stored, **given)

    monkeypatch.setattr(actions, "deactivate", deactivate_late)
    answer = api.delete(f"/rules/{rule}")
    assert (answer.status, answer.body["detail"]) == (404, "There is no such rule.")


def test_a_score_field_is_read_with_the_record_and_written_by_nobody(
    rule: int, module: Module, api: Caller
) -> None:
    record = create_record(module, lead(), at=now())
    api.put(f"/rules/{rule}/score-fields", {"fields": {"total": "size_score"}})
    assert "size_score" not in api.get(f"/modules/leads/records/{record.pk}").body["values"]
    run_sweep(Job.objects.get(pk=api.post(f"/rules/{rule}/activation", {}).body["activation"]["job"]), now)
    total = StoredScore.objects.get().total / 100
    assert api.get(f"/modules/leads/records/{record.pk}").body["values"]["size_score"] == total
    [told] = api.get("/modules/leads/records").body["items"]
    assert told["values"]["size_score"] == total
    answer = api.patch(f"/modules/leads/records/{record.pk}", {"values": {"size_score": 1}})
    assert (answer.status, list(answer.faults)) == (422, ["size_score"])


def test_only_who_may_manage_scoring_writes_rules(
    rule: int, bob: User, caller: Callable[..., Caller]
) -> None:
    rep = caller("rules:read", "rules:write", "scores:read", user=bob)
    assert rep.get(f"/rules/{rule}").status == 200
    for method, path, body in (
        ("POST", "/rules", {"text": TEXT}),
        ("PUT", f"/rules/{rule}", {"text": TEXT}),
        ("DELETE", f"/rules/{rule}", None),
        ("POST", f"/rules/{rule}/activation", {}),
        ("DELETE", f"/rules/{rule}/activation", None),
        ("DELETE", f"/rules/{rule}/planned-activation", None),
        ("POST", f"/rules/{rule}/clone", {"name": "x"}),
        ("POST", f"/rules/{rule}/runs", {}),
        ("POST", "/score-runs", {"module": "leads"}),
        ("PUT", f"/rules/{rule}/score-fields", {"fields": {}}),
    ):
        answer = rep(method, path, body)
        assert (answer.status, answer.body["detail"]) == (
            403,
            "This needs the right to manage scoring, which this caller does not have.",
        ), path
    reader = caller("records:read")
    for path in (f"/rules/{rule}", f"/rankings/{rule}", "/score-changes"):
        assert reader.get(path).status == 403


def test_moments_are_as_they_were_sent(rule: int, api: Caller) -> None:
    at = datetime.fromisoformat("2090-01-01T10:00:00+02:00")
    answer = api.post(f"/rules/{rule}/activation", {"at": at.isoformat()})
    assert answer.body["planned"]["at"] == "2090-01-01T08:00:00Z"


def test_how_the_scores_of_a_rule_are_spread(rule: int, api: Caller, module: Module) -> None:
    for employees in (500, 500, 5):
        create_record(module, {"employees": employees}, at=now())
    api.post(f"/rules/{rule}/activation", {})
    run_sweep(Job.objects.get(), now)
    answer = api.get(f"/rules/{rule}/distribution")
    assert answer.body == {
        "scored": 3,
        "grades": [{"grade": None, "count": 3}],
        "brackets": [{"low": n, "high": n + 1, "count": {0: 1, 20: 2}.get(n, 0)} for n in range(21)],
    }
    assert api.get("/rules/999/distribution").status == 404
