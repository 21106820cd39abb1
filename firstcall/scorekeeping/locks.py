"""What keeps writers of scores and of rules apart. Always in this order: records, rules, a sweep.

The locks on rules are advisory: of locks on rows, those that share one keep out for ever who wants it alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from firstcall.access.errors import HiddenError
from firstcall.scorekeeping.models import StoredRule
from firstcall.scorekeeping.statements import array, run

# The first key of the advisory locks; the second is the module's or the activation's id.
_RULES, _SWEEP = 20_001, 20_002

_RECORDS = """
SELECT id, module_id
FROM records_record
WHERE id = ANY(CAST($1 AS BIGINT[]))
ORDER BY id
FOR NO KEY UPDATE"""
_FREE_RECORDS = f"{_RECORDS} SKIP LOCKED"


def lock_records(records: Sequence[int]) -> list[tuple[int, int]]:
    """Nobody else scores or writes these until the transaction ends: (record, module) of those that there are."""
    return run(_RECORDS, array(records)).fetchall()  # type: ignore[return-value]


def lock_free_records(records: Sequence[int]) -> list[tuple[int, int]]:
    """The same of those that nobody else has locked."""
    return run(_FREE_RECORDS, array(records)).fetchall()  # type: ignore[return-value]


def share_rules(module: int) -> None:
    """No rule of the module is switched until the transaction ends."""
    run("SELECT pg_advisory_xact_lock_shared($1, CAST($2 AS INTEGER))", _RULES, module)


def lock_rules(module: int) -> None:
    """Nobody scores by the module's rules, nor switches one, until the transaction ends."""
    run("SELECT pg_advisory_xact_lock($1, CAST($2 AS INTEGER))", _RULES, module)


def lock_rule(rule: int) -> StoredRule:
    """The rule; nobody else changes or deletes it until the transaction ends. Raises HiddenError where it is gone."""
    found = StoredRule.objects.select_for_update().filter(pk=rule).first()
    if found is None:
        raise HiddenError("rule")
    return found


def lock_sweep(activation: int) -> None:
    """Nobody else sweeps for the activation until the transaction ends."""
    run("SELECT pg_advisory_xact_lock($1, CAST($2 AS INTEGER))", _SWEEP, activation)
