"""When a sum over touchpoints first differs, found by looking at every turn of every one of them: the way for what cheaper
aggregates cannot say."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from firstcall.scoring.compiling.gathering import Gathering, Match, indented


def turning(
    gathering: Gathering,
    match: Match,
    turns: Sequence[tuple[int, int]],
    worth: Callable[[str], str],
    *,
    key: object,
    only: str | None = None,
) -> str:
    """The first moment after `as_of` at which `worth(total)` differs, `total` being what all touchpoints amount to.

    match  the touchpoints, whatever their age
    turns  (age, change): at each of these ages a touchpoint changes the total by so much
    only   a condition on the aggregates of the match's types: where to look at all
    """

    def sql(column: str) -> str:
        dialect, as_of = gathering.dialect, gathering.as_of
        rows = indented(gathering.rows(match, column), 4)
        values = ", ".join(f"({age}, {change})" for age, change in turns)
        joined = ""
        if only is not None:
            joined = f"\n    INNER JOIN {gathering.set_name(match)} AS gathered"
            joined += f" ON gathered.record_id = matching.record_id AND {only}"
        running = dialect.narrow("SUM(change) OVER (PARTITION BY record_id ORDER BY moment)")
        at_start = "SUM(CASE WHEN moment = starts_at THEN change ELSE 0 END) OVER (PARTITION BY record_id)"
        return (
            f"SELECT record_id, MIN(moment) FILTER (WHERE moment > starts_at"
            f" AND {worth('later')} <> {worth('now')}) AS {column}\n"
            f"FROM (\n"
            f"  SELECT record_id, starts_at, moment,\n"
            f"         {running} AS later,\n"
            f"         {dialect.narrow(at_start)} AS now\n"
            f"  FROM (\n"
            f"    SELECT matching.record_id, {as_of} AS starts_at,\n"
            f"           GREATEST(touched_at + age, {as_of}) AS moment, change\n"
            f"    FROM (\n{rows}\n    ) AS matching{joined}\n"
            f"    CROSS JOIN (VALUES {values}) AS turns(age, change)\n"
            f"  ) AS changes\n"
            f") AS totals\nGROUP BY record_id"
        )

    column = gathering.named(match, "turns", (key, only))
    gathering.apart(column, (column,), lambda: sql(column))
    return column
