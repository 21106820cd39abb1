"""The pages in German: chosen by the browser or by the person, with no English left on any of them."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.test import Client
from django.utils import translation

from firstcall.access.models import User
from firstcall.columns.folder import copy_folder
from firstcall.columns.following import Follower
from firstcall.moments import now
from firstcall.scorekeeping.actions import edit_rule
from tests.house.texts import GERMAN
from tests.records.importing.conftest import data_folder
from tests.web.all_pages import addresses, examples
from tests.web.conftest import RULE, Company

__all__ = ["data_folder"]

GERMAN_BROWSER = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
LONG_ENOUGH = 9  # a shorter word may be German too, or a name


def english() -> set[str]:
    """Whole texts that must not be read in German: those that are said otherwise there, and have no gaps."""
    with GERMAN.open("rb") as file:
        texts = [(message.id, message.string) for message in read_po(file) if message.id]
    return {
        id
        for id, string in texts
        if isinstance(id, str) and id != string and "%" not in id and len(id) >= LONG_ENOUGH
    }


def read(page: str) -> set[str]:
    """Every piece of text that people see or hear, but for what is marked as English."""
    page = re.sub(r'<(\w+)[^>]* lang="en"[^>]*>.*?</\1>', "", page, flags=re.DOTALL)
    spoken = re.findall(r'(?:aria-label|title|placeholder|data-ask|data-ask-button)="([^"]*)"', page)
    shown = re.split(r"<[^>]*>", re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL))
    return {unescape(text).strip() for text in [*spoken, *shown]} - {""}


@pytest.fixture
def alice(company: Company) -> Client:
    client = Client(headers=GERMAN_BROWSER)
    client.force_login(company.alice)
    return client


def test_no_page_has_english_left(company: Company, alice: Client) -> None:
    never, left, seen = english(), [], 0
    for _, path in addresses(examples(company)):
        if "<" in path or "/account/" in path:  # those are the words of django-allauth
            continue
        answer = alice.get(path)
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            continue
        seen += 1
        assert answer["Content-Language"] == "de"
        assert '<html lang="de"' in answer.text or "<html" not in answer.text
        left += [f"{path}: {text!r}" for text in sorted(read(answer.text) & never)]
    assert seen > 25
    assert "\n".join(left) == ""


def test_who_has_chosen_a_language_reads_it_in_every_browser(company: Company, alice: Client) -> None:
    assert "Scoring-Regeln" in alice.get("/rules/").text
    answer = alice.post("/language", {"language": "en", "next": "/rules/"})
    assert (answer.status_code, answer["Location"]) == (302, "/rules/")
    assert User.objects.get(pk=company.alice.pk).language == "en"
    assert "Scoring rules" in alice.get("/rules/").text
    english = Client(headers={"Accept-Language": "en"})
    english.force_login(company.alice)
    english.post("/language", {"language": "de"})
    assert "Scoring-Regeln" in english.get("/rules/").text
    english.post("/language", {"language": ""})
    assert "Scoring rules" in english.get("/rules/").text


@pytest.mark.parametrize("given", [{"language": "xx"}, {"language": "de", "next": "//evil.example/"}])
def test_nothing_else_is_chosen_and_nobody_is_led_away(
    company: Company, alice: Client, given: dict[str, str]
) -> None:
    answer = alice.post("/language", given)
    assert answer["Location"] == "/"
    assert User.objects.get(pk=company.alice.pk).language in ("", "de")
    assert Client().post("/language", given)["Location"].startswith("/sign-in")


def test_numbers_and_moments_are_written_as_germans_do(company: Company, alice: Client) -> None:
    page = alice.get(f"/records/leads/{company.ann.pk}").text
    months = "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"
    assert re.search(rf'title="\d{{1,2}}\. ({months}) \d{{4}}', page)
    with translation.override("de"):
        from firstcall.web.templatetags.web import number, points

        assert (points(123_456), number(1_234_567)) == ("1.234,56", "1.234.567")


def test_programs_are_answered_in_english(company: Company, alice: Client) -> None:
    answer = alice.get("/api/v1/rules/999", headers={"Accept": "application/json"})
    assert answer.json()["detail"] == "There is no such rule."


def test_faults_are_told_in_german(company: Company, alice: Client) -> None:
    assert "Hier ist nichts" in alice.get("/nothing-here").text
    assert (
        "Die E-Mail-Adresse oder das Passwort ist falsch."
        in Client(headers=GERMAN_BROWSER)
        .post("/sign-in", {"username": "alice@example.com", "password": "wrong"})
        .text
    )


class TestRulesAreTold:
    def test_on_the_page_of_a_rule_and_of_what_changed(self, company: Company, alice: Client) -> None:
        edit_rule(company.rule, RULE.replace("points: 20", "points: 22.5"), at=now(), by=company.alice)
        page = alice.get(f"/rules/{company.rule.pk}/").text
        assert "+5 für jeden Touchpoint web.visited in den letzten 30 Tagen, höchstens 30" in page
        assert "-15, wenn es mindestens einen Touchpoint email.unsubscribed gab" in page
        assert "source nicht „Fair“ ist" in page.replace("Source", "source")
        assert "Kriterium „Large company“ gibt jetzt 22,5 Punkte statt 20." in page
        assert " when " not in page
        # What one reader was told is kept, and not told to the other.
        english = alice.get(f"/rules/{company.rule.pk}/", headers={"Accept-Language": "en"}).text
        assert "Criterion “Large company” now gives 22.5 points instead of 20." in english
        assert "Kriterium" not in english

    def test_on_a_record(self, company: Company, alice: Client) -> None:
        page = alice.get(f"/records/leads/{company.ann.pk}").text
        assert "für jeden Touchpoint web.visited in den letzten 30 Tagen, höchstens 30" in page
        assert "kein Touchpoint email.unsubscribed" in page
        assert "nötig: mindestens 100; vorhanden: 10" in alice.get(f"/records/leads/{company.cora.pk}").text
        outside = alice.get(f"/records/leads/{company.eve.pk}").text
        assert "nötig ist, dass" in outside
        assert "nicht „Fair“ ist" in outside

    def test_in_the_builder_and_its_trial(self, company: Company, alice: Client) -> None:
        cards = alice.post("/rules/draft", {"text": RULE}).json()["cards"]
        assert "wenn es mindestens einen Touchpoint email.unsubscribed gab" in cards
        trial = alice.post("/rules/draft/trial", {"text": RULE, "record": company.ann.pk}).text
        assert "kein Touchpoint email.unsubscribed" in trial

    def test_to_programs_in_english_whatever_was_told_before(self, company: Company, alice: Client) -> None:
        alice.get(f"/rules/{company.rule.pk}/")
        told = alice.get(f"/api/v1/records/{company.ann.pk}/scores/{company.rule.pk}/explanation")
        assert told.status_code == 200, told.content
        assert "no email.unsubscribed" in {line.get("why_not") for line in told.json()["lines"]}


@pytest.mark.django_db(transaction=True)
def test_a_preview_is_told_in_german(data_folder: Path, company: Company, alice: Client) -> None:
    Follower(copy_folder(), now=now).step()
    told = alice.post("/rules/draft/preview", {"text": RULE}).json()
    assert told["criteria"]["Large company"] == (
        "Leads: 1 von 2 erfüllt es; davon ist noch nichts gewonnen oder verloren."
    )
    assert told["criteria"]["Unsubscribed"].startswith("Leads: 1 von 2 erfüllt es")
    english = alice.post("/rules/draft/preview", {"text": RULE}, headers={"Accept-Language": "en"}).json()
    assert english["criteria"]["Large company"] == ("1 of 2 leads meets it; none of them is won or lost yet.")
