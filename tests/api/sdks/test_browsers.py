"""In a real browser, on a page of another origin: the SDKs of Segment and RudderStack, and the product's own script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from firstcall.records.models import Record
from firstcall.touchpoints.models import Identity, Touchpoint
from tests.api.sdks.conftest import Served
from tests.serving import until

PAGES = Path(__file__).parent / "pages"


@pytest.fixture
def context(browser: Browser, at_rest: None) -> Iterator[BrowserContext]:
    opened = browser.new_context()
    yield opened
    opened.close()


def types() -> list[str]:
    return sorted(Touchpoint.objects.values_list("type", flat=True))


def touched(type: str) -> list[dict[str, Any]]:
    return [t.properties for t in Touchpoint.objects.filter(type=type).order_by("occurred_at", "pk")]


@pytest.mark.parametrize(
    ("name", "file", "how"),
    [
        ("segment", "@segment/analytics-next/dist/umd/index.js", ""),
        ("segment", "@segment/analytics-next/dist/umd/index.js", "batching"),
        ("rudderstack", "@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js", ""),
        ("rudderstack", "@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js", "beacon"),
    ],
)
def test_what_an_sdk_says_arrives(
    served: Served, node_sdks: Path, context: BrowserContext, site: Any, name: str, file: str, how: str
) -> None:
    """Batches and beacons go out when the page is left."""
    script = (node_sdks / "node_modules" / file).read_bytes()
    origin = site({"/": (PAGES / f"{name}.html").read_bytes(), f"/{name}.js": script})
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(f"{origin}/pricing?{how}#{served.url},{served.key}")
    page.evaluate("say()")
    if how:
        page.goto("about:blank")
    until(lambda: types() == ["product.signed_up", "product.used", "web.visited"] or told.clear())
    until(lambda: Record.objects.get().values.get("company") == "Acme")
    lead = Record.objects.get()
    assert lead.values == {"email": "ann@example.com", "first_name": "Ann", "company": "Acme"}
    assert set(Touchpoint.objects.values_list("record", flat=True)) == {lead.pk}, told
    assert touched("web.visited")[0]["path"] == "/pricing"


class Visit:
    """A visitor on a site that has the product's script."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page, self.origin = page, origin

    def go(self, path: str = "/") -> None:
        self.page.goto(self.origin + path)

    def click(self, id: str) -> None:
        self.page.click(f"#{id}")


@pytest.fixture
def visit(served: Served, context: BrowserContext, site: Any) -> Visit:
    return a_visit(served, context, site)


def a_visit(served: Served, context: BrowserContext, site: Any) -> Visit:
    tag = f'<script async src="{served.url}/firstcall.js" data-key="{served.key}"></script>'
    early = (
        '<script>firstcall = window.firstcall || []; firstcall.push(["track", "Early", {"n": 1}])</script>'
    )
    html = (PAGES / "site.html").read_text().replace("<!-- SCRIPT -->", early + tag)
    return Visit(context.new_page(), site({"/": html.encode()}))


def test_page_views_are_seen_those_within_a_page_too(visit: Visit) -> None:
    visit.go("/a?utm_source=news&email=ann@example.com")
    until(lambda: len(touched("web.visited")) == 1)
    visit.page.evaluate("history.pushState({}, '', '/b'); document.title = 'B'")
    visit.page.evaluate("history.replaceState({}, '', '/b')")
    until(lambda: len(touched("web.visited")) == 2)
    visit.page.evaluate("history.back()")
    until(lambda: len(touched("web.visited")) == 3)
    first, second, third = touched("web.visited")
    assert first == {
        "path": "/a", "url": f"{visit.origin}/a", "title": "Home", "referrer": "", "utm_source": "news",
    }  # fmt: skip
    assert (second["path"], second["title"], second["referrer"]) == ("/b", "B", f"{visit.origin}/a")
    assert third["path"] == "/a"
    assert Identity.objects.filter(kind="anonymous_id").count() == 1


