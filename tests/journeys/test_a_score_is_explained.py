"""A score is explained on the page of its record: what brought how much, by which touchpoints, what did not, what will end,
and how it was on an earlier day."""

from __future__ import annotations

import re
from datetime import timedelta

from django.db.models import F
from playwright.sync_api import Locator, expect

from firstcall.moments import now
from firstcall.scorekeeping.models import Activation
from firstcall.touchpoints.models import Touchpoint
from tests.web.conftest import Desk


def number(text: str) -> float:
    """As people read it: `+5`, `−15`."""
    return float(re.sub(r"[^\d.\-]", "", text.replace("−", "-")))


def brought(lines: Locator) -> list[float]:
    return [number(text) for text in lines.locator("> .points").all_inner_texts()]


def test_a_score_is_explained(desk: Desk) -> None:
    Activation.objects.update(at=now() - timedelta(days=30), complete_at=now() - timedelta(days=30))
    Touchpoint.objects.update(received_at=F("occurred_at"))
    page = desk.open("/")
    page.get_by_role("link", name="Ann Miller").first.click()
    card = page.get_by_role("article", name="Call first")
    total = card.locator(".score-total")
    expect(total).to_have_text("45")
    expect(card.locator(".grade").first).to_contain_text("Hot")

    steps = card.locator(".falls > li")
    assert steps.locator(".fall-name > .strong").all_inner_texts() == ["Looked at prices", "Large company"]
    assert brought(steps) == [25, 20]
    expect(steps.nth(1)).to_contain_text("employees")
    bars = [box for bar in steps.locator("rect").all() if (box := bar.bounding_box())]
    assert bars[0]["width"] > bars[1]["width"] > 0

    steps.first.get_by_text("Which touchpoints").press("Enter")
    behind = steps.first.locator(".behind li")
    expect(behind).to_have_count(5)
    assert sum(brought(behind)) == 25
    expect(behind.first).to_contain_text("/pricing")
    expect(behind.first).to_contain_text("ends")

    card.get_by_text("Why not: 1 criterion was missed").press("Enter")
    missed = card.locator(f"#missed-{desk.company.rule.pk} li")
    expect(missed).to_contain_text("Unsubscribed")
    expect(missed.locator(".soft")).not_to_be_empty()

    card.get_by_text("What will end by itself, and when").press("Enter")
    ending = card.locator(".endings li")
    expect(ending).to_have_count(5)
    assert sum(brought(ending)) == -25

    page.get_by_role("slider").focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("As it was on")).to_be_visible()
    expect(page.locator("#days-shown")).to_have_text("4")
    expect(total).to_have_text("30")
    assert brought(steps) == [20, 10]
    steps.nth(1).get_by_text("Which touchpoints").press("Enter")
    expect(steps.nth(1).locator(".behind li")).to_have_count(2)
    expect(steps.nth(1).locator(".behind")).not_to_contain_text("/pricing")
    page.get_by_role("button", name="Back to now").click()
    expect(total).to_have_text("45")
    assert desk.complaints == []
