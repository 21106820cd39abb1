"""Sources: made, changed and deleted on pages; their keys, what to paste, and what arrives."""

from __future__ import annotations

import html

import pytest
from django.test import Client
from playwright.sync_api import expect

from firstcall.access.rights import Right
from firstcall.moments import now
from firstcall.touchpoints.intake import Arrival, accept
from firstcall.touchpoints.models import Source, Touchpoint
from firstcall.touchpoints.sources import create_source
from tests.web.conftest import Company, Desk, sign_in
from tests.web.settingup.conftest import Enter, version_of

GIVEN = {"name": "Shop", "kind": "website", "module": "", "namespace": "shared", "is_active": "on"}


def test_a_source_is_made_with_its_key_in_every_snippet(alice: Client) -> None:
    answer = alice.post("/set-up/sources/new", GIVEN)
    source = Source.objects.get(name="Shop")
    assert (answer.status_code, answer["Location"]) == (302, f"/set-up/sources/{source.pk}")
    page = html.unescape(alice.get(answer["Location"]).text)
    key = source.write_keys.get().key
    assert f'<script async src="http://testserver/firstcall.js" data-key="{key}"></script>' in page
    for line in (f"writeKey: '{key}'", f"load('{key}', 'http://testserver'", f'Client("{key}"', f"-u {key}:"):
        assert line in page


def test_a_name_that_is_taken_is_refused_and_what_was_typed_stays(alice: Client) -> None:
    given = {**GIVEN, "name": "web site", "namespace": "Not Good"}
    page = alice.post("/set-up/sources/new", given)
    assert (page.status_code, "Small letters, digits" in page.text, 'value="Not Good"' in page.text) == (
        422,
        True,
        True,
    )
    page = alice.post("/set-up/sources/new", {**given, "namespace": "own"})
    assert (page.status_code, "There is a source web site already." in page.text) == (422, True)
    assert 'value="own"' in page.text


def test_who_changes_a_source_that_somebody_has_changed_is_told_who(alice: Client) -> None:
    source = Source.objects.get()
    path = f"/set-up/sources/{source.pk}/edit"
    old = version_of(alice.get(path).text)
    theirs = {**GIVEN, "name": "Their name", "region": "de"}
    assert alice.post(path, {**theirs, "version": old}).status_code == 302
    wrong = alice.post(path, {**GIVEN, "name": "My name", "namespace": "Not Good", "version": old})
    assert (wrong.status_code, version_of(wrong.text)) == (422, old)
    late = alice.post(path, {**GIVEN, "name": "My name", "version": old})
    assert late.status_code == 422
    assert "Alice Ames changed this while you were writing." in late.text
    assert 'value="My name"' in late.text
    source.refresh_from_db()
    assert (source.name, source.mapping) == ("Their name", {"region": "DE"})
    assert alice.post(path, {**GIVEN, "name": "My name", "version": version_of(late.text)}).status_code == 302
    source.refresh_from_db()
    assert source.name == "My name"


def test_mapping_is_kept_as_it_was_typed_and_faults_stand_at_it(alice: Client) -> None:
    source = Source.objects.get()
    path = f"/set-up/sources/{source.pk}/edit"
    given = {
        **GIVEN,
        "name": "web site",
        "traits_name": ["plan", "age", ""],
        "traits_to": ["source", "", "source"],
        "events_name": ["Demo Asked", "*"],
        "events_to": ["web.form_submitted", "nonsense"],
        "region": "de",
    }
    page = alice.post(path, given)
    assert page.status_code == 422
    assert "events.* takes a type such as" in page.text
    assert all(f'value="{typed}"' in page.text for typed in ("plan", "age", "Demo Asked", "nonsense", "DE"))
    assert alice.post(path, {**given, "events_to": ["web.form_submitted", "app.*"]}).status_code == 302
    source.refresh_from_db()
    assert source.mapping == {
        "traits": {"plan": "source", "age": None},
        "events": {"Demo Asked": "web.form_submitted", "*": "app.*"},
        "region": "DE",
    }
    assert alice.post(path, {**GIVEN, "name": "web site", "group_left": "yes"}).status_code == 302
    source.refresh_from_db()
    assert source.mapping == {"group": None}
    assert '<input type="checkbox" name="group_left" value="yes" checked>' in alice.get(path).text


