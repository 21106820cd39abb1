"""Every page that there is, in a real browser: nothing that hinders, nothing too wide, nothing that the policy refuses.

The pages are those that the addresses lead to, so that a new one cannot be forgotten: one with arguments that no example
suits fails here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from firstcall.web.urls import urlpatterns
from tests.records.importing.conftest import data_folder
from tests.web.all_pages import PASSED_OVER, addresses, examples
from tests.web.conftest import Company, sign_in
from tests.web.looking import PHONE, TABLET, WIDE, doubled, hindrances, routes, too_wide

__all__ = ["data_folder"]

BESIDES = [
    "/nothing-here",
    "/records/leads?f=employees&t=gte&v=50",
    "/records/leads?grade=Warm",
    "/?whose=all",
]
"""Pages with something on them that the bare address does not show."""


@pytest.fixture
def everything(served_company: Company) -> dict[str, str]:
    return examples(served_company)


def opened(page: Page, url: str, path: str) -> bool:
    """Whether a page is shown there: no file, no step that only takes what is sent to it."""
    answer = page.request.get(url + path, max_redirects=0)
    kind = answer.headers.get("content-type", "")
    if answer.status in (301, 302, 303, 405) or not kind.startswith("text/html"):
        return False
    if "content-disposition" in answer.headers or "<html" not in answer.text():
        return False
    page.goto(url + path)
    return True


@pytest.mark.slow
def test_every_page_is_for_everybody(
    context: BrowserContext, served_company: Company, everything: dict[str, str], server: str
) -> None:
    page, complaints, found, shown = context.new_page(), list[str](), list[str](), list[str]()
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page, server, "alice@example.com")
    for path in [*(path for _, path in addresses(everything)), *BESIDES]:
        if "<" in path:  # only for what is sent there: `test_addresses`
            continue
        if not opened(page, server, path):
            continue
        shown.append(path)
        found += [f"{path}: {says}" for says in looked_at(page)]
    assert len(shown) > 30, shown
    if found:
        pytest.fail("\n".join(found))  # whole, where an assertion would cut it
    # What the server answers is asked elsewhere; some pages are there to say that there is nothing, or sign in first.
    assert [said for said in complaints if not re.search(r"status of 40[14] ", said)] == []


def looked_at(page: Page) -> Iterator[str]:
    """At three widths, in light and in dark."""
    yield from (f"the id {id} stands there twice" for id in doubled(page))
    for size, theme in ((WIDE, "light"), (TABLET, "light"), (PHONE, "dark")):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.wait_for_function("theme => document.documentElement.dataset.bsTheme === theme", arg=theme)
        if wide := too_wide(page):
            yield f"{wide} pixels too wide at {size['width']}"
        if size != TABLET:
            yield from (f"{theme}, {size['width']}: {says}" for says in hindrances(page))


@pytest.mark.slow
def test_what_is_read_before_signing_in_is_for_everybody(
    context: BrowserContext, served_company: Company, server: str
) -> None:
    page, found, shown = context.new_page(), list[str](), list[str]()
    for route in routes(urlpatterns):
        if (
            "<" in route
            or any(mark in route for mark in PASSED_OVER)
            or not opened(page, server, f"/{route}")
        ):
            continue
        shown.append(route)
        found += [f"{route}: {says}" for says in looked_at(page)]
    assert "sign-in" in shown
    if found:
        pytest.fail("\n".join(found))
