"""Re-scores what is dirty: takes records in batches, and stores their scores and what changed in one transaction.

Any number of keepers may work at once. Each locks the records of its batch, in the order of their ids, before it
looks at anything: so scores are stored in the order of their moments, and nobody waits in a circle.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

import psycopg
from django.db import transaction

from firstcall.records.models import Module
from firstcall.scorekeeping.actions import deactivate
from firstcall.scorekeeping.compiled import ModuleColumns, compile_for, module_columns, rule_of
from firstcall.scorekeeping.models import RuleVersion, StoredRule
from firstcall.scorekeeping.statements import run, server_major
from firstcall.scoring.compiling import FIGURES
from firstcall.scoring.times import moment_of

log = logging.getLogger(__name__)

type Broken = tuple[int, int]
"""A rule and its version that cannot be computed."""

BATCH = 1_000
FEW = 50  # so many records are scored by the plan that is kept; a plan made for more is worth the 50 ms it takes

_TAKE = """
SELECT id, record_id, cause
FROM records_dirtyrecord
ORDER BY id
LIMIT $1
FOR UPDATE SKIP LOCKED"""

_LOCK = """
SELECT id, module_id
FROM records_record
WHERE id = ANY($1)
ORDER BY id
FOR NO KEY UPDATE"""

# No rule is switched while a batch is scored by it.
_RULES = """
SELECT id, active_id
FROM scorekeeping_storedrule
WHERE module_id = $1 AND active_id IS NOT NULL
ORDER BY id
FOR SHARE"""

_COLUMNS = ", ".join(FIGURES)

# $1 the moment, $2 the ids, $3 the rule, $4 its version, $5 the causes in the order of the ids.
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
       (record_id, rule_id, version_id, at, cause, old_total, new_total, old_grade, new_grade)
SELECT COALESCE(scored.id, before.record_id), CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($1 AS BIGINT), causes.cause,
       before.total, scored.total, before.grade, scored.grade
FROM scored
FULL JOIN before ON before.record_id = scored.id
JOIN unnest($2, CAST($5 AS TEXT[])) AS causes(id, cause) ON causes.id = COALESCE(scored.id, before.record_id)
WHERE (before.total, before.grade) IS DISTINCT FROM (scored.total, scored.grade)
   OR before.id IS NULL
   OR scored.id IS NULL
"""


def keep(*, now: Callable[[], datetime], most: int = BATCH) -> int:
    """Re-score one batch of dirty records; says how many. 0: nothing is dirty that no other keeper has taken.

    now  asked once the records are locked; no score is stored as of an earlier moment than the one before it
    """
    broken: set[Broken] = set()
    with transaction.atomic():
        taken = _rows(_TAKE, most)
        if not taken:
            return 0
        causes = {record: str(cause) for _, record, cause in reversed(taken)}
        by_module: dict[int, list[int]] = defaultdict(list)
        for record, module in _rows(_LOCK, list(causes)):
            by_module[int(str(module))].append(int(str(record)))
        as_of = moment_of(now())
        for module, records in by_module.items():
            broken |= _score(module, records, causes, as_of)
        _rows("DELETE FROM records_dirtyrecord WHERE id = ANY($1) RETURNING id", [id for id, *_ in taken])
    # After the batch: other keepers share the lock on the rules until then.
    for rule, version in broken:
        for stored in StoredRule.objects.filter(pk=rule, active=version):
            deactivate(stored, at=now())
    return len(causes)


def keep_all(*, now: Callable[[], datetime], most: int = BATCH) -> int:
    """Keep until nothing is dirty; says how many records were re-scored, each time counted."""
    total = 0
    while done := keep(now=now, most=most):
        total += done
    return total


def _score(module: int, records: Sequence[int], causes: Mapping[object, str], as_of: int) -> set[Broken]:
    """Score the records by every active rule; those that cannot be computed, whose scores stay as they were."""
    broken: set[Broken] = set()
    rules = _rows(_RULES, module)
    columns = module_columns(Module.objects.get(pk=module)) if rules else None
    for rule, version in rules:
        try:
            with transaction.atomic():
                sql = _store_sql(int(str(version)), columns, server_major())
                why = [causes[record] for record in records]
                run(sql, as_of, list(records), rule, version, why, prepared=len(records) <= FEW)
        except (psycopg.DataError, psycopg.ProgrammingError):
            log.exception("rule %s cannot be computed and is set aside", rule)
            broken.add((int(str(rule)), int(str(version))))
    return broken


@lru_cache(maxsize=1_000)
def _store_sql(version: int, columns: ModuleColumns, major: int) -> str:
    statement = compile_for(rule_of(RuleVersion.objects.get(pk=version)), columns, major=major)
    return _STORE.format(statement=statement.sql)


def _rows(sql: str, *parameters: object) -> list[tuple[object, ...]]:
    return run(sql, *parameters).fetchall()
