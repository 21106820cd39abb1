"""Invariants 5 and 7 through whole lives of rules: edits, switches for all, some or no records, sweeps broken off and
cancelled, stops, and all that happens to records meanwhile. An account kept beside says which version is to score
which record, and the reference evaluator what that gives."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from firstcall.access.models import User
from firstcall.jobs.models import UNFINISHED, Job
from firstcall.records.actions import change_record, create_record
from firstcall.records.models import Record
from firstcall.scorekeeping.actions import edit_rule
from firstcall.scorekeeping.keeper import keep_all
from firstcall.scorekeeping.models import Reach, RuleVersion, StoredRule, StoredScore
from firstcall.scorekeeping.replay import score_as_of
from firstcall.scorekeeping.switching import Rescoring, activate, activate_due, deactivate, plan
from firstcall.scoring.compiling import FIGURES
from firstcall.scoring.times import moment_of
from firstcall.touchpoints.intake import accept
from firstcall.touchpoints.models import Touchpoint
from firstcall.touchpoints.revoking import revoke
from tests.scorekeeping.company import FIT, INTEREST, found_company, reference_figures, run_sweep
from tests.scorekeeping.test_keeper import START, random_arrival, random_given

pytestmark = pytest.mark.django_db

type Figures = tuple[Any, ...] | None


class DeadError(Exception):
    """The sweep's process dies."""


