"""Open pages while the server's database is away, and when it is back."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.translation import override
from playwright.sync_api import Page, Route, expect

from firstcall.access.viewing import viewer_of
from firstcall.followups.tasks import create_task
from firstcall.moments import now
from tests.web.conftest import Desk

SAYS = "The database does not answer. Try again in a moment."


def refuse(route: Route) -> None:
    route.fulfill(status=503, headers={"Retry-After": "5"}, content_type="text/plain", body=SAYS)


def not_ready(route: Route) -> None:
    route.fulfill(status=503, json={"ready": False, "checks": {"database": "does not answer"}})


def take_away(page: Page, *parts: str) -> None:
    page.route("**/readyz", not_ready)
    for part in parts:
        page.route(part, refuse)


def test_what_could_not_be_shown_comes_by_itself_when_the_database_is_back(desk: Desk) -> None:
    take_away(desk.page, "**/records/leads?*part=count*")
    page = desk.open("/records/leads")
    banner, count = page.locator("#away"), page.locator(".page-head .figure")
    expect(banner).to_be_visible()
    expect(count).to_have_text("")
    expect(page.locator("#toasts > *")).to_have_count(0)
    page.unroute_all()
    expect(count).to_have_text("3")
    expect(banner).to_be_hidden()


def test_what_was_to_be_done_is_told_and_not_done_again_by_itself(desk: Desk) -> None:
    company = desk.company
    viewer = viewer_of(company.bob)
    create_task(company.ann, "Send the offer", viewer=viewer, at=now(), owner=company.bob.pk, due=now())
    page = desk.open("/")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if "/tasks/" in request.url else None)
    take_away(page, "**/tasks/**")
    page.get_by_role("button", name="“Send the offer” is done").click()
    told = page.locator("#toasts > *")
    expect(told).to_contain_text("so this may not have been done")
    page.unroute_all()
    expect(page.locator("#away")).to_be_hidden()
    assert sent == ["POST"]


def test_what_was_undone_for_others_is_told_and_no_database_is_away(desk: Desk) -> None:
    company = desk.company
    viewer = viewer_of(company.bob)
    create_task(company.ann, "Send the offer", viewer=viewer, at=now(), owner=company.bob.pk, due=now())
    page = desk.open("/")
    headers = {"Retry-After": "1", "Firstcall-Undone": "1"}
    page.route(
        "**/tasks/**",
        lambda route: route.fulfill(status=503, headers=headers, content_type="text/plain", body="undone"),
    )
    page.get_by_role("button", name="“Send the offer” is done").click()
    expect(page.locator("#toasts > *")).to_contain_text("so this was not done. Try again.")
    expect(page.locator("#toasts > *")).to_have_count(1)
    expect(page.locator("#away")).to_be_hidden()


def test_a_page_that_could_not_be_shown_comes_by_itself(desk: Desk) -> None:
    with override("en"):
        body = render_to_string("web/away.html", {"again": "/account/"})
    take_away(desk.page)
    desk.page.route(
        "**/account/", lambda route: route.fulfill(status=503, content_type="text/html", body=body)
    )
    page = desk.open("/account/")
    expect(page.get_by_role("heading", name="The database does not answer")).to_be_visible()
    page.unroute_all()
    expect(page.get_by_label("Time zone")).to_be_visible()


def test_a_stream_that_was_refused_is_asked_for_again(desk: Desk) -> None:
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        refused.append(route.request.url)
        route.continue_() if len(refused) > 1 else refuse(route)

    desk.page.route("**/moved?*", refuse_once)
    with desk.page.expect_response(lambda answer: "/moved?" in answer.url and answer.ok):
        page = desk.open("/records/leads")
        expect(page.locator(".page-head .figure")).to_have_text("3")
    assert len(refused) == 2
