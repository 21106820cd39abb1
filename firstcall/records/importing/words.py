"""Words with a meaning in cells: yes and no, and those that stand for nothing."""

from __future__ import annotations

from firstcall.engines.reading.quoting import literals

YES = ("yes", "y", "true", "t", "1", "on", "x", "ja", "oui", "sí", "si", "sim", "vrai", "wahr", "verdadero")
NO = ("no", "n", "false", "f", "0", "off", "nein", "non", "nee", "não", "nao", "faux", "falsch", "falso")

# What programs write where there is nothing. In columns of text a word may be somebody's name, so there only the
# errors of spreadsheets count.
NOTHING = (
    "n/a",
    "na",
    "#n/a",
    "null",
    "none",
    "nil",
    "nan",
    "-",
    "--",
    "—",
    "?",
    "-none-",
    "(none)",
    "(blank)",
)
PLACEHOLDERS = ("select", "please select", "- select -", "-- select --", "select one")
BROKEN = ("#N/A", "#VALUE!", "#REF!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#ERROR!")


def truth_sql(x: str) -> str:
    """The text x as 'true' or 'false', NULL where it is neither."""
    word = f"lower(trim({x}))"
    return f"(CASE WHEN {word} IN ({literals(YES)}) THEN 'true' WHEN {word} IN ({literals(NO)}) THEN 'false' END)"


def is_nothing_sql(x: str, *, choices: tuple[str, ...] = (), placeholders: bool = False) -> str:
    """Whether the text x stands for nothing, in a column that is no text.

    choices  of a picklist: these mean themselves
    """
    known = {choice.casefold() for choice in choices}
    words = [word for word in NOTHING + (PLACEHOLDERS if placeholders else ()) if word not in known]
    return f"(lower(trim({x})) IN ({literals([*words, *(word.lower() for word in BROKEN)])}))"
