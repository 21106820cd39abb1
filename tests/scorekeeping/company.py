"""A small company to keep scores for: leads, two rules, and the reference evaluator's opinion of every score."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from firstcall.access.models import FormerAddress, User
from firstcall.jobs.errors import JobCancelledError
from firstcall.jobs.models import UNFINISHED, Job, JobStatus
from firstcall.records.kinds import FieldKind
from firstcall.records.models import Field, Module, Record
from firstcall.scorekeeping.actions import write_rule
from firstcall.scorekeeping.compiled import rule_of
from firstcall.scorekeeping.models import RuleVersion, StoredRule, StoredScore
from firstcall.scorekeeping.sweeping import sweep
from firstcall.scorekeeping.switching import SWEEP, activate
from firstcall.scoring.compiling import FIGURES
from firstcall.scoring.evaluating import Record as Fields
from firstcall.scoring.evaluating import Touchpoint as Touched
from firstcall.scoring.evaluating import evaluate
from firstcall.scoring.times import datetime_of, moment_of
from firstcall.scoring.values import Value
from firstcall.touchpoints.models import Source, Touchpoint

START = datetime(2026, 9, 1, tzinfo=UTC)

KINDS = {
    "job_title": FieldKind.TEXT,
    "employees": FieldKind.NUMBER,
    "industry": FieldKind.PICKLIST,
    "opted_in": FieldKind.YES_NO,
    "contract_ends_on": FieldKind.DATE,
    "met_at": FieldKind.DATE_TIME,
    "interests": FieldKind.MULTI_SELECT,
}

INTEREST = """
name: Interest
module: leads
criteria:
  - {name: Pages, touchpoint: web.visited, in_last: 7 days, each: 2, at_most: 10}
  - {name: Prices, touchpoint: web.visited, where: {property: path, starts_with: /pricing}, in_last: 1 day, points: 15}
  - {name: Answers, touchpoint: email.replied, each: 10, at_most: 30, decay: {lose: 50%, every: 3 days}}
  - {name: Demo, touchpoint: web.form_submitted, points: 40, decay: {lose: 25%, every: 1 week}}
  - {name: Quiet, days_since: web.visited, each: -3, every: 2, at_most: 20}
  - {name: Long talks, touchpoint: "call.*", sum: duration, gt: 900, points: 20}
  - {name: Rating, touchpoint: survey.responded, latest: rating, table: [{gte: 9, points: 10}, {lt: 4, points: -10}]}
limits: {minimum: -50, maximum: 100}
grades: {Hot: 60, Warm: 25, Cold: -50}
"""

FIT = """
name: Fit
module: leads
applies_to:
  - {field: opted_in, is_not: false}
criteria:
  - {name: Decides, field: job_title, has_word: [chief, director], points: 20}
  - {name: Size, field: employees, table: [{gte: 1000, points: 20}, {gte: 100, points: 10}]}
  - {name: Contract ends, field: contract_ends_on, in_next: 30 days, points: 15}
  - {name: Met lately, field: met_at, in_last: 2 days, points: 5}
  - {name: Interested, field: interests, contains: crm, points: 5}
  - {name: New, field: created_at, in_last: 3 days, points: 3}
  - {name: Anns, field: owner, is: Ann@example.com, points: 7}
  - {name: Owned, field: owner, empty: false, points: 1}
  - {name: Partner, field: tags, contains: [partner, vip], points: 9}
