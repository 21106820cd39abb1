"""Versions take turns: which of them scores which record, as somebody switched it, at every moment."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from firstcall.access.models import User
from firstcall.jobs.actions import cancel
from firstcall.jobs.models import Job, JobStatus
from firstcall.records.actions import change_record, create_record
from firstcall.records.models import DirtyRecord, Field, Module, Record, Turn
from firstcall.scorekeeping.actions import edit_rule, write_rule
from firstcall.scorekeeping.errors import (
    AlreadyPlannedError,
    InvalidRuleError,
    PastPlanError,
    SwitchedMeanwhileError,
)
from firstcall.scorekeeping.keeper import keep as keep_batch
from firstcall.scorekeeping.keeper import keep_all
from firstcall.scorekeeping.models import (
    Activation,
    PlannedActivation,
    Reach,
    RuleVersion,
    ScoreChange,
    StoredRule,
    StoredScore,
)
from firstcall.scorekeeping.replay import score_as_of
from firstcall.scorekeeping.switching import (
    SWEEP,
    Rescoring,
    activate,
    activate_due,
    cancel_plan,
    deactivate,
    last_switched,
    plan,
)
from firstcall.touchpoints.intake import Arrival, accept
from firstcall.touchpoints.models import Source
from tests.scorekeeping.company import KINDS, START, lead, run_sweep, sweep_all

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SIZE = """
name: Size
module: leads
criteria:
  - {name: Large, field: employees, gte: 100, points: %s}
  - {name: Met, field: met_at, in_last: 2 days, points: 1}
