"""Which type a column of texts has, looking at every row, and how each type is stored. Source: scoring-rules, 8."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from firstcall.engines.reading.json_values import is_json
from firstcall.engines.reading.moments import quick_moment
from firstcall.engines.reading.queries import first_row, rows_of
from firstcall.engines.reading.quoting import literal
from firstcall.scoring.columns import Storage
from firstcall.scoring.compiling.duckdb import text_number
from firstcall.scoring.values import Kind

# In this order the first that all values fit is the column's type.
ORDER = (Kind.NUMBER, Kind.TRUTH, Kind.DATE, Kind.TIME, Kind.LIST)
_SAMPLE = 1_000
_PLAIN_NUMBER = r"[+-]?(0|[1-9][0-9]*)(\.[0-9]+)?"

# DuckDB reads NaN, infinities and trailing commas as JSON; none of them is. What may hold one is asked of a strict reader.
LAX_JSON = r"(?i)[\[:,]\s*[+-]?(nan|inf)|,\s*[\]}]|[0-9]e\+?[0-9]{3}"


@dataclass(frozen=True)
class Stored:
    """A value in SQL and how it is stored."""

    sql: str
    storage: Storage
    kind: Kind


def fits(kind: Kind, x: str) -> str:
    """Whether the non-empty text x is of the kind; lists are looked at again by `_strict_lists`."""
    match kind:
        case Kind.NUMBER:
            plain = f"regexp_full_match({x}, '{_PLAIN_NUMBER}')"
            return f"(CASE WHEN {plain} THEN {text_number(x)} IS NOT NULL ELSE FALSE END)"
        case Kind.TRUTH:
            return f"({x} IN ('true', 'false'))"
        case Kind.DATE:
            return f"(CASE WHEN length({x}) = 10 THEN {quick_moment(x)} IS NOT NULL ELSE FALSE END)"
        case Kind.TIME:
            return f"(CASE WHEN length({x}) > 10 THEN {quick_moment(x)} IS NOT NULL ELSE FALSE END)"
    return f"(CASE WHEN {x} LIKE '%[%' AND json_valid({x}) THEN json_type({x}) = 'ARRAY' ELSE FALSE END)"


def stored(kind: Kind, x: str) -> Stored:
    """The text x as its kind is stored."""
    match kind:
        case Kind.NUMBER:
            return Stored(text_number(x), Storage.MILLIONTHS, kind)
        case Kind.TRUTH:
            return Stored(f"CASE {x} WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END", Storage.TRUTH, kind)
        case Kind.DATE | Kind.TIME:
            return Stored(quick_moment(x), Storage.MICROSECONDS, kind)
        case Kind.LIST:
            # An empty text beside lists is no JSON.
            return Stored(f"json_extract(NULLIF({x}, ''), '$')", Storage.JSON, kind)
        case Kind.EMPTY:
            return Stored(f"CAST({x} AS VARCHAR)", Storage.TEXT, kind)
    return Stored(x, Storage.TEXT, kind)


def infer(connection: duckdb.DuckDBPyConnection, source: str, texts: Mapping[str, str]) -> dict[str, Kind]:
    """The kind of each column, by name; `texts` has the SQL of its text in `source`, NULL for missing.

    A sample rules most kinds out, so that the look at every row asks little.
    """
    if not texts:
        return {}
    named = {name: f"t{ordinal}" for ordinal, name in enumerate(texts)}
    columns = ", ".join(f"{text} AS {named[name]}" for name, text in texts.items())
    rows = f"(SELECT {columns} FROM {source}) AS rows"
    sample = f"(SELECT {columns} FROM {source} LIMIT {_SAMPLE}) AS sample"
    open_kinds = _survivors(connection, sample, named, dict.fromkeys(named, ORDER))
    open_kinds = _survivors(connection, rows, named, open_kinds)
    open_kinds = _strict_lists(connection, rows, named, open_kinds)
    filled = _filled(connection, rows, named)
    kinds = {}
    for name in texts:
        found = open_kinds[name][0] if open_kinds[name] else Kind.TEXT
        kinds[name] = found if filled[name] else Kind.EMPTY
    return kinds


def _survivors(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    texts: Mapping[str, str],
    candidates: Mapping[str, Sequence[Kind]],
) -> dict[str, Sequence[Kind]]:
    """The candidates that every non-empty value fits."""
    asked = [(name, kind) for name, kinds in candidates.items() for kind in kinds]
    if not asked:
        return dict(candidates)
    questions = ", ".join(
        f"bool_and({fits(kind, texts[name])}) FILTER (WHERE {texts[name]} <> '')" for name, kind in asked
    )
    answers = first_row(connection, f"SELECT {questions} FROM {source}")
    held = {pair for pair, answer in zip(asked, answers, strict=True) if answer is not False}
    return {name: [k for k in kinds if (name, k) in held] for name, kinds in candidates.items()}


def _filled(connection: duckdb.DuckDBPyConnection, source: str, texts: Mapping[str, str]) -> dict[str, bool]:
    questions = ", ".join(f"bool_or({text} <> '')" for text in texts.values())
    answers = first_row(connection, f"SELECT {questions} FROM {source}")
    return {name: answer is True for name, answer in zip(texts, answers, strict=True)}


def _strict_lists(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    texts: Mapping[str, str],
    candidates: Mapping[str, Sequence[Kind]],
) -> dict[str, Sequence[Kind]]:
    """The candidates without lists where DuckDB read a text as JSON that is none."""
    kept = dict(candidates)
    for name, kinds in candidates.items():
        if list(kinds) == [Kind.LIST]:
            x = texts[name]
            sql = f"SELECT {x} FROM {source} WHERE regexp_matches({x}, {literal(LAX_JSON)})"
            judged = [is_json(text) for (text,) in rows_of(connection, sql)]
            if not all(judged):
                kept[name] = ()
    return kept
