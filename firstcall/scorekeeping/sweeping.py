"""Scores many records by rules, in steps of a few: after a version was switched on, or because somebody wants it now.

The steps go past the table of dirty records, so that nobody who did something waits behind them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from firstcall.access.models import User
from firstcall.jobs.actions import start
from firstcall.jobs.models import Job
from firstcall.records.models import Module
from firstcall.scorekeeping.assigning import take_over
from firstcall.scorekeeping.compiled import current_columns
from firstcall.scorekeeping.locks import lock_records, lock_sweep, share_rules
from firstcall.scorekeeping.models import Activation, StoredRule, Sweep
from firstcall.scorekeeping.staging import LARGE, Staged, staged
from firstcall.scorekeeping.statements import ids_of, run, whole
from firstcall.scorekeeping.storing import CannotComputeError, Reason, Version, store_scores, store_staged
from firstcall.scorekeeping.switching import SWEEP, set_aside
from firstcall.scoring.saying import said
from firstcall.scoring.times import moment_of

FIRST, MOST = 100, 1_000  # records a step
MOST_STAGED = 5_000  # where they have been scored before
STEP = 0.1  # seconds that a step aims at: so long a touchpoint of one of its records may have to wait

_WHERE = """
FROM records_record
WHERE module_id = $1 AND id > $2 AND id <= $3"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records of a module are to be scored by what.

    activations    those of the rules; one that is no longer in force is left out
    ids            these records alone
    layout         records of this layout alone, by its id
    changed_since  records created or changed in their fields from then on
    """

    module: int
    activations: tuple[int, ...]
    ids: tuple[int, ...] | None = None
    layout: int | None = None
    changed_since: datetime | None = None
    tells: bool = False

    @property
    def is_whole(self) -> bool:
        return self.ids is None and self.layout is None and self.changed_since is None

    def conditions(self) -> tuple[str, list[object]]:
        """SQL after `_WHERE`, and its parameters, from $4."""
        sql, parameters = "", list[object]()
        if self.changed_since is not None:
            parameters.append(moment_of(self.changed_since))
            sql += f" AND GREATEST(created_at, updated_at) >= ${3 + len(parameters)}"
        if self.layout is not None:
            parameters.append(self.layout)
            sql += f" AND layout_id = ${3 + len(parameters)}"
        if self.ids is not None:
            parameters.append(list(self.ids))
            sql += f" AND id = ANY(${3 + len(parameters)})"
        return sql, parameters


@transaction.atomic
def sweep_later(
    module: Module,
    rules: Iterable[StoredRule],
    *,
    at: datetime,
    by: User | None = None,
    ids: Sequence[int] | None = None,
    layout: int | None = None,
    changed_since: datetime | None = None,
    tells: bool = False,
) -> Job | None:
    """Score the module's records by these of its rules, or some of them, as `Wanted` says. None: no rule is active."""
    there = StoredRule.objects.filter(pk__in=[rule.pk for rule in rules], module=module, active__isnull=False)
    activations = list(there.order_by("pk").values_list("activation", flat=True))
    if not activations:
        return None
    parameters = {
        "module": module.pk,
        "activations": activations,
        "ids": None if ids is None else sorted(set(ids)),
        "layout": layout,
        "changed_since": None if changed_since is None else changed_since.isoformat(),
        "tells": tells,
    }
    return start(SWEEP, parameters, at=at, by=by)


def wanted_of(job: Job) -> Wanted:
    told = job.parameters
    since = told.get("changed_since")
    return Wanted(
        module=told["module"],
        activations=tuple(told["activations"]),
        ids=None if told.get("ids") is None else tuple(told["ids"]),
        layout=told.get("layout"),
        changed_since=None if since is None else datetime.fromisoformat(since),
        tells=told.get("tells", False),
    )


def sweep(job: Job, *, now: Callable[[], datetime], first: int = FIRST) -> None:
    """Score until all is done; goes on where the job's last step ended. Leaves when no rule is in force any more."""
    wanted = wanted_of(job)
    if "last" not in job.state:
        last, total = _extent(wanted)
        job.advance(done=0, total=total, state={"after": 0, "last": last, "done": 0})
    left = (job.total or 0) - job.done
    with _laid_out(wanted, now()) if wanted.is_whole and left >= LARGE else nullcontext() as laid:
        _go_through(job, wanted, laid, first, now)


def _laid_out(wanted: Wanted, at: datetime) -> AbstractContextManager[Staged | None]:
    versions = [rule.active for rule in _in_force(wanted) if rule.active is not None]
    return staged(Module.objects.get(pk=wanted.module).name, versions, as_of=moment_of(at))


