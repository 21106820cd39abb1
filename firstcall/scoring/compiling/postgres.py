"""PostgreSQL 15 and later; JSON columns are `jsonb`, sessions keep `extra_float_digits` at its default."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from firstcall.scoring.columns import Storage
from firstcall.scoring.compiling.dialect import Dialect
from firstcall.scoring.letters import LATER_CAPITALS, LETTERS_AND_DIGITS, Ranges, is_letter_or_digit
from firstcall.scoring.measuring import END_OF_ELEMENT
from firstcall.scoring.numbers import MILLION, TOO_LARGE
from firstcall.scoring.text import fold
from firstcall.scoring.times import DAY, FIRST_MOMENT, HOUR, LAST_MOMENT, MINUTE

# A date that exists in the years 1 to 9999, so that no cast of it can fail.
_LEAP_YEAR = "[0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00"
_DAY = (
    "(?!0000)("
    "[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
    f"|({_LEAP_YEAR})-02-29)"
)
# RFC 3339 after `times`: a space or T, seconds, any fraction, an optional zone; or a date alone.
_TIME = (
    f"^{_DAY}([Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?"
    "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?)?$"
)
# At most 12 digits before the point; only 7 after it bear on a number rounded to 6 places.
_NUMBER = "^[+-]?0*[0-9]{1,12}([.][0-9]+)?$"
_DIGITS = "^[+-]?0*([0-9]{1,12}([.][0-9]{1,7})?)"

# What stands around every character that is no letter or digit once a text is `_parted`. The two characters
# themselves are written as the second one with a digit.
_PART, _ESCAPE = "\x01", "\x02"


@dataclass(frozen=True)
class Postgres(Dialect):
    """`major`: the server's version; before 17 folding text with other letters than English ones is slow."""

    major: int = 18

    name = "postgres"
    as_of_parameter = "CAST($1 AS BIGINT)"
    wide_type = "NUMERIC"
    computes_anew = True
    counts_stages = True
    fence = "\nOFFSET 0"

    @property
    def prelude(self) -> Mapping[str, str]:
        pattern = f"{_escaped(_ESCAPE)}[12]|[^{_bracket(LETTERS_AND_DIGITS)}]"
        return {"no_letters": f"no_letters AS NOT MATERIALIZED (\n  SELECT '{pattern}' AS pattern\n)"}

    def literal(self, text: str) -> str:
        if "\0" in text:
            return "CAST(NULL AS TEXT)"  # no text in PostgreSQL holds this character
        quoted = text.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n")
        return f"E'{quoted}'" if "\\" in quoted else f"'{quoted}'"

    def in_ids(self, x: str) -> str:
        return f"{x} = ANY($2)"

    def in_list_of(self, x: str, ids: str) -> str:
        return f"{x} = ANY(ARRAY({ids}))"

    def by_code_point(self, x: str) -> str:
        return f'{x} COLLATE "C"'

    def fold(self, x: str) -> str:
        if self.major < 17:
            capitals, letters = _lower_cases()
            return (
                f'CASE WHEN octet_length({x}) = char_length({x}) THEN lower({x} COLLATE "C")'
                f" ELSE translate(lower({x} COLLATE \"C\"), '{capitals}', '{letters}') END"
            )
        # Capitals that are newer than the language's Unicode stay as they are.
        later = f"'[{_bracket(LATER_CAPITALS)}]'"
        one_by_one = (
            f"SELECT string_agg(CASE WHEN letter ~ {later} THEN letter"
            f" ELSE lower(letter COLLATE \"pg_c_utf8\") END, '' ORDER BY place)"
            f" FROM regexp_split_to_table({x}, '') WITH ORDINALITY AS letters(letter, place)"
        )
        # English text, known by its length, is most of what there is; a look for those letters costs much more.
        return (
            f'CASE WHEN octet_length({x}) = char_length({x}) THEN lower({x} COLLATE "C") COLLATE "pg_c_utf8"'
            f' WHEN {x} ~ {later} THEN ({one_by_one}) ELSE lower({x} COLLATE "pg_c_utf8") END'
        )

    def contains(self, text: str, part: str) -> str:
        return f"strpos({text}, {self.literal(part)}) > 0"

    def starts_with(self, text: str, part: str) -> str:
        return f"starts_with({text}, {self.literal(part)})"

    def ends_with(self, text: str, part: str) -> str:
        return f"right({text}, {len(part)}) = {self.literal(part)}"

    def has_whole(self, text: str, words: Sequence[str]) -> str:
        # One pattern for all words: the server keeps only the last 32 compiled, and this one is costly.
        escaped = (
            f"replace(replace({text}, {_control(_ESCAPE)}, {_control(_ESCAPE)} || '2'),"
            f" {_control(_PART)}, {_control(_ESCAPE)} || '1')"
        )
        part = _control(_PART)
        parted = (
            f"{part} || regexp_replace({escaped}, (SELECT pattern FROM no_letters),"
            f" {part} || E'\\\\&' || {part}, 'g') || {part}"
        )
        marked = [self.literal(_parted(word)) for word in words]
        if len(marked) == 1:
            return f"strpos({parted}, {marked[0]}) > 0"
        return (
            f"(SELECT bool_or(strpos(parted, word) > 0) FROM (SELECT {parted} AS parted) AS texts,"
            f" unnest(ARRAY[{', '.join(marked)}]) AS words(word))"
        )

    def text_number(self, x: str) -> str:
        size = f"CAST(round(CAST(substring({x} FROM '{_DIGITS}') AS NUMERIC), 6) * {MILLION} AS BIGINT)"
        return (
            f"CASE WHEN {x} ~ '{_NUMBER}'"
            f" THEN CASE WHEN left({x}, 1) = '-' THEN -1 ELSE 1 END * NULLIF({size}, {TOO_LARGE}) END"
        )

    def double_number(self, x: str) -> str:
        # As text a double is the shortest decimal; a cast to NUMERIC would keep only 15 digits.
        double = f"CAST({x} AS DOUBLE PRECISION)"
        shortest = f"CAST(CAST({double} AS TEXT) AS NUMERIC)"
        return f"CASE WHEN abs({double}) < 1e12 THEN CAST(round({shortest}, 6) * {MILLION} AS BIGINT) END"

    def decimal_number(self, x: str) -> str:
        rounded = f"round({x}, 6)"
        return f"CASE WHEN abs({rounded}) < 1e12 THEN CAST({rounded} * {MILLION} AS BIGINT) END"

    def text_moment(self, x: str) -> str:
        second = f"CAST(substr({x}, 1, 10) || ' ' || substr({x}, 12, 8) AS TIMESTAMP)"
        fraction = rf"CAST(rpad(COALESCE(substring({x} FROM '[.]([0-9]{{1,6}})'), ''), 6, '0') AS BIGINT)"
        hours, minutes = f"CAST(left(right({x}, 5), 2) AS BIGINT)", f"CAST(right({x}, 2) AS BIGINT)"
        zone = (
            f"CASE WHEN {x} ~ '[+-][0-9]{{2}}:[0-9]{{2}}$'"
            f" THEN ({hours} * {HOUR} + {minutes} * {MINUTE})"
            f" * CASE left(right({x}, 6), 1) WHEN '+' THEN 1 ELSE -1 END ELSE 0 END"
        )
        moment = f"{_epoch(second)} + {fraction} - {zone}"
        return (
            f"CASE WHEN {x} ~ '{_TIME}' THEN (SELECT moment FROM (VALUES ({moment})) AS written(moment)"
            f" WHERE moment BETWEEN {FIRST_MOMENT} AND {LAST_MOMENT}) END"
        )

    def date_moment(self, x: str) -> str:
        days = f"CAST({x} - DATE '1970-01-01' AS BIGINT)"
        return f"CASE WHEN {x} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN {days} * {DAY} END"

    def timestamp_moment(self, x: str) -> str:
        bounds = "TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999'"
        return f"CASE WHEN {x} BETWEEN {bounds} THEN {_epoch(x)} END"

    def timestamptz_moment(self, x: str) -> str:
        bounds = "TIMESTAMPTZ '0001-01-01 00:00:00+00' AND TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'"
        return f"CASE WHEN {x} BETWEEN {bounds} THEN {_epoch(x)} END"

    def later_than(self, storage: Storage, x: str, moment: str) -> str:
        return f"{x} > {_stored(storage, moment)}"

    def not_later_than(self, storage: Storage, x: str, moment: str) -> str:
        return f"{x} <= {_stored(storage, moment)}"

    def json_property(self, x: str, key: str) -> str:
        return f"NULLIF({x} -> {self.literal(key)}, JSONB 'null')"

    def json_text(self, x: str) -> str:
        return f"CASE WHEN jsonb_typeof({x}) = 'string' THEN {x} #>> '{{}}' END"

    def json_typed_number(self, x: str) -> str:
        # Beyond these sizes the cast to a double may fail.
        number = f"CAST({x} AS NUMERIC)"
        return (
            f"CASE WHEN jsonb_typeof({x}) = 'number' THEN"
            f" CASE WHEN abs({number}) < 1e-7 THEN 0"
            f" WHEN abs({number}) < 1e13 THEN {self.double_number(number)} END END"
        )

    def json_truth(self, x: str) -> str:
        return f"CASE {x} WHEN JSONB 'true' THEN TRUE WHEN JSONB 'false' THEN FALSE END"

    def json_is_list(self, x: str) -> str:
        return f"jsonb_typeof({x}) = 'array'"

    def json_is_empty(self, x: str) -> str:
        return f"{x} IN (JSONB '\"\"', JSONB '[]')"

    def json_any_element(self, x: str, holds: Callable[[str], str]) -> str:
        return (
            f"EXISTS (SELECT 1 FROM jsonb_array_elements({_json_list(x)}) AS elements(element)"
            f" WHERE element <> JSONB 'null' AND {holds('element')})"
        )

    def json_list_key(self, x: str, key: Callable[[str], str]) -> str:
        return _joined(key, f"jsonb_array_elements({_json_list(x)})")

    def json_written(self, x: str) -> str:
        return f"CAST({x} AS TEXT)"

    def json_of(self, x: str) -> str:
        return f"to_jsonb({x})"

    def json_parsed(self, x: str) -> str:
        return f"CAST({x} AS JSONB)"

    def any_element(self, x: str, holds: Callable[[str], str]) -> str:
        return f"EXISTS (SELECT 1 FROM unnest({x}) AS elements(element) WHERE {holds('element')})"

    def list_key(self, x: str, key: Callable[[str], str]) -> str:
        return _joined(key, f"unnest({x})")

    def list_is_empty(self, x: str) -> str:
        return f"cardinality({x}) = 0"

    def floor_divide(self, x: str, divisor: str) -> str:
        return f"(({x}) / {divisor})"

    def wide_floor_divide(self, x: str, divisor: int) -> str:
        return f"div({x}, {divisor})"

    def pick(self, values: Sequence[int], index: str) -> str:
        return f"(CAST('{{{','.join(map(str, values))}}}' AS BIGINT[]))[CAST(1 + {index} AS INTEGER)]"

    def sum_wide(self, x: str, condition: str) -> str:
        return f"SUM({self.widen(x)}) FILTER (WHERE {condition})"

    def newest_times(self, x: str, count: int, condition: str) -> str:
        return f"(array_agg({x} ORDER BY {x} DESC) FILTER (WHERE {condition}))[1:{count}]"

    def oldest_times(self, x: str, count: int, condition: str) -> str:
        return f"(array_agg({x} ORDER BY {x}) FILTER (WHERE {condition}))[1:{count}]"

    def item(self, x: str, position: int | str) -> str:
        return f"({x})[{position}]"

    def first_by(self, x: str, order: Sequence[str], condition: str) -> str:
        keys = ", ".join(f"{key} DESC NULLS LAST" for key in order)
        return f"(array_agg({x} ORDER BY {keys}) FILTER (WHERE {condition}))[1]"

    def distinct_key(self, kind: str, x: str) -> str:
        return f"'{kind}' || CAST({x} AS TEXT)"

    def first_moment(self, candidates: Sequence[str], holds: Callable[[str], str]) -> str:
        if len(candidates) == 1:
            return f"CASE WHEN {holds(candidates[0])} THEN {candidates[0]} END"
        listed = ", ".join(candidates)
        return f"(SELECT MIN(moment) FROM unnest(ARRAY[{listed}]) AS moments(moment) WHERE {holds('moment')})"


