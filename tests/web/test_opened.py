"""Whatever opens over a page or out of it: menus, sheets, dialogues, details. Nothing in them hinders, in light or in dark,
and on a phone nothing is too wide. They are found by what opens them, so that a new one cannot be forgotten."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.records.importing.conftest import data_folder
from tests.web.conftest import Company, sign_in
from tests.web.looking import PHONE, WIDE, doubled, hindrances, too_wide

__all__ = ["data_folder"]

MENUS = "details[data-menu] > summary"
INTO = "[hx-target='#asked']"
OPENERS = f"[data-opens]:visible, [data-sheet]:visible, [data-save-open]:visible, {INTO}:visible"
KIND = """(one) => one.dataset.opens || ("saveOpen" in one.dataset && "save")
  || (one.dataset.sheet || one.getAttribute("hx-get")).replace(/\\d+/g, "N")"""
STAYS = (
    "document.addEventListener('click', (e) => e.target.closest('a[href^=\"tel:\"]') && e.preventDefault())"
)


def looked_at(page: Page) -> Iterator[str]:
    """As it is, and by a phone in the dark; afterwards it is wide and light again."""
    yield from (f"the id {id} stands there twice" for id in doubled(page))
    yield from hindrances(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("() => document.documentElement.dataset.bsTheme === 'dark'")
    if wide := too_wide(page):
        yield f"{wide} pixels too wide"
    yield from (f"dark: {says}" for says in hindrances(page))
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")
    page.wait_for_function("() => document.documentElement.dataset.bsTheme === 'light'")


def dialogs(page: Page, openers: Locator, seen: set[str]) -> Iterator[str]:
    """What each of them opens; two of one kind are looked at once."""
    for number in range(openers.count()):
        opener = openers.nth(number)
        if not opener.is_visible():
            continue
        kind = opener.evaluate(KIND)
        if kind in seen:
            continue
        seen.add(kind)
        opener.click()
        dialog = page.locator("dialog[open]")
        expect(dialog).to_have_count(1)
        expect(dialog.get_by_role("button").last).to_be_visible()
        yield from (f"{kind}: {says}" for says in looked_at(page))
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


def opened(page: Page, seen: set[str]) -> Iterator[str]:
    yield from dialogs(page, page.locator(OPENERS), seen)
    menus = page.locator(MENUS)
    for number in range(menus.count()):
        menu = menus.nth(number)
        called = menu.inner_text().strip()
        if not menu.is_visible() or f"menu {called}" in seen:
            continue
        seen.add(f"menu {called}")
        menu.press("Enter")
        yield from (f"menu {called}: {says}" for says in looked_at(page))
        inside = menu.locator("xpath=..").locator(f"[data-opens], [data-sheet], {INTO}")
        for one in range(inside.count()):
            if not inside.nth(one).is_visible():
                menu.press("Enter")
            yield from dialogs(page, inside.nth(one), seen)
        page.keyboard.press("Escape")
    closed = page.locator("main details:not([data-menu]):not([open]) > summary:visible")
    for _ in range(closed.count()):
        if closed.count():  # one may hold others, and they may be one at a time
            closed.first.press("Enter")
    page.wait_for_load_state("networkidle")
    yield from (f"with all details: {says}" for says in looked_at(page))


@pytest.mark.slow
def test_nothing_that_opens_hinders_anybody(
    context: BrowserContext, served_company: Company, server: str
) -> None:
    page, found, seen = context.new_page(), list[str](), set[str]()
    context.add_init_script(STAYS)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    sign_in(page, server, "alice@example.com")
    rule, ann = served_company.rule.pk, served_company.ann.pk
    for path in (
        "/?whose=all",
        "/records/leads?grade=Hot",
        f"/records/leads/{ann}",
        "/rules/",
        f"/rules/{rule}/",
        f"/rules/{rule}/edit",
    ):
        page.goto(server + path)
        if "records/leads?" in path:
            page.get_by_role("button", name="Condition").click()
            page.get_by_label("Choose all on this page").check()
        found += [f"{path}: {says}" for says in opened(page, seen)]
    assert {
        "change",
        "export",
        "keep-view",
        "keys",
        "/do/N/call",
        "/do/N/note",
        "/do/N/task",
        "/do/N/snooze",
        "save",
    } <= seen
    if found:
        pytest.fail("\n".join(found))
