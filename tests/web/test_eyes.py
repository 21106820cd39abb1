"""What each person sees of the pages: Charlie must see nothing of others, and a reader may change nothing."""

from __future__ import annotations

import pytest
from django.test import Client

from firstcall.access.models import Profile, User
from firstcall.access.profiles import Standard
from firstcall.access.rights import EVERY_OTHER, Grant, Verb, Visibility
from firstcall.records.models import Record
from tests.web.conftest import Company

PART = {"HX-Request": "true"}
SECRETS = ("Miller", "ann@acme", "Cora", "Acme")


def signed_in(profile: Profile) -> Client:
    client = Client()
    client.force_login(User.objects.create_user("eyes@example.com", "a long password", profile=profile))
    return client


@pytest.fixture
def charlie(company: Company) -> Client:
    """Sees his own alone, and owns nothing."""
    return signed_in(Profile.objects.standard(Standard.REPRESENTATIVE))


@pytest.fixture
def stranger(company: Company) -> Client:
    """May look into no module."""
    return signed_in(Profile.objects.create(name="Nothing", grants={EVERY_OTHER: Grant().to_json()}))


@pytest.fixture
def reader(company: Company) -> Client:
    return signed_in(Profile.objects.standard(Standard.READ_ONLY))


def test_charlie_sees_nothing_of_others_on_any_page(company: Company, charlie: Client) -> None:
    for path in (
        "/", "/?whose=all", "/records/leads", "/records/leads?sort=-id", "/records/leads?grade=Hot", "/records/accounts",
        "/search?q=mill", "/search?q=acm", "/search?q=ann@",
    ):  # fmt: skip
        page = charlie.get(path)
        assert page.status_code == 200
        assert not [secret for secret in SECRETS if secret in page.text], path
    assert charlie.get("/records/leads?part=count", headers=PART).text.strip() == "0"


def test_a_record_that_is_hidden_looks_as_one_that_is_not_there(company: Company, charlie: Client) -> None:
    for more in ("", "?part=scores", "?part=timeline", "/fields/last_name"):
        hidden = charlie.get(f"/records/leads/{company.ann.pk}{more}", headers=PART)
        missing = charlie.get(f"/records/leads/999999{more}", headers=PART)
        assert (hidden.status_code, missing.status_code) == (404, 404)
    form = {"value": "Mine", "was": '"Miller"'}
    assert charlie.post(f"/records/leads/{company.ann.pk}/fields/last_name", form).status_code == 404
    assert Record.objects.get(pk=company.ann.pk).values["last_name"] == "Miller"


def test_a_module_that_may_not_be_viewed_is_not_there(company: Company, stranger: Client) -> None:
    assert stranger.get("/records/leads").status_code == 404
    assert "Leads" not in stranger.get("/").text


def test_who_sees_a_record_but_not_its_account_is_not_told_of_it(company: Company) -> None:
    own, every = Grant(frozenset(Verb)), Grant(frozenset(Verb), Visibility.ALL)
    grants = {EVERY_OTHER: own.to_json(), "leads": every.to_json()}
    client = signed_in(Profile.objects.create(name="Leads alone", grants=grants))
    for path in (f"/records/leads/{company.ann.pk}", "/records/leads?col=account"):
        page = client.get(path).text
        assert "Ann" in page
        assert "Acme" not in page
    was = client.get(f"/records/leads/{company.ann.pk}/fields/account", headers=PART).text
    assert "Acme" not in was


def test_a_reader_is_offered_no_form_and_refused_one(company: Company, reader: Client) -> None:
    page = reader.get(f"/records/leads/{company.ann.pk}").text
    assert "Ann Miller" in page
    assert "Edit last_name" not in page
    assert reader.get(f"/records/leads/{company.ann.pk}/fields/last_name", headers=PART).status_code == 403
    answer = reader.post(
        f"/records/leads/{company.ann.pk}/fields/last_name", {"value": "X", "was": '"Miller"'}
    )
    assert answer.status_code == 403
    assert Record.objects.get(pk=company.ann.pk).values["last_name"] == "Miller"
