"""Rules to one SQL statement: gather from the touchpoints, measure each record, judge, add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firstcall.scoring.columns import Columns
from firstcall.scoring.compiling.dialect import Dialect
from firstcall.scoring.compiling.gathering import Gathering
from firstcall.scoring.compiling.judging import Judge
from firstcall.scoring.compiling.keeping import Keeping
from firstcall.scoring.compiling.rule_part import FIGURES, RulePart
from firstcall.scoring.compiling.shown import Shown, read_shown
from firstcall.scoring.rules import Rule
from firstcall.scoring.scores import Score, assemble


@dataclass(frozen=True)
class Statement:
    """One SQL statement over the relations `records`, `touchpoints` and those of related records.

    It selects `id`, with several rules `rule` (their index, from 0), and FIGURES: points as whole hundredths
    (64-bit, or the dialect's wide type), `next_change_at` as microseconds. With `explain` there follow, for
    the i-th criterion from 1, `points_i`, `value_i` and `next_i`.

    Parameters: `as_of` (microseconds) unless each record has its own, and `ids` where restricted to some.
    """

    sql: str
    takes_as_of: bool
    takes_ids: bool
    shown: tuple[Shown, ...] = ()  # how each `value_i` is read
    several: bool = False  # of several rules, with a column `rule`


def compile_rules(
    rules: Sequence[Rule],
    columns: Columns,
    dialect: Dialect,
    *,
    as_of_column: bool = False,
    by_ids: bool = False,
    explain: bool = False,
    keeping: bool = False,
) -> Statement:
    """Compile rules into one pass over the touchpoints.

    as_of_column  each record is scored as of its own column `as_of` (microseconds, never null)
    by_ids        only the records whose ids are given with each execution
    explain       also the points, value and moment of each criterion; for one rule only
    keeping       with `by_ids`: judges only what can have changed since `kept`, see `keeping`; selects the arrays
                  `points` and `nexts` after FIGURES, to be kept
    """
    if explain and len(rules) != 1:
        raise ValueError("an explanation is of one rule")
    id_type = "BIGINT" if columns.records.integer_ids else "TEXT"
    kept = Keeping(dialect.as_of_parameter, id_type) if keeping else None
    ids_of = None if kept is None else kept.ids
    gathering = Gathering(dialect, columns, as_of_column=as_of_column, by_ids=by_ids, ids_of=ids_of)
    judge = Judge(dialect, columns, gathering)
    parts = [
        RulePart(
            rule,
            judge,
            prefix=f"rule_{i}_" if len(rules) > 1 else "",
            index=i,
            explain=explain,
            keeping=kept,
        )
        for i, rule in enumerate(rules)
    ]
    stages = [(name, sql) for name, sql, _ in gathering.expressions()]
    stages = [*([] if kept is None else kept.stages()), *stages]
    stages += [
        ("measured", _measured(gathering, judge, kept)),
        ("judged", _judged(parts)),
        ("added_up", _stage("judged", [part.added_up() for part in parts])),
        ("totalled", _stage("added_up", [part.totalled() for part in parts])),
    ]
    # Of few records each aggregate's join becomes a pipeline of its own, and each would prepare all that follows.
    materialized = {"measured": dialect.materialized} if explain else {}
    if by_ids and dialect.computes_anew:
        materialized["judged"] = dialect.materialized
    if kept is not None:
        materialized |= dict.fromkeys(("stale", "needed"), dialect.materialized)
    expressions = [f"{name} AS {materialized.get(name, '')}(\n{_indent(sql)}\n)" for name, sql in stages]
    used = [sql for name, sql in dialect.prelude.items() if any(name in stage for stage in expressions)]
    ctes = ",\n".join([*used, *expressions])
    final = _stacked(parts) if len(parts) > 1 else _stage("totalled", [parts[0].final()])
    shown = tuple(c.shown for c in parts[0].criteria) if explain else ()
    return Statement(f"WITH {ctes}\n{final}", not as_of_column, by_ids, shown, len(rules) > 1)


def read_explained(rule: Rule, statement: Statement, row: Sequence[object]) -> tuple[object, Score]:
    """The id and the explained score in a row of a statement compiled with `explain`."""
    figures, explained = row[1 : 1 + len(FIGURES)], row[1 + len(FIGURES) :]
    points, values, moments = explained[0::3], explained[1::3], explained[2::3]
    score = assemble(
        rule,
        [_whole(p) for p in points],
        values=[read_shown(shown, value) for shown, value in zip(statement.shown, values, strict=True)],
        moments=[None if m is None else _whole(m) for m in moments],
        next_change_at=None if figures[-1] is None else _whole(figures[-1]),
    )
    return row[0], score


def _whole(value: object) -> int:
    return int(str(value))


def _measured(gathering: Gathering, judge: Judge, kept: Keeping | None) -> str:
    """One row a record, with its fields and aggregates."""
    selected = ["r.id", *(["r.as_of"] if gathering.as_of_column else [])]
    joins = judge.ways.joins()
    if kept is not None:
        selected += kept.columns()
        joins.append("INNER JOIN stale ON stale.id = r.id")
    for name, _, columns in gathering.expressions():
        selected += columns
        joins.append(f"LEFT JOIN {name} ON {name}.record_id = r.id")
    selected += [
        sql if sql == f"r.{column}" else f"{sql} AS {column}" for column, sql in judge.measured.items()
    ]
    where = [f"WHERE {gathering.dialect.in_ids('r.id')}"] if gathering.by_ids else []
    return "\n".join([_select(selected), "FROM records AS r", *joins, *where])


def _judged(parts: Sequence[RulePart]) -> str:
    """Points and moments of every criterion, of the records that any rule applies to."""
    applies = [part.applies for part in parts]
    where = [] if "TRUE" in applies else ["WHERE " + " OR ".join(f"({sql})" for sql in applies)]
    return "\n".join([_stage("measured", [part.judged() for part in parts]), *where])


def _stage(source: str, columns: Sequence[list[tuple[str, str]]]) -> str:
    """A stage with `id` and the (SQL, name) columns of every rule."""
    named = [sql if sql == name else f"{sql} AS {name}" for part in columns for sql, name in part]
    return f"{_select(['id', *named])}\nFROM {source}"


def _stacked(parts: Sequence[RulePart]) -> str:
    """One row a record and rule that applies, from one row a record."""
    numbers = ", ".join(f"({part.index})" for part in parts)
    finals = [{name: sql for sql, name in part.final()} for part in parts]
    selected = ["id", "rule"]
    for figure in finals[0]:
        branches = " ".join(f"WHEN {i} THEN {final[figure]}" for i, final in enumerate(finals))
        selected.append(f"CASE rule {branches} END AS {figure}")
    applies = " ".join(f"WHEN {part.index} THEN {part.prefix}applies" for part in parts)
    return (
        f"{_select(selected)}\nFROM totalled CROSS JOIN (VALUES {numbers}) AS rules(rule)\n"
        f"WHERE CASE rule {applies} END"
    )


def _select(columns: Sequence[str]) -> str:
    return "SELECT " + ",\n       ".join(columns)


def _indent(text: str) -> str:
    return "\n".join("  " + line for line in text.split("\n"))
