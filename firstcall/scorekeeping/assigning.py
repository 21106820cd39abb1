"""Which version of a rule scores which record, now or at any moment before.

The versions of a rule take turns by its activations. The newest activation that has *taken over* a record decides:

- it takes over every record that comes after it,
- those its sweep has come to (`Sweep`),
- those that are changed or touched after it (`TakenOver`): by a touchpoint, a field, a merge; not by time,
- all, once it is complete.

A stop takes over all records that are there: their scores stay as they were. So a record that an activation left out
keeps the score of the version before, which time goes on to change, until something happens to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firstcall.scorekeeping.statements import run, whole

NO_END = 2**63 - 1

# Whether activation a has taken over record r by the moment $3.
_HAS_TAKEN_OVER = """(a.version_id IS NULL
             OR a.complete_at <= CAST($3 AS BIGINT)
             OR r.created_at >= a.at
             OR (SELECT s.up_to >= r.id AND s.at <= CAST($3 AS BIGINT)
                 FROM scorekeeping_sweep AS s
                 WHERE s.activation_id = a.id AND s.after < r.id
                 ORDER BY s.after DESC
                 LIMIT 1)
             OR EXISTS (SELECT 1 FROM scorekeeping_takenover AS t
                        WHERE t.activation_id = a.id AND t.record_id = r.id AND t.at <= CAST($3 AS BIGINT)))"""

# $1 the rule, $2 the records' ids, $3 the moment.
_ASSIGNED = f"""
SELECT r.id, switched.version_id, switched.at
FROM records_record AS r
JOIN LATERAL (
  SELECT a.version_id, a.at
  FROM scorekeeping_activation AS a
  WHERE a.rule_id = CAST($1 AS BIGINT) AND a.at <= CAST($3 AS BIGINT)
        AND {_HAS_TAKEN_OVER}
  ORDER BY a.at DESC, a.id DESC
  LIMIT 1
) AS switched ON TRUE
WHERE r.id = ANY($2)
ORDER BY r.id"""

# $1 the rule, $2 the record's id, $3 the moment; the newest first.
_HISTORY = f"""
SELECT a.version_id, a.at
FROM scorekeeping_activation AS a
JOIN records_record AS r ON r.id = CAST($2 AS BIGINT)
WHERE a.rule_id = CAST($1 AS BIGINT) AND a.at <= CAST($3 AS BIGINT)
      AND {_HAS_TAKEN_OVER}
ORDER BY a.at DESC, a.id DESC"""

# $1 the activation, $2 the records' ids, $3 the moment.
_TAKE_OVER = """
INSERT INTO scorekeeping_takenover (activation_id, record_id, at)
SELECT a.id, r.id, CAST($3 AS BIGINT)
FROM scorekeeping_activation AS a
JOIN records_record AS r ON r.created_at < a.at
WHERE a.id = CAST($1 AS BIGINT) AND r.id = ANY($2)
      AND (SELECT s.up_to >= r.id
           FROM scorekeeping_sweep AS s
           WHERE s.activation_id = a.id AND s.after < r.id
           ORDER BY s.after DESC
           LIMIT 1) IS NOT TRUE
ON CONFLICT DO NOTHING"""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What decides about a record: a version, or with none a stop at the moment `since`."""

    version: int | None
    since: int


def assignments(rule: int, records: Sequence[int], as_of: int = NO_END) -> dict[int, Assignment]:
    """By the record's id; one that no activation has taken over is not in it: the rule gives it no score."""
    rows = run(_ASSIGNED, rule, list(records), as_of).fetchall()
    return {whole(id): Assignment(None if v is None else whole(v), whole(at)) for id, v, at in rows}


def decided(rule: int, record: int, as_of: int) -> tuple[int, int] | None:
    """What a record's score came from as of a moment: the version, and the moment it was computed for, which is that
    of the stop where the rule had stopped. None: no version scored the record."""
    for version, at in run(_HISTORY, rule, record, as_of).fetchall():
        if version is not None:
            return whole(version), as_of
        as_of = whole(at)
    return None


def take_over(activation: int, records: Sequence[int], at: int) -> None:
    """Let the activation decide about these records from the moment on."""
    if records:
        run(_TAKE_OVER, activation, list(records), at)
