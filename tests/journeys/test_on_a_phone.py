"""By touch at 390 pixels: from today's list to a record, a call logged, and back; and a criterion is built."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from firstcall.access.models import Profile
from firstcall.access.rights import Right
from firstcall.scorekeeping.models import StoredRule
from firstcall.touchpoints.models import Touchpoint
from tests.web.conftest import Company, sign_in
from tests.web.looking import PHONE, too_wide

STAYS = (
    "document.addEventListener('click', (e) => e.target.closest('a[href^=\"tel:\"]') && e.preventDefault())"
)
"""Chromium on a desk asks what to dial with."""


@pytest.fixture
def phone(browser: Browser, at_rest: None, served_company: Company, server: str) -> Iterator[Page]:
    context = browser.new_context(
        base_url=server,
        viewport=PHONE,
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",  # type: ignore[arg-type]
    )
    context.set_default_timeout(60_000)
    context.add_init_script(STAYS)
    page = context.new_page()
    sign_in(page, server, "bob@example.com")
    yield page
    context.close()


def within(page: Page) -> None:
    assert not too_wide(page), page.url


def test_a_call_is_logged_from_the_road(phone: Page, served_company: Company) -> None:
    within(phone)
    expect(phone.get_by_role("navigation", name="Main, at the bottom")).to_be_visible()
    phone.get_by_role("link", name="Ann Miller").first.tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Ann Miller")
    expect(phone.locator(".score-total")).to_be_in_viewport()
    within(phone)
    phone.locator("#call").tap()
    sheet = phone.get_by_role("dialog")
    expect(sheet.get_by_role("heading", name="Log a call")).to_be_visible()
    within(phone)
    sheet.get_by_role("radio", name="No answer").tap()
    sheet.get_by_role("button", name="Log it").tap()
    expect(phone.get_by_text("The call is logged.")).to_be_visible()
    expect(sheet).not_to_be_visible()
    assert Touchpoint.objects.get(type="call.unattended").record_id == served_company.ann.pk
    phone.go_back()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Today")
    within(phone)
    expect(phone.locator(f"#line-{served_company.ann.pk} .hot-last")).to_contain_text(
        "call", ignore_case=True
    )


def test_a_criterion_is_built_by_touch(phone: Page, served_company: Company) -> None:
    Profile.objects.filter(name="Seller").update(rights=[Right.MANAGE_SCORING])
    phone.goto(f"/rules/{served_company.rule.pk}/edit")
    within(phone)
    phone.get_by_role("button", name="Add a touchpoint").tap()
    card = phone.locator("#card-3")
    expect(phone.locator("#name-3")).to_be_focused()
    phone.keyboard.type("Asked for a demo")
    card.get_by_label("Which touchpoint").select_option("web.form_submitted")
    expect(card.locator(".crit-says")).to_contain_text("+")
    phone.locator("#points-3").fill("12")
    expect(card.locator(".crit-says")).to_contain_text("+12")
    within(phone)
    phone.get_by_role("button", name="Save …").tap()
    dialog = phone.get_by_role("dialog", name="Save the rule")
    dialog.get_by_role("radio", name="Switch it on now").tap()
    within(phone)
    dialog.get_by_role("button", name="Save", exact=True).tap()
    phone.wait_for_url("**/rules/*/")
    within(phone)
    rule = StoredRule.objects.get()
    assert rule.active is not None
    assert rule.active.number == 2
    assert "name: Asked for a demo\n    touchpoint: web.form_submitted" in rule.active.text
    assert "points: 12" in rule.active.text
