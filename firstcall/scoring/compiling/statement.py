"""Rules to one SQL statement: gather from the touchpoints, measure each record, judge, add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firstcall.scoring.columns import Columns
from firstcall.scoring.compiling.dialect import Dialect
from firstcall.scoring.compiling.gathering import Gathering
from firstcall.scoring.compiling.judging import Judge, earliest, in_calendar
from firstcall.scoring.compiling.shown import Shown, read_shown
from firstcall.scoring.rules import Grade, Rule, reads_touchpoints, signs_of, types_read
from firstcall.scoring.scores import Score, assemble

FIGURES = (
    "positive",
    "negative",
    "touchpoint_positive",
    "touchpoint_negative",
    "touchpoint_total",
    "total",
    "grade",
    "next_change_at",
)


@dataclass(frozen=True)
class Statement:
    """One SQL statement over the relations `records` and `touchpoints`.

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
) -> Statement:
    """Compile rules into one pass over the touchpoints.

    as_of_column  each record is scored as of its own column `as_of` (microseconds, never null)
    by_ids        only the records whose ids are given with each execution
    explain       also the points, value and moment of each criterion; for one rule only
    """
    if explain and len(rules) != 1:
        raise ValueError("an explanation is of one rule")
    gathering = Gathering(dialect, columns, as_of_column=as_of_column, by_ids=by_ids)
    judge = Judge(dialect, columns, gathering)
    parts = [
        _RulePart(rule, judge, prefix=f"rule_{i}_" if len(rules) > 1 else "", index=i, explain=explain)
        for i, rule in enumerate(rules)
    ]
    stages = [(name, sql) for name, sql, _ in gathering.expressions()]
    stages += [
        ("measured", _measured(gathering, judge)),
        ("judged", _judged(parts)),
        ("added_up", _stage("judged", [part.added_up() for part in parts])),
        ("totalled", _stage("added_up", [part.totalled() for part in parts])),
    ]
    expressions = [f"{name} AS (\n{_indent(sql)}\n)" for name, sql in stages]
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


def _measured(gathering: Gathering, judge: Judge) -> str:
    """One row a record, with its fields and aggregates."""
    selected = ["r.id", *(["r.as_of"] if gathering.as_of_column else [])]
    joins = []
    for name, _, columns in gathering.expressions():
        selected += columns
        joins.append(f"LEFT JOIN {name} ON {name}.record_id = r.id")
    selected += [
        sql if sql == f"r.{column}" else f"{sql} AS {column}" for column, sql in judge.measured.items()
    ]
    where = [f"WHERE {gathering.dialect.in_ids('r.id')}"] if gathering.by_ids else []
    return "\n".join([_select(selected), "FROM records AS r", *joins, *where])


def _judged(parts: Sequence[_RulePart]) -> str:
    """Points and moments of every criterion, of the records that any rule applies to."""
    applies = [part.applies for part in parts]
    where = [] if "TRUE" in applies else ["WHERE " + " OR ".join(f"({sql})" for sql in applies)]
    return "\n".join([_stage("measured", [part.judged() for part in parts]), *where])


def _stage(source: str, columns: Sequence[list[tuple[str, str]]]) -> str:
    """A stage with `id` and the (SQL, name) columns of every rule."""
    named = [sql if sql == name else f"{sql} AS {name}" for part in columns for sql, name in part]
    return f"{_select(['id', *named])}\nFROM {source}"


def _stacked(parts: Sequence[_RulePart]) -> str:
    """One row a record and rule that applies, from one row a record."""
    numbers = ", ".join(f"({part.index})" for part in parts)
    finals = [{name: sql for sql, name in part.final()} for part in parts]
    selected = ["id", "rule"]
    for figure in FIGURES:
        branches = " ".join(f"WHEN {i} THEN {final[figure]}" for i, final in enumerate(finals))
        selected.append(f"CASE rule {branches} END AS {figure}")
    applies = " ".join(f"WHEN {part.index} THEN {part.prefix}applies" for part in parts)
    return (
        f"{_select(selected)}\nFROM totalled CROSS JOIN (VALUES {numbers}) AS rules(rule)\n"
        f"WHERE CASE rule {applies} END"
    )


