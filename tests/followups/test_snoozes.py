"""Snoozes over HTTP: whoever puts a record aside is not shown it until then; nobody else notices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from firstcall.access.viewing import viewer_of
from firstcall.followups.models import Snooze
from firstcall.followups.snoozing import awake, back_since, snooze
from firstcall.moments import now
from firstcall.records.actions import delete_records
from firstcall.records.models import Record
from firstcall.scorekeeping.models import StoredScore
from tests.followups.conftest import Company

pytestmark = pytest.mark.django_db


def soon(days: float = 1) -> str:
    return (now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_record_is_put_aside_said_anew_and_taken_back(company: Company) -> None:
    bob, path = company.people.bob, f"/records/{company.bobs}/snooze"
    first, second = soon(1), soon(2)
    assert bob.api.put(path, {"until": first}).body["until"] == first
    assert bob.api.put(path, {"until": second}).status == 200
    assert [one["until"] for one in bob.api.get("/snoozes").body["items"]] == [second]
    assert company.rita.api.get("/snoozes").body["items"] == []
    for _ in range(2):
        assert bob.api.delete(path).status == 204
    assert bob.api.get("/snoozes").body["items"] == []


@pytest.mark.parametrize(("days", "says"), [(-1, "is past."), (400, "is more than a year away.")])
def test_only_a_moment_to_come_within_a_year_is_taken(company: Company, days: float, says: str) -> None:
    answer = company.people.bob.api.put(f"/records/{company.bobs}/snooze", {"until": soon(days)})
    assert (answer.status, answer.body["faults"][0]["at"]) == (422, "until")
    assert answer.body["faults"][0]["says"] == says


def test_a_hidden_record_is_not_there_and_one_in_the_trash_neither(company: Company) -> None:
    bob, given = company.people.bob, {"until": soon()}
    for id in (company.eves, 999_999):
        assert bob.api.put(f"/records/{id}/snooze", given).status == 404
        assert bob.api.delete(f"/records/{id}/snooze").status == 404
    assert bob.api.put(f"/records/{company.bobs}/snooze", given).status == 200
    delete_records(company.leads, [company.bobs], at=now())
    assert bob.api.get("/snoozes").body["items"] == []
    assert bob.api.put(f"/records/{company.bobs}/snooze", given).status == 404


def test_what_was_put_aside_comes_back_by_itself(company: Company) -> None:
    bob, record = company.people.bob, Record.objects.get(pk=company.bobs)
    viewer, at = viewer_of(bob.user), datetime(2026, 9, 1, tzinfo=UTC)
    until = at + timedelta(hours=3)
    snooze(record, until, viewer=viewer, at=at)
    asleep = Snooze.objects.filter(user=bob.user)
    for moment, is_awake in ((until - timedelta(microseconds=1), False), (until, True)):
        assert awake(asleep, viewer, now=moment).exists() == is_awake, moment
        back = back_since([record.pk], viewer=viewer, since=at, now=moment)
        assert back == ({record.pk: until} if is_awake else {})
    assert awake(asleep, viewer_of(company.rita.user), now=at).exists(), "of others nothing is left out"
    assert awake(StoredScore.objects.all(), viewer, now=at).count() == 0


def test_pages_of_snoozes_follow_each_other(company: Company) -> None:
    rita = company.rita
    for n, id in enumerate((company.bobs, company.eves)):
        Snooze.objects.create(user=rita.user, record_id=id, until=now() + timedelta(days=2 - n), at=now())
    first = rita.api.get("/snoozes?limit=1").body
    second = rita.api.get(f"/snoozes?limit=1&after={first['next']}").body
    assert [page["items"][0]["record"] for page in (first, second)] == [company.eves, company.bobs]
    assert second["next"] is None


def test_it_needs_the_right_to_write(company: Company) -> None:
    """Whoever sees a record may put it aside, also without the right to edit it."""
    assert company.rita.api.put(f"/records/{company.bobs}/snooze", {"until": soon()}).status == 200
