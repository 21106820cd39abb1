"""The cells of a column as the texts that fields take, in SQL: dates in one form, numbers plain, words as choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from firstcall.engines.reading.files import Format
from firstcall.engines.reading.quoting import literal, literals
from firstcall.records.importing import dates, figures, words
from firstcall.records.importing.plan import ColumnPlan, ReadingOptions
from firstcall.records.importing.staging import Staged
from firstcall.records.kinds import FieldKind

_FREE = (FieldKind.TEXT, FieldKind.LONG_TEXT)
_BLANKS = "' \t\r\n\u00a0\u202f\ufeff'"
_DOMAIN = r"(?i)^(www\.)?[\pL\pN]([\pL\pN-]*\.)+[a-z]{2,}([/?#:].*)?$"


def text_sql(staged: Staged, column: str, options: ReadingOptions) -> str:
    """The cell as text, NULL where the file has nothing there."""
    raw = text = staged.raw(column)
    gone = [*options.empty]
    # What an apostrophe stands before for the sake of programs of tables; see `exporting.cells`.
    signs = {Format.CSV: r"[=+@\t\r-]|#[A-Z0-9/!?]+$", Format.EXCEL: "#[A-Z0-9/!?]+$"}.get(
        Format(staged.format)
    )
    if signs:
        gone += words.BROKEN
        if options.escaped:
            text = rf"regexp_replace({raw}, '^''(''*({signs}))', '\1')"
    if not gone:
        return f"NULLIF({text}, '')"
    return f"(CASE WHEN {raw} <> '' AND {raw} NOT IN ({literals(gone)}) THEN {text} END)"


def present_sql(staged: Staged, plan: ColumnPlan, options: ReadingOptions) -> str:
    """The same without the words that stand for nothing in columns that are no free text."""
    text = text_sql(staged, plan.column, options)
    if plan.kind in _FREE:
        return text
    bare = f"trim({text}, {_BLANKS})"
    picked = plan.kind in (FieldKind.PICKLIST, FieldKind.MULTI_SELECT)
    nothing = words.is_nothing_sql(bare, choices=plan.choices, placeholders=picked)
    return f"(CASE WHEN {bare} <> '' AND NOT {nothing} THEN {bare} END)"


def value_sql(staged: Staged, plan: ColumnPlan, options: ReadingOptions) -> str:
    """The value as the field takes it, as text; NULL where there is none, or none that can be read."""
    text = present_sql(staged, plan, options)
    json = staged.json(plan.column)
    match plan.kind:
        case FieldKind.NUMBER | FieldKind.CURRENCY:
            value = figures.number_sql(text, plan.decimal)
            typed = json and f"WHEN regexp_matches({json}, '^[-0-9]') THEN {json}"
            return f"(CASE {typed} ELSE {value} END)" if typed else value
        case FieldKind.DATE:
            return dates.date_sql(text, plan.dates or dates.DateReading())
        case FieldKind.DATE_TIME:
            moment = dates.moment_sql(text, plan.dates or dates.DateReading(), options.zone)
            return f"strftime(make_timestamp({moment}), '%Y-%m-%dT%H:%M:%S.%fZ')"
        case FieldKind.YES_NO:
            return words.truth_sql(text)
        case FieldKind.EMAIL:
            return f"regexp_replace({text}, '(?i)^mailto:', '')"
        case FieldKind.URL:
            return f"(CASE WHEN regexp_matches({text}, {literal(_DOMAIN)}) THEN 'https://' || {text} ELSE {text} END)"
        case FieldKind.PICKLIST:
            return as_choice(text, plan.choices)
    return text


def as_choice(x: str, choices: Iterable[str]) -> str:
    """The choice that the text is but for case; the text itself where it is none."""
    by_case = {choice.casefold(): choice for choice in choices}
    if not by_case:
        return x
    entries = ", ".join(f"{literal(small)}: {literal(choice)}" for small, choice in by_case.items())
    return f"COALESCE(MAP {{{entries}}}[lower({x})], {x})"


def split_values(text: str, separator: str, choices: Mapping[str, str]) -> list[str]:
    """The values of a cell of a multi-select; `choices` by their casefolded form.

    >>> split_values(" b ; A;;a", ";", {"a": "A"})
    ['b', 'A']
    """
    parts = (part.strip() for part in text.split(separator))
    return list(dict.fromkeys(choices.get(part.casefold(), part) for part in parts if part))
