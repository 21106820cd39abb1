"""Scores are kept right: after every write, at every moment that time alone changes them, by any number of keepers."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db.models import ProtectedError

from firstcall.access.models import User
from firstcall.records.actions import Given, change_record, create_record, mark_dirty
from firstcall.records.models import DirtyRecord, Module, Record
from firstcall.scorekeeping.actions import write_rule
from firstcall.scorekeeping.clock import next_due
from firstcall.scorekeeping.errors import InvalidRuleError
from firstcall.scorekeeping.keeper import keep, keep_all
from firstcall.scorekeeping.models import Reach, ScoreChange, StoredRule, StoredScore
from firstcall.scorekeeping.replay import score_as_of
from firstcall.scorekeeping.slotting import Slotting
from firstcall.scorekeeping.switching import Rescoring, activate, deactivate
from firstcall.touchpoints.intake import Arrival, accept
from firstcall.touchpoints.models import Source, Touchpoint
from firstcall.touchpoints.revoking import revoke
from firstcall.touchpoints.slots import read_slots
from tests.scorekeeping.company import (
    FIT,
    START,
    found_company,
    lead,
    random_owner,
    random_tags,
    readdress,
    sweep_all,
    wrong_scores,
)

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def kept(at: datetime) -> int:
    return keep_all(now=lambda: at)


@pytest.fixture
def company() -> tuple[Module, Source]:
    return found_company()


def total(record: Record, rule: str) -> int | None:
    score = StoredScore.objects.filter(record=record, rule__name=rule).first()
    return None if score is None else int(score.total)


def test_a_new_record_is_scored_and_says_why_it_changed(company: tuple[Module, Source]) -> None:
    record = create_record(company[0], lead(), at=START)
    assert kept(START) == 1
    assert total(record, "Fit") == 33_00
    change = ScoreChange.objects.get(record=record, rule__name="Fit")
    assert (change.old_total, change.new_total, change.cause) == (None, 33_00, "field")


def test_a_touchpoint_changes_the_score_and_one_that_came_before_does_not(
    company: tuple[Module, Source],
) -> None:
    module, source = company
    record = create_record(module, lead(), at=START)
    demo = Arrival("m1", "web.form_submitted", START, record.pk)
    assert accept(source, [demo, demo], received_at=START) == 1
    kept(START)
    assert total(record, "Interest") == 40_00
    assert accept(source, [demo], received_at=START) == 0
    assert not DirtyRecord.objects.exists()


def test_points_without_a_bound_are_kept_right_however_large_they_grow(
    company: tuple[Module, Source],
) -> None:
    """Such points fit no 64 bits, and are computed anew each time."""
    module, source = company
    for name, worth in {"Minutes": "each: 0.01, every: 60", "Amount": "each: 1000000, every: 0.01"}.items():
        text = f"""
name: {name}
module: leads
criteria:
  - {{name: Talks, touchpoint: "call.*", sum: duration, {worth}}}
  - {{name: Longest, touchpoint: "call.*", max: duration, each: -1, every: 100}}
