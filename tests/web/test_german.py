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
from firstcall.records.labels import FIELD, standard_labels
from firstcall.records.models import Field
from firstcall.records.standard import ensure_standard_modules, standard_shapes
from firstcall.scorekeeping.actions import edit_rule
from firstcall.scoring.saying import speaking
from firstcall.touchpoints.catalogue import CHANNEL, CHANNELS, STANDARD, TYPE
from firstcall.web.building.offering import offer
from firstcall.wording import READER
from tests.house.texts import GERMAN, german
from tests.records.importing.conftest import data_folder
from tests.web.all_pages import PEOPLE, addresses, examples
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


@pytest.mark.django_db(transaction=True)
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
        own = set(PEOPLE.splitlines()[0].split(";")) if "/import/" in path else set()  # columns of the file
        left += [f"{path}: {text!r}" for text in sorted(read(answer.text) & never - own)]
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


class TestLabels:
    def test_each_that_comes_with_the_product_has_a_german_word(self) -> None:
        contexts = {FIELD, TYPE, CHANNEL}
        found = {(m.context, m.id): m.string for m in german() if m.context in contexts}
        assert {label for context, label in found if context == FIELD} == {
            field.label for shape in standard_shapes() for field in shape.fields
        }
        assert {label for context, label in found if context == TYPE} == {
            type.label for type in STANDARD.values()
        }
        assert all(found.values())
        same = {label for (_, label), string in found.items() if label == string}
        assert same == {
            "Account",
            "Chat",
            "Deal",
            "Facebook",
            "Fax",
            "LinkedIn",
            "Name",
            "Webinar",
            "Website",
            "X",
        }

    @pytest.fixture
    def full(self, company: Company) -> Company:
        """Its leads have all fields that leads come with, as they come; its employees were renamed."""
        Field.objects.filter(name="employees").update(label="Headcount")
        ensure_standard_modules()
        for row in Field.objects.filter(
            name__in=("first_name", "last_name", "phone", "email"), module=company.leads
        ):
            row.label = next(f.label for s in standard_shapes() for f in s.fields if f.name == row.name)
            row.save()
        return company

    @pytest.mark.parametrize(
        ("path", "words"),
        [
            ("/records/leads/{ann}", ("Vorname", "Branche", "Leadstatus", "Seite besucht")),
            ("/records/leads?col=industry&f=first_name&t=is&v=Ann", ("Branche", "Website: Seite besucht")),
            ("/records/contacts", ("Kontakte", "Nachname")),
            ("/rules/new?module=leads", ("Leads", "Kontakte")),
            ("/rules/{rule}/edit", ("Branche",)),
            ("/set-up/modules/leads", ("Vorname", "Branche")),
            ("/set-up/types", ("Seite besucht", "Helpdesk")),
            ("/", ("Seite besucht",)),
        ],
    )
    def test_no_page_has_one_in_english(
        self, full: Company, alice: Client, path: str, words: tuple[str, ...]
    ) -> None:
        answer = alice.get(path.format(ann=full.ann.pk, rule=full.rule.pk), follow=True)
        assert answer.status_code == 200
        said = read(answer.text)
        labels = {(context or None, label) for context, label in standard_labels()}
        labels |= {(TYPE, type.label) for type in STANDARD.values()} | {
            (CHANNEL, c) for c in CHANNELS.values()
        }
        told = {(m.context, m.id): m.string for m in german()}
        assert said & {label for _, label in labels} <= {told[label] for label in labels}
        assert [word for word in words if not any(word in text for text in said)] == []

    def test_the_builder_offers_them(self, full: Company) -> None:
        with translation.override("de"), speaking(READER):
            offered = offer(full.leads)
            assert '<optgroup label="Helpdesk">' in offered.type_options
            assert '<option value="web.visited">Seite besucht</option>' in offered.type_options
            assert '<option value="industry">Branche</option>' in offered.field_options
            assert '<option value="employees">Headcount</option>' in offered.field_options

    def test_what_was_renamed_stays(self, full: Company, alice: Client) -> None:
        said = read(alice.get(f"/records/leads/{full.ann.pk}").text)
        assert "Headcount" in said
        assert "Mitarbeiterzahl" not in said

    def test_the_label_that_is_stored_is_what_is_edited(self, full: Company, alice: Client) -> None:
        page = alice.get("/set-up/modules/leads/fields/industry").text
        assert 'value="Industry"' in page

    def test_programs_are_told_them_in_english(self, full: Company, alice: Client) -> None:
        alice.get(f"/records/leads/{full.ann.pk}")
        fields = alice.get("/api/v1/modules/leads").json()["fields"]
        assert {"name": "industry", "label": "Industry"}.items() <= next(
            field.items() for field in fields if field["name"] == "industry"
        )
        types = alice.get("/api/v1/touchpoint-types").json()["items"]
        assert next(type["label"] for type in types if type["type"] == "web.visited") == "Visited a page"


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
