"""Files as people bring them, in a real browser: chosen or dropped, sent over a line that breaks, watched, undone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, Route, expect

from firstcall.access.models import Profile, User
from firstcall.access.profiles import Standard
from firstcall.records.models import Record
from tests.web.conftest import Company, Desk
from tests.web.records.test_bulk import work

REAL = Path(__file__).parents[4] / "shared/data/x_education_leads/Leads_row_quoted_variant.csv"
PEOPLE = (
    "E-mail;Last name;Employees;Shoe size\nann@acme.example;Millerova;1250;37\nnew@example.com;New;25;44\n"
    "bad@;Bad;3;45\n"
)


@pytest.fixture
def works(server_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are done here, on the server's files."""
    configuration = settings.CONFIGURATION.model_copy(update={"data_folder": server_folder})
    monkeypatch.setattr(settings, "CONFIGURATION", configuration)


@pytest.fixture
def page(desk: Desk, works: None) -> Page:
    """Bob may make fields too."""
    User.objects.filter(pk=desk.company.bob.pk).update(
        profile=Profile.objects.standard(Standard.ADMINISTRATOR)
    )
    return desk.open("/import/?into=leads")


def look_at(page: Page) -> None:
    page.get_by_role("button", name="Look at it").click()
    page.wait_for_url(re.compile(r"/import/looks/\d+$"))
    work()
    page.get_by_role("heading", name="What each column is").wait_for()


def check(page: Page) -> None:
    page.get_by_role("button", name="Check it").click()
    page.wait_for_url(re.compile(r"/import/trials/\d+$"))
    work()
    page.locator(".outcome").wait_for()


def do_import(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Import [0-9,]+ row")).click()
    page.wait_for_url(re.compile(r"/import/\d+$"))
    work()
    page.get_by_text("It is done.").wait_for()


def test_a_small_file_comes_in_and_is_undone(desk: Desk, page: Page) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": PEOPLE.encode()}
    )
    expect(page.locator("[data-name]")).to_have_text("people.csv")
    look_at(page)
    expect(page.get_by_label("What E-mail becomes")).to_have_value("email")
    page.get_by_label("What Shoe size becomes").select_option("new_field")
    check(page)
    expect(page.locator(".outcome dd")).to_have_text(["1", "1", "0", "1"])
    do_import(page)
    page.get_by_role("link", name="See these records").click()
    expect(page.locator("#rows tr")).to_have_count(2)
    assert "people.csv" in page.locator(".narrowed").inner_text()
    page.go_back()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo the import").click()
    page.get_by_text("It is being undone").wait_for()
    work()
    page.get_by_text("It has been undone.").wait_for()
    assert Record.objects.get(pk=desk.company.ann.pk).values["last_name"] == "Miller"
    assert desk.complaints == []


def test_a_file_that_was_chosen_stays_for_as_long_as_it_takes(desk: Desk, page: Page) -> None:
    page.clock.install()
    page.reload()
    page.locator("input[type=file]").set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": PEOPLE.encode()}
    )
    page.clock.run_for(60_000)
    page.wait_for_timeout(1_000)  # in which a page would load again
    expect(page.locator("[data-name]")).to_have_text("people.csv")


def test_a_file_is_dropped_and_sent_on_after_the_line_broke(desk: Desk, page: Page) -> None:
    rows = "".join(f"person{n}@example.com,Person {n},{'x' * 400}\n" for n in range(20_000))
    page.evaluate(
        """(text) => {
            const taken = new DataTransfer();
            taken.items.add(new File([text], "many.csv"));
            const drop = document.querySelector("[data-drop]");
            for (const kind of ["dragover", "drop"]) {
                drop.dispatchEvent(new DragEvent(kind, { dataTransfer: taken, bubbles: true, cancelable: true }));
            }
        }""",
        f"E-mail,Last name,Notes\n{rows}",
    )
    expect(page.locator("[data-name]")).to_have_text("many.csv")
    broken: list[str] = []

    def break_once(route: Route) -> None:
        if "offset=4194304" in route.request.url and not broken:
            broken.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/uploads/*", break_once)
    look_at(page)
    assert broken
    assert "20,000 rows" in page.get_by_text(re.compile("rows · 3 columns")).inner_text().replace(
        "\u00a0", ","
    )
    assert all("ERR_FAILED" in says for says in desk.complaints)


def test_what_the_server_refuses_is_said_and_the_form_stays(
    desk: Desk, page: Page, served_company: Company
) -> None:
    profile = Profile.objects.standard(Standard.READ_ONLY)
    User.objects.filter(pk=served_company.bob.pk).update(profile=profile)
    page.locator("input[type=file]").set_input_files(
        {"name": "p.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"}
    )
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("alert")).to_contain_text("right to import")
    expect(page.get_by_role("button", name="Look at it")).to_be_enabled()


@pytest.mark.skipif(not REAL.exists(), reason=f"{REAL} is not here: no real file is imported in a browser.")
def test_a_messy_real_file_comes_in(desk: Desk, page: Page) -> None:
    page.locator("input[type=file]").set_input_files(REAL)
    look_at(page)
    page.get_by_label("What Prospect ID becomes").select_option("skip")
    page.get_by_label("What Lead Number becomes").select_option("last_name")
    page.get_by_label("What Lead Source becomes").select_option("skip")
    page.get_by_label("What TotalVisits becomes").select_option("new_field")
    page.get_by_label("Found by").select_option("none")
    check(page)
    do_import(page)
    created = int(re.sub(r"\D", "", page.locator(".outcome dd").first.inner_text()))
    rejected = int(re.sub(r"\D", "", page.locator(".outcome dd").last.inner_text()))
    assert created + rejected == 9_240
    assert created > 8_800
    assert Record.objects.filter(module=desk.company.leads).count() == created + 3
