"""The sheets: what one does about a record without leaving the page, over HTTP."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from firstcall.access.models import Profile, User
from firstcall.access.rights import EVERY_OTHER, Grant, Verb, Visibility
from firstcall.access.viewing import viewer_of
from firstcall.followups.models import AttachedFile, Feedback, Note, Snooze, Task
from firstcall.followups.notes import change_note, write_note
from firstcall.followups.tasks import change_task, create_task
from firstcall.moments import now
from firstcall.touchpoints.models import Touchpoint
from tests.web.conftest import Company

PART = {"HX-Request": "true"}
KINDS = ("call", "note", "task", "snooze")


def told(answer: object) -> dict[str, dict[str, object]]:
    """The events that the page is told of."""
    assert answer.status_code == 204, answer.text  # type: ignore[attr-defined]
    return json.loads(answer["HX-Trigger"])  # type: ignore[index,no-any-return]


def undo(client: Client, events: dict[str, dict[str, object]]) -> None:
    link = events["toast"]["link"]
    assert isinstance(link, dict)
    told(client.post(link["href"], headers=PART))


class TestCalls:
    def test_a_call_is_logged_moves_the_score_and_is_undone(self, company: Company, bob: Client) -> None:
        path = f"/do/{company.ann.pk}/call"
        assert "Log a call" in bob.get(path, headers=PART).text
        given = {"outcome": "reached", "direction": "outgoing", "minutes": "3", "text": " Wants a quote "}
        events = told(bob.post(path, given, headers=PART))
        assert {"acted", "tasked", f"touched-{company.ann.pk}"} <= set(events)
        made = Touchpoint.objects.get(type="call.attended")
        assert (made.properties["duration"], made.properties["text"]) == (180, "Wants a quote")
        undo(bob, events)
        made.refresh_from_db()
        assert made.revoked_at is not None

    def test_what_is_no_call_is_said_at_its_place_and_what_was_typed_stays(
        self, company: Company, bob: Client
    ) -> None:
        given = {"outcome": "sung", "direction": "outgoing", "minutes": "-3", "text": "<b>kept</b>"}
        answer = bob.post(f"/do/{company.ann.pk}/call", given, headers=PART)
        assert answer.status_code == 422
        assert "sung is not one of the available choices" in answer.text
        assert "&lt;b&gt;kept&lt;/b&gt;" in answer.text
        assert not Touchpoint.objects.filter(type__startswith="call.").exists()

    def test_who_has_no_touchpoints_is_not_called(self, company: Company, bob: Client) -> None:
        assert bob.get(f"/do/{company.acme.pk}/call", headers=PART).status_code == 404


class TestNotes:
    def test_written_edited_pinned_deleted(self, company: Company, bob: Client) -> None:
        told(bob.post(f"/do/{company.ann.pk}/note", {"text": "Likes tea"}, headers=PART))
        note = Note.objects.get()
        form = bob.get(f"/notes/{note.pk}", headers=PART).text
        assert "Likes tea</textarea>" in form
        assert 'name="version" value="1"' in form
        given = {"text": "Likes coffee", "version": "1", "is_pinned": "on"}
        told(bob.post(f"/notes/{note.pk}", given, headers=PART))
        note.refresh_from_db()
        assert (note.text, note.is_pinned) == ("Likes coffee", True)
        told(bob.post(f"/notes/{note.pk}/pin", {"pinned": "no"}, headers=PART))
        note.refresh_from_db()
        assert not note.is_pinned
        told(bob.post(f"/notes/{note.pk}/delete", headers=PART))
        assert not Note.objects.exists()

    def test_who_is_slower_is_told_and_can_decide(self, company: Company, bob: Client) -> None:
        viewer = viewer_of(company.alice)
        note = write_note(company.ann, "One", viewer=viewer, at=now())
        change_note(note, viewer=viewer, at=now(), text="Two")
        answer = bob.post(f"/notes/{note.pk}", {"text": "Three", "version": "1"}, headers=PART)
        assert answer.status_code == 409
        assert "Alice Ames changed this while you were writing." in answer.text
        assert "<strong>Two</strong>" in answer.text
        assert "Three</textarea>" in answer.text
        told(bob.post(f"/notes/{note.pk}", {"text": "Three", "version": "2"}, headers=PART))
        note.refresh_from_db()
        assert note.text == "Three"

    def test_an_empty_note_is_none(self, company: Company, bob: Client) -> None:
        answer = bob.post(f"/do/{company.ann.pk}/note", {"text": "  "}, headers=PART)
        assert (answer.status_code, Note.objects.count()) == (422, 0)
        assert "This field is required." in answer.text


class TestTasks:
    def test_added_ticked_off_opened_again_edited_deleted(self, company: Company, bob: Client) -> None:
        given = {"subject": "Send the offer", "due_on": "2026-12-01", "due_time": "", "priority": "2"}
        given["owner"] = str(company.bob.pk)
        told(bob.post(f"/do/{company.ann.pk}/task", given, headers=PART))
        task = Task.objects.get()
        assert (task.subject, task.owner, str(task.due_on), task.priority) == (
            "Send the offer", company.bob, "2026-12-01", 2,
        )  # fmt: skip
        events = told(bob.post(f"/tasks/{task.pk}/done", headers=PART))
        assert "acted" not in events
        task.refresh_from_db()
        assert task.done_by == company.bob
        undo(bob, events)
        task.refresh_from_db()
        assert not task.is_done
        form = bob.get(f"/tasks/{task.pk}", headers=PART).text
        assert 'value="2026-12-01"' in form
        given |= {"due_time": "09:30", "version": str(task.version)}
        bob.cookies["zone"] = "Europe/Berlin"
        told(bob.post(f"/tasks/{task.pk}", given, headers=PART))
        task.refresh_from_db()
        assert task.due_at is not None
        assert task.due_at.isoformat() == "2026-12-01T08:30:00+00:00", "in the reader's zone"
        told(bob.post(f"/tasks/{task.pk}/delete", headers=PART))
        assert not Task.objects.exists()

    def test_who_is_slower_is_told(self, company: Company, bob: Client) -> None:
        task = create_task(company.ann, "One", viewer=viewer_of(company.bob), at=now())
        change_task(task, viewer=viewer_of(company.alice), subject="Two")
        given = {"subject": "Three", "priority": "1", "version": "1"}
        answer = bob.post(f"/tasks/{task.pk}", given, headers=PART)
        assert answer.status_code == 409
        assert "<strong>Two</strong>" in answer.text
        assert 'name="version" value="2"' in answer.text

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ({"subject": ""}, "This field is required."),
            ({"subject": "x" * 201}, "at most 200 characters"),
            ({"subject": "Call", "due_time": "10:00"}, "A time needs its day."),
            ({"subject": "Call", "due_on": "31.02.2026"}, "Enter a valid date."),
            ({"subject": "Call", "owner": "999"}, "Select a valid choice."),
        ],
    )
    def test_what_is_wrong_is_said(
        self, company: Company, bob: Client, given: dict[str, str], says: str
    ) -> None:
        answer = bob.post(f"/do/{company.ann.pk}/task", {"priority": "1", **given}, headers=PART)
        assert (answer.status_code, Task.objects.count()) == (422, 0)
        assert says in answer.text

    def test_nobody_gets_a_task_on_what_they_do_not_see(self, company: Company, bob: Client) -> None:
        carl = stranger("Carl")
        given = {"subject": "Call", "priority": "1", "owner": str(carl.pk)}
        answer = bob.post(f"/do/{company.ann.pk}/task", given, headers=PART)
        assert answer.status_code == 422
        assert "does not see this record. Give it to somebody who does." in answer.text


class TestSnoozes:
    def test_put_aside_gone_and_taken_back(self, company: Company, bob: Client) -> None:
        ann, line = company.ann.pk, f"/today/{company.rule.pk}/{company.ann.pk}"
        assert "Ann Miller" in bob.get(line, headers=PART).text
        events = told(bob.post(f"/do/{ann}/snooze", {"until": "tomorrow"}, headers=PART))
        until = timezone.localtime(Snooze.objects.get().until)
        assert (until.hour, until.date() - timezone.localdate()) == (9, timedelta(days=1))
        assert bob.get(line, headers=PART).text.strip() == ""
        page = bob.get("/").text
        assert 'id="line-' in page
        assert f'id="line-{ann}"' not in page
        assert "1 put aside" in page
        undo(bob, events)
        assert f'id="line-{ann}"' in bob.get("/").text

    def test_it_comes_back_by_itself_and_says_so(self, company: Company, bob: Client) -> None:
        Snooze.objects.create(
            user=company.bob,
            record=company.ann,
            until=now() - timedelta(hours=2),
            at=now() - timedelta(days=1),
        )
        line = bob.get(f"/today/{company.rule.pk}/{company.ann.pk}", headers=PART).text
        assert "hot-back" in line
        assert "2 hours ago" in line

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ({"until": "day"}, "Say the day."),
            ({"until": "day", "on": "2020-01-01"}, "is past. Name a moment to come."),
            ({"until": "day", "on": "2190-01-01"}, "is more than a year away."),
            ({"until": "never"}, "Select a valid choice."),
        ],
    )
    def test_what_is_no_time_to_come_is_said(
        self, company: Company, bob: Client, given: dict[str, str], says: str
    ) -> None:
        answer = bob.post(f"/do/{company.ann.pk}/snooze", given, headers=PART)
        assert (answer.status_code, Snooze.objects.count()) == (422, 0)
        assert says in answer.text


class TestFeedback:
    def test_given_with_the_score_of_the_moment_changed_and_taken_back(
        self, company: Company, bob: Client
    ) -> None:
        path = f"/do/{company.ann.pk}/feedback/{company.rule.pk}"
        given = {"verdict": "good", "good": "ready_to_buy", "bad": "no_budget", "comment": "Soon"}
        told(bob.post(path, given, headers=PART))
        kept = Feedback.objects.get(ended_at=None)
        assert (kept.verdict, kept.reason, kept.comment, int(kept.total)) == (
            "good",
            "ready_to_buy",
            "Soon",
            4500,
        )
        line = bob.get(f"/today/{company.rule.pk}/{company.ann.pk}", headers=PART).text
        assert "You called Ann Miller a good lead; change it" in line
        form = bob.get(path, headers=PART).text
        assert re.search(r'value="ready_to_buy"[^>]*checked', form)
        events = told(bob.post(path, {"verdict": "bad", "bad": "no_budget"}, headers=PART))
        assert Feedback.objects.get(ended_at=None).reason == "no_budget"
        undo(bob, events)
        assert not Feedback.objects.filter(ended_at=None).exists()

    def test_without_a_verdict_nothing_is_kept(self, company: Company, bob: Client) -> None:
        answer = bob.post(f"/do/{company.ann.pk}/feedback/{company.rule.pk}", {"comment": "x"}, headers=PART)
        assert (answer.status_code, Feedback.objects.count()) == (422, 0)

    def test_a_rule_of_another_module_is_not_there(self, company: Company, bob: Client) -> None:
        assert bob.get(f"/do/{company.acme.pk}/feedback/{company.rule.pk}").status_code == 404


class TestWhoMay:
    def test_what_one_does_not_see_is_not_there(self, company: Company) -> None:
        client, viewer = Client(), viewer_of(company.bob)
        client.force_login(stranger("Charlie"))
        note = write_note(company.ann, "x", viewer=viewer, at=now())
        task = create_task(company.ann, "x", viewer=viewer, at=now())
        for kind in KINDS:
            for id in (company.ann.pk, 999_999, 2**70):
                assert client.get(f"/do/{id}/{kind}", headers=PART).status_code == 404
                assert client.post(f"/do/{id}/{kind}", {"text": "x"}, headers=PART).status_code == 404
        for path in (f"/notes/{note.pk}", f"/tasks/{task.pk}", "/notes/999999", f"/tasks/{2**70}"):
            assert client.get(path, headers=PART).status_code == 404
        for path in (
            f"/notes/{note.pk}/pin", f"/notes/{note.pk}/delete", f"/tasks/{task.pk}/done",
            f"/tasks/{task.pk}/open", f"/tasks/{task.pk}/delete", "/calls/1/undo", "/feedback/1/undo",
            f"/do/{company.ann.pk}/wake",
        ):  # fmt: skip
            assert client.post(path, headers=PART).status_code == 404, path
        assert "Ann" not in client.get(f"/today/{company.rule.pk}/{company.ann.pk}").text
        assert (Note.objects.count(), Task.objects.filter(done_at=None).count()) == (1, 1)

    def test_what_is_anothers_may_not_be_changed_by_who_only_sees_it(self, company: Company) -> None:
        client = Client()
        client.force_login(stranger("Rita", Visibility.ALL, [Verb.VIEW]))
        note = write_note(company.ann, "x", viewer=viewer_of(company.bob), at=now())
        assert client.post(f"/notes/{note.pk}", {"text": "y", "version": "1"}).status_code == 403
        assert client.post(f"/notes/{note.pk}/delete").status_code == 403
        assert client.post(f"/do/{company.ann.pk}/note", {"text": "y"}, headers=PART).status_code == 204

    def test_by_get_nothing_is_done(self, company: Company, bob: Client) -> None:
        task = create_task(company.ann, "x", viewer=viewer_of(company.bob), at=now())
        assert bob.get(f"/tasks/{task.pk}/done").status_code == 405

    def test_without_scripts_the_sheet_is_a_page(self, company: Company, bob: Client) -> None:
        page = bob.get(f"/do/{company.ann.pk}/note").text
        assert "<html" in page
        answer = bob.post(f"/do/{company.ann.pk}/note", {"text": "By hand"})
        assert (answer.status_code, answer["Location"]) == (302, f"/records/leads/{company.ann.pk}")


def stranger(name: str, sees: Visibility = Visibility.OWN, verbs: list[Verb] | None = None) -> User:
    grant = Grant(frozenset(verbs or Verb), sees).to_json()
    profile = Profile.objects.create(name=f"{name}'s", grants={EVERY_OTHER: grant})
    return User.objects.create_user(
        f"{name}@example.com", "a long enough password", name=name, profile=profile
    )


def test_a_line_is_drawn_in_the_scale_of_its_page(company: Company, bob: Client) -> None:
    line = f"/today/{company.rule.pk}/{company.ann.pk}"
    alone = bob.get(line, {"scale": "0.4500"}, headers=PART).text
    beside = bob.get(line, {"scale": "0.9000"}, headers=PART).text
    assert 'width="53.33"' in alone
    assert 'width="26.67"' in beside
    for none in ("", "x", "-1.5", "9" * 60):
        assert 'width="53.33"' in bob.get(line, {"scale": none}, headers=PART).text


def test_the_next_task_stands_in_the_line_and_beside(company: Company, bob: Client) -> None:
    viewer, at = viewer_of(company.bob), now()
    today = timezone.localdate(at)
    create_task(company.ann, "Send the offer", viewer=viewer, at=at, owner=company.bob.pk, due=today)
    late = today - timedelta(days=3)
    create_task(company.ann, "Call back", viewer=viewer, at=at, owner=company.bob.pk, due=late)
    create_task(
        company.ann, "Next week", viewer=viewer, at=at, owner=company.bob.pk, due=today + timedelta(days=7)
    )
    create_task(company.ann, "Another's", viewer=viewer, at=at, owner=company.alice.pk, due=today)
    line = bob.get(f"/today/{company.rule.pk}/{company.ann.pk}", headers=PART).text
    assert "Call back" in line
    assert "and 3 more" in line
    todo = bob.get("/today/tasks", headers=PART).text
    assert todo.index("Call back") < todo.index("Send the offer")
    assert "1 overdue" in todo
    assert "Next week" not in todo
    assert "Another&#x27;s" not in todo


class TestFiles:
    def test_attached_downloaded_and_deleted(self, company: Company, bob: Client) -> None:
        content = SimpleUploadedFile("offer.pdf", b"%PDF-1.7 x", content_type="text/html")
        told(bob.post(f"/do/{company.ann.pk}/file", {"file": content}, headers=PART))
        file = AttachedFile.objects.get()
        assert "offer.pdf" in bob.get(f"/records/leads/{company.ann.pk}").text
        answer = bob.get(f"/files/{file.pk}")
        assert b"".join(answer.streaming_content) == b"%PDF-1.7 x"  # type: ignore[attr-defined]
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"].startswith("attachment")
        client = Client()
        client.force_login(stranger("Charlie"))
        assert client.get(f"/files/{file.pk}").status_code == 404
        assert client.post(f"/files/{file.pk}/delete").status_code == 404
        told(bob.post(f"/files/{file.pk}/delete", headers=PART))
        assert not AttachedFile.objects.exists()

    def test_what_cannot_be_kept_is_said(self, company: Company, bob: Client) -> None:
        for given in ({}, {"file": SimpleUploadedFile("empty.txt", b"")}):
            answer = bob.post(f"/do/{company.ann.pk}/file", given, headers=PART)
            assert answer.status_code == 422
            assert json.loads(answer["HX-Trigger"])["toast"]["level"] == "error"
