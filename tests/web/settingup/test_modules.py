"""Modules, fields and layouts on pages."""

from __future__ import annotations

import pytest
from django.test import Client

from firstcall.moments import now
from firstcall.records.actions import create_record
from firstcall.records.defining.reading import read_modules
from firstcall.records.models import Field, Module
from tests.web.conftest import Company
from tests.web.settingup.conftest import version_of

FIELD = {"label": "Budget", "name": "budget", "kind": "currency", "currency": "eur"}


def test_a_field_is_added_changed_and_deleted_with_its_values(company: Company, alice: Client) -> None:
    at = "/set-up/modules/leads"
    assert alice.post(f"{at}/new-field", FIELD).status_code == 302
    field = Field.objects.get(name="budget")
    assert (field.label, field.kind, field.currency) == ("Budget", "currency", "EUR")
    rich = create_record(company.leads, {"last_name": "Rich", "budget": 5}, at=now())
    page = alice.get(f"{at}/fields/budget").text
    given = {**FIELD, "label": "Money", "required": "", "default": "7", "version": version_of(page)}
    assert alice.post(f"{at}/fields/budget", given).status_code == 302
    field.refresh_from_db()
    assert (field.label, field.default) == ("Money", "7")
    assert alice.post(f"{at}/fields/budget/delete").status_code == 302
    rich.refresh_from_db()
    assert "budget" not in rich.values


def test_what_uses_a_field_is_named_and_keeps_it(alice: Client) -> None:
    at = "/set-up/modules/leads/fields/employees"
    assert "the rule Call first" in alice.get(at).text
    page = alice.post(f"{at}/delete", follow=True).text
    assert "The rule Call first uses leads.employees." in page
    assert Field.objects.filter(module__name="leads", name="employees").exists()


def test_all_that_is_wrong_stands_at_its_input_and_what_was_typed_stays(alice: Client) -> None:
    at = "/set-up/modules/leads/new-field"
    page = alice.post(at, {**FIELD, "name": "last_name"})
    assert (page.status_code, "There is last_name already." in page.text) == (422, True)
    page = alice.post(at, {"label": "Size", "name": "size", "kind": "picklist", "choices": "S\n\nM\nS\n"})
    assert page.status_code == 422
    assert "S\n\nM\nS" in page.text
    page = alice.post(at, {"label": "Size", "name": "Größe", "kind": "no such kind"})
    assert page.status_code == 422
    assert 'value="Größe"' in page.text
    page = alice.post("/set-up/modules/leads/fields/employees", {"label": "Staff", "kind": "date"})
    assert (page.status_code, "its values are no date." in page.text) == (422, True)


def test_who_changes_what_somebody_has_changed_is_told_who(company: Company, alice: Client) -> None:
    at = "/set-up/modules/leads/fields/source"
    old = version_of(alice.get(at).text)
    assert alice.post(at, {"label": "Origin", "kind": "text", "version": old}).status_code == 302
    late = alice.post(at, {"label": "Where from", "kind": "text", "version": old})
    assert late.status_code == 422
    assert "Alice Ames changed this while you were writing." in late.text
    assert 'value="Where from"' in late.text
    again = {"label": "Where from", "kind": "text", "version": version_of(late.text)}
    assert alice.post(at, again).status_code == 302
    assert Field.objects.get(module__name="leads", name="source").label == "Where from"


@pytest.mark.parametrize(
    ("path", "theirs", "wrong"),
    [
        ("fields/source", {"label": "Theirs", "kind": "text"}, {"label": "Mine", "kind": "none"}),
        ("layouts/north", {"label": "Theirs", "all_fields": "on"}, {"label": "x" * 101, "all_fields": "on"}),
        ("", {"label": "Theirs"}, {"label": ""}),
    ],
)
def test_what_was_refused_for_another_reason_overwrites_nobody_the_second_time(
    company: Company, alice: Client, path: str, theirs: dict[str, str], wrong: dict[str, str]
) -> None:
    """The form goes on from what its reader saw, until they are told of what is newer."""
    at = f"/set-up/modules/leads/{path}".rstrip("/")
    if path.startswith("layouts"):
        given = {"name": "north", "label": "North", "all_fields": "on", "default": "on"}
        alice.post("/set-up/modules/leads/new-layout", given)
    old = version_of(alice.get(at).text)
    assert alice.post(at, {**theirs, "version": old}).status_code == 302
    refused = alice.post(at, {**wrong, "version": old})
    assert (refused.status_code, version_of(refused.text)) == (422, old)
    mine = {**theirs, "label": "Mine"}
    again = alice.post(at, {**mine, "version": version_of(refused.text)})
    assert (again.status_code, "changed this while you were writing" in again.text) == (422, True)
    assert alice.post(at, {**mine, "version": version_of(again.text)}).status_code == 302


def test_a_module_is_made_with_a_layout_and_goes_when_nothing_needs_it(alice: Client) -> None:
    given = {"label": "Partners", "name": "partners", "people": "on"}
    assert alice.post("/set-up/new-module", given)["Location"] == "/set-up/modules/partners"
    again = alice.post("/set-up/new-module", given)
    assert (again.status_code, "There is partners already." in again.text) == (422, True)
    at = "/set-up/modules/partners"
    assert alice.post(f"{at}/new-field", {"name": "tier", "kind": "text"}).status_code == 302
    assert alice.post(f"{at}/new-field", {"name": "town", "kind": "text"}).status_code == 302
    shape = {"name": "abroad", "has": ["tier", "town"], "needs": ["town"], "default": "on"}
    assert alice.post(f"{at}/new-layout", shape).status_code == 302
    [module] = read_modules(alice.get(f"{at}.yaml").content).shapes
    layout = module.layout("abroad")
    assert layout
    assert (layout.default, [(one.field, one.required) for one in layout.fields]) == (
        True,
        [("tier", None), ("town", True)],
    )
    page = alice.get(f"{at}/layouts/abroad").text
    changed = {"has": ["tier"], "label": "Far away", "version": version_of(page)}
    assert alice.post(f"{at}/layouts/abroad", changed).status_code == 302
    assert alice.post(f"{at}/layouts/abroad", changed).status_code == 422
    assert alice.post(f"{at}/layouts/standard/delete").status_code == 302
    assert "Far away" in alice.get(at).text
    module_page = alice.get(at).text
    called = {"label": "Friends", "title": ["town"], "version": version_of(module_page)}
    assert alice.post(at, called).status_code == 302
    assert Module.objects.get(name="partners").title == ["town"]
    assert alice.post(f"{at}/delete").status_code == 302
    assert not Module.objects.filter(name="partners").exists()


def test_a_module_with_records_stays_and_says_why(alice: Client) -> None:
    page = alice.post("/set-up/modules/leads/delete", follow=True).text
    assert "leads has 3 records" in page
    assert Module.objects.filter(name="leads").exists()


def test_all_modules_are_one_file(alice: Client) -> None:
    answer = alice.get("/set-up/modules.yaml")
    assert answer["Content-Disposition"] == 'attachment; filename="modules.yaml"'
    assert [shape.name for shape in read_modules(answer.content).shapes] == ["accounts", "leads"]


@pytest.mark.parametrize(
    "path", ["none", "none.yaml", "leads/fields/none", "leads/layouts/none", "none/new-field"]
)
def test_what_is_not_there(alice: Client, path: str) -> None:
    assert alice.get(f"/set-up/modules/{path}").status_code == 404
