"""What should not count is revoked, counts again, or goes to the record it is of; the past stays what it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from firstcall.jobs.doing import do_job
from firstcall.jobs.models import Job
from firstcall.records.models import DirtyRecord, Module, Record, Turn
from firstcall.scorekeeping.actions import write_rule
from firstcall.scorekeeping.models import StoredRule
from firstcall.scorekeeping.replay import score_as_of
from firstcall.scorekeeping.switching import activate
from firstcall.touchpoints import jobs, revoking
from firstcall.touchpoints.calls import Arrival
from firstcall.touchpoints.intake import accept
from firstcall.touchpoints.models import Revocation, Source, Touchpoint
from firstcall.touchpoints.revoking import (
    Selection,
    TooManyError,
    begin_ending,
    begin_revoking,
    end_revocation,
    move_selected,
    revoke_selected,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than two are very many; jobs do them at twelve."""
    monkeypatch.setattr(revoking, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(jobs, "now", lambda: at(12))


def done(job: Job | None) -> Job:
    assert job is not None
    do_job(job.pk, now=lambda: at(12))
    return Job.objects.get(pk=job.pk)


START = datetime(2026, 9, 1, tzinfo=UTC)
RULE = "{name: Visits, module: leads, criteria: [{name: Any, touchpoint: '*', each: 1}]}"


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


@pytest.fixture
def source() -> Source:
    return Source.objects.create(name="site", created_at=START)


@pytest.fixture
def lead(source: Source) -> Callable[[], Record]:
    module = Module.objects.create(name="leads", label="Leads", is_people=True)
    activate(write_rule(RULE, at=START), at=START)
    return lambda: Record.objects.create(module=module, created_at=START, updated_at=START)


def visit(source: Source, record: Record, *hours: float, type: str = "web.visited") -> None:
    arrivals = [Arrival(f"{record.pk}.{type}.{hour}", type, at(hour), record.pk) for hour in hours]
    accept(source, arrivals, received_at=at(max(hours)))
    DirtyRecord.objects.all().delete()


def points(record: Record, hours: float) -> int:
    score = score_as_of(record, StoredRule.objects.get(), at(hours))
    assert score is not None
    return score.total // 100


def dirty() -> set[int]:
    return set(DirtyRecord.objects.values_list("record_id", flat=True))


def test_what_is_revoked_counts_from_then_on_no_longer(source: Source, lead: Callable[[], Record]) -> None:
    record = lead()
    visit(source, record, 1, 2, 3)
    revocation = revoke_selected(Selection(record=record.pk, since=at(2)), reason="a bot", at=at(10))
    assert (revocation.touchpoints, dirty()) == (2, {record.pk})
    assert [points(record, hours) for hours in (9, 11)] == [3, 1]


@pytest.mark.parametrize(
    ("selection", "left"),
    [
        ({"type": "web.visited"}, {"call.made": 1}),
        ({"until": at(2)}, {"web.visited": 1, "call.made": 1}),
        ({"since": at(2), "until": at(3)}, {"web.visited": 1, "call.made": 1}),
        ({}, {}),
    ],
)
def test_a_selection_is_what_all_of_it_says(
    source: Source, lead: Callable[[], Record], selection: dict[str, object], left: dict[str, int]
) -> None:
    record, other = lead(), lead()
    visit(source, record, 1, 2)
    visit(source, record, 3, type="call.made")
    visit(Source.objects.create(name="other", created_at=START), other, 1)
    revoke_selected(Selection(source=source.pk, **selection), reason="a test", at=at(5))  # type: ignore[arg-type]
    types = Touchpoint.objects.filter(record=record, revoked_at=None).values_list("type", flat=True)
    assert {type: list(types).count(type) for type in types} == left
    assert Touchpoint.objects.filter(record=other, revoked_at=None).count() == 1


def test_an_ended_revocation_lets_count_again_what_it_revoked_alone(
    source: Source, lead: Callable[[], Record]
) -> None:
    record = lead()
    visit(source, record, 1, 2, 3)
    first = revoke_selected(Selection(ids=(Touchpoint.objects.earliest("pk").pk,)), reason="a test", at=at(4))
    second = revoke_selected(Selection(record=record.pk), reason="a bot", at=at(5))
    DirtyRecord.objects.all().delete()
    assert end_revocation(second, at=at(6)) == 2
    assert dirty() == {record.pk}
    assert end_revocation(second, at=at(7)) == 0
    assert [points(record, hours) for hours in (3.5, 4.5, 5.5, 6.5)] == [3, 2, 0, 2]
    end_revocation(first, at=at(8))
    assert points(record, 9) == 3
    assert Revocation.objects.filter(ended_at=None).count() == 0


def test_what_was_the_wrong_persons_is_moved(source: Source, lead: Callable[[], Record]) -> None:
    wrong, right = lead(), lead()
    visit(source, wrong, 1, 2)
    assert move_selected(Selection(record=wrong.pk, until=at(2)), right, at=at(5)) == 1
    assert dirty() == {wrong.pk, right.pk}
    assert [(points(wrong, hours), points(right, hours)) for hours in (3, 6)] == [(2, 0), (1, 1)]
    assert move_selected(Selection(record=right.pk), right, at=at(6)) == 0
    move_selected(Selection(record=right.pk), wrong, at=at(7))
    assert [(points(wrong, hours), points(right, hours)) for hours in (3, 6, 8)] == [(2, 0), (1, 1), (2, 0)]


def test_a_touchpoint_that_joins_a_record_counts_from_then_on(
    source: Source, lead: Callable[[], Record]
) -> None:
    """As of a moment before, nobody knew whose it was."""
    record = lead()
    visit(source, record, 1)
    Touchpoint.objects.update(joined_at=at(4))
    assert [points(record, hours) for hours in (3, 5)] == [0, 1]


@pytest.mark.usefixtures("in_parts")
def test_very_many_are_revoked_by_a_job_and_count_again_by_one(
    source: Source, lead: Callable[[], Record]
) -> None:
    record = lead()
    visit(source, record, *range(1, 8))
    chosen = Selection(source=source.pk, since=at(2), until=at(7))
    revocation = begin_revoking(chosen, reason="a bot", at=at(10))
    assert (revocation.touchpoints, dirty()) == (0, set())
    visit(source, record, 6.5, 20)  # came after it was asked for
    job = done(revocation.job)
    revocation.refresh_from_db()
    assert (job.status, job.done, revocation.touchpoints) == ("done", 5, 5)
    assert set(DirtyRecord.objects.values_list("record_id", "turn")) == {(record.pk, Turn.BULK)}
    assert [points(record, hours) for hours in (9, 11.9, 12, 21)] == [7, 7, 2, 4]
    count, again = begin_ending(revocation, at=at(11))
    assert count == 0
    assert begin_ending(revocation, at=at(11)) == (0, again)
    assert (done(again).status, Job.objects.get(pk=again and again.pk).done) == ("done", 5)
    assert not Touchpoint.objects.filter(revoked_at__isnull=False).exists()
    assert begin_ending(revocation, at=at(13)) == (0, None)


@pytest.mark.usefixtures("in_parts")
def test_few_take_no_job(source: Source, lead: Callable[[], Record]) -> None:
    record = lead()
    visit(source, record, 1, 2)
    revocation = begin_revoking(Selection(record=record.pk), reason="", at=at(10))
    assert (revocation.touchpoints, revocation.job) == (2, None)
    assert begin_ending(revocation, at=at(11)) == (2, None)


@pytest.mark.usefixtures("in_parts")
def test_a_revocation_that_is_ended_before_its_job_began_revokes_nothing(
    source: Source, lead: Callable[[], Record]
) -> None:
    record = lead()
    visit(source, record, 1, 2, 3)
    revocation = begin_revoking(Selection(record=record.pk), reason="", at=at(10))
    assert begin_ending(revocation, at=at(11)) == (0, None)
    assert done(revocation.job).status == "done"
    assert points(record, 13) == 3


@pytest.mark.usefixtures("in_parts")
def test_a_job_that_died_goes_on_where_it_was(
    source: Source, lead: Callable[[], Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    record = lead()
    visit(source, record, 1, 2, 3, 4, 5)
    revocation = begin_revoking(Selection(record=record.pk), reason="", at=at(10))
    with monkeypatch.context() as ending:
        ending.setattr(Job, "stopping", staticmethod(lambda: True))
        assert done(revocation.job).status == "waiting"
    revocation.refresh_from_db()
    assert revocation.touchpoints == 0  # the step that was broken off is undone
    assert done(revocation.job).done == 5
    revocation.refresh_from_db()
    assert revocation.touchpoints == 5


def test_too_many_are_not_moved_at_once(
    source: Source, lead: Callable[[], Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revoking, "MOST_MOVED", 2)
    record, other = lead(), lead()
    visit(source, record, 1, 2, 3)
    with pytest.raises(TooManyError, match="more than 2 touchpoints"):
        move_selected(Selection(record=record.pk), other, at=at(10))
    assert move_selected(Selection(record=record.pk, until=at(3)), other, at=at(10)) == 2


def test_a_selection_comes_back_from_what_is_kept() -> None:
    for selection in (
        Selection(),
        Selection(ids=(1, 2), type="a.b"),
        Selection(source=1, record=2, since=at(1), until=at(2)),
    ):
        assert Selection.from_json(selection.as_json()) == selection
