"""Re-scores what is dirty, and what time may have changed: takes records in batches, and stores their scores and what
changed in one transaction.

Any number of keepers may work at once. Each locks the records of its batch, in the order of their ids, before it
looks at anything: so scores are stored in the order of their moments, and nobody waits in a circle.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from firstcall.counts.tallying import observe
from firstcall.records.models import Turn
from firstcall.scorekeeping.assigning import assignments, take_over
from firstcall.scorekeeping.clock import lock_due, look_no_more
from firstcall.scorekeeping.compiled import current_columns
from firstcall.scorekeeping.locks import lock_records, share_rules
from firstcall.scorekeeping.spreading import Happened, spread
from firstcall.scorekeeping.statements import run, whole
from firstcall.scorekeeping.storing import CannotComputeError, Reason, Version, store_scores
from firstcall.scorekeeping.switching import set_aside
from firstcall.scoring.times import moment_of

log = logging.getLogger(__name__)

BATCH = 1_000
# Of what is not fresh, and of what time changes, so many go into a batch with what is.
BESIDE = 100
WAITS = 0.1  # seconds that what comes in meanwhile waits for a batch of such

# The strongest reason first: what somebody did before what a rule says before what time brings. Others are as a field.
STRENGTH = ("touchpoint", "revoke", "merge", "field", "rule", "time")

_TAKE = """
DELETE FROM records_dirtyrecord
WHERE id = ANY(ARRAY(
  SELECT id
  FROM records_dirtyrecord
  WHERE {which}
  LIMIT $1
  FOR UPDATE SKIP LOCKED
))
RETURNING id, record_id, cause, turn, since, types, is_spread"""
_FRESH = _TAKE.format(which="turn = 0 ORDER BY id")
_LATER = _TAKE.format(which="turn > 0 ORDER BY turn, id")

_RULES = """
SELECT rule.id, rule.active_id, rule.activation_id, switched.complete_at IS NOT NULL
FROM scorekeeping_storedrule AS rule
JOIN scorekeeping_activation AS switched ON switched.id = rule.activation_id
WHERE rule.module_id = $1 AND rule.active_id IS NOT NULL
ORDER BY rule.id"""


class Pace:
    """How many records of all that is not fresh are scored in one batch: as many as `WAITS` allows, going by the batches
    before."""

    def __init__(self) -> None:
        self.room = 500

    def learn(self, records: int, seconds: float) -> None:
        if records >= BESIDE:
            fits = round(records * WAITS / seconds)
            self.room = max(BESIDE // 2, min(BATCH, (self.room + fits) // 2))


type Broken = dict[int, tuple[int, str]]
"""By the rule that cannot be computed: its activation, and why."""


def keep(
    *, now: Callable[[], datetime], most: int = BATCH, limit: float | None = None, pace: Pace | None = None
) -> int:
    """Re-score one batch of records that are dirty or due; says how many. 0: there is none that no other keeper has taken.

    now    asked once the records are locked; no score is stored as of an earlier moment than the one before it
    limit  seconds for one rule and batch, see `store_scores`; None: as the administrator chose
    pace   goes by this batch from now on
    """
    pace, began = pace or Pace(), time.monotonic()
    broken: Broken = {}
    seconds = settings.CONFIGURATION.rule_seconds if limit is None else limit
    with transaction.atomic():
        taken = _rows(_FRESH, most)
        room = min(most, BESIDE if taken else pace.room)
        taken += _rows(_LATER, room)
        if taken:
            spread(
                Happened(whole(record), str(cause), whole(turn), whole(since))
                for _, record, cause, turn, since, _, is_spread in taken
                if not is_spread
            )
        reasons = _reasons(taken)
        locked = dict(lock_records(list(reasons))) if reasons else {}
        due = lock_due(moment_of(now()), room)
        locked |= due.modules
        if not taken and not locked:
            return 0
        for record in due.modules:
            reasons[record] = _stronger(Reason("time", types=frozenset()), reasons.get(record))
        by_module: dict[int, list[int]] = defaultdict(list)
        for record, module in locked.items():
            by_module[module].append(record)
        as_of, scoring, scored = moment_of(now()), time.monotonic(), set[int]()
        for module, records in sorted(by_module.items()):
            share_rules(module)
            done, failed = _score(module, {record: reasons[record] for record in records}, as_of, seconds)
            scored |= done
            broken |= failed
        look_no_more([(record, rule) for record, rule in due.scores if rule not in scored], as_of)
    _say_how_fresh(taken, as_of, time.monotonic() - scoring)
    pace.learn(len(locked), time.monotonic() - began)
    # After the batch: keepers share the lock on the rules until then.
    for rule, (activation, why) in broken.items():
        set_aside(rule, activation, why=why, at=now())
    return len(reasons)


def _say_how_fresh(taken: Sequence[tuple[object, ...]], as_of: int, took: float) -> None:
    waited = [
        (as_of - whole(since)) / 1_000_000 + took
        for _, _, cause, _, since, *_ in taken
        if cause == "touchpoint"
    ]
    observe("freshness_seconds", waited, lately=True)


def keep_all(*, now: Callable[[], datetime], most: int = BATCH) -> int:
    """Keep until nothing is dirty or due; says how many records were re-scored, each time counted."""
    total, pace = 0, Pace()
    while done := keep(now=now, most=most, pace=pace):
        total += done
    return total


def _reasons(taken: Sequence[tuple[object, ...]]) -> dict[int, Reason]:
    """By the record's id, of all its dirty rows."""
    reasons: dict[int, Reason] = {}
    for _, record, cause, turn, _, told, _ in taken:
        types = frozenset(told) if isinstance(told, list) else None
        reason = Reason(str(cause), turn == Turn.BULK, types)
        reasons[whole(record)] = _stronger(reason, reasons.get(whole(record)))
    return reasons