def _go_through(
    job: Job, wanted: Wanted, laid: Staged | None, size: int, now: Callable[[], datetime]
) -> None:
    most = MOST if laid is None else MOST_STAGED
    while True:
        began = time.monotonic()
        if not _step(job, wanted, laid, size, now):
            return
        size = _next_size(size, time.monotonic() - began, most)


def _next_size(size: int, took: float, most: int) -> int:
    return max(10, min(most, size * 2, int(size * STEP / max(took, 0.001))))


def _extent(wanted: Wanted) -> tuple[int, int]:
    """The last record's id, and how many records there are."""
    sql, parameters = wanted.conditions()
    found = run(f"SELECT MAX(id), COUNT(*) {_WHERE}{sql}", wanted.module, 0, 2**62, *parameters).fetchone()
    last, total = found or (None, 0)
    return whole(last or 0), whole(total)


def _step(job: Job, wanted: Wanted, laid: Staged | None, size: int, now: Callable[[], datetime]) -> bool:
    """Score the next few records in one transaction; says whether there may be more."""
    broken: dict[int, tuple[int, str]] = {}
    with transaction.atomic():
        ids = _next_ids(job, wanted, size)
        lock_records(ids)
        share_rules(wanted.module)
        rules = _in_force(wanted)
        as_of = now()
        if rules and ids:
            broken = _score(wanted, rules, ids, as_of, laid if laid is not None and laid.look() else None)
        if wanted.is_whole:
            for rule in rules:
                _note_sweep(rule, job.state["after"], ids[-1] if ids else job.state["last"], as_of, not ids)
        if not ids or not rules:
            if not rules:
                job.advance(message=said("No rule that was to be scored by is active any more."))
            return False
        done = job.done + len(ids)
        job.advance(done=done, state={**job.state, "after": ids[-1]})
    for id, (activation, why) in broken.items():
        set_aside(id, activation, why=why, at=now())
    return True


def _next_ids(job: Job, wanted: Wanted, size: int) -> list[int]:
    sql, parameters = wanted.conditions()
    bounds = job.state["after"], job.state["last"]
    rows = run(f"SELECT id {_WHERE}{sql} ORDER BY id LIMIT {size}", wanted.module, *bounds, *parameters)
    return ids_of(rows)


def _in_force(wanted: Wanted) -> list[StoredRule]:
    rules = StoredRule.objects.filter(activation__in=wanted.activations, active__isnull=False)
    return list(rules.select_related("activation").order_by("pk"))


def _score(
    wanted: Wanted, rules: Sequence[StoredRule], ids: Sequence[int], as_of: datetime, laid: Staged | None
) -> dict[int, tuple[int, str]]:
    """Those that cannot be computed: the activation and why, by the rule."""
    broken: dict[int, tuple[int, str]] = {}
    columns = current_columns(wanted.module)
    limit = settings.CONFIGURATION.rule_seconds
    reason, moment = Reason("rule", is_bulk=not wanted.tells), moment_of(as_of)
    for rule in rules:
        activation, active = rule.activation, rule.active_id
        assert activation is not None and active is not None  # noqa: S101, PT018
        version, others = Version(rule.pk, active, columns, activation.pk), ids
        if laid is not None and active in laid.versions:
            ready, others = laid.split(active, ids, moment)
            if ready:
                store_staged(version, laid.table(active), ready, reason, moment)
        try:
            if others:
                store_scores((version,), dict.fromkeys(others, reason), moment, limit=limit)
        except CannotComputeError as error:
            broken[rule.pk] = activation.pk, str(error)
        if not wanted.is_whole and activation.complete_at is None:
            take_over(activation.pk, ids, moment)
    return broken


def _note_sweep(rule: StoredRule, after: int, up_to: int, at: datetime, is_last: bool) -> None:
    """That the records are taken over; another sweep may have come to some of them before."""
    assert rule.activation is not None  # noqa: S101
    lock_sweep(rule.activation.pk)
    activation = Activation.objects.get(pk=rule.activation.pk)
    if activation.complete_at is not None:
        return
    if is_last:
        activation.complete_at = at
        activation.save(update_fields=["complete_at"])
        return
    furthest = activation.sweeps.order_by("after").last()
    start = after if furthest is None else max(after, furthest.up_to)
    if up_to > start:
        Sweep.objects.create(activation=activation, after=start, up_to=up_to, at=at)
