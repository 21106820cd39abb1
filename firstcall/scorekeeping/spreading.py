"""What happens to a record bears on those whose rules read it through look-ups or count what it did: they become
dirty too.

It is found out when the keeper takes the dirty row, in its transaction: so writers know nothing of it, and need not
wait. The rows that come of it go no further. Of a look-up that was changed, the writer makes dirty where it led to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from firstcall.records.models import Turn
from firstcall.scorekeeping.reaching import Reach, reaches
from firstcall.scorekeeping.statements import run

TOUCHED = ("touchpoint", "revoke")  # bear on those who count it alone
OWN = ("time", "rule")  # bear on nobody else
MANY = 1_000  # so many, and what others do is scored before them

_GIVEN = "SELECT unnest(CAST($1 AS BIGINT[]))"
# $1 the records, $2 the cause, $3 since when, $4 the turn, $5 the records that are scored now anyway.
_SPREAD = f"""
INSERT INTO records_dirtyrecord (record_id, cause, since, turn, is_spread)
SELECT id, $2, CAST($3 AS BIGINT),
       CASE WHEN COUNT(*) OVER () > {MANY} THEN GREATEST(CAST($4 AS SMALLINT), {Turn.TIME:d}) ELSE CAST($4 AS SMALLINT) END,
       TRUE
FROM (
{{reached}}
) AS reached(id)
WHERE id <> ALL($5)"""


@dataclass(frozen=True, slots=True)
class Happened:
    """What made a record dirty."""

    record: int
    cause: str
    turn: int
    since: int


def spread(happened: Iterable[Happened]) -> None:
    """Make dirty whose scores these records bear on. In the transaction that takes their own dirty rows."""
    groups: dict[tuple[str, int], list[Happened]] = defaultdict(list)
    for one in happened:
        if one.cause not in OWN:
            groups[one.cause, one.turn].append(one)
    if not groups or not (ways := sorted(reaches(), key=repr)):
        return
    scored = [one.record for group in groups.values() for one in group]
    for (cause, turn), group in groups.items():
        chosen = [way for way in ways if way.counts] if cause in TOUCHED else ways
        if chosen:
            _spread(chosen, cause, turn, group, scored)


def _spread(
    ways: Sequence[Reach], cause: str, turn: int, group: Sequence[Happened], scored: Collection[int]
) -> None:
    reached = "\nUNION\n".join(_reached_from(way, only_end=cause in TOUCHED and way.counts) for way in ways)
    records, since = [one.record for one in group], min(one.since for one in group)
    run(_SPREAD.format(reached=reached), records, cause, since, turn, list(scored))


def _reached_from(reach: Reach, *, only_end: bool) -> str:
    """The records from which the way leads over any of $1, back from its end.

    only_end  those alone at whose end one of $1 stands
    """
    ids = _GIVEN
    if reach.back is not None:
        ids = (
            f"SELECT target_id FROM records_recordlink WHERE field_id = {reach.back} AND record_id = ANY($1)"
        )
        if reach.way and not only_end:
            ids += f" UNION {_GIVEN}"
    for position in range(len(reach.way), 0, -1):
        field = reach.way[position - 1]
        ids = f"SELECT record_id FROM records_recordlink WHERE field_id = {field} AND target_id = ANY(ARRAY({ids}))"
        if position > 1 and not only_end:
            ids += f" UNION {_GIVEN}"
    return ids
