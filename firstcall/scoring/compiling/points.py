"""The points of criteria alone, of every record, to one SQL statement: no figures, no moments, and no rule around them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from firstcall.scoring.columns import Columns
from firstcall.scoring.compiling.dialect import Dialect
from firstcall.scoring.compiling.gathering import Gathering
from firstcall.scoring.compiling.judging import Judge
from firstcall.scoring.rules import Criterion


def compile_points(criteria: Sequence[Criterion], columns: Columns, dialect: Dialect) -> str:
    """A statement over the relations of `columns` with one parameter, `as_of`: `id`, and `points_1` … in whole
    hundredths, 64-bit or the dialect's wide type."""
    gathering = Gathering(dialect, columns, as_of_column=False, by_ids=False)
    judge = Judge(dialect, columns, gathering)
    points = [judge.judge(criterion, (), with_value=False).points for criterion in criteria]
    judged = ", ".join(["id", *(f"{sql} AS points_{n}" for n, sql in enumerate(points, 1))])
    # What was asked for moments alone is left out: the engine would join it all the same.
    fields = _read(judge.measured, judged)
    words = _words(" ".join([judged, *fields.values()]))
    expressions = [
        (name, sql, [column for column in columns if column in words])
        for name, sql, columns in gathering.expressions()
        if words.intersection(columns)
    ]
    stages = [f"{name} AS (\n{sql}\n)" for name, sql, _ in expressions]
    selected = ["r.id", *(column for _, _, columns in expressions for column in columns)]
    selected += [sql if sql == f"r.{name}" else f"{sql} AS {name}" for name, sql in fields.items()]
    joins = [*judge.ways.joins(), *(f"LEFT JOIN {n} ON {n}.record_id = r.id" for n, _, _ in expressions)]
    source = "\n".join([f"SELECT {', '.join(selected)}", "FROM records AS r", *joins])
    prelude = [
        sql for name, sql in dialect.prelude.items() if any(name in stage for stage in (*stages, judged))
    ]
    ctes = ",\n".join([*prelude, *stages, f"measured AS (\n{source}\n)"])
    return f"WITH {ctes}\nSELECT {judged}\nFROM measured"


def _read(measured: dict[str, str], judged: str) -> dict[str, str]:
    """Those of the columns that the expression reads; a way that was joined for another stays joined."""
    words = _words(judged)
    return {name: sql for name, sql in measured.items() if name in words}


def _words(sql: str) -> set[str]:
    return set(re.findall(r"\w+", sql))
