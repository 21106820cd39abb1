"""Notes over HTTP: written, pinned, edited with what they said before; and by whom."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from firstcall.followups.models import Note, NoteEdit
from firstcall.records.actions import erase_records
from tests.api.world import made
from tests.followups.conftest import Company

pytestmark = pytest.mark.django_db


def test_pinned_notes_stand_first_and_then_the_newest_page_by_page(company: Company) -> None:
    api, path = company.people.bob.api, f"/records/{company.bobs}/notes"
    for text, pinned in (("a", False), ("b", True), ("c", False), ("d", True), ("e", False)):
        made(api, path, {"text": text, "is_pinned": pinned})
    seen, after = [], ""
    while after is not None:
        page = api.get(f"{path}?limit=2&after={after}").body
        seen += [note["text"] for note in page["items"]]
        after = page["next"]
    assert seen == ["d", "b", "e", "c", "a"]


def test_what_a_note_said_before_is_kept(company: Company) -> None:
    bob, alice = company.people.bob, company.people.alice
    note = made(bob.api, f"/records/{company.bobs}/notes", {"text": "First"})
    path = f"/notes/{note['id']}"
    assert (note["edited_at"], note["version"]) == (None, 1)
    second = bob.api.patch(path, {"text": "Second"}).body
    third = alice.api.patch(path, {"text": "Third", "is_pinned": True})
    assert third.headers["ETag"] == '"3"'
    assert (third.body["edited_by"], third.body["is_pinned"]) == (alice.user.pk, True)
    assert third.body["created_by"] == bob.user.pk
    before = bob.api.get(f"{path}/history").body["items"]
    assert [(edit["text"], edit["by"]) for edit in before] == [
        ("Second", alice.user.pk),
        ("First", bob.user.pk),
    ]
    assert before[1]["until"] == second["edited_at"]


def test_pinning_is_no_edit_and_the_same_again_changes_nothing(company: Company) -> None:
    api = company.people.bob.api
    note = made(api, f"/records/{company.bobs}/notes", {"text": "Text"})
    path = f"/notes/{note['id']}"
    assert api.patch(path, {"text": "Text", "is_pinned": False}).body == note
    assert api.patch(path, {"is_pinned": True}).body == {**note, "is_pinned": True, "version": 2}
    assert NoteEdit.objects.count() == 0


def test_two_who_edit_one_note_are_told(company: Company) -> None:
    api = company.people.bob.api
    path = f"/notes/{made(api, f'/records/{company.bobs}/notes', {'text': 'Text'})['id']}"
    assert api.patch(path, {"text": "First"}, If_Match='"1"').status == 200
    answer = api.patch(path, {"text": "Second"}, If_Match='"1"')
    assert (answer.status, answer.body["type"]) == (412, "urn:firstcall:changed-meanwhile")
    assert api.get(path).body["text"] == "First"


@pytest.mark.parametrize("text", ["", " \n ", "x" * 20_001, 7, None, "a\0b"])
def test_a_text_that_is_none_or_too_long_is_refused(company: Company, text: object) -> None:
    answer = company.people.bob.api.post(f"/records/{company.bobs}/notes", {"text": text})
    assert answer.status == 422
    assert Note.objects.count() == 0


def test_hostile_text_comes_back_as_it_was_given(company: Company) -> None:
    text = "<script>alert('İß')</script> %s {{x}} ' OR 1=1; -- \u202e😀"
    note = made(company.people.bob.api, f"/records/{company.bobs}/notes", {"text": text})
    assert note["text"] == text


def test_notes_of_a_hidden_record_are_not_there_and_those_of_others_stay(company: Company) -> None:
    bob, eve, rita = company.people.bob.api, company.people.eve.api, company.rita.api
    id = made(eve, f"/records/{company.eves}/notes", {"text": "Secret"})["id"]
    for method, path, body in (
        ("GET", f"/records/{company.eves}/notes", None),
        ("POST", f"/records/{company.eves}/notes", {"text": "x"}),
        ("GET", f"/notes/{id}", None),
        ("PATCH", f"/notes/{id}", {"text": "x"}),
        ("DELETE", f"/notes/{id}", None),
        ("GET", f"/notes/{id}/history", None),
    ):
        assert bob(method, path, body).status == 404, path
    for method, body in (("PATCH", {"text": "x"}), ("DELETE", None)):
        assert rita(method, f"/notes/{id}", body).status == 403
    hers = made(rita, f"/records/{company.eves}/notes", {"text": "Hers"})["id"]
    assert rita.patch(f"/notes/{hers}", {"text": "Hers, again"}).status == 200
    assert rita.delete(f"/notes/{hers}").status == 204
    assert eve.get(f"/notes/{id}").body["text"] == "Secret"


def test_erasing_takes_notes_with_what_they_said(company: Company) -> None:
    api = company.people.bob.api
    id = made(api, f"/records/{company.bobs}/notes", {"text": "First"})["id"]
    api.patch(f"/notes/{id}", {"text": "Second"})
    erase_records([company.bobs], at=datetime(2026, 9, 1, tzinfo=UTC))
    assert (Note.objects.count(), NoteEdit.objects.count()) == (0, 0)
