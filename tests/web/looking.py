"""Looking at pages as a browser does: what hinders people, what is too wide; and which pages there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver
from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
WIDE, TABLET = {"width": 1440, "height": 900}, {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}


def hindrances(page: Page) -> list[str]:
    """What axe-core finds that is serious. The browser's own debugger puts it in, which no policy hinders."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    told: Any = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{found['id']}: {node['target']} {node['failureSummary']}"
        for found in told["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]


def too_wide(page: Page) -> int:
    """By how many pixels it scrolls sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def doubled(page: Page) -> list[str]:
    """Ids that several things have: labels, scripts and links lead to the first of them alone."""
    ids: list[str] = page.evaluate(
        "() => [...document.querySelectorAll('[id]')].map((one) => one.getAttribute('id'))"
    )
    return sorted(id for id, times in Counter(ids).items() if times > 1)


def routes(patterns: Sequence[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    """Every address that there is, with its arguments as they are declared."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route