def _epoch(x: str) -> str:
    return f"CAST(extract(epoch FROM {x}) * {MILLION} AS BIGINT)"


def _stored(storage: Storage, moment: str) -> str:
    """The moment as the column has it. Intervals multiply as doubles: in two parts nothing is lost."""
    if storage not in (Storage.TIMESTAMP, Storage.TIMESTAMPTZ):
        return moment
    zone = "TIMESTAMPTZ" if storage is Storage.TIMESTAMPTZ else "TIMESTAMP"
    return (
        f"({zone} 'epoch' + ({moment}) / {HOUR} * INTERVAL '1 hour'"
        f" + ({moment}) % {HOUR} * INTERVAL '1 microsecond')"
    )


def _json_list(x: str) -> str:
    return f"CASE WHEN jsonb_typeof({x}) = 'array' THEN {x} END"


def _joined(key: Callable[[str], str], elements: str) -> str:
    keys = f"string_agg({key('element')} || {_control(END_OF_ELEMENT)}, '' ORDER BY place)"
    return f"COALESCE((SELECT {keys} FROM {elements} WITH ORDINALITY AS elements(element, place)), '')"


def _parted(word: str) -> str:
    """The word as it stands, whole, in a text in which marks surround all but letters and digits."""
    codes = {_PART: _ESCAPE + "1", _ESCAPE: _ESCAPE + "2"}
    marked = (c if is_letter_or_digit(c) else _PART + codes.get(c, c) + _PART for c in word)
    return _PART + "".join(marked) + _PART


def _control(character: str) -> str:
    return f"E'\\x{ord(character):02x}'"


@cache
def _bracket(ranges: Ranges) -> str:
    """The ranges within a bracket expression, in ASCII."""
    return "".join(_escaped(chr(a)) + (f"-{_escaped(chr(b))}" if b > a else "") for a, b in ranges)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


@cache
def _lower_cases() -> tuple[str, str]:
    """The capitals beyond ASCII, and their lower cases one for one."""
    capitals = [chr(code) for code in range(128, 0x20000) if not 0xD800 <= code < 0xE000]
    capitals = [capital for capital in capitals if fold(capital) != capital]
    return "".join(capitals), "".join(map(fold, capitals))