"""


def found_company() -> tuple[Module, Source]:
    """The module of leads with its fields, a source, and both rules active."""
    module = Module.objects.create(name="leads", label="Leads", is_people=True)
    for name, kind in KINDS.items():
        Field.objects.create(module=module, name=name, label=name, kind=kind)
    source = Source.objects.create(name="web site", created_at=START)
    for text in (INTEREST, FIT):
        activate(write_rule(text, at=START), at=START)
    return module, source


def sweep_all(at: datetime) -> int:
    """Do the jobs that score the records that are there, as if at the moment; says how many jobs."""
    waiting = list(Job.objects.filter(kind=SWEEP, status=JobStatus.WAITING).order_by("pk"))
    for job in waiting:
        run_sweep(job, lambda: at)
    return len(waiting)


def run_sweep(job: Job, now: Callable[[], datetime], *, first: int = 100) -> None:
    """Take the job up as a worker does; leaves as it leaves."""
    job.refresh_from_db()
    if job.status not in UNFINISHED:
        return
    job.status, job.attempt = JobStatus.RUNNING, job.attempt + 1
    job.save()
    try:
        sweep(job, now=now, first=first)
    except JobCancelledError:
        Job.objects.filter(pk=job.pk).update(status=JobStatus.CANCELLED)
    else:
        Job.objects.filter(pk=job.pk).update(status=JobStatus.DONE)


def wrong_scores(as_of: datetime) -> list[str]:
    """Where a stored score is not what the reference evaluator says it is as of the moment."""
    wrong = []
    for rule in StoredRule.objects.filter(active__isnull=False).select_related("active"):
        assert rule.active is not None
        stored = {score.record_id: score for score in StoredScore.objects.filter(rule=rule)}
        for record in Record.objects.filter(module=rule.module):
            said = _stored_figures(stored.get(record.pk))
            meant = reference_figures(rule.active, record, as_of)
            if said != meant:
                wrong.append(f"{rule}, record {record.pk}: {said} is stored, {meant} is right")
    return wrong


def _stored_figures(score: StoredScore | None) -> tuple[Any, ...] | None:
    if score is None:
        return None
    figures = [getattr(score, name) for name in FIGURES[:-1]]
    next = None if score.next_change_at is None else moment_of(score.next_change_at)
    return (*(int(f) if isinstance(f, Decimal) else f for f in figures), next)


def reference_figures(version: RuleVersion, record: Record, as_of: datetime) -> tuple[Any, ...] | None:
    fields = {name: Value(_python(name, value)) for name, value in record.values.items()}
    fields |= own_fields(record)
    touched = [
        Touched(t.type, moment_of(t.occurred_at), {k: Value(v) for k, v in t.properties.items()})
        for t in Touchpoint.objects.filter(record=record, revoked_at=None)
    ]
    score = evaluate(rule_of(version), Fields(fields), touched, moment_of(as_of))
    return None if score is None else tuple(getattr(score, name) for name in FIGURES)


def own_fields(record: Record) -> dict[str, Value]:
    """What every record has."""
    return {
        "created_at": Value(record.created_at),
        "updated_at": Value(record.updated_at),
        "owner": Value(User.objects.get(pk=record.owner_id).email if record.owner_id else None),
        "tags": Value(list(record.tags)),
    }


def readdress(user: User, email: str, at: datetime) -> None:
    """Give the user another e-mail address, as if at the moment."""
    known = set(FormerAddress.objects.values_list("pk", flat=True))
    User.objects.filter(pk=user.pk).update(email=email)
    FormerAddress.objects.exclude(pk__in=known).update(until=at)


def random_owner(chance: random.Random) -> User | None:
    users = list(User.objects.order_by("pk"))
    return chance.choice([*users, None])


def random_tags(chance: random.Random) -> list[str]:
    return chance.sample(["vip", "partner", "İstanbul", "old customer"], chance.randrange(4))


def _python(name: str, value: Any) -> object:
    match KINDS.get(name):  # fields that no rule reads are left as they are
        case FieldKind.NUMBER:
            return Decimal(value)
        case FieldKind.DATE:
            return date.fromisoformat(value)
        case FieldKind.DATE_TIME:
            return datetime_of(value)
    return value


def plain_leads() -> Module:
    """Leads with a field of each of `KINDS`, and no rule."""
    module = Module.objects.create(name="leads", label="Leads", is_people=True)
    for name, kind in KINDS.items():
        Field.objects.create(module=module, name=name, label=name, kind=kind)
    return module


def lead(**values: object) -> Mapping[str, object]:
    return {"job_title": "Sales Director", "employees": 250, "industry": "IT", **values}