class Life:
    """What happens, and the account of it.

    by      the version that is to score a record by a rule; none where no version came to it yet
    frozen  a rule that has stopped: the figures it left, by record
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.module, self.source = found_company()
        for name in ("ann", "bob"):
            User.objects.create_user(f"{name}@example.com")
        self.rules = list(StoredRule.objects.order_by("pk"))
        self.texts = {rule.pk: text for rule, text in zip(self.rules, (INTEREST, FIT), strict=True)}
        self.now = START
        self.records: list[Record] = []
        self.by: dict[tuple[int, int], RuleVersion | None] = {}
        self.frozen: dict[tuple[int, int], Figures] = {}
        self.number = 0

    def rule(self) -> StoredRule:
        rule = self.chance.choice(self.rules)
        rule.refresh_from_db()
        return rule

    def happened(self, records: list[Record]) -> None:
        """All but time takes a record over."""
        for rule in StoredRule.objects.filter(active__isnull=False).select_related("active"):
            for record in records:
                self.taken_over(rule, record.pk, rule.active)

    def taken_over(self, rule: StoredRule, record: int, version: RuleVersion | None) -> None:
        self.by[rule.pk, record] = version
        self.frozen.pop((rule.pk, record), None)

    # --- what happens
    def create(self) -> None:
        record = create_record(self.module, random_given(self.chance, self.now), at=self.now)
        self.records.append(record)
        self.happened([record])

    def change(self) -> None:
        record = self.chance.choice(self.records)
        before = Record.objects.get(pk=record.pk).version
        if change_record(record, random_given(self.chance, self.now), at=self.now).version != before:
            self.happened([record])

    def touch(self) -> None:
        arrivals = [
            random_arrival(self.chance, self.records, self.now, f"{self.number}.{i}") for i in range(3)
        ]
        accept(self.source, arrivals, received_at=self.now)
        touched = {arrival.record_id for arrival in arrivals}
        self.happened([record for record in self.records if record.pk in touched])

    def revoke(self) -> None:
        touchpoints = list(Touchpoint.objects.filter(revoked_at=None))
        if touchpoints:
            touchpoint = self.chance.choice(touchpoints)
            revoke([touchpoint], at=self.now)
            self.happened([record for record in self.records if record.pk == touchpoint.record_id])

    def edit(self) -> None:
        rule = self.rule()
        text = self.texts[rule.pk].replace("points: 20", f"points: {self.chance.randrange(1, 90)}", 1)
        text = text.replace("points: 40", f"points: {self.chance.randrange(1, 90)}", 1)
        edit_rule(rule, text, at=self.now)

    def switch_on(self) -> None:
        rule = self.rule()
        version = self.chance.choice(list(rule.versions.all()))
        reach = self.chance.choice(list(Reach))
        since = self.now - timedelta(days=self.chance.randrange(1, 9)) if reach == Reach.CHANGED else None
        rescoring = Rescoring(reach, since)
        if self.chance.random() < 0.3:
            if not rule.planned.filter(ended_at=None).exists():
                plan(version, at=self.now + timedelta(hours=1), now=self.now, rescoring=rescoring)
        else:
            activate(version, at=self.now, rescoring=rescoring)

    def switch_off(self) -> None:
        rule = self.rule()
        if rule.active is None:
            return
        for record in self.records:
            self.frozen[rule.pk, record.pk] = self.meant(rule, record)
        deactivate(rule, at=self.now)

    def sweep(self) -> None:
        """Some of what waits to be swept: all of a job, or its first steps."""
        jobs = list(Job.objects.filter(status__in=UNFINISHED))
        if not jobs:
            return
        job = self.chance.choice(jobs)
        rules = StoredRule.objects.filter(activation__in=job.parameters["activations"])
        rule = rules.select_related("active").first()
        before = Job.objects.get(pk=job.pk).state.get("after", 0)
        steps = self.chance.choice([1, 2, 9])
        moments = iter([self.now] * steps)
        with contextlib.suppress(DeadError):
            run_sweep(job, lambda: self._next(moments), first=2)
        job.refresh_from_db()
        if rule is None:  # switched meanwhile
            assert job.status not in UNFINISHED
            return
        since = job.parameters.get("changed_since")
        for record in Record.objects.filter(pk__gt=before, pk__lte=job.state["after"]):
            if since is None or record.updated_at >= datetime.fromisoformat(since):
                self.taken_over(rule, record.pk, rule.active)

    @staticmethod
    def _next(moments: Iterator[datetime]) -> datetime:
        moment = next(moments, None)
        if moment is None:
            raise DeadError
        return moment

    # --- what must be
    def meant(self, rule: StoredRule, record: Record) -> Figures:
        if (rule.pk, record.pk) in self.frozen:
            return self.frozen[rule.pk, record.pk]
        version = self.by.get((rule.pk, record.pk))
        return (
            None
            if version is None
            else reference_figures(version, Record.objects.get(pk=record.pk), self.now)
        )

    def step(self, number: int) -> None:
        self.number = number
        self.now += timedelta(
            seconds=self.chance.choice([60, 3_600, 86_400, 3 * 86_400]) * self.chance.random()
        )
        activate_due(self.now)
        happenings = [
            self.create,
            self.create,
            self.edit,
            self.switch_on,
            self.switch_off,
            self.sweep,
            self.sweep,
        ]
        if self.records:
            happenings += [self.change, self.touch, self.touch, self.revoke]
        # The clock runs all the time: what a stop freezes is right as of the stop.
        self.settle()
        self.chance.choice(happenings)()
        self.settle()

    def settle(self) -> None:
        keep_all(now=lambda: self.now)


def stored_figures(rule: StoredRule, record: Record) -> Figures:
    score = StoredScore.objects.filter(rule=rule, record=record).first()
    if score is None:
        return None
    return tuple(_plain(getattr(score, name)) for name in FIGURES)


def _plain(figure: object) -> object:
    if isinstance(figure, datetime):
        return moment_of(figure)
    return int(figure) if isinstance(figure, Decimal) else figure


@pytest.mark.parametrize("seed", range(4))
def test_every_score_is_by_the_version_that_has_come_to_it(seed: int) -> None:
    life = Life(seed)
    past: dict[tuple[datetime, int, int], Figures] = {}
    for number in range(45):
        life.step(number)
        for rule in StoredRule.objects.all():
            for record in life.records:
                stored = stored_figures(rule, record)
                assert stored == life.meant(rule, record), (number, rule.name, record.pk)
                past[life.now, rule.pk, record.pk] = stored
    rules, records = StoredRule.objects.in_bulk(), Record.objects.in_bulk()
    for at, rule_id, record_id in life.chance.sample(sorted(past), 40):
        replayed = score_as_of(records[record_id], rules[rule_id], at)
        figures = None if replayed is None else tuple(getattr(replayed, name) for name in FIGURES)
        assert figures == past[at, rule_id, record_id]
