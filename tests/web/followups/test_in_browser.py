"""The sheets in a real browser, by the keyboard alone: nothing leaves the page, and the focus comes back."""

from __future__ import annotations

from playwright.sync_api import expect

from firstcall.followups.models import Note, Snooze, Task
from firstcall.touchpoints.models import Touchpoint
from tests.web.conftest import Desk


def test_a_sheet_closes_by_escape_and_gives_the_focus_back(desk: Desk) -> None:
    page = desk.open("/")
    button = page.get_by_role("button", name="Add a note on Ann Miller")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Add a note")).to_be_visible()
    expect(page.get_by_label("Note", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Note", exact=True)).to_be_focused()
    page.keyboard.type("Likes tea")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("The note is kept.")).to_be_visible()
    expect(button).to_be_focused()
    assert Note.objects.get().text == "Likes tea"
    assert desk.complaints == []


def test_a_call_is_logged_and_undone_in_place(desk: Desk) -> None:
    page = desk.open("/")
    page.evaluate(
        "document.addEventListener('click', (e) => e.target.closest('a[href^=\"tel:\"]') && e.preventDefault())"
    )
    page.get_by_role("link", name="Call Ann Miller").press("Enter")
    page.get_by_role("radio", name="No answer").check()
    page.get_by_role("button", name="Log it").click()
    expect(page.get_by_text("The call is logged.")).to_be_visible()
    made = Touchpoint.objects.get(type="call.unattended")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The call counts no longer.")).to_be_visible()
    made.refresh_from_db()
    assert made.revoked_at is not None
    assert page.url == f"{desk.url}/"


def test_a_task_is_added_ticked_off_and_opened_again(desk: Desk) -> None:
    page = desk.open("/")
    page.get_by_role("button", name="Add a task for Ann Miller").press("Enter")
    expect(page.get_by_label("What is to be done")).to_be_focused()
    page.keyboard.type("Send the offer")
    page.keyboard.press("Enter")
    todo = page.get_by_role("region", name="To do today")
    expect(todo.get_by_text("Send the offer", exact=True)).to_be_visible()
    expect(page.locator(".hot-next")).to_contain_text("Send the offer")
    tick = todo.get_by_role("button", name="“Send the offer” is done")
    tick.press("Enter")
    expect(page.locator(".hot-next")).to_have_count(0)
    again = todo.get_by_role("button", name="“Send the offer” is done; open it again")
    expect(again).to_be_focused()
    again.press("Enter")
    expect(page.locator(".hot-next")).to_contain_text("Send the offer")
    assert not Task.objects.get().is_done


def test_what_is_put_aside_goes_and_the_focus_goes_to_the_next(desk: Desk) -> None:
    page = desk.open("/")
    page.get_by_role("button", name="Put Ann Miller aside").press("Enter")
    page.get_by_role("radio", name="Tomorrow morning").press("ArrowDown")
    expect(page.get_by_role("radio", name="Monday morning")).to_be_checked()
    page.get_by_role("button", name="Put aside", exact=True).press("Enter")
    expect(page.get_by_role("link", name="Ann Miller")).to_have_count(0)
    expect(page.get_by_role("link", name="Cora")).to_be_focused()
    expect(page.get_by_text("1 put aside")).to_be_visible()
    assert Snooze.objects.get().record == desk.company.ann


def test_the_reasons_are_those_of_the_verdict(desk: Desk) -> None:
    page = desk.open("/")
    page.get_by_role("button", name="Say whether Ann Miller is a good lead").press("Enter")
    expect(page.get_by_text("No budget")).not_to_be_visible()
    page.get_by_role("radio", name="A bad lead").check()
    expect(page.get_by_text("Ready to buy")).not_to_be_visible()
    page.get_by_role("radio", name="No budget").check()
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("button", name="You called Ann Miller a bad lead")).to_be_focused()
