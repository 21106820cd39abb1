"""Spark 4; JSON columns are `variant`, the session is as `engines.spark_session` sets it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from firstcall.scoring.columns import Storage
from firstcall.scoring.compiling.dialect import Dialect
from firstcall.scoring.compiling.duckdb import escape_regex
from firstcall.scoring.letters import LATER_CAPITALS, LATER_LETTERS, SINCE_UNICODE_13, Ranges
from firstcall.scoring.measuring import END_OF_ELEMENT
from firstcall.scoring.numbers import MILLION, TOO_LARGE
from firstcall.scoring.times import DAY, FIRST_MOMENT, HOUR, LAST_MOMENT, MINUTE, SECOND

# RFC 3339 after `times`: a space or T, seconds, any fraction, an optional zone; or a date alone.
_TIME = (
    r"\A(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?)?\z"
)
# At most 12 digits before the point; only 7 after it bear on a number rounded to 6 places.
_NUMBER = r"\A[+-]?0*([0-9]{1,12}(\.[0-9]{1,7})?)((?<=\.[0-9]{7})[0-9]+)?\z"
_BEYOND_16_BITS = "\U00010000"  # a letter
_NTZ_EPOCH = "TIMESTAMP_NTZ '1970-01-01 00:00:00'"


class Spark(Dialect):
    name = "spark"
    materialized = ""
    as_of_parameter = "CAST(:as_of AS BIGINT)"
    wide_type = "DECIMAL(38, 0)"

    def literal(self, text: str) -> str:
        # Backslashes escape in Spark's literals, and ${…} is replaced before they are read.
        escapes = {"\\": "\\\\", "'": "\\'", "$": "\\u0024", "\0": "\\u0000", "\n": "\\n", "\r": "\\r"}
        return "'" + "".join(escapes.get(character, character) for character in text) + "'"

    def in_ids(self, x: str) -> str:
        return f"array_contains(:ids, {x})"

    def fold(self, x: str) -> str:
        # Java lowers İ to two characters and a final Σ to ς. Capitals newer than the language's Unicode stay.
        later = self.literal(f"[{_class(LATER_CAPITALS)}]")
        letters = f"transform(sequence(1, length({x})), place -> substr({x}, place, 1))"
        one_by_one = (
            f"transform({letters}, letter -> CASE WHEN rlike(letter, {later}) THEN letter"
            f" ELSE {_lower('letter')} END)"
        )
        return f"CASE WHEN rlike({x}, {later}) THEN array_join({one_by_one}, '') ELSE {_lower(x)} END"

    def contains(self, text: str, part: str) -> str:
        return f"contains({text}, {self.literal(part)})"

    def starts_with(self, text: str, part: str) -> str:
        return f"startswith({text}, {self.literal(part)})"

    def ends_with(self, text: str, part: str) -> str:
        return f"endswith({text}, {self.literal(part)})"

    def has_whole(self, text: str, words: Sequence[str]) -> str:
        # Java looks behind by whole characters only where the pattern itself shows one beyond 16 bits.
        letter = rf"[{_BEYOND_16_BITS}\p{{L}}\p{{N}}{_class(SINCE_UNICODE_13)}&&[^{_class(LATER_LETTERS)}]]"
        pattern = f"(?<!{letter})({'|'.join(map(escape_regex, words))})(?!{letter})"
        return f"rlike({text}, {self.literal(pattern)})"

    def text_number(self, x: str) -> str:
        size = f"try_cast(regexp_extract({x}, {self.literal(_NUMBER)}, 1) AS DECIMAL(20, 7))"
        return (
            f"CASE WHEN startswith({x}, '-') THEN -1 ELSE 1 END"
            f" * NULLIF(CAST(round({size}, 6) * {MILLION} AS BIGINT), {TOO_LARGE})"
        )

    def double_number(self, x: str) -> str:
        # As text a double of this size is the shortest decimal, on Java 17 too; 25 places hold what counts.
        double = f"CAST({x} AS DOUBLE)"
        shortest = f"try_cast(CAST({double} AS STRING) AS DECIMAL(38, 25))"
        return f"CASE WHEN abs({double}) < 1e12 THEN CAST(round({shortest}, 6) * {MILLION} AS BIGINT) END"

    def decimal_number(self, x: str) -> str:
        rounded = f"round({x}, 6)"
        return f"CASE WHEN abs({rounded}) < 1000000000000 THEN CAST({rounded} * {MILLION} AS BIGINT) END"

    def text_moment(self, x: str) -> str:
        day = f"unix_date(try_cast(substr({x}, 1, 10) AS DATE)) * {DAY}"
        hour, minute, second = (
            f"COALESCE(try_cast(substr({x}, {place}, 2) AS BIGINT), 0) * {unit}"
            for place, unit in ((12, HOUR), (15, MINUTE), (18, SECOND))
        )
        fraction = f"CAST(rpad(regexp_extract({x}, '[.]([0-9]{{1,6}})', 1), 6, '0') AS BIGINT)"
        offset = (
            f"try_cast(substr({x}, -5, 2) AS BIGINT) * {HOUR} + try_cast(right({x}, 2) AS BIGINT) * {MINUTE}"
        )
        zone = (
            f"CASE WHEN length({x}) > 10 AND substr({x}, -6, 1) = '+' THEN {offset}"
            f" WHEN length({x}) > 10 AND substr({x}, -6, 1) = '-' THEN -({offset}) ELSE 0 END"
        )
        moment = f"{day} + {hour} + {minute} + {second} + {fraction} - {zone}"
        within = f"moment -> moment BETWEEN {FIRST_MOMENT} AND {LAST_MOMENT}"
        return (
            f"CASE WHEN rlike({x}, {self.literal(_TIME)}) THEN get(filter(array({moment}), {within}), 0) END"
        )

    def date_moment(self, x: str) -> str:
        return f"CAST(unix_date({x}) AS BIGINT) * {DAY}"

    def timestamp_moment(self, x: str) -> str:
        return f"timestampdiff(MICROSECOND, {_NTZ_EPOCH}, {x})"

    def timestamptz_moment(self, x: str) -> str:
        return f"unix_micros({x})"

    def later_than(self, storage: Storage, x: str, moment: str) -> str:
        return f"{x} > {_stored(storage, moment)}"

    def not_later_than(self, storage: Storage, x: str, moment: str) -> str:
        return f"{x} <= {_stored(storage, moment)}"

    def json_property(self, x: str, key: str) -> str:
        if '"' in key and "'" in key:  # a path has no way to write such a key
            value = f"try_element_at(try_cast({x} AS MAP<STRING, VARIANT>), {self.literal(key)})"
        else:
            quote = "'" if '"' in key else '"'
            value = f"try_variant_get({x}, {self.literal(f'$[{quote}{key}{quote}]')})"
        return f"CASE WHEN NOT is_variant_null({value}) THEN {value} END"

    def json_text(self, x: str) -> str:
        # Spark may evaluate what a CASE guards, where it stands twice: only casts that cannot fail will do.
        return f"CASE WHEN schema_of_variant({x}) = 'STRING' THEN {_tried(x, 'string')} END"

    def json_typed_number(self, x: str) -> str:
        return (
            f"CASE WHEN rlike(schema_of_variant({x}), '^(BIGINT|DECIMAL|DOUBLE)')"
            f" THEN {self.double_number(_tried(x, 'double'))} END"
        )

    def json_truth(self, x: str) -> str:
        return f"CASE WHEN schema_of_variant({x}) = 'BOOLEAN' THEN {_tried(x, 'boolean')} END"

    def json_is_list(self, x: str) -> str:
        return f"startswith(schema_of_variant({x}), 'ARRAY')"

    def json_is_empty(self, x: str) -> str:
        return f"to_json({x}) IN ('\"\"', '[]')"

    def json_any_element(self, x: str, holds: Callable[[str], str]) -> str:
        elements = f"filter({_json_list(x)}, element -> NOT is_variant_null(element))"
        return f"exists({elements}, element -> {holds('element')})"

    def json_list_key(self, x: str, key: Callable[[str], str]) -> str:
        return self.list_key(_json_list(x), key)

    def json_written(self, x: str) -> str:
        return f"to_json({x})"

    def any_element(self, x: str, holds: Callable[[str], str]) -> str:
        return f"exists({x}, element -> {holds('element')})"

    def list_key(self, x: str, key: Callable[[str], str]) -> str:
        keys = f"transform({x}, element -> {key('element')} || char({ord(END_OF_ELEMENT)}))"
        return f"array_join({keys}, '')"

    def list_is_empty(self, x: str) -> str:
        return f"array_size({x}) = 0"

    def floor_divide(self, x: str, divisor: str) -> str:
        return f"(({x}) DIV {divisor})"

    def wide_floor_divide(self, x: str, divisor: int) -> str:
        # DIV would answer in 64 bits, and a quotient with decimals may be rounded up: divide without a rest.
        return f"CAST((({x}) - ({x}) % {divisor}) / {divisor} AS {self.wide_type})"

    def pick(self, values: Sequence[int], index: str) -> str:
        return f"get(array({', '.join(f'{value}L' for value in values)}), CAST({index} AS INT))"

    def sum_wide(self, x: str, condition: str) -> str:
        return self.widen(f"SUM(CAST({x} AS DECIMAL(28, 0))) FILTER (WHERE {condition})")

    def newest_times(self, x: str, count: int, condition: str) -> str:
        return f"slice(sort_array(collect_list({x}) FILTER (WHERE {condition}), FALSE), 1, {count})"

    def oldest_times(self, x: str, count: int, condition: str) -> str:
        return f"slice(sort_array(collect_list({x}) FILTER (WHERE {condition})), 1, {count})"

    def item(self, x: str, position: int | str) -> str:
        return f"get({x}, CAST({position} - 1 AS INT))"

    def first_by(self, x: str, order: Sequence[str], condition: str) -> str:
        return f"max_by({x}, struct({', '.join(order)})) FILTER (WHERE {condition})"

    def distinct_key(self, kind: str, x: str) -> str:
        return f"'{kind}' || CAST({x} AS STRING)"

    def first_moment(self, candidates: Sequence[str], holds: Callable[[str], str]) -> str:
        if len(candidates) == 1:
            return f"CASE WHEN {holds(candidates[0])} THEN {candidates[0]} END"
        return f"array_min(filter(array({', '.join(candidates)}), moment -> {holds('moment')}))"


def _lower(x: str) -> str:
    return f"lower(translate({x}, '\u0130\u03a3', 'i\u03c3'))"


def _stored(storage: Storage, moment: str) -> str:
    match storage:
        case Storage.TIMESTAMP:
            return f"timestampadd(MICROSECOND, {moment}, {_NTZ_EPOCH})"
        case Storage.TIMESTAMPTZ:
            return f"timestamp_micros({moment})"
    return moment


def _tried(x: str, type: str) -> str:
    """The variant as a value of the type, NULL where it is none."""
    return f"try_variant_get({x}, '\\u0024', '{type}')"


def _json_list(x: str) -> str:
    return f"CASE WHEN startswith(schema_of_variant({x}), 'ARRAY') THEN try_cast({x} AS ARRAY<VARIANT>) END"


@cache
def _class(ranges: Ranges) -> str:
    """The ranges within a character class of Java's, in ASCII."""
    return "".join(f"\\x{{{a:X}}}" + (f"-\\x{{{b:X}}}" if b > a else "") for a, b in ranges)
