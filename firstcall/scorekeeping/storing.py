"""Scores some records by versions of rules, and stores what differs and what changed."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import psycopg
from django.db import transaction
from psycopg import errors

from firstcall.scorekeeping.compiled import ModuleColumns, compile_for, loaded_rule, rule_of
from firstcall.scorekeeping.models import RuleVersion
from firstcall.scorekeeping.statements import array, run, server_major
from firstcall.scoring.checking import check_columns
from firstcall.scoring.compiling import FIGURES
from firstcall.scoring.compiling.keeping import can_keep
from firstcall.scoring.explaining import conditions_rule
from firstcall.scoring.rules import FieldMeasure, Rule, leaves

# The connection keeps one plan however many records there are: made for as few as the planner expects, it would
# compare all with all in nested loops; merged in the order of the index, it is as good for one as for thousands.
# Rules that reach other records look those up by lists of ids, which need no loops (see `compiling.ways`).
_SETTINGS = """
SET LOCAL enable_nestloop = off;
SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL work_mem = '64MB';
SET LOCAL statement_timeout = {milliseconds}"""

# What says that the rule itself cannot be computed: for a value it meets, or for its size.
_BROKEN = (
    psycopg.DataError,
    psycopg.ProgrammingError,
    errors.StatementTooComplex,
    errors.ProgramLimitExceeded,
    errors.TooManyColumns,
    errors.TooManyArguments,
)

_KEPT = ("points", "nexts", "basis")
_STORED = (*FIGURES, *_KEPT)
_COLUMNS = ", ".join(_STORED)

# $1 the moment, $2 the ids, $3 and $4 what is told of them (see `compiling.keeping`); in the order of the ids: $5 the
# causes, $6 whether in bulk. Only what differs is written, and what does not is not even locked: the records' locks
# are enough. The clock's moment, which has an index, stays where it has not come and need not come earlier.
# `told_types` gives what comes as text its types, before anything else asks for them.
_STORE = f"""
WITH told_types AS NOT MATERIALIZED (
  SELECT CAST($2 AS BIGINT[]), CAST($3 AS BIGINT[]), CAST($4 AS TEXT[])
),
rules AS NOT MATERIALIZED (
  SELECT * FROM (VALUES {{rules}}) AS rules(rule, rule_id, version_id, basis)
),
before AS MATERIALIZED (
  SELECT *
  FROM scorekeeping_storedscore
  WHERE record_id = ANY($2) AND rule_id IN ({{rule_ids}})
),
kept AS NOT MATERIALIZED (
  SELECT before.record_id, rules.rule, before.points, before.nexts
  FROM before
  JOIN rules ON (rules.rule_id, rules.version_id, rules.basis) = (before.rule_id, before.version_id, before.basis)
  WHERE before.points IS NOT NULL AND before.as_of <= CAST($1 AS BIGINT)
),
scored AS MATERIALIZED (
{{statement}}
),
figures AS NOT MATERIALIZED (
  SELECT scored.id AS record_id, rules.rule_id, rules.version_id, rules.basis,
         {", ".join(f"scored.{c}" for c in FIGURES)}, {{points}} AS points, {{nexts}} AS nexts
  FROM scored
  JOIN rules ON rules.rule = {{rule}}
),
compared AS MATERIALIZED (
  SELECT COALESCE(figures.record_id, before.record_id) AS record_id,
         rules.rule_id, rules.version_id, before.id AS stored_id, figures.record_id IS NOT NULL AS applies,
         {", ".join(f"figures.{c}" for c in _STORED)},
         CASE WHEN before.wake_at > CAST($1 AS BIGINT) AND COALESCE(before.wake_at <= figures.next_change_at, TRUE)
              THEN before.wake_at ELSE figures.next_change_at END AS wake_at,
         before.total AS old_total, before.grade AS old_grade
  FROM figures
  FULL JOIN before ON before.record_id = figures.record_id AND before.rule_id = figures.rule_id
  JOIN rules ON rules.rule_id = COALESCE(figures.rule_id, before.rule_id)
  WHERE (figures.version_id, {", ".join(f"figures.{c}" for c in _STORED)})
        IS DISTINCT FROM (before.version_id, {", ".join(f"before.{c}" for c in _STORED)})
     OR before.wake_at <= CAST($1 AS BIGINT)
     OR (figures.next_change_at IS NOT NULL AND before.wake_at IS NULL)
),
added AS (
  INSERT INTO scorekeeping_storedscore (record_id, rule_id, version_id, as_of, wake_at, {_COLUMNS})
  SELECT record_id, rule_id, version_id, CAST($1 AS BIGINT), wake_at, {_COLUMNS}
  FROM compared
  WHERE stored_id IS NULL
),
altered AS (
  UPDATE scorekeeping_storedscore AS score
  SET version_id = compared.version_id, as_of = CAST($1 AS BIGINT), wake_at = compared.wake_at,
      {", ".join(f"{c} = compared.{c}" for c in _STORED)}
  FROM compared
  WHERE score.id = ANY(ARRAY(SELECT stored_id FROM compared)) AND score.id = compared.stored_id AND compared.applies
),
ended AS (
  DELETE FROM scorekeeping_storedscore
  WHERE id = ANY(ARRAY(SELECT stored_id FROM compared WHERE NOT applies))
)
INSERT INTO scorekeeping_scorechange
       (record_id, rule_id, version_id, at, cause, is_bulk, old_total, new_total, old_grade, new_grade)
