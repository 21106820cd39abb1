"""Charlie sees his own alone: on no page, in no list, search, preview or file does a browser show him another's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from firstcall.access.models import Profile, User
from firstcall.access.rights import EVERY_OTHER, Grant, Right, Verb, Visibility
from firstcall.columns.following import Follower
from firstcall.moments import now
from firstcall.records.actions import change_record, create_record
from firstcall.records.writing.given import Given
from firstcall.scorekeeping.keeper import keep_all
from firstcall.touchpoints.intake import Arrival, accept
from firstcall.touchpoints.models import Source
from tests.web.conftest import PASSWORD, Company, sign_in

SECRETS = re.compile(r"Miller|ann@acme|\bCora\b|Acme|\bEve\b")


@pytest.fixture
def charlie(served_company: Company) -> User:
    """He owns Dora, and may manage scoring: he previews rules, on what he sees."""
    own = Grant(frozenset(Verb), Visibility.OWN).to_json()
    profile = Profile.objects.create(name="Own", grants={EVERY_OTHER: own}, rights=[Right.MANAGE_SCORING])
    charlie = User.objects.create_user("charlie@example.com", PASSWORD, name="Charlie", profile=profile)
    dora = create_record(
        served_company.leads,
        Given({"last_name": "Dora", "employees": 100}, owner=charlie),
        at=now(),
        by=charlie,
    )
    accept(
        Source.objects.get(), [Arrival("d1", "web.visited", now(), dora.pk, {"path": "/"})], received_at=now()
    )
    keep_all(now=now)
    return charlie


def shown(page: Page) -> str:
    """All that the page holds, what stands in fields and titles too; it must be nothing of others."""
    held = page.content()
    assert SECRETS.findall(held) == [], page.url
    return held


def test_charlie_sees_his_own_alone(
    context: BrowserContext, served_company: Company, charlie: User, server: str, server_folder: Path
) -> None:
    page, company = context.new_page(), served_company
    sign_in(page, server, charlie.email)

    for path in ("/", "/?whose=all"):
        page.goto(server + path)
        expect(page.locator(".hot-line")).to_have_count(1)
        expect(page.locator(".hot-line")).to_contain_text("Dora")
        expect(page.locator("#movers")).not_to_contain_text("Looking who has moved")
        assert "Dora" in shown(page)

    page.goto(f"{server}/records/leads")
    expect(page.locator(".page-head .figure")).to_have_text("1")
    expect(page.locator("#rows tr")).to_have_count(1)
    shown(page)
    page.goto(f"{server}/records/leads?f=last_name&t=is&v=Miller")
    expect(page.get_by_text("Nothing meets all of this")).to_be_visible()
    page.goto(f"{server}/records/accounts")
    expect(page.get_by_text("There is nothing here yet")).to_be_visible()
    shown(page)

    for words, found in (("dor", "Dora"), ("mill", "Nothing"), ("acm", "Nothing")):
        with page.expect_response(lambda answer, words=words: f"/search?q={words}" in answer.url):  # type: ignore[misc]
            page.get_by_role("combobox", name="Search all records").fill(words)
        expect(page.locator("#search-results")).to_contain_text(found)
        shown(page)

    for record in (company.ann, company.acme):
        answer = page.goto(f"{server}/records/{record.module.name}/{record.pk}")
        assert answer is not None
        assert answer.status == 404
        shown(page)
        hidden = page.locator("main").inner_text()
        page.goto(f"{server}/records/{record.module.name}/999999")
        assert page.locator("main").inner_text() == hidden


def test_charlie_previews_rules_on_his_own_alone(
    context: BrowserContext, served_company: Company, charlie: User, server: str, server_folder: Path
) -> None:
    page, company = context.new_page(), served_company
    Follower(server_folder / "columns", now=now).step()
    sign_in(page, server, charlie.email)
    page.goto(f"{server}/rules/")
    expect(page.get_by_role("img", name="Hot: 0, Warm: 1, Cold: 0")).to_be_visible()
    shown(page)
    page.goto(f"{server}/rules/{company.rule.pk}/")
    shown(page)
    page.goto(f"{server}/rules/{company.rule.pk}/edit")
    preview = page.locator("[data-preview-place]")
    expect(preview.locator(".preview-figures dd").first).to_have_text("1")
    page.locator("#points-0").fill("60")
    expect(preview.locator(".crossings")).to_contain_text("Warm → Hot")
    expect(preview.get_by_role("link", name="Dora").first).to_be_visible()
    shown(page)
    page.get_by_role("tab", name="Try one").click()
    with page.expect_response("**/trial*"):
        page.get_by_label("A record to try the draft on").fill("mill")
    shown(page)
    page.get_by_label("A record to try the draft on").fill("dora")
    expect(page.locator("[data-trial-place]")).to_contain_text("Dora")
    shown(page)


def test_what_becomes_charlies_is_seen_and_what_is_taken_away_is_gone(
    context: BrowserContext, served_company: Company, charlie: User, server: str
) -> None:
    page, ann = context.new_page(), served_company.ann
    sign_in(page, server, charlie.email)
    change_record(ann, Given({}, owner=charlie), at=now(), by=served_company.alice)
    page.goto(f"{server}/records/leads/{ann.pk}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ann Miller")
    expect(page.locator(".score-total")).to_have_text("45")
    assert "Acme" not in page.content()
    page.get_by_role("button", name="Add a note").click()
    expect(page.get_by_label("Note", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    ann.refresh_from_db()
    change_record(ann, Given({}, owner=served_company.bob), at=now(), by=served_company.alice)
    page.get_by_role("button", name="Put aside").click()
    expect(page.get_by_role("region", name="Messages")).to_contain_text("It is not there any more.")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.reload()
    shown(page)
