"""The keyboard alone, on any page: where the focus is can be seen, nothing holds it, and every menu closes by Escape."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.web.conftest import Desk

MOST = 60  # steps through one page

FOCUSED = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const style = getComputedStyle(at), shape = at.getBoundingClientRect();
  const inner = at.closest("label, .chip, .drop");
  const around = inner ? getComputedStyle(inner) : style;
  const ringed = (one) => (one.outlineStyle !== "none" && parseFloat(one.outlineWidth) > 0) || one.boxShadow !== "none";
  return {
    called: at.outerHTML.slice(0, 120),
    ringed: ringed(style) || ringed(around),
    shown: shape.width > 0 && shape.height > 0,
    hidden: at.closest("[hidden], [inert]") !== null,
  };
}"""


def walked(page: Page) -> list[str]:
    """What is wrong on the way through a page by the tabulator."""
    page.evaluate("document.activeElement?.blur()")
    faults, seen = [], list[str]()
    for _ in range(MOST):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at is None:
            break
        seen.append(at["called"])
        if not at["ringed"]:
            faults.append(f"the focus is not seen on {at['called']}")
        if not at["shown"] or at["hidden"]:
            faults.append(f"the focus is on what is not shown: {at['called']}")
        if seen[-4:] == [at["called"]] * 4:
            faults.append(f"the focus cannot leave {at['called']}")
            break
    if not seen or 'class="skip"' not in seen[0]:
        faults.append(f"the first step leads not to the link that skips to the page, but to {seen[:1]}")
    return faults


@pytest.mark.slow
def test_the_focus_is_seen_everywhere_and_held_nowhere(desk: Desk) -> None:
    found = []
    rule, ann = desk.company.rule.pk, desk.company.ann.pk
    for path in ("/", "/records/leads", f"/records/leads/{ann}", "/rules/", f"/rules/{rule}/", "/import/"):
        found += [f"{path}: {says}" for says in walked(desk.open(path))]
    if found:
        pytest.fail("\n".join(found))


@pytest.mark.slow
def test_every_menu_closes_by_escape_and_gives_the_focus_back(desk: Desk) -> None:
    for path in ("/", "/records/leads", f"/records/leads/{desk.company.ann.pk}", "/rules/"):
        page = desk.open(path)
        menus = page.locator("details[data-menu]:visible")
        assert menus.count() > 0
        for number in range(menus.count()):
            menu = menus.nth(number)
            menu.locator("> summary").press("Enter")
            assert menu.evaluate("menu => menu.open"), path
            page.keyboard.press("Tab")
            page.keyboard.press("Escape")
            assert not menu.evaluate("menu => menu.open"), path
            assert menu.locator("> summary").evaluate("one => one === document.activeElement"), path