SELECT compared.record_id, compared.rule_id, compared.version_id, CAST($1 AS BIGINT), reasons.cause, reasons.is_bulk,
       compared.old_total, compared.total, compared.old_grade, compared.grade
FROM compared
JOIN unnest($2, CAST($5 AS TEXT[]), CAST($6 AS BOOLEAN[])) AS reasons(id, cause, is_bulk)
     ON reasons.id = compared.record_id
WHERE (compared.old_total, compared.old_grade) IS DISTINCT FROM (compared.total, compared.grade)
   OR compared.stored_id IS NULL
   OR NOT compared.applies
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
    """Why a record is scored again; a change in bulk is one that automations are not told of.

    types  of the touchpoints that have come to it, where nothing else has happened to it but time; None: else
    """

    cause: str
    is_bulk: bool = False
    types: frozenset[str] | None = None


class CannotComputeError(Exception):
    """The version cannot score the records; nothing of it was stored. `str` says why, for people."""


@dataclass(frozen=True, slots=True)
class Version:
    """A rule's version, and the fields of its module as they are now.

    activation  in force: what another one has stored is not gone by, as the rule may have rested in between
    """

    rule: int
    id: int
    columns: ModuleColumns
    activation: int

    @property
    def basis(self) -> int:
        """What kept points go by, but for the version: whoever finds another one scores the record as a whole."""
        told = f"{self.activation} {self.columns.as_defined}".encode()
        return int.from_bytes(blake2b(told, digest_size=7).digest())


type Versions = tuple[Version, ...]


def store_scores(
    versions: Versions, reasons: Mapping[int, Reason], as_of: int, *, limit: float | None = None
) -> None:
    """Score the records (by their ids, each with the reason why) by versions of rules of one module, in one pass, and
    store what differs. In a transaction that holds the locks on the records.

    Where it takes longer than `limit` seconds a rule it is tried in smaller parts, three times as long in all.
    Raises CannotComputeError where any of the versions cannot be computed.
    """
    statement = _statement(versions)
    records = sorted(reasons)
    seconds = 0 if limit is None else limit * len(versions)
    with transaction.atomic():
        milliseconds = max(1, int(seconds * 1_000)) if seconds else 0
        run(_SETTINGS.format(milliseconds=milliseconds))
        _in_parts(statement, records, reasons, as_of, seconds, time.monotonic() + 3 * seconds)
        run("SET LOCAL statement_timeout TO DEFAULT")


def _in_parts(
    statement: _Statement,
    records: Sequence[int],
    reasons: Mapping[int, Reason],
    as_of: int,
    seconds: float,
    end: float,
) -> None:
    try:
        with transaction.atomic():
            _store(statement, records, reasons, as_of)
    except errors.QueryCanceled as error:
        if len(records) == 1 or time.monotonic() > end:
            told = "one record was" if len(records) == 1 else f"{len(records):,} records were"
            raise CannotComputeError(
                f"It takes too long: {told} not done within {seconds:g} seconds."
            ) from error
        middle = len(records) // 2
        for part in (records[:middle], records[middle:]):
            _in_parts(statement, part, reasons, as_of, seconds, end)