"""
        activate(write_rule(text, at=START), at=START)
    record = create_record(module, lead(), at=START)
    kept(START)
    assert (total(record, "Minutes"), total(record, "Amount")) == (0, 0)
    calls = [
        Arrival(f"c{n}", "call.made", START, record.pk, {"duration": seconds})
        for n, seconds in enumerate([999_999_999_999, 1, 120])
    ]
    accept(source, calls[:1], received_at=START)
    kept(START)
    accept(source, calls[1:], received_at=START + HOUR)
    kept(START + HOUR)
    seconds, lost = 1_000_000_000_120, 9_999_999_999_00
    assert total(record, "Minutes") == seconds // 60 - lost
    assert total(record, "Amount") == seconds * 100 * 1_000_000_00 - lost
    assert not StoredRule.objects.exclude(set_aside_why="").exists()


def test_a_touchpoint_of_no_record_is_kept_and_counts_for_none(company: tuple[Module, Source]) -> None:
    assert accept(company[1], [Arrival("m1", "web.visited", START, 999)], received_at=START) == 1
    assert Touchpoint.objects.get().record is None
    assert kept(START) == 0


def test_a_revoked_touchpoint_counts_no_longer(company: tuple[Module, Source]) -> None:
    module, source = company
    record = create_record(module, lead(), at=START)
    accept(source, [Arrival("m1", "web.form_submitted", START, record.pk)], received_at=START)
    kept(START)
    assert revoke(list(Touchpoint.objects.all()), at=START + HOUR) == 1
    kept(START + HOUR)
    assert total(record, "Interest") == 0
    assert ScoreChange.objects.filter(record=record).latest("id").cause == "revoke"
    assert revoke(list(Touchpoint.objects.all()), at=START + HOUR) == 0


def test_a_record_outside_applies_to_loses_its_score(company: tuple[Module, Source]) -> None:
    record = create_record(company[0], lead(), at=START)
    kept(START)
    change_record(record, {"opted_in": False}, at=START + HOUR)
    kept(START + HOUR)
    assert total(record, "Fit") is None
    assert total(record, "Interest") is not None
    change = ScoreChange.objects.filter(record=record, rule__name="Fit").latest("id")
    assert (change.old_total, change.new_total) == (33_00, None)


def test_time_alone_changes_a_score_at_its_moment(company: tuple[Module, Source]) -> None:
    record = create_record(company[0], lead(), at=START)
    kept(START)
    before, at = START + 3 * DAY - timedelta(microseconds=1), START + 3 * DAY
    while (due := next_due()) is not None and due <= before:
        kept(due)
        assert total(record, "Fit") == 33_00
    assert keep_all(now=lambda: before) == 0
    assert keep_all(now=lambda: at) == 1
    assert total(record, "Fit") == 30_00
    assert ScoreChange.objects.filter(record=record, rule__name="Fit").latest("id").cause == "time"


def test_a_moment_that_moved_away_changes_nothing_when_it_comes(company: tuple[Module, Source]) -> None:
    module, source = company
    record = create_record(module, lead(), at=START)
    deactivate(StoredRule.objects.get(name="Fit"), at=START)
    for at in (START, START + DAY):
        accept(source, [Arrival(str(at), "web.visited", at, record.pk)], received_at=at)
        kept(at)
    quiet = StoredScore.objects.get(record=record)
    assert (quiet.wake_at, quiet.next_change_at) == (START + 2 * DAY, START + 3 * DAY)
    changes = ScoreChange.objects.count()
    assert keep_all(now=lambda: START + 2 * DAY) == 1
    quiet.refresh_from_db()
    assert (quiet.wake_at, quiet.next_change_at) == (START + 3 * DAY, START + 3 * DAY)
    assert ScoreChange.objects.count() == changes
    assert keep_all(now=lambda: START + 3 * DAY - timedelta(microseconds=1)) == 0
    assert keep_all(now=lambda: START + 3 * DAY) == 1
    assert ScoreChange.objects.filter(record=record).latest("id").cause == "time"


def test_a_new_version_scores_all_and_a_stopped_rule_freezes(company: tuple[Module, Source]) -> None:
    record = create_record(company[0], lead(), at=START)
    kept(START)
    edited = write_rule(FIT.replace("points: 20}", "points: 25}", 1), at=START + HOUR)
    assert edited.number == 2
    activate(edited, at=START + HOUR)
    assert sweep_all(START + HOUR) == 1
    assert total(record, "Fit") == 38_00
    deactivate(StoredRule.objects.get(name="Fit"), at=START + HOUR)
    change_record(record, {"employees": 5}, at=START + 2 * HOUR)
    kept(START + 2 * HOUR)
    assert total(record, "Fit") == 38_00
    kept(START + 100 * DAY)
    assert next_due() is None or next_due() > START + 100 * DAY  # type: ignore[operator]
    assert total(record, "Fit") == 38_00


def test_what_came_while_a_rule_rested_counts_when_it_goes_on(company: tuple[Module, Source]) -> None:
    module, source = company
    record = create_record(module, lead(), at=START)
    kept(START)
    interest = StoredRule.objects.get(name="Interest")
    version = interest.active
    assert version is not None
    deactivate(interest, at=START)
    accept(source, [Arrival("m1", "web.form_submitted", START, record.pk)], received_at=START)
    kept(START)
    activate(version, at=START + HOUR, rescoring=Rescoring(Reach.NEW))
    # What its points were before may not be gone by, though nothing that they read comes in now.
    accept(source, [Arrival("m2", "email.replied", START + HOUR, record.pk)], received_at=START + HOUR)
    kept(START + HOUR)
    assert total(record, "Interest") == 50_00
    assert wrong_scores(START + HOUR) == []


def test_owner_and_tags_count_from_when_they_are_set_and_as_of_before(company: tuple[Module, Source]) -> None:
    ann, bob = (User.objects.create_user(f"{name}@example.com") for name in ("ann", "bob"))
    record = create_record(company[0], lead(), at=START)
    kept(START)
    assert total(record, "Fit") == 33_00
    change_record(record, Given({}, owner=ann, tags=["VIP"]), at=START + HOUR)
    kept(START + HOUR)
    assert total(record, "Fit") == 50_00
    change_record(record, Given({}, owner=bob, tags_removed=["vip"]), at=START + 2 * HOUR)
    kept(START + 2 * HOUR)
    assert total(record, "Fit") == 34_00
    record.refresh_from_db()
    fit = StoredRule.objects.get(name="Fit")
    for hours, right in ((0, 33_00), (1, 50_00), (2, 34_00)):
        score = score_as_of(record, fit, START + hours * HOUR)
        assert score is not None
        assert score.total == right


def test_an_owner_of_another_address_is_scored_by_it_from_then_on(company: tuple[Module, Source]) -> None:
    ann = User.objects.create_user("ann@example.com")
    record = create_record(company[0], Given(lead(), owner=ann), at=START)
    kept(START)
    assert total(record, "Fit") == 41_00
    readdress(ann, "ann.lee@example.com", START + HOUR)
    kept(START + HOUR)
    assert total(record, "Fit") == 34_00
    fit = StoredRule.objects.get(name="Fit")
    scores = [score_as_of(record, fit, START + time) for time in (HOUR - timedelta(microseconds=1), HOUR)]
    assert [score and score.total for score in scores] == [41_00, 34_00]


def test_a_rule_is_checked_by_what_owner_and_tags_are(company: tuple[Module, Source]) -> None:
    text = """
