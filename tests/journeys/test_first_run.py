"""The first hour of an installation, in a browser: the printed password, first steps, a messy file, a rule from a template;
then today's list says whom to call first, and why."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.upping import EMAIL, running

PEOPLE = (
    "\ufeffE-Mail;Vorname;Last Name;Employees;Firma;Shoe size\r\n"
    " Grace@Navy.example ;Grace;Hopper;1.250;Navy;37\r\n"
    "ada@engine.example;Ada;Lovelace;250;Engine & Sons;\r\n"
    '"joan@gmail.com";"Joan";"Clarke";3;"Hut ""8""";38\r\n'
    "ada@engine.example;Ada;Lovelace;250;Engine & Sons;36\r\n"
    "nobody@;Bad;Address;7;None;40\r\n"
    ";;;;;\r\n"
)
"""With a byte order mark, semicolons, spaces, quotes, a thousands' point, one person twice, an address that is none, and an
empty line."""


def sign_in(page: Page, url: str, password: str) -> None:
    page.goto(url)
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")


def bring_in(page: Page) -> None:
    page.get_by_role("link", name="Bring in leads").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": PEOPLE.encode()}
    )
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_label("What E-Mail becomes")).to_have_value("email")
    expect(page.get_by_label("What Last Name becomes")).to_have_value("last_name")
    page.get_by_label("What Vorname becomes").select_option("first_name")
    page.get_by_label("What Firma becomes").select_option("company")
    page.get_by_label("Decimals").select_option(",")  # 1.250 alone does not say
    page.get_by_label("Found by").select_option("email")
    page.get_by_role("button", name="Check it").click()
    expect(page.locator(".outcome dd").first).to_have_text("3")
    expect(page.locator(".problem-table")).to_contain_text("E-Mail")
    page.get_by_role("button", name=re.compile(r"^Import \d+ rows")).click()
    expect(page.get_by_text("It is done.")).to_be_visible()
    page.get_by_role("link", name="See these records").click()
    expect(page.locator("#rows tr")).to_have_count(3)


def build_a_rule(page: Page) -> None:
    page.get_by_role("link", name="Build a rule").click()
    page.get_by_role("link", name="Trial to customer").click()
    expect(page.get_by_label("Name of the rule")).to_have_value("Trial to customer")
    page.get_by_role("button", name="Save …").click()
    page.get_by_role("radio", name="Switch it on now").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("3 records are scored.")).to_be_visible()


def test_from_the_printed_password_to_whom_to_call_first(folder: Path, context: BrowserContext) -> None:
    with running(folder, FIRSTCALL_ADMIN_PASSWORD="") as service:
        printed = re.search(r"with the password (\S+), which is shown this once", service.output)
        assert printed, service.output
        page, complaints = context.new_page(), list[str]()
        page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        sign_in(page, service.url, printed[1])
        steps = page.get_by_role("region", name="First steps")
        expect(steps.get_by_role("listitem")).to_have_count(4)
        expect(page.get_by_text("No scoring rule is at work yet")).to_be_visible()
        bring_in(page)
        page.goto(service.url)
        expect(steps.get_by_role("link", name="Bring in leads")).to_contain_text("done")
        build_a_rule(page)
        page.get_by_role("link", name="Today").first.click()
        lines = page.locator(".hot-line")
        expect(lines).to_have_count(3)
        expect(lines.first).to_contain_text("Ada Lovelace")
        expect(lines.first.locator(".hot-total")).to_have_text("30")
        expect(lines.first.locator(".hot-why")).to_contain_text("Company address")
        expect(lines.nth(1)).to_contain_text("Grace Hopper")
        expect(steps.locator(".is-done-step")).to_have_count(2)
        assert complaints == []
        page.close()
