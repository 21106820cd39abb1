"""Scores some records by one version of a rule, and stores what differs and what changed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import psycopg
from django.db import transaction
from psycopg import errors

from firstcall.scorekeeping.compiled import ModuleColumns, compile_for, rule_of
from firstcall.scorekeeping.models import RuleVersion
from firstcall.scorekeeping.statements import run, server_major
from firstcall.scoring.compiling import FIGURES
from firstcall.scoring.explaining import conditions_rule
from firstcall.scoring.rules import FieldMeasure, Rule, leaves

FEW = 50  # so many records are scored by the plan that is kept; a plan made for more is worth the 50 ms it takes

# What says that the rule itself cannot be computed: for a value it meets, or for its size.
_BROKEN = (
    psycopg.DataError,
    psycopg.ProgrammingError,
    errors.StatementTooComplex,
    errors.ProgramLimitExceeded,
    errors.TooManyColumns,
    errors.TooManyArguments,
)

_COLUMNS = ", ".join(FIGURES)

# $1 the moment, $2 the ids, $3 the rule, $4 its version; in the order of the ids: $5 the causes, $6 whether in bulk.
_STORE = f"""
WITH scored AS MATERIALIZED (
{{statement}}
),
before AS MATERIALIZED (
  SELECT *
  FROM scorekeeping_storedscore
  WHERE rule_id = CAST($3 AS BIGINT) AND record_id = ANY($2)
),
stored AS (
  INSERT INTO scorekeeping_storedscore (record_id, rule_id, version_id, as_of, {_COLUMNS})
  SELECT id, CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($1 AS BIGINT), {_COLUMNS}
  FROM scored
  ON CONFLICT (record_id, rule_id) DO UPDATE
  SET (version_id, as_of, {_COLUMNS}) = (EXCLUDED.version_id, EXCLUDED.as_of, {", ".join(f"EXCLUDED.{c}" for c in FIGURES)})
  WHERE (scorekeeping_storedscore.version_id, {", ".join(f"scorekeeping_storedscore.{c}" for c in FIGURES)})
        IS DISTINCT FROM (EXCLUDED.version_id, {", ".join(f"EXCLUDED.{c}" for c in FIGURES)})
),
ended AS (
  DELETE FROM scorekeeping_storedscore
  WHERE id IN (SELECT before.id FROM before LEFT JOIN scored ON scored.id = before.record_id WHERE scored.id IS NULL)
)
INSERT INTO scorekeeping_scorechange
       (record_id, rule_id, version_id, at, cause, is_bulk, old_total, new_total, old_grade, new_grade)
SELECT COALESCE(scored.id, before.record_id), CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($1 AS BIGINT),
       causes.cause, causes.is_bulk, before.total, scored.total, before.grade, scored.grade
FROM scored
FULL JOIN before ON before.record_id = scored.id
JOIN unnest($2, CAST($5 AS TEXT[]), CAST($6 AS BOOLEAN[])) AS causes(id, cause, is_bulk)
     ON causes.id = COALESCE(scored.id, before.record_id)
WHERE (before.total, before.grade) IS DISTINCT FROM (scored.total, scored.grade)
   OR before.id IS NULL
   OR scored.id IS NULL
"""

# Of the records that the rule does not apply to: when time alone may bring one in. $1 the moment, $2 the ids,
# $3 the rule, $4 how many hundredths a record has that meets all conditions.
_WAITING = """
INSERT INTO scorekeeping_waiting (rule_id, record_id, next_change_at)
SELECT CAST($3 AS BIGINT), id, next_change_at
FROM (
{statement}
) AS asked
WHERE total < CAST($4 AS BIGINT) AND next_change_at IS NOT NULL"""
_NOT_WAITING = """
DELETE FROM scorekeeping_waiting
WHERE rule_id = CAST($1 AS BIGINT) AND record_id = ANY($2)"""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a record is scored again; a change in bulk is one that automations are not told of."""

    cause: str
    is_bulk: bool = False