def test_clicks_out_marked_ones_and_downloads_are_seen(visit: Visit) -> None:
    visit.go()
    visit.page.wait_for_function("!!firstcall.identify")
    for id in ("out", "file", "inside", "marked"):
        visit.click(id)
    until(lambda: len(Touchpoint.objects.all()) == 5)
    assert [t["target"] for t in touched("web.clicked")] == [
        "https://elsewhere.example/path",
        "Ask for a demo",
    ]
    assert [t["file"] for t in touched("web.downloaded")] == ["prices.pdf"]


def test_a_form_says_who_it_was_only_where_it_is_told_to(visit: Visit) -> None:
    visit.go()
    visit.page.wait_for_function("!!firstcall.identify")
    visit.page.click("#quiet button")
    until(lambda: len(touched("web.form_submitted")) == 1)
    assert not Record.objects.exists()
    visit.page.click("#told button")
    until(lambda: Record.objects.exists() and len(touched("web.form_submitted")) == 2)
    assert [t["form"] for t in touched("web.form_submitted")] == ["newsletter", "demo"]
    assert Record.objects.get().values == {"email": "ann@example.com", "first_name": "Ann", "company": "Acme"}
    kept = str(list(Touchpoint.objects.values_list("properties", flat=True)))
    assert not any(secret in kept for secret in ("quiet@", "a secret", "4111", "ann@"))


def test_what_pages_call_is_done_also_before_the_script_is_there(visit: Visit) -> None:
    visit.go()
    until(lambda: [t["n"] for t in touched("product.used")] == [1])
    visit.page.evaluate("firstcall.identify('u1', {email: 'ann@example.com'}); firstcall.track('Later')")
    until(lambda: Record.objects.exists() and len(touched("product.used")) == 2)
    assert set(Touchpoint.objects.values_list("record", flat=True)) == {Record.objects.get().pk}


def test_what_waits_goes_out_when_the_page_is_left(visit: Visit) -> None:
    visit.go()
    visit.page.wait_for_function("!!firstcall.identify")
    visit.page.evaluate("firstcall.track('Last')")
    visit.page.goto("about:blank")
    until(lambda: "Last" in [t["event"] for t in touched("product.used")])


def test_a_server_that_is_away_is_tried_again(visit: Visit) -> None:
    refused: list[str] = []

    def refuse_twice(route: Any) -> None:
        if len(refused) < 2:
            refused.append(route.request.post_data)
            route.fulfill(status=503, body="")
        else:
            route.continue_()

    visit.page.route("**/v1/b", refuse_twice)
    visit.go()
    until(lambda: types() == ["product.used", "web.visited"], pause=visit.page.wait_for_timeout)
    assert len(refused) == 2


@pytest.mark.parametrize(
    "signal", ["navigator.globalPrivacyControl", "navigator.doNotTrack", "window.doNotTrack"]
)
def test_who_does_not_want_it_is_not_followed(
    served: Served, context: BrowserContext, site: Any, signal: str
) -> None:
    owner, name = signal.split(".")
    value = "true" if name == "globalPrivacyControl" else '"1"'
    context.add_init_script(f"Object.defineProperty({owner}, '{name}', {{value: {value}}})")
    sent: list[str] = []
    visit = a_visit(served, context, site)
    visit.page.on("request", lambda request: sent.append(request.url))
    visit.go()
    visit.page.wait_for_function("!!firstcall.identify")
    visit.page.evaluate(
        "firstcall.identify('u1', {email: 'a@example.com'}); firstcall.track('X'); firstcall.reset()"
    )
    visit.page.click("#told button")
    visit.page.wait_for_timeout(800)
    assert [url for url in sent if "/v1/" in url] == []
    assert visit.page.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    visit.page.goto("about:blank")
    assert not Touchpoint.objects.exists()
