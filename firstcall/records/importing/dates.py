"""The ways in which dates and times are written, found out from a whole column, and read in DuckDB.

A day and a month that could be either way round are never guessed: only a value such as 31/12/2024 settles it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firstcall.engines.reading.quoting import literal
from firstcall.scoring.saying import Pattern, said

DAY_FIRST, MONTH_FIRST = "day-first", "month-first"

_MONTHS = (
    ("jan january januar jänner janvier janv enero ene gennaio gen januari janeiro", 1),
    ("feb february februar février févr fév fevr fev febrero febbraio februari fevereiro", 2),
    ("mar march märz mär mrz mars marzo maart mrt março", 3),
    ("apr april avril avr abril abr aprile", 4),
    ("may mai mayo maggio mag mei maio", 5),
    ("jun june juni juin junio giugno giu junho", 6),
    ("jul july juli juillet juil julio luglio lug julho", 7),
    ("aug august août aout agosto ago augustus", 8),
    ("sep sept september septembre septiembre settembre set setembro", 9),
    ("oct october oktober okt octobre octubre ottobre ott outubro out", 10),
    ("nov november novembre noviembre novembro", 11),
    ("dec december dezember dez décembre déc diciembre dic dicembre dezembro", 12),
)
MONTHS: Mapping[str, int] = {word: number for words, number in _MONTHS for word in words.split()}

_WORDS = "|".join(sorted(MONTHS, key=len, reverse=True))
_WEEKDAY = r"(?:\pL{2,10}[.,]{1,2} ?)?"
_CLOCK = (
    r"(?:(?:[ T]|, ?| at )(?P<h>\d{1,2}):(?P<i>\d{2})(?::(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    r"(?: ?(?P<p>[ap])\.?m\.?)?(?: ?(?P<z>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?)?"
)
_PATTERNS = {
    "year-first": r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})" + _CLOCK,
    "numeric": r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4}|\d{2})" + _CLOCK,
    "day-word": rf"{_WEEKDAY}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[. /-]{{1,2}}(?P<m>{_WORDS})\.?,?[ /-]{{1,2}}"
    rf"(?P<y>\d{{4}}|\d{{2}}){_CLOCK}",
    "word-day": rf"{_WEEKDAY}(?P<m>{_WORDS})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}}){_CLOCK}",
    "compact": r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:T?(?P<h>\d{2})(?P<i>\d{2})(?P<s>\d{2})(?P<z>Z)?)?",
    "epoch": r"(?P<e>\d{10}|\d{13})",
}
_GROUPS = ("y", "m", "d", "a", "b", "e", "h", "i", "s", "f", "p", "z")
FORMS = tuple(_PATTERNS)
# Numbers that look like dates are dates only where the field is one.
LOOSE = frozenset({"compact", "epoch"})


@dataclass(frozen=True)
class DateFacts:
    """What a column's values look like.

    filled   how many there are
    counts   how many have each form
    largest  of the first, second and third part of numeric dates
    short    how many numeric dates have a year of two digits
    dotted   how many numeric dates are written with points: day first everywhere
    timed    how many have a time of day
    """

    filled: int
    counts: Mapping[str, int]
    largest: tuple[int, int, int] = (0, 0, 0)
    short: int = 0
    dotted: int = 0
    timed: int = 0

    @property
    def matching(self) -> int:
        return sum(self.counts.values())

    @property
    def strict(self) -> int:
        """How many could be nothing else than dates."""
        return sum(count for form, count in self.counts.items() if form not in LOOSE)


@dataclass(frozen=True)
class DateReading:
    """How a column of dates is read.

    forms    those of its values
    order    of the numbers of numeric dates
    format   in the letters of strptime, instead of the forms
    """

    forms: tuple[str, ...] = FORMS
    order: str | None = None
    format: str | None = None


class UncertainDatesError(Exception):
    """A column whose dates can be read in two ways; `str` says why, `fix` what settles it."""

    def __init__(self, says: str, fix: str) -> None:
        super().__init__(says)
        self.fix = fix


def facts_query(x: str, source: str) -> str:
    """SQL whose rows make the facts of the texts x (NULL for missing) in the source."""
    forms = " ".join(f"WHEN {_matches(form, 'x')} THEN '{form}'" for form in FORMS)
    parts = f"regexp_extract(x, {_duckdb('numeric')}, ['a', 'b', 'y'])"
    return f"""
