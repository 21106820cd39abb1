"""Pages in a real browser, by the keyboard alone."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from firstcall.moments import now
from firstcall.records.actions import change_record
from firstcall.records.models import ImportRun, Record
from tests.web.conftest import Desk
from tests.web.looking import PHONE


def test_search_by_the_keyboard_alone(desk: Desk) -> None:
    page = desk.page
    page.keyboard.press("/")
    page.keyboard.type("mill")
    expect(page.get_by_role("option", name="Ann Miller")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Miller")


def test_what_is_typed_while_the_page_still_loads_is_looked_for(desk: Desk) -> None:
    page, waiting = desk.page, list[Route]()
    page.route("**/app*.js", lambda route: waiting.append(route))
    with page.expect_request("**/app*.js"):
        page.goto(desk.url, wait_until="commit")
    page.get_by_role("combobox", name="Search all records").press_sequentially("mill")
    for route in waiting:
        route.continue_()
    expect(page.get_by_role("option", name="Ann Miller")).to_be_visible()


def test_a_row_is_reached_and_opened_by_keys(desk: Desk) -> None:
    page = desk.open("/records/leads")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_role("checkbox", name="Choose Cora")).to_be_checked()
    page.get_by_role("checkbox", name="Choose Cora").press("Enter")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Miller")
    page.keyboard.press("g")
    page.keyboard.press("t")
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")


def test_a_field_is_edited_by_the_keyboard_alone(desk: Desk) -> None:
    ann = desk.company.ann
    page = desk.open(f"/records/leads/{ann.pk}")
    page.get_by_role("button", name="Edit last_name").focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("last_name")
    expect(field).to_be_focused()
    expect(field).to_have_value("Miller")
    field.fill("Mueller")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("button", name="Edit last_name")).to_be_focused()
    assert Record.objects.get(pk=ann.pk).values["last_name"] == "Mueller"


def test_who_is_slower_keeps_what_was_typed_and_is_told(desk: Desk) -> None:
    ann = desk.company.ann
    page = desk.open(f"/records/leads/{ann.pk}")
    page.get_by_role("button", name="Edit last_name").click()
    page.get_by_label("last_name").fill("Mueller")
    change_record(ann, {"last_name": "Meier"}, at=now(), by=desk.company.alice)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Alice Ames changed this")
    expect(page.get_by_label("last_name")).to_have_value("Mueller")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert Record.objects.get(pk=ann.pk).values["last_name"] == "Mueller"


def test_a_list_is_narrowed_by_a_condition(desk: Desk) -> None:
    page = desk.open("/records/leads")
    page.get_by_role("button", name="Condition").click()
    page.get_by_label("What is looked at").select_option("employees")
    page.get_by_label("What is asked").select_option("gte")
    page.get_by_label("Value", exact=True).fill("100")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Ann Miller")).to_be_visible()
    expect(page.get_by_role("link", name="Cora")).not_to_be_visible()


def test_many_are_chosen_and_changed_by_the_keyboard_alone(desk: Desk) -> None:
    page = desk.open("/records/leads")
    page.get_by_role("checkbox", name="Choose all on this page").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Choose all that match").press("Enter")
    expect(page.get_by_text("on this page and all others that match")).to_be_visible()
    page.get_by_role("button", name="Change").press("Enter")
    page.get_by_label("Add tags").fill("vip")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Change of many: Leads")
    run = ImportRun.objects.get()
    assert (run.total, run.wishes["choice"]["ids"], run.wishes["change"]["add_tags"]) == (3, None, ["vip"])


def test_the_slider_goes_back_in_time_by_arrow_keys(desk: Desk) -> None:
    page = desk.open(f"/records/leads/{desk.company.ann.pk}")
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("As it was on")).to_be_visible()
    expect(page.get_by_role("slider")).to_be_focused()
    page.get_by_role("button", name="Back to now").click()
    expect(page.get_by_text("As of now")).to_be_visible()


def test_light_and_dark_are_remembered(desk: Desk) -> None:
    page = desk.page
    page.get_by_text("Your account").locator("..").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_whoever_goes_back_after_signing_out_sees_nothing(desk: Desk) -> None:
    page = desk.open(f"/records/leads/{desk.company.ann.pk}")
    page.get_by_text("Your account").locator("..").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in*")
    page.go_back()
    expect(page.get_by_label("Password")).to_be_visible()
    assert "Miller" not in page.content()


def test_times_are_in_the_readers_zone(desk: Desk) -> None:
    page = desk.open(f"/records/leads/{desk.company.ann.pk}")
    assert any(cookie["name"] == "zone" for cookie in page.context.cookies())
    shown = page.locator(".happening time").first
    utc = shown.get_attribute("datetime") or ""
    hour = int(re.search(r"T(\d\d)", utc)[1])  # type: ignore[index]
    told = shown.get_attribute("title") or ""
    berlin = (hour + 1) % 24, (hour + 2) % 24
    assert any(f"{at % 12 or 12}" in told for at in berlin), (utc, told)


def test_a_server_that_is_away_is_told_and_its_return_too(desk: Desk) -> None:
    page = desk.open("/records/leads")
    page.context.set_offline(True)
    page.keyboard.press("/")
    page.keyboard.type("mill")
    banner = page.get_by_text("The server cannot be reached.")
    expect(banner).to_be_visible()
    page.context.set_offline(False)
    expect(banner).not_to_be_visible()


def test_on_a_phone_all_pages_are_within_reach(desk: Desk) -> None:
    desk.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page = desk.open("/")
    page.get_by_role("button", name="More").click()
    page.get_by_role("dialog").get_by_role("link", name="Accounts").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accounts")