def _stronger(one: Reason, other: Reason | None) -> Reason:
    """Of the two: the strongest cause; in bulk only if both are; types if both say some."""
    if other is None:
        return one
    types = None if one.types is None or other.types is None else one.types | other.types
    cause = min(one.cause, other.cause, key=_strength)
    return Reason(cause, one.is_bulk and other.is_bulk, types)


def _strength(cause: str) -> int:
    return STRENGTH.index(cause if cause in STRENGTH else "field")


def _score(module: int, reasons: Mapping[int, Reason], as_of: int, limit: float) -> tuple[set[int], Broken]:
    """Score the records by every active rule: those that scored all of them, and those that cannot be computed, whose
    scores stay as they were."""
    rules = _rows(_RULES, module)
    if not rules:
        return set(), {}
    columns = current_columns(module)
    activations = {whole(rule): whole(activation) for rule, _, activation, _ in rules}
    whole_module = tuple(
        Version(whole(rule), whole(version), columns, whole(activation))
        for rule, version, activation, is_complete in rules
        if is_complete
    )
    scorings = [((version,), reasons) for version in whole_module]
    if len(whole_module) > 1 and _try(whole_module, reasons, as_of, limit) is None:
        scorings = []
    for rule, _, activation, is_complete in rules:
        if not is_complete:
            parts = _parts(whole(rule), whole(activation), reasons, as_of)
            scorings += [
                ((Version(whole(rule), id, columns, whole(activation)),), records)
                for id, records in parts.items()
            ]
    broken: Broken = {}
    for (version,), records in scorings:
        why = _try((version,), records, as_of, limit)
        if why is not None:
            log.warning("rule %s cannot be computed and is set aside", version.rule)
            broken[version.rule] = activations[version.rule], why
    return {version.rule for version in whole_module} - broken.keys(), broken


def _try(
    versions: tuple[Version, ...], reasons: Mapping[int, Reason], as_of: int, limit: float
) -> str | None:
    """Why the versions cannot be computed; None: they are."""
    try:
        store_scores(versions, reasons, as_of, limit=limit)
    except CannotComputeError as error:
        return str(error)
    return None


def _parts(
    rule: int, activation: int, reasons: Mapping[int, Reason], as_of: int
) -> dict[int, dict[int, Reason]]:
    """The records by the version that scores each; something but time happened to those that are taken over now."""
    take_over(activation, [record for record, reason in reasons.items() if reason.cause != "time"], as_of)
    parts: dict[int, dict[int, Reason]] = defaultdict(dict)
    for record, assigned in assignments(rule, list(reasons)).items():
        if assigned.version is not None:
            parts[assigned.version][record] = reasons[record]
    return parts


def _rows(sql: str, *parameters: object) -> list[tuple[object, ...]]:
    return run(sql, *parameters).fetchall()