SELECT form, count(*), max(TRY_CAST(p.a AS INTEGER)), max(TRY_CAST(p.b AS INTEGER)),
       max(TRY_CAST(right(p.y, 2) AS INTEGER)), count(*) FILTER (WHERE length(p.y) = 2),
       count(*) FILTER (WHERE form = 'numeric' AND regexp_matches(x, '^[0-9]+[.]')),
       count(*) FILTER (WHERE form IN ('epoch') OR contains(x, ':'))
FROM (
  SELECT x, form, CASE WHEN form = 'numeric' THEN {parts} END AS p
  FROM (SELECT x, CASE {forms} ELSE '' END AS form FROM (SELECT {x} AS x FROM {source}) AS texts WHERE x IS NOT NULL)
)
GROUP BY form"""


def facts_of(rows: Sequence[Sequence[object]]) -> DateFacts:
    """The facts out of the rows of `facts_query`."""
    counts = dict.fromkeys(FORMS, 0)
    other = timed = 0
    numeric = (0, 0, 0, 0, 0)
    for form, *numbers in rows:
        count, first, second, third, short, dotted, clocks = (int(str(number or 0)) for number in numbers)
        timed += clocks if form else 0
        if form:
            counts[str(form)] = count
        else:
            other = count
        if form == "numeric":
            numeric = (first, second, third, short, dotted)
    return DateFacts(sum(counts.values()) + other, counts, numeric[:3], numeric[3], numeric[4], timed)


def decide(facts: DateFacts, order: str | None = None) -> DateReading:
    """How the column is read; raises UncertainDatesError where day and month could be either way round.

    order  what the person says of it
    """
    forms = tuple(form for form in FORMS if facts.counts[form])
    if not facts.counts["numeric"] or order:
        return DateReading(forms, order)
    first, second, third = facts.largest
    if facts.short and third <= 31:
        raise UncertainDatesError(
            said("the years have two digits, and any part of its dates could be the year"), _ASK()
        )
    if first > 12 and second > 12:
        raise UncertainDatesError(
            said("some of its dates have the day first and some the month"),
            f"{_ASK()} {said('The others are then rejected.')}",
        )
    if first > 12 or (facts.dotted == facts.counts["numeric"] and second <= 12):
        return DateReading(forms, DAY_FIRST)
    if second > 12:
        return DateReading(forms, MONTH_FIRST)
    raise UncertainDatesError(said("its dates could have the day or the month first; no value tells"), _ASK())


_ASK = Pattern("Say which: day-first, month-first, or a format such as %d/%m/%Y.")


def moment_sql(x: str, reading: DateReading, zone: str) -> str:
    """Microseconds of the text x, NULL where it cannot be read; a time without a zone is of `zone`."""
    if reading.format is not None:
        return _at_zone(f"try_strptime({x}, {literal(reading.format)})", zone, reading.format)
    cases = "".join(
        f" WHEN {_matches(form, x)} THEN {_moment(form, x, reading, zone)}" for form in reading.forms
    )
    # The usual form, in UTC, is read by a cast at a tenth of the cost.
    usual = (
        ""
        if zone != "UTC"
        else f" WHEN regexp_full_match({x}, '{_USUAL}') THEN epoch_us(TRY_CAST({x} AS TIMESTAMP))"
    )
    return f"(CASE{usual}{cases} END)" if cases else "NULL"


def date_sql(x: str, reading: DateReading) -> str:
    """The text x as YYYY-MM-DD, NULL where it cannot be read; a time of day is left out, as written."""
    if reading.format is not None:
        return f"strftime(try_strptime({x}, {literal(reading.format)}), '%Y-%m-%d')"
    cases = "".join(f" WHEN {_matches(form, x)} THEN {_day(form, x, reading)}" for form in reading.forms)
    return f"(CASE{cases} END)" if cases else "NULL"


_USUAL = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?Z?"


def _duckdb(form: str) -> str:
    return literal("(?i)^" + _plain(_PATTERNS[form]) + "$")


def _plain(pattern: str) -> str:
    """Named groups as plain ones: DuckDB names them by their order."""
    for group in _GROUPS:
        pattern = pattern.replace(f"(?P<{group}>", "(")
    return pattern


def _names(form: str) -> list[str]:
    pattern = _PATTERNS[form]
    found = [(pattern.index(f"(?P<{group}>"), group) for group in _GROUPS if f"(?P<{group}>" in pattern]
    return [group for _, group in sorted(found)]


def _matches(form: str, x: str) -> str:
    return f"regexp_matches({x}, {_duckdb(form)})"


def _once(form: str, x: str, of_parts: str) -> str:
    """An expression over the parts `s` of the text, which is taken apart only once for all of them."""
    names = ", ".join(f"'{name}'" for name in _names(form))
    # Which word is a month is looked up; a pattern of all of them would be ten times slower.
    pattern = _duckdb(form).replace(_WORDS, r"\pL+")
    return f"list_transform([regexp_extract({x}, {pattern}, [{names}])], lambda s: {of_parts})[1]"


def _ymd(form: str, reading: DateReading) -> tuple[str, str, str]:
    year = "s.y"
    if form in ("numeric", "day-word"):
        # Two digits mean what POSIX says: 69 to 99 are of the twentieth century.
        year = "CASE WHEN length(s.y) = 4 THEN s.y WHEN s.y < '69' THEN '20' || s.y ELSE '19' || s.y END"
    if form == "numeric":
        return (year, "s.b", "s.a") if reading.order != MONTH_FIRST else (year, "s.a", "s.b")
    month = "s.m"
    if form in ("day-word", "word-day"):
        words = ", ".join(f"{literal(word)}: '{number}'" for word, number in MONTHS.items())
        month = f"MAP {{{words}}}[lower(s.m)]"
    return year, month, "s.d"


def _day(form: str, x: str, reading: DateReading) -> str:
    if form == "epoch":
        return f"strftime(make_timestamp({_epoch(x)}), '%Y-%m-%d')"
    year, month, day = _ymd(form, reading)
    written = f"({year}) || '-' || ({month}) || '-' || ({day})"
    return f"strftime(TRY_CAST({_once(form, x, written)} AS DATE), '%Y-%m-%d')"


def _moment(form: str, x: str, reading: DateReading, zone: str) -> str:
    if form == "epoch":
        return _epoch(x)
    year, month, day = _ymd(form, reading)
    parts = {name: f"s.{name}" if name in _names(form) else "''" for name in _GROUPS}
    hour = f"TRY_CAST({parts['h']} AS INTEGER)"
    if "p" in _names(form):
        hour = (
            f"CASE WHEN s.p = '' THEN {hour} WHEN {hour} NOT BETWEEN 1 AND 12 THEN 99"
            f" WHEN lower(s.p) = 'p' THEN {hour} % 12 + 12 ELSE {hour} % 12 END"
        )
    clock = (
        f"lpad(CAST(coalesce(({hour}), 0) AS VARCHAR), 2, '0') || ':' || coalesce(nullif({parts['i']}, ''), '00')"
        f" || ':' || coalesce(nullif({parts['s']}, ''), '00')"
        f" || CASE WHEN {parts['f']} = '' THEN '' ELSE '.' || left({parts['f']}, 6) END"
    )
    # A cast would take 24:00:00 for the next day; nobody writes it, and it is no time of the rule language.
    stamp = (
        f"CASE WHEN ({hour}) > 23 THEN NULL ELSE"
        f" TRY_CAST(({year}) || '-' || ({month}) || '-' || ({day}) || ' ' || {clock} AS TIMESTAMP) END"
    )
    return _once(form, x, _with_offset(stamp, parts["z"], zone))


def _with_offset(stamp: str, offset: str, zone: str) -> str:
    minutes = (
        f"(TRY_CAST(substr({offset}, 2, 2) AS BIGINT) * 60"
        f" + coalesce(TRY_CAST(right(substr({offset}, 4), 2) AS BIGINT), 0))"
    )
    naive = f"epoch_us({stamp})"
    return (
        f"CASE WHEN {offset} = '' THEN {_at_zone(stamp, zone)}"
        f" WHEN left({offset}, 1) = '+' THEN {naive} - {minutes} * 60000000"
        f" WHEN left({offset}, 1) = '-' THEN {naive} + {minutes} * 60000000"
        f" ELSE {naive} END"
    )


def _at_zone(stamp: str, zone: str, format: str = "") -> str:
    """Microseconds of a timestamp that is of the zone, unless its format tells an offset."""
    if zone == "UTC" or "%z" in format:
        return f"epoch_us({stamp})"
    return f"epoch_us(timezone({literal(zone)}, {stamp}))"


def _epoch(x: str) -> str:
    """Microseconds of the digits of seconds or milliseconds since 1970."""
    return f"(TRY_CAST({x} AS BIGINT) * CASE length({x}) WHEN 10 THEN 1000000 ELSE 1000 END)"