name: Wrong
module: leads
criteria:
  - {name: A, field: owner, gt: 5, points: 1}
  - {name: B, field: tags, in_last: 3 days, points: 1}
  - {name: C, field: tag, contains: vip, points: 1}
  - {name: D, field: tags, contains: vip, points: 1}
"""
    with pytest.raises(InvalidRuleError) as caught:
        write_rule(text, at=START)
    assert [f"{problem.json_path}: {problem.says}" for problem in caught.value.problems] == [
        "criteria[0].gt: `gt` cannot apply to `owner`, which is text.",
        "criteria[1].in_last: `in_last` cannot apply to `tags`, which is a list.",
        "criteria[2].field: The records have no field `tag`.",
    ]


def test_an_owner_of_records_cannot_be_deleted(company: tuple[Module, Source]) -> None:
    ann = User.objects.create_user("ann@example.com")
    create_record(company[0], Given(lead(), owner=ann), at=START)
    with pytest.raises(ProtectedError):
        ann.delete()


def test_the_same_text_is_no_new_version(company: tuple[Module, Source]) -> None:
    assert write_rule(FIT, at=START + HOUR).number == 1


def test_a_rule_that_cannot_be_computed_is_set_aside_and_the_others_go_on(
    company: tuple[Module, Source], caplog: pytest.LogCaptureFixture
) -> None:
    # A value that was stored past the checks, as a restored backup may hold: no number, in a field of numbers.
    record = create_record(company[0], lead(), at=START)
    Record.objects.filter(pk=record.pk).update(values={**record.values, "employees": "many"})
    kept(START)
    assert total(record, "Interest") == 0
    assert total(record, "Fit") is None
    fit = StoredRule.objects.get(name="Fit")
    assert fit.active is None
    assert fit.activations.latest("pk").version is None
    assert fit.set_aside_why == 'The database says: invalid input syntax for type numeric: "many".'
    assert "is set aside" in caplog.text


TYPES = ("web.visited", "email.replied", "web.form_submitted", "call.attended", "survey.responded", "x.seen")


@pytest.mark.parametrize("seed", range(4))
def test_stored_scores_equal_the_reference_after_any_history(
    company: tuple[Module, Source], seed: int
) -> None:
    """Invariants 5, 6 and 7: whatever happened in whatever order, the stored scores are right at every moment, and
    each can be computed again later from what was known then."""
    module, source = company
    ann = User.objects.create_user("ann@example.com")
    User.objects.create_user("bob@example.com")
    chance, slotting = random.Random(seed), Slotting()
    now, records = START, list[Record]()
    past: dict[datetime, dict[tuple[int, int], StoredScore]] = {}
    for step in range(50):
        now += timedelta(seconds=chance.choice([1, 3_600, 86_400, 3 * 86_400]) * chance.random())
        # Properties get slots while touchpoints come in; the filling is interrupted for as long as it likes.
        if step > 20:
            slotting.step(most=chance.randrange(1, 5))
        match chance.randrange(9):
            case 8:
                emails = ["ann@example.com", "ann.lee@example.com"]
                readdress(ann, emails[User.objects.get(pk=ann.pk).email == emails[0]], now)
            case 0 | 1:
                records.append(create_record(module, random_given(chance, now), at=now))
            case 2 if records:
                change_record(chance.choice(records), random_given(chance, now), at=now)
            case 3 if Touchpoint.objects.exists():
                revoke([chance.choice(list(Touchpoint.objects.all()))], at=now)
            case _ if records:
                arrivals = [random_arrival(chance, records, now, f"{step}.{i}") for i in range(5)]
                accept(source, arrivals, received_at=now)
        kept(now)
        assert wrong_scores(now) == []
        past[now] = {(score.record_id, score.rule_id): score for score in StoredScore.objects.all()}
    assert ScoreChange.objects.count() > 50
    while slotting.step():
        pass
    assert set(read_slots().columns) == {"path", "duration", "rating"}
    mark_dirty(Record.objects.values_list("pk", flat=True), cause="rule", since=now)
    kept(now)
    assert wrong_scores(now) == []
    for moment in chance.sample(sorted(past), 12):
        for record in Record.objects.all():
            for rule in StoredRule.objects.all():
                stored, replayed = past[moment].get((record.pk, rule.pk)), score_as_of(record, rule, moment)
                assert (stored is None) == (replayed is None)
                if stored is not None and replayed is not None:
                    assert (replayed.total, replayed.grade) == (stored.total, stored.grade)
                    assert sum(line.points for line in replayed.lines) == replayed.total


def random_given(chance: random.Random, now: datetime) -> Given:
    made = {
        "job_title": chance.choice(["Sales Director", "Intern", "chief of staff", None]),
        "employees": chance.choice([5, 100, 1000, "250.5", None]),
        "opted_in": chance.choice([True, False, None]),
        "contract_ends_on": str((now + timedelta(days=chance.randrange(-5, 40))).date()),
        "met_at": (now - timedelta(hours=chance.randrange(-10, 80))).isoformat(),
        "interests": chance.choice([["CRM"], ["ERP", "crm"], [], None]),
    }
    given = Given({name: made[name] for name in chance.sample(sorted(made), 3)})
    if chance.random() < 0.4:
        given = replace(given, owner=random_owner(chance))
    return replace(given, tags=random_tags(chance)) if chance.random() < 0.4 else given


def random_arrival(chance: random.Random, records: list[Record], now: datetime, id: str) -> Arrival:
    """Late and early ones too: some happened weeks ago, some will happen tomorrow."""
    at = now + timedelta(hours=chance.choice([0, 0, 0, -30, -200, 20]) * chance.random())
    properties = {
        "path": chance.choice(["/pricing", "/Pricing/x", "/blog", "/pricing" * 300, ["/pricing"], 7, {}]),
        "duration": chance.choice([100, 900.5, "400", "long", None]),
        "rating": chance.choice([10, 3, "9", [1], True]),
    }
    return Arrival(id, chance.choice(TYPES), at, chance.choice(records).pk, properties)


def test_a_batch_is_bounded(company: tuple[Module, Source]) -> None:
    for _ in range(5):
        create_record(company[0], lead(), at=START)
    assert [keep(now=lambda: START, most=2) for _ in range(4)] == [2, 2, 1, 0]
