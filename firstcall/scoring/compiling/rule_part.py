"""One rule's columns through the stages of a statement: points, figures, grade, explanation."""

from __future__ import annotations

from collections.abc import Sequence

from firstcall.scoring.compiling.gathering import Gathering
from firstcall.scoring.compiling.judging import Judge, Judged, earliest, in_calendar
from firstcall.scoring.compiling.keeping import NEXTS, POINTS, Keeping, stale_name, types_touching
from firstcall.scoring.rules import Criterion, Grade, Rule, reads_touchpoints, signs_of, types_read

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
SIX_FIGURES = FIGURES[:6]  # the points


class RulePart:
    """One rule's columns through the stages, as (SQL, name); `prefix` keeps several rules apart."""

    def __init__(
        self,
        rule: Rule,
        judge: Judge,
        *,
        prefix: str,
        index: int,
        explain: bool,
        keeping: Keeping | None = None,
    ) -> None:
        self.rule, self.prefix, self.index, self.explain = rule, prefix, index, explain
        self.dialect, self.keeping = judge.dialect, keeping
        gathering = judge.gathering
        arrives = [gathering.arrivals(types, of) for of, types in types_read(rule).items()]
        self.criteria, touching = list[Judged](), list[str]()
        for number, criterion in enumerate(rule.criteria, 1):
            gathering.asked.clear()
            self.criteria.append(judge.judge(criterion, arrives, with_value=explain))
            if keeping is not None:
                touching.append(_touching(criterion, gathering))
                for name in (*gathering.asked, *(arrives if criterion.is_touchpoint else ())):
                    keeping.need(name, stale_name(prefix, number))
        gathering.asked.clear()
        self.applies = " AND ".join(judge.applies(c) for c in rule.applies_to) or "TRUE"
        moments = [moment for c in rule.applies_to for moment in judge.applies_next(c)]
        if any(reads_touchpoints(c) for c in rule.applies_to):
            moments += arrives
            gathering.asked.update(arrives)
        if keeping is not None:
            keeping.add_rule(prefix, touching)
            for name in gathering.asked:
                keeping.need(name, "TRUE")
        self.applies_next = earliest(moments)
        self.next_change = earliest([*moments, *(moment for c in self.criteria for moment in c.moments)])

    def judged(self) -> list[tuple[str, str]]:
        if self.keeping is not None:
            return self._judged_anew()
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

    def _judged_anew(self) -> list[tuple[str, str]]:
        """Of the criteria that are stale; what is kept of the others."""
        columns = []
        for i, criterion in enumerate(self.criteria, 1):
            stale, next = stale_name(self.prefix, i), earliest(criterion.moments)
            points, nexts = f"{self.prefix}{POINTS}[{i}]", f"{self.prefix}{NEXTS}[{i}]"
            columns += [
                (
                    f"CASE WHEN {stale} THEN {self.dialect.narrow(criterion.points)} ELSE {points} END",
                    self._points(i - 1),
                ),
                (f"CASE WHEN {stale} THEN {self.dialect.narrow(next)} ELSE {nexts} END", self._next(i)),
            ]
        columns.append((self.dialect.narrow(self.applies_next), self._name("next_applies")))
        if self.prefix:
            columns.append((self.applies, self._name("applies")))
        return columns

    def added_up(self) -> list[tuple[str, str]]:
        """The gained and the lost points of fit and of touchpoint criteria, their groups kept in bounds."""
        columns = [
            (_sum(self._gains(of_touchpoints, sign)), self._name(prefix + figure))
            for of_touchpoints, prefix in ((False, ""), (True, "touchpoint_"))
            for sign, figure in ((1, "positive"), (-1, "negative"))
        ]
        if self.keeping is not None:
            nexts = [self._next(i) for i in range(1, len(self.criteria) + 1)]
            columns.append((earliest([*nexts, self._name("next_applies")]), self._name("next_change_at")))
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
        if self.keeping is not None:
            figures.append((self._name("next_change_at"), self._name("next_change_at")))
        return figures + self._kept(self.judged())

    def final(self) -> list[tuple[str, str]]:
        figures = [(self._name(figure), figure) for figure in FIGURES]
        figures[FIGURES.index("grade")] = (self._grade(), "grade")
        figures[-1] = (in_calendar(self._name("next_change_at")), "next_change_at")
        if self.keeping is not None:
            numbers = range(1, len(self.criteria) + 1)
            figures.append((f"ARRAY[{', '.join(self._points(i - 1) for i in numbers)}]", "points"))
            figures.append((f"ARRAY[{', '.join(map(self._next, numbers))}]", "nexts"))
        if self.explain:
            for i in range(1, len(self.criteria) + 1):
                figures += [(name, name) for name in (f"points_{i}", f"value_{i}")]
                figures.append((in_calendar(f"next_{i}"), f"next_{i}"))
        return figures

    def _kept(self, columns: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """The columns that later stages still need, passed on as they are."""
        points = {self._points(i) for i in range(len(self.criteria))}
        keeps_all = self.explain or self.keeping is not None
        return [(name, name) for _, name in columns if keeps_all or name not in points]

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

    def _next(self, number: int) -> str:
        return self._name(f"next_{number}")

    def _points(self, index: int) -> str:
        return self._name(f"points_{index + 1}")


def _touching(criterion: Criterion, gathering: Gathering) -> str:
    """When a touchpoint of `told` is one that the criterion reads."""
    types = types_touching(criterion)
    if types is None:
        return "told.type IS NOT NULL"
    return f"told.type IS NOT NULL AND {gathering.of_types(types, 'told.type')}" if types else "FALSE"


def _signed(number: int) -> str:
    return str(number) if number >= 0 else f"({number})"


def _sum(terms: Sequence[str]) -> str:
    return " + ".join(terms).replace("+ -", "- ") if terms else "CAST(0 AS BIGINT)"
