"""A small company to look at, somebody who is signed in, and a browser before a real server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from firstcall.access.models import Profile, User
from firstcall.access.rights import EVERY_OTHER, Grant, Verb, Visibility
from firstcall.moments import now
from firstcall.records.actions import create_record
from firstcall.records.models import Module, Record
from firstcall.records.writing.given import Given
from firstcall.scorekeeping.actions import write_rule
from firstcall.scorekeeping.keeper import keep_all
from firstcall.scorekeeping.models import StoredRule
from firstcall.scorekeeping.switching import activate
from firstcall.touchpoints.intake import Arrival, accept
from firstcall.touchpoints.models import Source
from tests.records.modules import make_accounts, make_leads

expect.set_options(timeout=60_000)  # milliseconds; a slow machine is no fault

PASSWORD = "a long enough password"
RULE = """
name: Call first
module: leads
applies_to: [{field: source, is_not: Fair}]
criteria:
  - {name: Large company, field: employees, gte: 100, points: 20}
  - {name: Looked at prices, touchpoint: web.visited, in_last: 30 days, each: 5, at_most: 30}
  - {name: Unsubscribed, touchpoint: email.unsubscribed, points: -15}
grades: {Hot: 40, Warm: 20, Cold: -100}
"""


@dataclass(frozen=True)
class Company:
    """Bob owns Ann and Cora; Eve is nobody's and outside the rule."""

    bob: User
    alice: User
    leads: Module
    rule: StoredRule
    ann: Record
    cora: Record
    eve: Record
    acme: Record


def found_company() -> Company:
    at = now()
    everything = Grant(frozenset(Verb), Visibility.ALL).to_json()
    profile = Profile.objects.create(name="Seller", grants={EVERY_OTHER: everything})
    alice = User.objects.create_administrator("alice@example.com", PASSWORD, name="Alice Ames")
    bob = User.objects.create_user("bob@example.com", PASSWORD, name="Bob Brown", profile=profile)
    accounts = make_accounts()
    leads = make_leads(accounts)
    activate(write_rule(RULE, at=at), at=at)
    acme = create_record(accounts, {"name": "Acme"}, at=at, by=alice)
    ann = create_record(
        leads,
        Given(
            {
                "first_name": "Ann",
                "last_name": "Miller",
                "email": "ann@acme.example",
                "phone": "+49 30 1234567",
                "employees": 250,
                "source": "Web",
                "account": acme.pk,
            },
            owner=bob,
            created_at=at - timedelta(days=40),
        ),
        at=at,
        by=bob,
    )
    cora = create_record(leads, Given({"last_name": "Cora", "employees": 10}, owner=bob), at=at, by=bob)
    eve = create_record(leads, Given({"last_name": "Eve", "source": "Fair"}, owner=None), at=at)
    source = Source.objects.create(name="web site", created_at=at)
    paths = [("/pricing", 1), ("/pricing", 2), ("/features", 3), ("/", 5), ("/team", 8)]
    arrivals = [
        Arrival(f"a{days}", "web.visited", at - timedelta(days=days), ann.pk, {"path": path})
        for path, days in paths
    ]
    arrivals.append(Arrival("c1", "email.unsubscribed", at - timedelta(days=2), cora.pk, {}))
    accept(source, arrivals, received_at=at)
    keep_all(now=now)
    return Company(bob, alice, leads, StoredRule.objects.get(), ann, cora, eve, acme)


@pytest.fixture
def company(db: None) -> Company:
    return found_company()


@pytest.fixture
def bob(company: Company) -> Client:
    """Bob's browser, without a browser."""
    client = Client()
    client.force_login(company.bob)
    return client


@pytest.fixture
def served_company(transactional_db: None, server: str) -> Company:
    return found_company()


@dataclass(frozen=True)
class Desk:
    """A page in which Bob is signed in. `complaints` are what the browser's console says: refused scripts and styles
    among it."""

    page: Page
    url: str
    company: Company
    complaints: list[str]

    def open(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page


@pytest.fixture
def context(browser: Browser, at_rest: None) -> Iterator[BrowserContext]:
    opened = browser.new_context(
        viewport={"width": 1280, "height": 900}, timezone_id="Europe/Berlin", reduced_motion="reduce"
    )
    opened.set_default_timeout(60_000)
    yield opened
    opened.close()


@pytest.fixture
def desk(context: BrowserContext, served_company: Company, server: str) -> Desk:
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sign_in(page, server, "bob@example.com")
    return Desk(page, server, served_company, complaints)


def sign_in(page: Page, url: str, email: str) -> None:
    page.goto(f"{url}/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/")


def save_and_switch_on(page: Page) -> None:
    """From the builder, by the keyboard alone."""
    page.keyboard.press("Control+s")
    page.get_by_role("radio", name="Switch it on now").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/rules/*/")
