"""What a column holds, looking at every row: how its dates and numbers are written, what kind a new field would be."""

from __future__ import annotations

import re
from dataclasses import replace

import duckdb

from firstcall.engines.reading.files import Format
from firstcall.engines.reading.quoting import literal
from firstcall.records.importing import dates, figures, words
from firstcall.records.importing.cells import present_sql, text_sql
from firstcall.records.importing.dates import DateFacts, DateReading, UncertainDatesError
from firstcall.records.importing.figures import UncertainFiguresError
from firstcall.records.importing.headers import simplify
from firstcall.records.importing.plan import ColumnPlan, ReadingOptions
from firstcall.records.importing.staging import Staged
from firstcall.records.kinds import LONGEST_TEXT, FieldKind

_SAMPLE = 1_000
_EMAIL = r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+$"
_URL = r"(?i)^https?://[^\s]+$"
_PHONE = r"^\+?[0-9][0-9 ()./-]{5,25}$"
_SURE_WORDS = {*words.YES, *words.NO} - {"1", "0", "x", "t", "f", "on"}
SEPARATORS = (";", "|", "\n", ",")


class Profiler:
    """Answers questions about the columns of a staged file."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, staged: Staged, options: ReadingOptions
    ) -> None:
        self.connection = connection
        self.staged = staged
        self.options = options

    # --- how the values of a known kind are written

    def settle(self, plan: ColumnPlan) -> ColumnPlan:
        """The plan with the way its values are written; raises dates.UncertainDatesError, figures.UncertainFiguresError."""
        match plan.kind:
            case FieldKind.DATE | FieldKind.DATE_TIME:
                return replace(plan, dates=self.dates_of(plan))
            case FieldKind.NUMBER | FieldKind.CURRENCY:
                return replace(plan, decimal=self.decimal_of(plan))
            case FieldKind.MULTI_SELECT:
                return replace(plan, separator=self.separator_of(plan))
        return plan

    def dates_of(self, plan: ColumnPlan) -> DateReading:
        told = self.options.dates_of(plan.column)
        if told and told not in (dates.DAY_FIRST, dates.MONTH_FIRST):
            return DateReading((), None, told)
        return dates.decide(self._date_facts(plan, self.staged.source), told)

    def decimal_of(self, plan: ColumnPlan) -> str:
        told = self.options.decimal_of(plan.column)
        return told or figures.decide(self._figure_facts(plan, self.staged.source))

    def separator_of(self, plan: ColumnPlan) -> str:
        """What stands between the values of a multi-select: what most cells have, a comma only where no other is."""
        text = present_sql(self.staged, plan, self.options)
        counts = ", ".join(
            f"count(*) FILTER (WHERE contains({text}, {literal(sign)}))" for sign in SEPARATORS
        )
        [found] = self.connection.execute(f"SELECT {counts} FROM {self.staged.source}").fetchall()
        most = max(zip(found[:3], (3, 2, 1), strict=True))
        if most[0]:
            return SEPARATORS[3 - most[1]]
        return "," if found[3] and not any("," in choice for choice in plan.choices) else ";"

    def unknown_choices(self, plan: ColumnPlan, most: int = 1_000) -> dict[str, int]:
        """The values that are no choice of the field, whatever their case, with how many rows have each."""
        text = present_sql(self.staged, plan, self.options)
        if plan.kind is FieldKind.MULTI_SELECT:
            listed = f"CASE WHEN json_valid({text}) THEN CAST(CAST({text} AS JSON) AS VARCHAR[]) END"
            split = f"list_transform(string_split({text}, {literal(plan.separator)}), lambda v: trim(v))"
            text = f"unnest(CASE WHEN {text} LIKE '[%' THEN COALESCE({listed}, {split}) ELSE {split} END)"
        sql = (
            f"SELECT x, count(*) AS n FROM (SELECT {text} AS x FROM {self.staged.source})"
            f" WHERE x <> '' GROUP BY x ORDER BY n DESC, x"
        )
        known = {choice.casefold() for choice in plan.choices}
        found: dict[str, int] = {}
        for value, count in self.connection.execute(sql).fetchall():
            if value.casefold() not in known and len(found) < most:
                found[value] = count
        return found

    # --- what kind an unknown column is

    def kind_of(self, column: str) -> FieldKind:
        """The kind that every value fits, TEXT where none is sure."""
        sample, whole = self._texts(column, most=_SAMPLE), self._texts(column)
        for kind in self._likely(column, sample):
            if self._fits(column, kind, whole):
                return kind
        [(longest,)] = self.connection.execute(f"SELECT max(length(x)) FROM {whole}").fetchall()
        return FieldKind.LONG_TEXT if (longest or 0) > LONGEST_TEXT else FieldKind.TEXT

    # --- how values are written, whatever they will be

    def way_of_dates(self, column: str) -> str:
        """Of dates in numbers: which comes first, or `?` where nothing tells; empty where it has none."""
        sample, whole = self._texts(column, most=_SAMPLE), self._texts(column)
        facts = self._facts(sample)
        if 2 * facts.counts["numeric"] < facts.filled:
            return ""
        try:
            return dates.decide(self._facts(whole)).order or ""
        except UncertainDatesError:
            return "?"

    def way_of_numbers(self, column: str) -> str:
        """What stands before the decimals, or `?` where nothing tells; empty where there is neither point nor comma."""
        if self.staged.format != Format.CSV and column in self.staged.typed:
            return ""
        facts = self._figures(self._texts(column, most=_SAMPLE))
        if 2 * facts.numbers < facts.filled or facts.plain == facts.numbers:
            return ""
        try:
            return figures.decide(self._figures(self._texts(column)))
        except UncertainFiguresError:
            return "?"

    def _texts(self, column: str, *, most: int | None = None) -> str:
        """A FROM item of the texts `x` of the column."""
        text = text_sql(self.staged, column, self.options)
        limit = "" if most is None else f" LIMIT {most}"
        return f"(SELECT {text} AS x FROM {self.staged.source} WHERE {text} IS NOT NULL{limit})"

    def _figures(self, source: str) -> figures.FigureFacts:
        return figures.facts_of(self.connection.execute(figures.facts_query("x", source)).fetchall())

    def _likely(self, column: str, sample: str) -> list[FieldKind]:
        kinds = [FieldKind.YES_NO, FieldKind.NUMBER, FieldKind.DATE, FieldKind.DATE_TIME]
        kinds += [FieldKind.EMAIL, FieldKind.URL, FieldKind.PHONE]
        simple = simplify(column)
        if simple.endswith(("id", "number", "nummer", "no", "zip", "code", "postalcode", "plz")):
            kinds.remove(FieldKind.NUMBER)  # a name made of digits
        if not re.search(r"phone|mobil|tel|fax|cell|handy", simple):
            kinds.remove(FieldKind.PHONE)
        return [kind for kind in kinds if self._fits(column, kind, sample)]

    def _fits(self, column: str, kind: FieldKind, source: str) -> bool:
        match kind:
            case FieldKind.YES_NO:
                return self._all(
                    source, f"lower(trim(x)) IN ({', '.join(map(literal, sorted(_SURE_WORDS)))})"
                )
            case FieldKind.NUMBER:
                return self._is_number(column, source)
            case FieldKind.DATE | FieldKind.DATE_TIME:
                facts = self._facts(source)
                timed = facts.timed > 0
                sure = facts.strict == facts.filled > 0
                return sure and timed == (kind is FieldKind.DATE_TIME)
        pattern = {FieldKind.EMAIL: _EMAIL, FieldKind.URL: _URL, FieldKind.PHONE: _PHONE}[kind]
        return self._all(source, f"regexp_matches(trim(x), {literal(pattern)})")

    def _is_number(self, column: str, source: str) -> bool:
        """Digits with a leading zero, or more than a number has, are names."""
        if self.staged.format != Format.CSV and column in self.staged.typed:
            return self._all(source, r"regexp_matches(x, '^-?[0-9.]+([eE][-+]?[0-9]+)?$')")
        facts = self._figures(source)
        name = r"regexp_matches(x, '^\s*0[0-9]') OR length(regexp_replace(x, '[^0-9]', '', 'g')) > 15"
        if facts.numbers < facts.filled or not facts.filled:
            return False
        return self._all(source, f"NOT ({name})")

    def _all(self, source: str, condition: str) -> bool:
        [(held,)] = self.connection.execute(f"SELECT bool_and({condition}) FROM {source}").fetchall()
        return bool(held)

    def _facts(self, source: str) -> DateFacts:
        return dates.facts_of(self.connection.execute(dates.facts_query("trim(x)", source)).fetchall())

    def _date_facts(self, plan: ColumnPlan, source: str) -> DateFacts:
        text = present_sql(self.staged, plan, self.options)
        return dates.facts_of(self.connection.execute(dates.facts_query(text, source)).fetchall())

    def _figure_facts(self, plan: ColumnPlan, source: str) -> figures.FigureFacts:
        text = present_sql(self.staged, plan, self.options)
        if typed := self.staged.json(plan.column):
            text = f"(CASE WHEN {typed} IS NULL THEN {text} END)"  # numbers by the format are in no doubt
        return figures.facts_of(self.connection.execute(figures.facts_query(text, source)).fetchall())
