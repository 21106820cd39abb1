"""Rules in a real browser, by the keyboard alone: what is asked in a dialog, and where the focus goes."""

from __future__ import annotations

from playwright.sync_api import expect

from firstcall.access.models import Profile
from firstcall.access.rights import Right
from firstcall.scorekeeping.models import StoredRule
from tests.web.conftest import Desk
from tests.web.looking import doubled


def managing(desk: Desk) -> Desk:
    Profile.objects.filter(name="Seller").update(rights=[Right.MANAGE_SCORING])
    return desk


def test_a_rule_is_switched_off_and_on_by_keys(desk: Desk) -> None:
    page = managing(desk).open("/rules/")
    expect(page.get_by_role("img", name="Hot: 1, Warm: 0, Cold: 1")).to_be_visible()
    assert doubled(page) == []
    page.get_by_role("link", name="Switch Call first off").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The scores stay as they are")
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    expect(page.get_by_role("link", name="Switch Call first off")).to_be_focused()
    page.get_by_role("link", name="Switch Call first off").press("Enter")
    dialog.get_by_role("button", name="Switch off").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Call first")
    assert StoredRule.objects.get().active is None
    page.get_by_role("link", name="Switch on").first.press("Enter")
    dialog.get_by_role("radio", name="None: they keep their score").check()
    dialog.get_by_role("button", name="Switch on").press("Enter")
    expect(page.get_by_text("Version 1 scores from now on.")).to_be_visible()
    expect(page.get_by_text("2 records are scored.")).to_be_visible()
    assert StoredRule.objects.get().active is not None
    assert desk.complaints == []


def test_a_menu_and_what_it_asks_close_by_escape_and_give_the_focus_back(desk: Desk) -> None:
    page = managing(desk).open(f"/rules/{desk.company.rule.pk}/")
    assert doubled(page) == []
    more = page.locator("main details[data-menu] > summary")
    more.press("Enter")
    page.get_by_role("link", name="Copy …").press("Enter")
    expect(page.get_by_label("Name of the copy")).to_be_focused()
    expect(page.get_by_label("Name of the copy")).to_have_value("Call first (copy)")
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    more.press("Enter")
    page.get_by_role("link", name="Copy …").press("Enter")
    page.get_by_label("Name of the copy").fill("Mine")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mine")
    assert StoredRule.objects.filter(name="Mine").exists()
