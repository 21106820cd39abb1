"""What an open page is told: which of its records have moved, of those that its reader sees; and what it makes of it."""

from __future__ import annotations

import pytest
from django.test import Client
from playwright.sync_api import expect

from firstcall.moments import now
from firstcall.records.actions import change_record
from firstcall.scorekeeping.following import MOST_MOVED, moved_since, present_mark
from firstcall.scorekeeping.keeper import keep_all
from firstcall.touchpoints.intake import Arrival, accept
from firstcall.touchpoints.models import Source
from tests.web.conftest import Company, Desk, found_company
from tests.web.followups.test_sheets import stranger


@pytest.fixture
def company(transactional_db: None) -> Company:
    """What is not committed is no news."""
    return found_company()


def test_a_stream_begins_with_what_has_moved_since_the_page_was_made(company: Company, bob: Client) -> None:
    mark, ids = present_mark(), f"{company.ann.pk},{company.cora.pk},x,999999,{'9' * 30}"
    quiet = bob.get("/moved", {"ids": ids, "since": mark})
    assert quiet["Content-Type"] == "text/event-stream"
    assert "event: mark\ndata:\n\n" in quiet.text
    change_record(company.cora, {"employees": 500}, at=now())
    change_record(company.eve, {"employees": 500}, at=now())
    keep_all(now=now)
    told = bob.get("/moved", {"ids": ids, "since": mark}).text
    assert f"event: moved\ndata: {company.cora.pk}\n\n" in told
    again = told.split("id: ")[1].split("\n")[0]
    assert "event: mark" in bob.get("/moved", {"ids": ids, "since": again}).text
    assert "event: mark" in bob.get("/moved", {"ids": ids}, headers={"Last-Event-ID": again}).text


def test_nobody_is_told_of_what_they_do_not_see(company: Company) -> None:
    mark, client = present_mark(), Client()
    client.force_login(stranger("Charlie"))
    change_record(company.cora, {"employees": 500}, at=now())
    keep_all(now=now)
    assert "event: mark" in client.get("/moved", {"ids": company.cora.pk, "since": mark}).text
    answer = Client().get("/moved", {"ids": company.cora.pk, "since": mark})
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/sign-in")


@pytest.mark.parametrize("mark", ["", "x", "-1", "9" * 18, "9" * 40, "1.5"])
@pytest.mark.django_db
def test_what_is_no_mark_stands_for_the_present(mark: str) -> None:
    moved, following = moved_since(mark)
    assert moved == set()
    assert following.isdecimal()


def test_too_much_to_name_is_said_so(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_MOVED > 1_000
    monkeypatch.setattr("firstcall.scorekeeping.following.MOST_MOVED", 1)
    assert moved_since("1")[0] is None


def test_scores_move_on_open_pages_and_nothing_takes_the_focus(desk: Desk) -> None:
    company, page = desk.company, desk.open("/")
    line = page.locator(f"#line-{company.cora.pk}")
    expect(line.locator(".hot-total")).to_have_text("−15")
    button = page.get_by_role("button", name="Add a note on Cora")
    with page.expect_response(lambda answer: "/moved" in answer.url):
        page.reload()
    button.focus()
    arrivals = [Arrival(f"m{n}", "web.visited", now(), company.cora.pk, {"path": "/"}) for n in range(2)]
    accept(Source.objects.get(), arrivals, received_at=now())
    keep_all(now=now)
    expect(line.locator(".hot-total")).to_have_text("−5")
    expect(button).to_be_focused()
    expect(page.get_by_text("Scores have moved")).not_to_be_visible()
    change_record(company.ann, {"employees": 1, "source": "Web"}, at=now())
    more = [Arrival(f"k{n}", "web.visited", now(), company.cora.pk, {"path": "/"}) for n in range(9)]
    change_record(company.cora, {"employees": 500}, at=now())
    accept(Source.objects.get(), more, received_at=now())
    keep_all(now=now)
    expect(line.locator(".hot-total")).to_have_text("35")
    expect(page.get_by_text("Scores have moved")).to_be_visible()
    assert page.evaluate("scrollY") == 0
    assert desk.complaints == []


def test_what_is_folded_open_on_a_record_stays_so(desk: Desk) -> None:
    company = desk.company
    with desk.page.expect_response(lambda answer: "/moved" in answer.url):
        page = desk.open(f"/records/leads/{company.ann.pk}")
    page.get_by_text("Which touchpoints").click()
    expect(page.locator(".behind").first).to_contain_text("5 touchpoints")
    accept(
        Source.objects.get(),
        [Arrival("one more", "web.visited", now(), company.ann.pk, {"path": "/demo"})],
        received_at=now(),
    )
    keep_all(now=now)
    expect(page.locator(".score-total")).to_have_text("50")
    expect(page.locator(".behind").first).to_have_attribute("open", "")
    expect(page.locator(".behind").first).to_contain_text("/demo")
    expect(page.locator(".happening").nth(1)).to_contain_text("/demo")


def test_rows_of_a_list_move_in_place_and_what_is_chosen_stays(desk: Desk) -> None:
    """All that moved at once is asked for at once."""
    company, page, asked = desk.company, desk.page, list[str]()
    page.on("request", lambda request: asked.append(request.url) if "part=moved" in request.url else None)
    with page.expect_response(lambda answer: "/moved" in answer.url):
        desk.open("/records/leads")
    row = page.locator(f'tr[data-record="{company.cora.pk}"]')
    score = row.locator(".list-score .figure")
    expect(score).to_have_text("−15")
    box = row.get_by_role("checkbox")
    box.check()
    box.focus()
    before = [one.get_attribute("data-record") for one in page.locator("tr[data-record]").all()]
    arrivals = [
        Arrival(f"m{record.pk}", "web.visited", now(), record.pk, {"path": "/"})
        for record in (company.ann, company.cora)
    ]
    accept(Source.objects.get(), arrivals, received_at=now())
    keep_all(now=now)
    expect(score).to_have_text("−10")
    assert len(asked) == 1
    expect(page.get_by_text("Scores have moved")).not_to_be_visible()
    more = [Arrival(f"k{n}", "web.visited", now(), company.cora.pk, {"path": "/"}) for n in range(9)]
    accept(Source.objects.get(), more, received_at=now())
    change_record(company.cora, {"employees": 500}, at=now())
    change_record(company.ann, {"employees": 1, "source": "Web"}, at=now())
    keep_all(now=now)
    expect(page.get_by_text("Scores have moved")).to_be_visible()
    expect(box).to_be_checked()
    expect(box).to_be_focused()
    assert [one.get_attribute("data-record") for one in page.locator("tr[data-record]").all()] == before
    page.get_by_role("link", name="Sort again").click()
    expect(page.locator("tr[data-record]").first).to_contain_text("Cora")
    assert desk.complaints == []


def test_rows_that_moved_are_told_to_who_sees_them(company: Company, bob: Client) -> None:
    ids = f"{company.ann.pk},{company.cora.pk},x,{'9' * 30}"
    part = {"part": "moved", "ids": ids, "scale": ["score:1=0.4000", "x", "=", "score:1=x.y"]}
    headers = {"HX-Request": "true"}
    told = bob.get(
        "/records/leads", {**part, "f": "employees", "t": "gte", "v": "10000"}, headers=headers
    ).text
    assert told.count("<tr ") == 2  # they stand there, whatever the list asks
    assert "<html" not in told
    charlie = Client()
    charlie.force_login(stranger("Charlie"))
    assert "<tr " not in charlie.get("/records/leads", part, headers=headers).text