def _store(statement: _Statement, records: Sequence[int], reasons: Mapping[int, Reason], as_of: int) -> None:
    ids = array(records)
    told = [(id, type) for id in records for type in _told(reasons[id])]
    told_ids, told_types = array(id for id, _ in told), array(type for _, type in told)
    causes = array(reasons[record].cause for record in records)
    bulk = array(reasons[record].is_bulk for record in records)
    try:
        run(statement.store, as_of, ids, told_ids, told_types, causes, bulk, prepared=True)
        for waiting in statement.waiting:
            run(_NOT_WAITING, waiting.rule, ids, prepared=True)
            run(waiting.sql, as_of, ids, waiting.rule, waiting.all_met, prepared=True)
    except _BROKEN as error:
        raise CannotComputeError(f"The database says: {_first_line(error)}") from error


def store_staged(version: Version, table: str, ids: Sequence[int], reason: Reason, as_of: int) -> None:
    """Store scores of these records that lie in a table already: what `_STORE` takes of a statement. In a transaction
    that holds the locks on the records; the rule must not be one that time brings records into."""
    columns = ", ".join(["id", *FIGURES, "points", "nexts"])
    run(_SETTINGS.format(milliseconds=0))
    statement = _store_sql((version,), f"SELECT {columns} FROM {table} WHERE id = ANY($2)", keeping=True)
    causes, bulk = array([reason.cause] * len(ids)), array([reason.is_bulk] * len(ids))
    run(statement, as_of, array(ids), "{}", "{}", causes, bulk, prepared=True)


def _told(reason: Reason) -> Collection[str | None]:
    return (None,) if reason.types is None else reason.types


def _first_line(error: psycopg.Error) -> str:
    said = error.diag.message_primary or str(error) or type(error).__name__
    return said.splitlines()[0].rstrip(".") + "."


@dataclass(frozen=True, slots=True)
class _Waiting:
    """all_met  what `_WAITING` takes as $4"""

    rule: int
    sql: str
    all_met: int


@dataclass(frozen=True, slots=True)
class _Statement:
    """waiting  of the rules that time may bring records into"""

    store: str
    waiting: tuple[_Waiting, ...]


def _statement(versions: Versions) -> _Statement:
    return _compiled(versions, server_major())


@lru_cache(maxsize=1_000)
def _compiled(versions: Versions, major: int) -> _Statement:
    stored = RuleVersion.objects.in_bulk([version.id for version in versions])
    rules = [rule_of(stored[version.id]) for version in versions]
    columns = versions[0].columns
    for version in versions:
        _check_fields(stored[version.id], columns)
    keeping = can_keep(rules)
    scoring = compile_for(rules, columns, major=major, keeping=keeping)
    store = _store_sql(versions, scoring.sql, keeping=keeping, several=scoring.several)
    waiting = []
    for version, rule in zip(versions, rules, strict=True):
        if enters_with_time(rule):
            asked = compile_for(conditions_rule(rule), columns, major=major)
            sql = _WAITING.format(statement=asked.sql)
            waiting.append(_Waiting(version.rule, sql, 100 * len(rule.applies_to)))
    return _Statement(store, tuple(waiting))


def _store_sql(versions: Versions, statement: str, *, keeping: bool, several: bool = False) -> str:
    numbered = [
        f"({n}, {_bigint(v.rule)}, {_bigint(v.id)}, {_bigint(v.basis)})" for n, v in enumerate(versions)
    ]
    return _STORE.format(
        rules=", ".join(numbered),
        rule_ids=", ".join(str(version.rule) for version in versions),
        statement=statement,
        rule="scored.rule" if several else "0",
        points="scored.points" if keeping else "CAST(NULL AS BIGINT[])",
        nexts="scored.nexts" if keeping else "CAST(NULL AS BIGINT[])",
    )


def _check_fields(version: RuleVersion, columns: ModuleColumns) -> None:
    """The text was checked when it was stored, but a field may be gone since; it would count as missing."""
    for problem in check_columns(loaded_rule(version.text), columns.columns):
        if problem.severity == "error":
            raise CannotComputeError(f"It does not fit the fields as they are by now: {problem.says}")


def _bigint(id: int) -> str:
    return f"CAST({id} AS BIGINT)"


def enters_with_time(rule: Rule) -> bool:
    """Whether time alone may bring a record under the rule."""
    measured = [leaf for condition in rule.applies_to for leaf in leaves(condition)]
    return any(
        not isinstance(leaf.measure, FieldMeasure) or any(test.operator.turns for test in leaf.tests)
        for leaf in measured
    )
