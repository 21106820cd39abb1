"""A rule read, compared, downloaded, copied, brought back, shown as fields, and deleted from the pages."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from firstcall.moments import now
from firstcall.records.models import Field
from firstcall.scorekeeping import actions
from firstcall.scorekeeping.actions import edit_rule, write_rule
from firstcall.scorekeeping.models import StoredRule, StoredScore
from firstcall.scorekeeping.score_fields import map_score_fields, mapped_fields
from firstcall.scorekeeping.switching import activate, deactivate
from firstcall.scorekeeping.uses import forget_finder, tell_users
from tests.web.conftest import RULE, Company

PART = {"HX-Request": "true"}


@pytest.fixture
def path(company: Company) -> str:
    return f"/rules/{company.rule.pk}"


def edited(company: Company, points: int) -> None:
    edit_rule(company.rule, RULE.replace("points: 20", f"points: {points}"), at=now(), by=company.alice)


def field_of(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return html.unescape(found[1])


class TestReading:
    def test_a_rule_is_read_in_sentences_with_its_points(
        self, company: Company, bob: Client, path: str
    ) -> None:
        rule = bob.get(f"{path}/").context["words"]
        assert [(one.name, one.worth, one.way) for one in rule.who] == [("Large company", "+20", "plus")]
        assert [(one.name, one.worth, one.way) for one in rule.what] == [
            ("Looked at prices", "+5 each", "plus"),
            ("Unsubscribed", "−15", "minus"),
        ]
        assert rule.applies_to == ["Source is not “Fair”"]
        assert [(name, [one.points for one in grades]) for name, grades in rule.thresholds] == [
            ("Grades", [4000, 2000, -10000])
        ]

    def test_groups_limits_tables_and_two_part_grades_are_said(self, company: Company, bob: Client) -> None:
        text = """
name: Whole
module: leads
description: All at once.
criteria:
  - {name: Size, field: employees, table: [{gte: 100, points: 20}, {gte: 10, points: 5}, {points: -2.5}], group: Fit}
  - {name: Off, field: employees, gte: 1, points: 1, enabled: false}
  - {name: Mail, touchpoint: email.opened, each: -1}