class _RulePart:
    """One rule's columns through the stages, as (SQL, name); `prefix` keeps several rules apart."""

    def __init__(self, rule: Rule, judge: Judge, *, prefix: str, index: int, explain: bool) -> None:
        self.rule, self.prefix, self.index, self.explain = rule, prefix, index, explain
        self.dialect = judge.dialect
        types = types_read(rule)
        arrives = judge.gathering.arrivals(types, index + 1) if types else None
        self.criteria = [judge.judge(c, arrives, with_value=explain) for c in rule.criteria]
        self.applies = " AND ".join(judge.applies(c) for c in rule.applies_to) or "TRUE"
        moments = [moment for c in rule.applies_to for moment in judge.applies_next(c)]
        if arrives and any(reads_touchpoints(c) for c in rule.applies_to):
            moments.append(arrives)
        self.next_change = earliest([*moments, *(moment for c in self.criteria for moment in c.moments)])

    def judged(self) -> list[tuple[str, str]]:
        columns = [
            (c.points if c.wide else self.dialect.narrow(c.points), self._points(i))
            for i, c in enumerate(self.criteria)
        ]
        columns.append((self.dialect.narrow(self.next_change), self._name("next_change_at")))
        if self.prefix:
            columns.append((self.applies, self._name("applies")))
        if self.explain:
            for i, c in enumerate(self.criteria, 1):
                columns.append((c.value, f"value_{i}"))
                columns.append((self.dialect.narrow(earliest(c.moments)), f"next_{i}"))
        return columns

    def added_up(self) -> list[tuple[str, str]]:
        """The gained and the lost points of fit and of touchpoint criteria, their groups kept in bounds."""
        columns = [
            (_sum(self._gains(of_touchpoints, sign)), self._name(prefix + figure))
            for of_touchpoints, prefix in ((False, ""), (True, "touchpoint_"))
            for sign, figure in ((1, "positive"), (-1, "negative"))
        ]
        return columns + self._kept(self.judged())

    def totalled(self) -> list[tuple[str, str]]:
        name = self._name
        fit = f"{name('positive')} - {name('negative')}"
        touchpoints = f"{name('touchpoint_positive')} - {name('touchpoint_negative')}"
        total, limits = f"{fit} + {touchpoints}", self.rule.limits
        if limits.maximum is not None:
            total = f"LEAST({total}, {limits.maximum})"
        if limits.minimum is not None:
            total = f"GREATEST({total}, {limits.minimum})"
        figures = [(name(figure), name(figure)) for figure in FIGURES[:4]]
        figures += [(fit, name("fit")), (touchpoints, name("touchpoint_total")), (total, name("total"))]
        return figures + self._kept(self.judged())

    def final(self) -> list[tuple[str, str]]:
        figures = [(self._name(figure), figure) for figure in FIGURES]
        figures[FIGURES.index("grade")] = (self._grade(), "grade")
        figures[-1] = (in_calendar(self._name("next_change_at")), "next_change_at")
        if self.explain:
            for i in range(1, len(self.criteria) + 1):
                figures += [(name, name) for name in (f"points_{i}", f"value_{i}")]
                figures.append((in_calendar(f"next_{i}"), f"next_{i}"))
        return figures

    def _kept(self, columns: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """The columns that later stages still need, passed on as they are."""
        points = {self._points(i) for i in range(len(self.criteria))}
        return [(name, name) for _, name in columns if self.explain or name not in points]

    def _gains(self, of_touchpoints: bool, sign: int) -> list[str]:
        terms = []
        for i, criterion in enumerate(self.rule.criteria):
            signs = signs_of(criterion.worth)
            if criterion.is_touchpoint is of_touchpoints and sign in signs:
                points = self._points(i) if sign > 0 else f"-{self._points(i)}"
                terms.append(points if signs == {sign} else f"GREATEST({points}, 0)")
        for group in self.rule.groups:
            members = [i for i, c in enumerate(self.rule.criteria) if c.group == group.name]
            bound = group.at_most if sign > 0 else group.at_least
            if bound is None or self.rule.criteria[members[0]].is_touchpoint is not of_touchpoints:
                continue
            total = _sum([self._points(i) for i in members])
            over = f"{total} - {_signed(bound)}" if sign > 0 else f"{bound} - ({total})"
            terms.append(f"-GREATEST({over}, 0)")
        return terms

    def _grade(self) -> str:
        grades = self.rule.grades
        if grades is None:
            return self._no_grade
        if not grades.two_part:
            return self._grade_in(grades.total, self._name("total"))
        fit = self._grade_in(grades.fit, self._name("fit"))
        touchpoints = self._grade_in(grades.touchpoints, self._name("touchpoint_total"))
        return f"{fit} || {touchpoints}"

    @property
    def _no_grade(self) -> str:
        return f"NULLIF({self.dialect.literal('')}, {self.dialect.literal('')})"

    def _grade_in(self, table: Sequence[Grade], points: str) -> str:
        branches = [f"WHEN {points} >= {g.threshold} THEN {self.dialect.literal(g.name)}" for g in table]
        return f"CASE {' '.join(branches)} END"

    def _name(self, figure: str) -> str:
        return f"{self.prefix}{figure}"

    def _points(self, index: int) -> str:
        return self._name(f"points_{index + 1}")


def _signed(number: int) -> str:
    return str(number) if number >= 0 else f"({number})"


def _sum(terms: Sequence[str]) -> str:
    return " + ".join(terms).replace("+ -", "- ") if terms else "CAST(0 AS BIGINT)"


def _select(columns: Sequence[str]) -> str:
    return "SELECT " + ",\n       ".join(columns)


def _indent(text: str) -> str:
    return "\n".join("  " + line for line in text.split("\n"))