def test_a_key_is_added_and_another_revoked(alice: Client) -> None:
    source = create_source("Shop", at=now())
    old = source.write_keys.get()
    assert alice.post(f"/set-up/sources/{source.pk}/keys").status_code == 302
    assert source.write_keys.count() == 2
    assert alice.post(f"/set-up/sources/{source.pk}/keys/{old.pk}/revoke").status_code == 302
    track = {"userId": "u", "event": "Signed Up"}
    said = [
        Client()
        .post("/v1/track", track, content_type="application/json", query_params={"writeKey": key.key})
        .status_code
        for key in source.write_keys.order_by("pk")
    ]
    assert said[0] == 401
    other = create_source("Other", at=now()).write_keys.get()
    assert alice.post(f"/set-up/sources/{source.pk}/keys/{other.pk}/revoke").status_code == 404


def test_one_that_touchpoints_came_from_stays(alice: Client) -> None:
    used, unused = Source.objects.get(), create_source("Shop", at=now())
    page = alice.post(f"/set-up/sources/{used.pk}/delete", follow=True)
    assert "Make it inactive instead." in page.text
    assert alice.post(f"/set-up/sources/{unused.pk}/delete").status_code == 302
    assert list(Source.objects.values_list("name", flat=True)) == ["web site"]


def test_what_arrives_is_told_to_those_who_may_see_it(company: Company, alice: Client, enter: Enter) -> None:
    path = f"/set-up/sources/{Source.objects.get().pk}?part"
    page = alice.get(path).text
    assert "Visited a page" in page
    assert "Ann Miller" in page
    assert "/pricing" in page
    page = enter(Right.MANAGE_SETTINGS).get(path).text
    assert "Visited a page" in page
    assert "a record that you do not see" in page
    assert "Ann" not in page
    assert "/pricing" not in page


def test_what_is_new_since_the_last_look_is_marked(company: Company, alice: Client) -> None:
    source, newest = Source.objects.get(), Touchpoint.objects.latest("pk").pk
    accept(source, [Arrival("n1", "web.clicked", now(), company.ann.pk, {})], received_at=now())
    page = alice.get(f"/set-up/sources/{source.pk}?part&after={newest}").text
    assert page.count("is-new") == 1
    for nonsense in ("x", "9" * 30, "²", "-1"):
        page = alice.get(f"/set-up/sources/{source.pk}", {"part": "", "after": nonsense})
        assert (page.status_code, "is-new" in page.text) == (200, False)


@pytest.mark.parametrize("path", ["", "/edit", "?part"])
def test_a_source_that_is_not_there(alice: Client, path: str) -> None:
    for id in (999_999, 10**30):
        assert alice.get(f"/set-up/sources/{id}{path}").status_code == 404


def test_a_touchpoint_that_arrives_appears_by_itself(desk: Desk, server: str) -> None:
    desk.page.context.clear_cookies()
    sign_in(desk.page, server, "alice@example.com")
    source = create_source("Shop", at=now())
    page = desk.open(f"/set-up/sources/{source.pk}")
    expect(page.get_by_text("Listening …")).to_be_visible()
    key = source.write_keys.get().key
    said = page.request.post(
        f"{server}/v1/track?writeKey={key}", data={"anonymousId": "a-1", "event": "web.searched"}
    )
    assert said.ok, said.text()
    expect(page.get_by_text("Searched", exact=True)).to_be_visible()
    expect(page.get_by_text("anonymous")).to_be_visible()
    page.get_by_role("button", name="Copy the line for web pages").click()
    expect(page.get_by_role("button", name="Copied the line for web pages")).to_be_visible()
    assert desk.complaints == []