groups: {Fit: {at_most: 15, at_least: -5}}
limits: {minimum: -10, maximum: 90}
grades: {fit: {A: 10, B: 0}, touchpoints: {"1": 0}}
"""
        rule = write_rule(text, at=now()).rule
        page = bob.get(f"/rules/{rule.pk}/")
        words = page.context["words"]
        assert [(one.worth, one.way) for one in words.who] == [("−2.5 to +20", "")]
        assert words.bounds == [
            "The criteria of the group Fit bring 15 points at most.",
            "The criteria of the group Fit take 5 points at most.",
            "The total stays between −10 and 90.",
        ]
        assert [name for name, _ in words.thresholds] == [
            "Grades for who they are",
            "Grades for what they do",
        ]
        assert words.disabled == ["Off"]
        assert "It was never switched on." in page.text

    def test_versions_tell_what_each_changed_and_page_by_page(
        self, company: Company, bob: Client, path: str
    ) -> None:
        for points in range(21, 32):
            edited(company, points)
        page = bob.get(f"{path}/").text
        assert "now gives 31 points instead of 30" in page
        assert "now gives 23 points instead of 22" not in page
        more = bob.get(f"{path}/?part=versions&before=5", headers=PART).text
        assert "now gives 23 points instead of 22" in more
        assert "The first version." in more
        asked = bob.get(f"{path}/?part=differences&from=1&to=12", headers=PART).text
        assert "now gives 31 points instead of 20" in asked
        assert "They say the same" in bob.get(f"{path}/?part=differences&from=3&to=3", headers=PART).text
        for wrong in ("from=1&to=99", "from=x&to=1", ""):
            assert bob.get(f"{path}/?part=differences&{wrong}", headers=PART).status_code == 404

    def test_the_picture_tells_how_many_lie_where(self, company: Company, bob: Client, path: str) -> None:
        found = bob.get(f"{path}/?part=picture", headers=PART)
        assert "2 records are scored." in found.text
        assert found.context["picture"].scored == sum(c.count for c in found.context["picture"].columns)
        tallest = [
            sum(piece.height for piece in column.pieces) for column in found.context["picture"].columns
        ]
        assert max(tallest) == found.context["height"]

    def test_a_version_is_downloaded_as_it_was_written(
        self, company: Company, bob: Client, path: str
    ) -> None:
        edited(company, 30)
        answer = bob.get(f"{path}/text?version=1")
        assert answer.text == RULE
        assert answer["Content-Disposition"] == 'attachment; filename="call-first.1.yaml"'
        assert "points: 30" in bob.get(f"{path}/text").text
        assert bob.get(f"{path}/text?version=3").status_code == 404
        for huge in (f"/rules/{10**30}/", f"{path}/text?version={10**30}"):
            assert bob.get(huge).status_code in (200, 404)


class TestCopying:
    def test_a_copy_is_a_draft_of_its_own(self, company: Company, bob: Client, path: str) -> None:
        assert 'value="Call first (copy)"' in bob.get(f"{path}/clone", headers=PART).text
        answer = bob.post(f"{path}/clone", {"name": " Mine "})
        made = StoredRule.objects.get(name="Mine")
        assert (made.active, made.created_by, answer["Location"]) == (None, company.bob, f"/rules/{made.pk}/")

    @pytest.mark.parametrize(
        ("name", "says"), [("Call first", "There is a rule Call first"), (" ", "It needs a name")]
    )
    def test_a_name_that_is_taken_is_said_and_stays(
        self, company: Company, bob: Client, path: str, name: str, says: str
    ) -> None:
        answer = bob.post(f"{path}/clone", {"name": name})
        assert answer.status_code == 422
        assert says in answer.text
        assert f'value="{name.strip()}"' in answer.text
        assert StoredRule.objects.count() == 1


class TestBringingBack:
    def test_an_older_version_becomes_the_newest(self, company: Company, bob: Client, path: str) -> None:
        edited(company, 30)
        page = bob.post(f"{path}/versions/1/restore", {"newest": 2}, follow=True).text
        assert "Version 3 says what version 1 said." in page
        rule = StoredRule.objects.get()
        assert (rule.newest.text, rule.newest.created_by) == (RULE, company.bob)
        assert rule.active is not None
        assert rule.active.number == 1

    def test_who_edits_meanwhile_is_not_overwritten(self, company: Company, bob: Client, path: str) -> None:
        edited(company, 30)
        edited(company, 40)
        page = bob.post(f"{path}/versions/1/restore", {"newest": 2}, follow=True).text
        assert "Alice Ames stored version 3 meanwhile" in page
        assert StoredRule.objects.get().newest.number == 3


class TestScoreFields:
    def test_figures_are_shown_as_fields_and_no_longer(
        self, company: Company, bob: Client, path: str
    ) -> None:
        was = field_of(bob.get(f"{path}/score-fields").text, "was")
        bob.post(f"{path}/score-fields", {"was": was, "total": "heat", "grade": "heat_grade"})
        assert mapped_fields(company.rule) == {"total": "heat", "grade": "heat_grade"}
        page = bob.get(f"{path}/").text
        assert "<code>heat_grade</code>" in page
        was = field_of(bob.get(f"{path}/score-fields").text, "was")
        bob.post(f"{path}/score-fields", {"was": was, "total": "heat"})
        assert mapped_fields(company.rule) == {"total": "heat"}
        assert not Field.objects.filter(name="heat_grade").exists()

    def test_every_fault_is_said_and_what_was_typed_stays(
        self, company: Company, bob: Client, path: str
    ) -> None:
        given = {"was": "{}", "total": "employees", "grade": "No!", "positive": "fit"}
        answer = bob.post(f"{path}/score-fields", given)
        assert answer.status_code == 422
        assert "employees is written by people" in answer.text
        assert "No! cannot be the name of a field" in answer.text
        assert 'value="fit"' in answer.text
        assert mapped_fields(company.rule) == {}

    def test_who_is_slower_is_told_and_keeps_what_was_typed(
        self, company: Company, bob: Client, path: str
    ) -> None:
        was = field_of(bob.get(f"{path}/score-fields").text, "was")
        map_score_fields(company.rule, {"total": "heat"})
        answer = bob.post(f"{path}/score-fields", {"was": was, "grade": "letter"})
        assert answer.status_code == 409
        assert "<code>heat</code>" in answer.text
        assert 'value="letter"' in answer.text
        assert mapped_fields(company.rule) == {"total": "heat"}
        answer = bob.post(f"{path}/score-fields", {"was": field_of(answer.text, "was"), "grade": "letter"})
        assert mapped_fields(company.rule) == {"grade": "letter"}


class TestDeleting:
    def test_what_would_be_gone_is_said_first(self, company: Company, bob: Client, path: str) -> None:
        map_score_fields(company.rule, {"total": "heat"})
        page = bob.get(f"{path}/delete", headers=PART)
        loss = page.context["loss"]
        assert (loss.versions, loss.scores, loss.users) == (1, 2, [])
        assert loss.changes >= 2
        assert "Call first: total" in page.text
        assert StoredRule.objects.exists()
        answer = bob.post(f"{path}/delete", {"stamp": field_of(page.text, "stamp")}, follow=True)
        assert "The rule Call first is deleted." in answer.text
        assert not StoredRule.objects.exists()
        assert not StoredScore.objects.exists()
        assert not Field.objects.filter(name="heat").exists()
        assert bob.get(f"{path}/").status_code == 404

    @pytest.fixture
    def used(self) -> Iterator[None]:
        def finder(rule: StoredRule) -> list[str]:
            return ["the automation Tell the owner"]

        tell_users(finder)
        yield
        forget_finder(finder)

    def test_a_rule_in_use_is_not_deleted(self, company: Company, bob: Client, path: str, used: None) -> None:
        page = bob.get(f"{path}/delete").text
        assert "the automation Tell the owner" in page
        assert "Delete for good" not in page
        answer = bob.post(f"{path}/delete", {"stamp": field_of(page, "stamp")})
        assert answer.status_code == 409
        assert StoredRule.objects.exists()

    def test_a_rule_that_was_edited_meanwhile_is_not_deleted_unseen(
        self, company: Company, bob: Client, path: str
    ) -> None:
        stamp = field_of(bob.get(f"{path}/delete").text, "stamp")
        edited(company, 30)
        answer = bob.post(f"{path}/delete", {"stamp": stamp})
        assert answer.status_code == 409
        assert "Somebody has edited or switched the rule" in answer.text
        assert StoredRule.objects.exists()
        bob.post(f"{path}/delete", {"stamp": field_of(answer.text, "stamp")})
        assert not StoredRule.objects.exists()

    def test_a_rule_that_is_switched_on_while_it_is_deleted_stays_and_it_is_said(
        self, company: Company, bob: Client, path: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Somebody else comes between its stopping and its end."""

        def deactivate_and(rule: StoredRule, **given: Any) -> None:
            deactivate(rule, **given)
            activate(rule.newest, at=now(), by=company.alice)

        stamp = field_of(bob.get(f"{path}/delete").text, "stamp")
        with monkeypatch.context() as between:
            between.setattr(actions, "deactivate", deactivate_and)
            answer = bob.post(f"{path}/delete", {"stamp": stamp})
        assert answer.status_code == 409
        assert "Somebody has edited or switched the rule" in answer.text
        assert StoredRule.objects.get().active is not None
        bob.post(f"{path}/delete", {"stamp": field_of(answer.text, "stamp")})
        assert not StoredRule.objects.exists()

    def test_of_two_who_delete_at_once_the_second_is_told(
        self, company: Company, bob: Client, path: str
    ) -> None:
        stamp = field_of(bob.get(f"{path}/delete").text, "stamp")
        assert "is deleted." in bob.post(f"{path}/delete", {"stamp": stamp}, follow=True).text
        answer = bob.post(f"{path}/delete", {"stamp": stamp}, follow=True)
        assert answer.redirect_chain == [("/rules/", 302)]
        assert "The rule is not there any more: somebody else has deleted it." in answer.text
