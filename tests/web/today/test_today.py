"""The start page: whom to call first, why, and who has moved."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from firstcall.access.models import Profile, User
from firstcall.access.profiles import Standard
from firstcall.moments import now
from firstcall.records.actions import change_record, create_records, delete_records
from firstcall.records.writing.given import Given
from firstcall.scorekeeping.keeper import keep_all
from firstcall.scorekeeping.switching import deactivate
from tests.web.conftest import Company


def names(page: str) -> list[str]:
    return re.findall(r'class="hot-who">\s*<a[^>]*>([^<]+)</a>', page)


def test_records_of_ones_own_come_the_hottest_first(company: Company, bob: Client) -> None:
    page = bob.get("/").text
    assert names(page) == ["Ann Miller", "Cora"]
    line = page[page.index("Ann Miller") : page.index(">Cora<")]
    assert ">45</span>" in line
    assert "Hot</span>" in line
    assert "Who they are: 20 for, 0 against. What they do: 25 for, 0 against. Total 45." in line
    assert re.findall(r"points is-plus\">([^<]+)</span>\s+<span class=\"cut\">([^<]+)<", line) == [
        ("+25", "Looked at prices"),
        ("+20", "Large company"),
    ]
    assert "Visited a page" in line
    assert "1 day ago" in line
    assert 'href="tel:+49301234567"' in line
    assert "−15" in page[page.index(">Cora<") :]


def test_whose_records_and_by_which_rule_is_remembered(company: Company, bob: Client) -> None:
    client = Client()
    client.force_login(company.alice)
    assert names(client.get("/").text) == ["Ann Miller", "Cora"], (
        "Alice owns nothing, so she sees what all own"
    )
    assert names(client.get("/?whose=mine").text) == []
    assert "Nobody of yours is ranked" in client.get("/").text
    assert names(client.get("/?whose=all").text) == ["Ann Miller", "Cora"]
    assert names(client.get("/").text) == ["Ann Miller", "Cora"]


def test_who_moved_since_yesterday(company: Company, bob: Client) -> None:
    address = f"/today/{company.rule.pk}/movers?whose=mine"
    assert f'hx-get="{address}"' in bob.get("/").text
    assert "No score has moved" in bob.get(address).text
    change_record(company.cora, {"employees": 500}, at=now(), by=company.bob)
    keep_all(now=now)
    moved = bob.get(address).text
    assert "Cora" in moved
    assert "−15 → 5" in moved
    assert "+20" in moved


def test_pages_follow_each_other_without_gap_or_double(company: Company, bob: Client) -> None:
    rows = [
        Given({"last_name": f"L{n:02}", "employees": 100 if n % 2 else 1}, owner=company.bob)
        for n in range(60)
    ]
    create_records(company.leads, rows, at=now())
    keep_all(now=now)
    page = bob.get("/").text
    seen = names(page)
    while more := re.search(r'hx-get="(\?after=[^"]+)"', page):
        page = bob.get(f"/{more[1]}", headers={"HX-Request": "true"}).text
        assert "<html" not in page
        seen += names(page)
    assert len(seen) == 62
    assert len(set(seen)) == 62
    assert seen[0] == "Ann Miller"
    assert seen[-1] == "Cora"


def test_who_is_in_the_trash_is_not_called(company: Company, bob: Client) -> None:
    delete_records(company.leads, [company.ann.pk], at=now())
    keep_all(now=now)
    assert names(bob.get("/").text) == ["Cora"]


def test_without_a_rule_the_page_says_what_to_do(company: Company, bob: Client) -> None:
    deactivate(company.rule, at=now())
    assert "No scoring rule is at work yet" in bob.get("/").text


@pytest.mark.parametrize("after", ["", "x", "1", "1.x", "99999999999999999999.1", "1.99999999999999999999"])
def test_a_place_that_is_none_begins_anew_or_ends(company: Company, bob: Client, after: str) -> None:
    assert bob.get("/", {"after": after}).status_code == 200


@pytest.mark.django_db
def test_whoever_is_not_signed_in_is_led_to_where_one_does(client: Client) -> None:
    for path in ("/", "/records/leads", "/records/leads/1", "/search?q=ann"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in?next=/")


def test_who_sees_ones_own_alone_is_offered_no_others(company: Company) -> None:
    client = Client()
    representative = Profile.objects.standard(Standard.REPRESENTATIVE)
    client.force_login(User.objects.create_user("own@example.com", "a long password", profile=representative))
    page = client.get("/").text
    assert "Nobody of yours is ranked" in page
    assert "whose=all" not in page
    assert 'name="whose"' not in page
    assert 'name="whose"' not in client.get("/records/leads").text
    client.force_login(company.alice)
    assert 'name="whose"' in client.get("/").text
    assert 'name="whose"' in client.get("/records/leads").text
