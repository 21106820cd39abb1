"""One record: its fields, its scores with their reasons, what happened to it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from firstcall.access.models import Profile, User
from firstcall.access.rights import EVERY_OTHER, Grant, Verb, Visibility
from firstcall.access.viewing import viewer_of
from firstcall.followups.feedback import Opinion, give_feedback
from firstcall.followups.models import Verdict
from firstcall.followups.notes import write_note
from firstcall.followups.tasks import create_task
from firstcall.moments import now
from firstcall.records.actions import change_record, create_records, delete_records
from firstcall.records.models import Field, Module, Record
from firstcall.records.writing.given import Given
from firstcall.scorekeeping.keeper import keep_all
from firstcall.touchpoints.intake import Arrival, accept
from firstcall.touchpoints.models import Source
from tests.web.conftest import Company

PART = {"HX-Request": "true"}


def path(record: Record, more: str = "") -> str:
    return f"/records/{record.module.name}/{record.pk}{more}"


def was(client: Client, record: Record, field: str) -> str:
    """What the form holds of the value as it was."""
    form = client.get(path(record, f"/fields/{field}"), headers=PART).text
    found = re.search(r'name="was" value="([^"]*)"', form)
    assert found, form
    return found[1].replace("&quot;", '"')


def save(client: Client, record: Record, field: str, value: object, **more: str) -> object:
    given = {"value": value, "was": was(client, record, field), **more}
    return client.post(path(record, f"/fields/{field}"), given, headers=PART)


class TestScores:
    def test_why_and_why_not_stand_in_the_order_of_their_weight(self, company: Company, bob: Client) -> None:
        page = bob.get(path(company.ann)).text
        assert "45</span>" in page
        falls = re.findall(r'fall-name"><span class="strong">([^<]+)</span>', page)
        assert falls == ["Looked at prices", "Large company"]
        assert "Why not: 1 criterion was missed" in page
        assert "Unsubscribed" in page[page.index("Why not") :]

    def test_each_line_tells_its_touchpoints_and_when_they_end(self, company: Company, bob: Client) -> None:
        page = bob.get(path(company.ann)).text
        asks = [unescape(found) for found in re.findall(r'hx-get="(\?part=(?:behind|ending)[^"]*)"', page)]
        assert len(asks) == 2, "the criterion on a field has no touchpoints behind it"
        behind, ending = (bob.get(path(company.ann) + ask, headers=PART).text for ask in asks)
        assert "5 touchpoints" in behind
        assert behind.count("/pricing") == 2
        assert behind.count('points is-plus">+5') == 5
        assert "in 4 weeks" in behind
        assert ending.count("Looked at prices") == 5
        assert ending.count("−5") == 5

    @pytest.mark.parametrize(
        "asks", ["", "&rule=", "&rule=x", "&rule=99", "&rule=9999999999999999999", "&line=x"]
    )
    def test_evidence_of_no_rule_is_not_there(self, company: Company, bob: Client, asks: str) -> None:
        for part in ("behind", "ending"):
            answer = bob.get(f"{path(company.ann)}?part={part}{asks}", headers=PART)
            assert answer.status_code == 404

    def test_a_line_with_nothing_behind_it_says_so(self, company: Company, bob: Client) -> None:
        asks = f"?part=behind&line=Large+company&rule={company.rule.pk}"
        assert "Those behind it are" in bob.get(path(company.ann) + asks, headers=PART).text

    def test_the_smallest_changes_to_the_next_grade_are_told(self, company: Company, bob: Client) -> None:
        page = bob.get(path(company.cora)).text
        assert "To Warm, 35 are missing. Enough would be:" not in page, "no single change is enough"
        change_record(company.cora, {"employees": 500}, at=now())
        keep_all(now=now)
        page = bob.get(path(company.cora)).text
        assert "To Warm, 15 are missing. Enough would be:" in page
        assert "“Looked at prices” 3 times more" in page

    def test_what_is_missing_to_the_next_grade_is_told(self, company: Company, bob: Client) -> None:
        assert "35 more for Warm" in bob.get(path(company.cora)).text

    def test_a_record_outside_the_rule_is_told_why(self, company: Company, bob: Client) -> None:
        page = bob.get(path(company.eve)).text
        assert "The rule does not apply to this record" in page

    def test_a_past_day_shows_the_score_of_that_day(self, company: Company, bob: Client) -> None:
        """All came in just now, so yesterday only the fields counted, by no version yet."""
        then = bob.get(path(company.ann), {"part": "scores", "days": "7"}, headers=PART).text
        assert "<html" not in then
        assert "As it was on" in then
        assert "This rule has not scored the record then." in then
        assert "Back to now" in then

    @pytest.mark.parametrize("days", ["-1", "x", "99999999999", "1.5"])
    def test_days_that_are_none_mean_now(self, company: Company, bob: Client, days: str) -> None:
        answer = bob.get(path(company.ann), {"part": "scores", "days": days}, headers=PART)
        assert answer.status_code == 200


class TestEditing:
    def test_a_field_is_saved_and_its_line_comes_back(self, company: Company, bob: Client) -> None:
        answer = save(bob, company.ann, "employees", "99.5")
        assert answer.status_code == 200
        assert "99.5" in answer.text
        assert json.loads(answer["HX-Trigger"])["toast"] == {"says": "Saved."}
        assert Record.objects.get(pk=company.ann.pk).values["employees"] == "99.5"

    @pytest.mark.parametrize(
        ("field", "value", "held"),
        [
            ("source", "Fair", "Fair"),
            ("source", "", None),
            ("last_name", "  O'Neill <b> ", "O'Neill <b>"),
            ("account", "acme", "acme"),
        ],
    )
    def test_kinds_of_fields(
        self, company: Company, bob: Client, field: str, value: str, held: str | None
    ) -> None:
        answer = save(bob, company.cora, field, value)
        assert answer.status_code == 200
        stored = Record.objects.get(pk=company.cora.pk).values.get(field)
        assert stored == (company.acme.pk if held == "acme" else held)
        assert "<b>" not in answer.text

    def test_what_a_field_does_not_take_is_said_and_what_was_typed_stays(
        self, company: Company, bob: Client
    ) -> None:
        answer = save(bob, company.ann, "email", "no address")
        assert answer.status_code == 422
        assert "takes an e-mail address" in answer.text
        assert 'value="no address"' in answer.text
        assert Record.objects.get(pk=company.ann.pk).values["email"] == "ann@acme.example"

    def test_who_was_slower_is_told_and_can_decide(self, company: Company, bob: Client) -> None:
        before = was(bob, company.ann, "last_name")
        change_record(company.ann, {"last_name": "Meier"}, at=now(), by=company.alice)
        given = {"value": "Mueller", "was": before}
        answer = bob.post(path(company.ann, "/fields/last_name"), given, headers=PART)
        assert answer.status_code == 409
        assert "Alice Ames changed this while you were writing." in answer.text
        assert "<strong>Meier</strong>" in answer.text
        assert 'value="Mueller"' in answer.text
        assert Record.objects.get(pk=company.ann.pk).values["last_name"] == "Meier"
        assert save(bob, company.ann, "last_name", "Mueller").status_code == 200
        assert Record.objects.get(pk=company.ann.pk).values["last_name"] == "Mueller"

    def test_two_who_change_different_fields_do_not_meet(self, company: Company, bob: Client) -> None:
        before = was(bob, company.ann, "last_name")
        change_record(company.ann, {"employees": 7}, at=now(), by=company.alice)
        given = {"value": "Mueller", "was": before}
        assert bob.post(path(company.ann, "/fields/last_name"), given, headers=PART).status_code == 200
        assert Record.objects.get(pk=company.ann.pk).values["employees"] == "7"

    def test_owner_and_tags(self, company: Company, bob: Client) -> None:
        assert save(bob, company.ann, "owner", str(company.alice.pk)).status_code == 200
        assert save(bob, company.ann, "tags", "VIP, Partner ,").status_code == 200
        record = Record.objects.get(pk=company.ann.pk)
        assert record.owner == company.alice
        assert record.tags == ["vip", "partner"]

    def test_a_look_up_that_is_not_clear_offers_what_it_may_be(self, company: Company, bob: Client) -> None:
        answer = save(bob, company.cora, "account", "Acm")
        assert answer.status_code == 422
        assert f'value="#{company.acme.pk}">Acme' in answer.text
        assert save(bob, company.cora, "account", f"#{company.acme.pk}").status_code == 200
        nothing = save(bob, company.ann, "account", "Umbrella")
        assert "Nothing is called so." in nothing.text

    def test_what_is_no_field_is_missing(self, company: Company, bob: Client) -> None:
        for name in ("nothing", "id", "deleted_at"):
            assert bob.get(path(company.ann, f"/fields/{name}")).status_code == 404

    def test_cancelling_changes_nothing(self, company: Company, bob: Client) -> None:
        line = bob.get(path(company.ann, "/fields/last_name"), {"cancel": ""}, headers=PART).text
        assert "Miller" in line
        assert "<form" not in line


class TestTimeline:
    def test_touchpoints_changes_and_scores_stand_together_the_newest_first(
        self, company: Company, bob: Client
    ) -> None:
        change_record(company.ann, {"employees": 10}, at=now(), by=company.alice)
        keep_all(now=now)
        page = bob.get(path(company.ann)).text
        titles = re.findall(r'happening-text"><p><span class="strong">([^<]+)</span>', page)
        assert titles[:2] == ["Call first", "employees"]
        assert titles.count("Visited a page") == 5
        assert titles[-1] == "Created"
        assert "250 → 10" in page
        assert "45 → 25" in page

    def test_one_kind_alone_and_what_each_touchpoint_did(self, company: Company, bob: Client) -> None:
        arrivals = [Arrival("late", "web.visited", now(), company.ann.pk, {"path": "/demo"})]
        accept(Source.objects.get(), arrivals, received_at=now())
        keep_all(now=now)
        part = bob.get(path(company.ann), {"part": "timeline", "only": "did"}, headers=PART).text
        first = part[part.index('class="happening"') :].split("</li>")[0]
        assert "/demo" in first
        assert re.search(r'class="effect tiny">\s*<span class="points is-plus">\+5</span>', first)
        assert "Created" not in part
        everything = bob.get(path(company.ann), {"part": "timeline", "only": "song"}, headers=PART).text
        assert "Created" in everything

    def test_it_goes_on_without_gap_or_double(self, company: Company, bob: Client) -> None:
        for n in range(40):
            at = company.eve.created_at + timedelta(microseconds=n + 1)
            change_record(company.eve, {"employees": n + 1}, at=at)
        page = bob.get(path(company.eve)).text
        assert page.count('class="happening"') == 30
        more = re.search(r'hx-get="(\?part=timeline[^"]+after=[^"]+)"', page)
        assert more
        rest = bob.get(path(company.eve, more[1].replace("&amp;", "&")), headers=PART).text
        shown = re.findall(r"→ (\d+)</p>", page + rest)
        assert [int(value) for value in shown] == list(range(40, 0, -1))
        assert (page + rest).count("Created</span>") == 1


def test_related_records_stand_at_the_far_end(company: Company, bob: Client) -> None:
    page = bob.get(path(company.acme)).text
    assert f'href="/records/leads/{company.ann.pk}">Ann Miller' in page


def test_related_records_stand_at_the_near_end_too(company: Company, bob: Client) -> None:
    page = bob.get(path(company.ann)).text
    assert f'href="/records/accounts/{company.acme.pk}">Acme</a>' in page[page.index("belongs to") :]


def test_related_records_that_are_hidden_are_not_there(company: Company) -> None:
    client = Client()
    own = Grant(frozenset(Verb), Visibility.OWN).to_json()
    profile = Profile.objects.create(name="Own", grants={"leads": own})
    dan = User.objects.create_user("dan@example.com", "a long enough password", name="Dan", profile=profile)
    client.force_login(dan)
    change_record(company.ann, Given({}, owner=dan), at=now())
    page = client.get(path(company.ann)).text
    assert "Ann Miller" in page
    assert "Acme" not in page


def test_many_of_one_look_up_hide_none_of_another(company: Company, bob: Client) -> None:
    accounts = company.acme.module
    deals = Module.objects.create(name="deals", label="Deals", title=["name"])
    Field.objects.create(module=deals, name="name", label="Name", kind="text")
    Field.objects.create(module=deals, name="account", label="Customer", kind="lookup", target=accounts)
    many = [{"last_name": f"L{n:03}", "account": company.acme.pk} for n in range(230)]
    create_records(company.leads, many, at=now())
    create_records(deals, [{"name": "Big one", "account": company.acme.pk}], at=now())
    page = bob.get(path(company.acme)).text
    assert "Big one</a>" in page
    shown = re.findall(r">(L\d\d\d)</a>", page)
    assert shown == [f"L{n}" for n in range(229, 219, -1)]


class TestFollowing:
    def test_tasks_notes_and_feedback_stand_on_the_record(self, company: Company, bob: Client) -> None:
        viewer = viewer_of(company.bob)
        create_task(company.ann, "Send the offer", viewer=viewer, at=now(), owner=company.bob.pk)
        write_note(company.ann, "Likes <b>tea</b>", viewer=viewer, at=now(), is_pinned=True)
        good = Opinion(Verdict.GOOD, "in_need", "Soon")
        give_feedback(company.ann, company.rule, good, viewer=viewer, at=now())
        page = bob.get(path(company.ann)).text
        assert "Send the offer" in page
        assert "Likes &lt;b&gt;tea&lt;/b&gt;" in page
        opinions = page[page.index("opinions") :]
        for says in ("A good lead", "Has the need", "“Soon”", "you", "at 45"):
            assert says in opinions
        part = bob.get(path(company.ann), {"part": "following"}, headers=PART).text
        assert "Send the offer" in part
        assert "<html" not in part

    def test_only_who_may_is_offered_to_change_a_note(self, company: Company) -> None:
        write_note(company.ann, "Likes tea", viewer=viewer_of(company.bob), at=now())
        client = Client()
        sees = Grant(frozenset({Verb.VIEW}), Visibility.ALL).to_json()
        profile = Profile.objects.create(name="Reader", grants={EVERY_OTHER: sees})
        client.force_login(
            User.objects.create_user("r@example.com", "a long enough password", name="R", profile=profile)
        )
        page = client.get(path(company.ann)).text
        assert "Likes tea" in page
        assert "edit-note-" not in page


def test_what_is_not_there_is_missing(company: Company, bob: Client) -> None:
    delete_records(company.leads, [company.eve.pk], at=now())
    for one in (
        path(company.eve),
        "/records/leads/999999",
        f"/records/accounts/{company.ann.pk}",
        "/records/leads/" + "9" * 30,
    ):
        assert bob.get(one).status_code == 404