"""


@pytest.fixture
def module() -> Module:
    module = Module.objects.create(name="leads", label="Leads", is_people=True)
    for name, kind in KINDS.items():
        Field.objects.create(module=module, name=name, label=name, kind=kind)
    return module


def version(points: int, at: datetime) -> RuleVersion:
    return write_rule(SIZE % points, at=at)


def keep(at: datetime) -> None:
    keep_all(now=lambda: at)


def total(record: Record) -> int | None:
    score = StoredScore.objects.filter(record=record).first()
    return None if score is None else int(score.total)


def replayed(record: Record, at: datetime) -> int | None:
    record.refresh_from_db()
    score = score_as_of(record, StoredRule.objects.get(), at)
    return None if score is None else score.total


def a_lead(module: Module, at: datetime, **values: object) -> Record:
    record = create_record(module, lead(**values), at=at)
    keep(at)
    return record


def only_new() -> Rescoring:
    return Rescoring(Reach.NEW)


def test_left_out_records_keep_their_score_until_something_happens_to_them(module: Module) -> None:
    activate(version(10, START), at=START)
    met = (START + HOUR).isoformat()
    old, other = a_lead(module, START, met_at=met), a_lead(module, START)
    activate(version(20, START + HOUR), at=START + HOUR, rescoring=only_new())
    new = a_lead(module, START + 2 * HOUR)
    keep(START + 2 * HOUR)
    assert not Job.objects.filter(kind=SWEEP).exists()
    assert [total(old), total(other), total(new)] == [11_00, 10_00, 20_00]
    # Time goes on for the version before.
    keep(START + 3 * DAY)
    assert total(old) == 10_00
    change_record(old, {"job_title": "Intern"}, at=START + 4 * DAY)
    keep(START + 4 * DAY)
    assert [total(old), total(other)] == [20_00, 10_00]
    moments = [START + 2 * HOUR, START + 3 * DAY, START + 4 * DAY]
    assert [replayed(old, at) for at in moments] == [11_00, 10_00, 20_00]
    assert [replayed(other, at) for at in moments] == [10_00] * 3


def test_a_touchpoint_takes_a_record_over(module: Module) -> None:
    activate(version(10, START), at=START)
    record = a_lead(module, START)
    activate(version(20, START + HOUR), at=START + HOUR, rescoring=only_new())
    source = Source.objects.create(name="web", created_at=START)
    accept(source, [Arrival("m", "web.visited", START, record.pk)], received_at=START + 2 * HOUR)
    keep(START + 2 * HOUR)
    assert total(record) == 20_00


def test_a_first_version_for_new_records_alone_gives_old_ones_no_score(module: Module) -> None:
    old = a_lead(module, START)
    activate(version(10, START + HOUR), at=START + HOUR, rescoring=only_new())
    keep(START + HOUR)
    assert total(old) is None
    assert replayed(old, START + HOUR) is None
    change_record(old, {"employees": 1000}, at=START + 2 * HOUR)
    keep(START + 2 * HOUR)
    assert total(old) == 10_00


def test_only_records_changed_lately_are_scored_again(module: Module) -> None:
    activate(version(10, START), at=START)
    quiet, changed = a_lead(module, START), a_lead(module, START)
    change_record(changed, {"job_title": "Intern"}, at=START + 5 * DAY)
    keep(START + 5 * DAY)
    at = START + 6 * DAY
    activate(version(20, at), at=at, rescoring=Rescoring(Reach.CHANGED, changed_since=at - 2 * DAY))
    assert sweep_all(at) == 1
    assert [total(quiet), total(changed)] == [10_00, 20_00]
    assert [replayed(quiet, at), replayed(changed, at)] == [10_00, 20_00]


def test_a_period_goes_with_its_reach_alone() -> None:
    for reach, since in ((Reach.CHANGED, None), (Reach.ALL, START)):
        with pytest.raises(ValueError, match="`changed_since` goes with the reach `changed`"):
            Rescoring(reach, changed_since=since)


def test_a_sweep_goes_on_where_it_was_broken_off_and_each_score_says_its_version(module: Module) -> None:
    activate(version(10, START), at=START)
    records = [create_record(module, lead(), at=START) for _ in range(5)]
    keep(START)
    at = START + HOUR
    job = activate(version(20, at), at=at).job
    assert job is not None
    moments = iter([at + HOUR])

    with pytest.raises(StopIteration):
        run_sweep(job, lambda: next(moments), first=2)
    assert [total(record) for record in records] == [20_00] * 2 + [10_00] * 3
    job.refresh_from_db()
    assert (job.done, job.total) == (2, 5)
    assert [replayed(record, at + HOUR) for record in records] == [20_00] * 2 + [10_00] * 3

    run_sweep(job, lambda: at + 2 * HOUR)
    assert [total(record) for record in records] == [20_00] * 5
    job.refresh_from_db()
    assert (job.done, job.total, job.status) == (5, 5, JobStatus.DONE)
    assert [replayed(record, at + HOUR) for record in records] == [20_00] * 2 + [10_00] * 3
    assert [replayed(record, at + 2 * HOUR) for record in records] == [20_00] * 5
    assert Activation.objects.latest("pk").complete_at == at + 2 * HOUR


def test_a_sweep_that_is_cancelled_leaves_the_rest_with_the_version_before(module: Module) -> None:
    activate(version(10, START), at=START)
    records = [create_record(module, lead(), at=START) for _ in range(15)]
    keep(START)
    job = activate(version(20, START + HOUR), at=START + HOUR).job
    assert job is not None
    asked = iter(range(2))

    def now() -> datetime:
        if next(asked):
            cancel(job, at=START + HOUR)
        return START + HOUR

    run_sweep(job, now, first=2)
    # The step during which it was asked is undone with it.
    assert [total(record) for record in records] == [20_00] * 2 + [10_00] * 13
    assert [replayed(record, START + HOUR) for record in records] == [20_00] * 2 + [10_00] * 13


def test_another_switch_ends_the_sweep_of_the_one_before(module: Module) -> None:
    records = [create_record(module, lead(), at=START) for _ in range(3)]
    first = activate(version(10, START), at=START).job
    activate(version(20, START + HOUR), at=START + HOUR)
    assert first is not None
    first.refresh_from_db()
    assert first.status == JobStatus.CANCELLED
    assert sweep_all(START + HOUR) == 1
    assert [total(record) for record in records] == [20_00] * 3


def test_changes_of_a_sweep_are_in_bulk_unless_asked(module: Module) -> None:
    """Invariant 8: automations leave out what is in bulk."""
    a_lead(module, START)
    for tells, at in ((False, START), (True, START + HOUR)):
        activate(version(10 + tells, at), at=at, rescoring=Rescoring(tells=tells))
        sweep_all(at)
        change = ScoreChange.objects.latest("pk")
        assert (change.cause, change.is_bulk) == ("rule", not tells)


def test_what_is_fresh_goes_first_and_some_of_the_rest_beside_it(module: Module) -> None:
    activate(version(10, START), at=START)
    records = [create_record(module, lead(), at=START) for _ in range(5)]
    keep(START)
    turns = (Turn.BULK, Turn.BULK, Turn.TIME, Turn.FRESH, Turn.FRESH)
    for turn, record in zip(turns, records, strict=True):
        record.values["employees"] = "5"
        record.save()
        DirtyRecord.objects.create(record_id=record.pk, cause="field", since=START, turn=turn)
    order = []
    while keep_batch(now=lambda: START, most=1):
        order.append([total(record) for record in records])
    assert order == [[10_00, 10_00, 0, 0, 10_00], [0, 10_00, 0, 0, 0], [0] * 5]
    assert ScoreChange.objects.get(record=records[0], new_total=0).is_bulk


def test_a_stop_freezes_and_the_next_start_goes_on(module: Module) -> None:
    activate(version(10, START), at=START)
    record = a_lead(module, START)
    rule = StoredRule.objects.get()
    deactivate(rule, at=START + HOUR)
    change_record(record, {"employees": 5}, at=START + 2 * HOUR)
    keep(START + 2 * HOUR)
    assert total(record) == 10_00
    assert replayed(record, START + 2 * HOUR) == 10_00
    activate(rule.newest, at=START + 3 * HOUR, rescoring=only_new())
    keep(START + 3 * HOUR)
    assert replayed(record, START + 3 * HOUR) == 10_00
    activate(rule.newest, at=START + 4 * HOUR)
    sweep_all(START + 4 * HOUR)
    assert total(record) == 0
    assert [replayed(record, START + hours * HOUR) for hours in (0, 2, 3, 4)] == [10_00, 10_00, 10_00, 0]


def test_rolling_back_is_activating_an_older_version(module: Module) -> None:
    first = version(10, START)
    record = a_lead(module, START)
    for switched, at in ((version(20, START), START), (first, START + HOUR)):
        activate(switched, at=at)
        sweep_all(at)
    assert total(record) == 10_00
    assert [replayed(record, START), replayed(record, START + HOUR)] == [20_00, 10_00]


def test_a_planned_version_begins_at_its_moment_by_whoever_planned_it(module: Module) -> None:
    alice = User.objects.create_user("alice@example.com")
    activate(version(10, START), at=START)
    planned = plan(version(20, START), at=START + DAY, now=START, by=alice)
    assert activate_due(START + DAY - timedelta(microseconds=1)) == 0
    assert activate_due(START + DAY) == 1
    assert activate_due(START + DAY) == 0
    activation = Activation.objects.latest("pk")
    assert (activation.version, activation.at, activation.by) == (planned.version, START + DAY, alice)


def test_a_plan_can_be_cancelled_and_there_is_one_at_a_time(module: Module) -> None:
    first, second = version(10, START), version(20, START)
    with pytest.raises(PastPlanError, match=r"^The moment has passed\. Leave it out to activate now\.$"):
        plan(first, at=START, now=START)
    plan(first, at=START + DAY, now=START)
    with pytest.raises(AlreadyPlannedError) as refused:
        plan(second, at=START + DAY, now=START)
    assert str(refused.value) == "Version 1 is planned for 2026-09-02 00:00 UTC already. Cancel that first."
    rule = StoredRule.objects.get()
    assert cancel_plan(rule, at=START)
    assert not cancel_plan(rule, at=START)
    assert activate_due(START + DAY) == 0
    plan(second, at=START + DAY, now=START)


def test_a_plan_that_no_longer_fits_the_fields_says_so_and_leaves_the_rule_as_it_is(module: Module) -> None:
    first = version(10, START)
    activate(first, at=START)
    Field.objects.create(module=module, name="staff", label="Staff", kind="number")
    edited = edit_rule(StoredRule.objects.get(), SIZE.replace("employees", "staff") % 5, at=START)
    plan(edited, at=START + DAY, now=START)
    Field.objects.get(name="staff").delete()
    assert activate_due(START + DAY) == 0
    planned = PlannedActivation.objects.get()
    assert planned.failed.startswith("The records have no field `staff`.")
    assert planned.ended_at == START + DAY
    assert StoredRule.objects.get().active == first
    with pytest.raises(InvalidRuleError, match="no field `staff`"):
        activate(edited, at=START + DAY)


def test_who_switches_what_somebody_else_has_switched_meanwhile_is_told(module: Module) -> None:
    first, second = version(10, START), version(20, START)
    alice = User.objects.create_user("alice@example.com", "a long password", name="Alice")
    begun = activate(first, at=START, by=alice, after=0)
    with pytest.raises(SwitchedMeanwhileError, match="Alice switched version 1 on meanwhile"):
        activate(second, at=START, after=0)
    with pytest.raises(SwitchedMeanwhileError):
        deactivate(first.rule, at=START, after=0)
    assert StoredRule.objects.get().active == first
    deactivate(first.rule, at=START, by=alice, after=begun.pk)
    with pytest.raises(SwitchedMeanwhileError, match="Alice stopped the rule meanwhile"):
        activate(second, at=START, after=begun.pk)
    last = last_switched(first.rule)
    assert last is not None
    activate(second, at=START, after=last.pk)
    assert StoredRule.objects.get().active == second
