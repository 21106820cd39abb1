"""The ways in which numbers are written, found out from a whole column, and read in DuckDB.

1.234 and 1,234 can be a thousand or a little more than one: without another value that tells, nobody guesses. Beside
the sign of a currency it is a thousand: nobody writes money with three decimals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firstcall.engines.reading.quoting import literal
from firstcall.scoring.saying import Pattern, said

_SPACES = r"[\s\x{a0}\x{202f}\x{2009}'’]"
_MONEY = r"(?:[$€£¥₹₽₺₩]|[A-Z]{2,3}\$?|kr\.?|zł)?"
_BODY = r"[0-9][0-9.,]*|[.,][0-9]+"
# Sign, figures, exponent, unit; what surrounds them is money. Negative amounts may stand in brackets.
_WHOLE = (
    rf"^(\(?[-+]?){_MONEY}([-+]?)({_BODY})(?:[eE]([-+]?[0-9]{{1,3}}))?([KkMmBb]|Mio\.?|%)?{_MONEY}(-?)(\)?)$"
)

# Shapes of figures; of those in `either` nobody can tell a group of three from decimals.
_SHAPES = {
    "plain": r"^[0-9]+$",
    "point_either": r"^[1-9][0-9]{0,2}\.[0-9]{3}$",
    "comma_either": r"^[1-9][0-9]{0,2},[0-9]{3}$",
    "point_groups": r"^[0-9]{1,3}(\.[0-9]{3}){2,}$|^[0-9]{1,3}(\.[0-9]{3})+,[0-9]*$",
    "comma_groups": r"^[0-9]{1,3}(,[0-9]{3}){2,}$|^[0-9]{1,3}(,[0-9]{3})+\.[0-9]*$",
    "point_decimals": r"^[0-9]*\.[0-9]*$",
    "comma_decimals": r"^[0-9]*,[0-9]*$",
}


@dataclass(frozen=True)
class FigureFacts:
    """How many values of a column there are, are numbers, and have each shape."""

    filled: int
    numbers: int
    plain: int = 0
    point_either: int = 0
    comma_either: int = 0
    point_groups: int = 0
    comma_groups: int = 0
    point_decimals: int = 0
    comma_decimals: int = 0


class UncertainFiguresError(Exception):
    """A column whose numbers can be read in two ways; `str` says why, `fix` what settles it."""

    def __init__(self, says: str, fix: str) -> None:
        super().__init__(says)
        self.fix = fix


_ASK = Pattern("Say what stands before the decimals: point or comma.")


def facts_query(x: str, source: str) -> str:
    """SQL whose rows make the facts of the texts x (NULL for missing) in the source."""
    cases = " ".join(f"WHEN regexp_matches(body, {literal(p)}) THEN '{n}'" for n, p in _SHAPES.items())
    return f"""
SELECT CASE WHEN body = '' THEN ''
            WHEN has_money AND regexp_matches(body, {literal(_SHAPES["point_either"])}) THEN 'point_groups'
            WHEN has_money AND regexp_matches(body, {literal(_SHAPES["comma_either"])}) THEN 'comma_groups'
            {cases} ELSE '' END AS shape, count(*)
FROM (
  SELECT regexp_extract({_bare(x)}, {literal(_WHOLE)}, 3) AS body, regexp_matches({x}, '[$€£¥₹₽₺₩]') AS has_money
  FROM {source}
  WHERE {x} IS NOT NULL
)
GROUP BY shape"""


def facts_of(rows: Sequence[Sequence[object]]) -> FigureFacts:
    """The facts out of the rows of `facts_query`."""
    counts = {str(shape): int(str(count)) for shape, count in rows}
    filled = sum(counts.values())
    other = counts.pop("", 0)
    return FigureFacts(filled, filled - other, **counts)


def decide(facts: FigureFacts) -> str:
    """The decimal sign, '.' or ','; raises UncertainFiguresError."""
    points = facts.point_decimals + facts.comma_groups
    commas = facts.comma_decimals + facts.point_groups
    if points and commas:
        raise UncertainFiguresError(
            said("some of its numbers have a decimal point and some a decimal comma"),
            f"{_ASK()} {said('The others are rejected.')}",
        )
    if commas:
        return ","
    if points or not (facts.point_either or facts.comma_either):
        return "."
    sample = "1.234" if facts.point_either else "1,234"
    raise UncertainFiguresError(
        said("its numbers are all like {sample}, which is a thousand or a little over one", sample=sample),
        _ASK(),
    )


def number_sql(x: str, decimal: str) -> str:
    """The text x as a plain decimal text, NULL where it is no number."""
    group = "," if decimal == "." else "."
    fits = rf"^[0-9]{{1,3}}(\{group}[0-9]{{3}})*(\{decimal}[0-9]*)?$|^[0-9]*(\{decimal}[0-9]*)?$"
    plain = f"replace(replace(s.body, '{group}', ''), '{decimal}', '.')"
    figures = (
        f"CASE WHEN s.body <> '' AND regexp_matches(s.body, {literal(fits)})"
        f" THEN rtrim(CASE WHEN starts_with({plain}, '.') THEN '0' || {plain} ELSE {plain} END, '.') END"
    )
    times = (
        "CASE upper(left(s.unit, 1)) WHEN 'K' THEN 1000 WHEN 'M' THEN 1000000 WHEN 'B' THEN 1000000000 END"
    )
    scaled = (
        f"CASE WHEN s.unit IN ('', '%') THEN {figures}"
        rf" ELSE regexp_replace(CAST(TRY_CAST({figures} AS DECIMAL(29, 9)) * ({times}) AS VARCHAR), '\.?0+$', '') END"
    )
    raised = f"CASE WHEN s.power = '' THEN {scaled} ELSE ({scaled}) || 'E' || s.power END"
    negative = "(s.open || s.sign || s.after LIKE '%-%' OR s.open LIKE '(%')"
    value = f"CASE WHEN {negative} THEN '-' ELSE '' END || ({raised})"
    names = ", ".join(f"'{name}'" for name in _PARTS)
    # A list of one: the text is taken apart once, and its parts are used many times.
    return f"list_transform([regexp_extract({_bare(x)}, {literal(_WHOLE)}, [{names}])], lambda s: {value})[1]"


_PARTS = ("open", "sign", "body", "power", "unit", "after", "close")


def _bare(x: str) -> str:
    return f"regexp_replace({x}, {literal(_SPACES)}, '', 'g')"