class CannotComputeError(Exception):
    """The version cannot score the records; nothing of it was stored. `str` says why, for people."""


@dataclass(frozen=True, slots=True)
class Version:
    """A rule's version, and the fields of its module as they are now."""

    rule: int
    id: int
    columns: ModuleColumns


def store_scores(
    version: Version, reasons: Mapping[int, Reason], as_of: int, *, limit: float | None = None
) -> None:
    """Score the records (by their ids, each with the reason why) and store what differs. In a transaction that holds
    the locks on the records.

    Where it takes longer than `limit` seconds it is tried in smaller parts, three times as long in all.
    Raises CannotComputeError.
    """
    statement = _statement(version)
    records = sorted(reasons)
    with transaction.atomic():
        if limit is None:
            _store(statement, version, records, reasons, as_of)
            return
        run("SELECT set_config('statement_timeout', $1, TRUE)", str(max(1, int(limit * 1_000))))
        _in_parts(statement, version, records, reasons, as_of, time.monotonic() + 3 * limit)
        run("SET LOCAL statement_timeout TO DEFAULT")


def _in_parts(
    statement: _Statement,
    version: Version,
    records: Sequence[int],
    reasons: Mapping[int, Reason],
    as_of: int,
    end: float,
) -> None:
    try:
        with transaction.atomic():
            _store(statement, version, records, reasons, as_of)
    except errors.QueryCanceled as error:
        if len(records) == 1 or time.monotonic() > end:
            told = "one record" if len(records) == 1 else f"{len(records):,} records"
            raise CannotComputeError(f"It takes too long, even for {told}.") from error
        middle = len(records) // 2
        for part in (records[:middle], records[middle:]):
            _in_parts(statement, version, part, reasons, as_of, end)


def _store(
    statement: _Statement,
    version: Version,
    records: Sequence[int],
    reasons: Mapping[int, Reason],
    as_of: int,
) -> None:
    few, ids = len(records) <= FEW, list(records)
    causes = [reasons[record].cause for record in records]
    bulk = [reasons[record].is_bulk for record in records]
    try:
        run(statement.store, as_of, ids, version.rule, version.id, causes, bulk, prepared=few)
        if statement.waiting:
            run(_NOT_WAITING, version.rule, ids, prepared=few)
            run(statement.waiting, as_of, ids, version.rule, statement.all_met, prepared=few)
    except _BROKEN as error:
        raise CannotComputeError(f"The database says: {_first_line(error)}") from error


def _first_line(error: psycopg.Error) -> str:
    said = error.diag.message_primary or str(error) or type(error).__name__
    return said.splitlines()[0].rstrip(".") + "."


@dataclass(frozen=True, slots=True)
class _Statement:
    """waiting  empty where time brings no record in; all_met  what `_WAITING` takes as $4"""

    store: str
    waiting: str
    all_met: int


def _statement(version: Version) -> _Statement:
    try:
        return _compiled(version, server_major())
    except Exception as error:
        # Its text was checked when it was stored, but a field that it reads may be gone since.
        raise CannotComputeError(f"It cannot be read with the fields as they are now: {error}.") from error


@lru_cache(maxsize=1_000)
def _compiled(version: Version, major: int) -> _Statement:
    rule = rule_of(RuleVersion.objects.get(pk=version.id))
    store = _STORE.format(statement=compile_for(rule, version.columns, major=major).sql)
    if not enters_with_time(rule):
        return _Statement(store, "", 0)
    asked = compile_for(conditions_rule(rule), version.columns, major=major)
    return _Statement(store, _WAITING.format(statement=asked.sql), 100 * len(rule.applies_to))


def enters_with_time(rule: Rule) -> bool:
    """Whether time alone may bring a record under the rule."""
    measured = [leaf for condition in rule.applies_to for leaf in leaves(condition)]
    return any(
        not isinstance(leaf.measure, FieldMeasure) or any(test.operator.turns for test in leaf.tests)
        for leaf in measured
    )
