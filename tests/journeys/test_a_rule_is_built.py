"""A rule is built by the keyboard and by drag, and switched on; what a visitor does then moves a lead on an open page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, expect

from firstcall.access.models import Profile
from firstcall.access.rights import Right
from firstcall.columns.following import Follower
from firstcall.moments import now
from firstcall.records.models import Record
from firstcall.scorekeeping.keeper import keep_all
from firstcall.scorekeeping.models import StoredRule
from firstcall.touchpoints.models import Touchpoint
from firstcall.touchpoints.sources import create_source
from tests.serving import until
from tests.web.all_pages import work
from tests.web.conftest import Desk, save_and_switch_on

SEGMENT = "@segment/analytics-next/dist/umd/index.js"
PAGE = Path(__file__).parents[1] / "api/sdks/pages/segment.html"


def add(page: Page, button: str, at: int, name: str, points: str) -> Locator:
    """A card by the keyboard alone."""
    page.get_by_role("button", name=button).press("Enter")
    expect(page.locator(f"#name-{at}")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.locator(f"#points-{at}").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(points)
    page.keyboard.press("Enter")
    card = page.locator(f"#card-{at}")
    expect(card.locator(".crit-handle")).to_contain_text(f"Move {name}")
    return card


def drag_above(page: Page, card: Locator, target: Locator) -> None:
    handle, to = card.locator("[data-handle]").bounding_box(), target.bounding_box()
    assert handle is not None
    assert to is not None
    page.mouse.move(handle["x"] + 8, handle["y"] + 8)
    page.mouse.down()
    page.mouse.move(handle["x"] + 8, handle["y"] - 20, steps=5)
    page.mouse.move(handle["x"] + 8, to["y"] + 4, steps=15)
    page.mouse.up()


def test_a_rule_is_built_and_a_visitor_moves_a_lead(
    desk: Desk,
    context: BrowserContext,
    node_sdks: Path,
    site: Callable[[dict[str, bytes]], str],
    server_folder: Path,
) -> None:
    company, page = desk.company, desk.page
    Profile.objects.filter(name="Seller").update(rights=[Right.MANAGE_SCORING])
    Follower(server_folder / "columns", now=now).step()

    desk.open("/rules/new?module=leads")
    page.get_by_label("From scratch").fill("Eager")
    page.keyboard.press("Enter")
    add(page, "Add a touchpoint", 1, "Signed up", "25")
    kind = page.locator("#card-1").get_by_label("Which touchpoint")
    kind.focus()
    kind.select_option("product.signed_up")
    expect(page.locator("#card-1 .crit-says")).to_contain_text("+25")
    visited = add(page, "Add a touchpoint", 2, "Visited", "5")
    expect(page.locator("#card-2 .crit-says")).to_contain_text("+5")
    for open_one in page.locator("#touchpoint-cards [data-edit][open] > summary").all():
        open_one.click()
    drag_above(page, visited, page.locator("#card-1"))
    expect(page.locator("#name-1")).to_have_value("Visited")
    expect(page.locator("#name-2")).to_have_value("Signed up")
    preview = page.locator("[data-preview-place]")
    expect(preview).to_contain_text("nothing scores by this rule yet")
    expect(preview).to_contain_text("Nobody meets “Signed up”.")

    save_and_switch_on(page)
    rule = StoredRule.objects.get(name="Eager")
    assert rule.active is not None
    work()

    with page.expect_response(lambda answer: "/moved" in answer.url):
        desk.open(f"/records/leads/{company.ann.pk}")
    total = page.get_by_role("article", name="Eager").locator(".score-total")
    expect(total).to_have_text("15")
    key = create_source("shop", at=now(), module=company.leads).write_keys.get().key
    script = (node_sdks / "node_modules" / SEGMENT).read_bytes()
    origin = site({"/": PAGE.read_bytes(), "/segment.js": script})
    visitor = context.new_page()
    visitor.goto(f"{origin}/pricing#{desk.url},{key}")
    visitor.evaluate(
        "analytics.identify('u1', {email: 'ann@acme.example'}).then(() => analytics.track('Signed Up'))"
    )
    until(
        lambda: Touchpoint.objects.get(type="product.signed_up").record_id == company.ann.pk,
        pause=visitor.wait_for_timeout,
    )
    keep_all(now=now)
    expect(total).to_have_text("40")
    expect(page.get_by_role("article", name="Eager").locator(".falls")).to_contain_text("Signed up")
    assert Record.objects.filter(module=company.leads).count() == 3
    assert desk.complaints == []
