"""DuckDB 2."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from firstcall.scoring.columns import Storage
from firstcall.scoring.compiling.dialect import Dialect
from firstcall.scoring.measuring import END_OF_ELEMENT
from firstcall.scoring.numbers import MILLION
from firstcall.scoring.operators import among
from firstcall.scoring.times import FIRST_MOMENT, LAST_MOMENT

# RFC 3339 after `times`: a space or T, seconds, any fraction, an optional zone; or a date alone.
_TIME = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?)?"
)
# Letters of Unicode 15.1 that DuckDB's regular expressions, at 15.0, do not know.
_LONGEST_PATTERN = 4_000  # characters of words
_LATER_LETTERS = r"\x{2EBF0}-\x{2EE5D}"
_NUMBER = r"[+-]?[0-9]+(\.[0-9]+)?"


class DuckDB(Dialect):
    name = "duckdb"
    as_of_parameter = "$as_of"
    wide_type = "HUGEINT"

    def literal(self, text: str) -> str:
        quoted = text.replace("'", "''")
        if "\n" not in text:
            return f"'{quoted}'"
        quoted = quoted.replace("\\", "\\\\").replace("\n", "\\n")
        return f"E'{quoted}'"

    def in_ids(self, x: str) -> str:
        return f"{x} IN (SELECT unnest($ids))"

    def fold(self, x: str) -> str:
        return f"lower({x})"

    def contains(self, text: str, part: str) -> str:
        return f"contains({text}, {self.literal(part)})"

    def starts_with(self, text: str, part: str) -> str:
        return f"starts_with({text}, {self.literal(part)})"

    def ends_with(self, text: str, part: str) -> str:
        return f"ends_with({text}, {self.literal(part)})"

    def has_whole(self, text: str, words: Sequence[str]) -> str:
        other = rf"[^\p{{L}}\p{{N}}{_LATER_LETTERS}]"
        # Preparing such a pattern takes milliseconds, so there is one for as many words as it can hold; and half
        # the time of a pattern that is searched for, so it is one for the whole text.
        patterns = [
            f"(?s)(.*{other})?({'|'.join(map(escape_regex, some))})({other}.*)?" for some in _portions(words)
        ]
        found = [f"regexp_full_match({text}, {self.literal(pattern)})" for pattern in patterns]
        return found[0] if len(found) == 1 else f"({' OR '.join(found)})"

    def text_number(self, x: str) -> str:
        return f"CASE WHEN regexp_full_match({x}, '{_NUMBER}') THEN {_scaled(x)} END"

    def double_number(self, x: str) -> str:
        # Below 8 million and away from a half, x * 10^6 rounds right; else the shortest decimal decides.
        scaled = f"CAST({x} AS DOUBLE) * {MILLION}"
        return (
            f"CASE WHEN abs({scaled}) < 8e12 AND abs(abs({scaled}) - floor(abs({scaled})) - 0.5) > 0.01"
            f" THEN CAST(round({scaled}) AS BIGINT)"
            f" WHEN isfinite(CAST({x} AS DOUBLE)) AND abs(CAST({x} AS DOUBLE)) < 1e12"
            f" THEN {_scaled(f'CAST(CAST({x} AS DOUBLE) AS VARCHAR)')} END"
        )

    def decimal_number(self, x: str) -> str:
        # Through text: a cast between decimals of great scale may overflow before it rounds.
        return _scaled(f"CAST({x} AS VARCHAR)")

    def text_moment(self, x: str) -> str:
        # Digits beyond microseconds are cut off before the cast, which would round them; UTC is written out,
        # as the cast would otherwise ask the session for its zone.
        short = rf"regexp_replace({x}, '(\.[0-9]{{6}})[0-9]+', '\1')"
        zone = (
            f"CASE WHEN length({x}) = 10 THEN ' 00:00:00Z'"
            f" WHEN regexp_matches({x}, '([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})$') THEN '' ELSE 'Z' END"
        )
        moment = f"epoch_us(TRY_CAST(upper({short}) || {zone} AS TIMESTAMPTZ))"
        return (
            f"CASE WHEN regexp_full_match({x}, '{_TIME}') AND NOT starts_with({x}, '0000')"
            f" AND {moment} BETWEEN {FIRST_MOMENT} AND {LAST_MOMENT} THEN {moment} END"
        )

    def date_moment(self, x: str) -> str:
        return f"epoch_us(CAST({x} AS TIMESTAMP))"

    def timestamp_moment(self, x: str) -> str:
        return f"epoch_us({x})"

    def timestamptz_moment(self, x: str) -> str:
        return f"epoch_us({x})"

    def _stored(self, storage: Storage, moment: str) -> str:
        match storage:
            case Storage.TIMESTAMP:
                return f"make_timestamp({moment})"
            case Storage.TIMESTAMPTZ:
                return f"make_timestamptz({moment})"
        return moment

    def later_than(self, storage: Storage, x: str, moment: str) -> str:
        return f"{x} > {self._stored(storage, moment)}"

    def not_later_than(self, storage: Storage, x: str, moment: str) -> str:
        return f"{x} <= {self._stored(storage, moment)}"

    def json_property(self, x: str, key: str) -> str:
        pointer = "/" + key.replace("~", "~0").replace("/", "~1")
        return f"NULLIF(json_extract({x}, {self.literal(pointer)}), 'null'::JSON)"

    # JSON is parsed anew by every function; what its first character tells is asked of that.

    def json_text(self, x: str) -> str:
        return f"CASE WHEN starts_with({_written(x)}, '\"') THEN {x} ->> '$' END"

    def json_is_among(self, x: str, texts: Sequence[str]) -> str:
        plain = [text for text in texts if _stands_plain(text)]
        others = [text for text in texts if not _stands_plain(text)]
        parts = [super().json_is_among(x, others)] if others else []
        if plain:
            quoted = [self.literal(f'"{text}"') for text in plain]
            parts.append(among(self.fold(_written(x)), quoted))
        return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"

    def json_starts_with(self, x: str, part: str) -> str:
        if not _stands_plain(part):
            return super().json_starts_with(x, part)
        return self.starts_with(self.fold(_written(x)), f'"{part}')

    def json_typed_number(self, x: str) -> str:
        # Between these stand - and the digits, and what no JSON value starts with.
        is_number = f"{_written(x)} >= '-' AND {_written(x)} < ':'"
        number = self.double_number(f"TRY_CAST({_written(x)} AS DOUBLE)")
        return f"CASE WHEN {is_number} THEN {number} END"

    def json_truth(self, x: str) -> str:
        return f"CASE {_written(x)} WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END"

    def json_is_list(self, x: str) -> str:
        return f"starts_with({_written(x)}, '[')"

    def json_is_empty(self, x: str) -> str:
        return f"{_written(x)} IN ('\"\"', '[]')"

    def json_any_element(self, x: str, holds: Callable[[str], str]) -> str:
        elements = f"json_extract({x}, '$[*]')"
        return self.any_element(elements, lambda e: holds(f"NULLIF({e}, 'null'::JSON)"))

    def json_list_key(self, x: str, key: Callable[[str], str]) -> str:
        return self.list_key(f"json_extract({x}, '$[*]')", key)

    def any_element(self, x: str, holds: Callable[[str], str]) -> str:
        return f"(len(list_filter({x}, lambda element: {holds('element')})) > 0)"

    def list_key(self, x: str, key: Callable[[str], str]) -> str:
        keys = f"list_transform({x}, lambda item: {key('item')} || chr({ord(END_OF_ELEMENT)}))"
        return f"COALESCE(array_to_string({keys}, ''), '')"

    def list_is_empty(self, x: str) -> str:
        return f"(len({x}) = 0)"

    def floor_divide(self, x: str, divisor: str) -> str:
        return f"(({x}) // {divisor})"

    def wide_floor_divide(self, x: str, divisor: int) -> str:
        return f"(({x}) // {divisor}::HUGEINT)"

    def pick(self, values: Sequence[int], index: str) -> str:
        return f"([{', '.join(map(str, values))}]::BIGINT[])[1 + {index}]"

    def sum_wide(self, x: str, condition: str) -> str:
        return f"SUM({x}) FILTER (WHERE {condition})"

    def newest_times(self, x: str, count: int, condition: str) -> str:
        return f"max({x}, {count}) FILTER (WHERE {condition})"

    def oldest_times(self, x: str, count: int, condition: str) -> str:
        return f"min({x}, {count}) FILTER (WHERE {condition})"

    def item(self, x: str, position: int | str) -> str:
        return f"{x}[{position}]"

    def first_by(self, x: str, order: Sequence[str], condition: str) -> str:
        keys = ", ".join(f"{key} DESC NULLS LAST" for key in order)
        return f"first({x} ORDER BY {keys}) FILTER (WHERE {condition})"

    def distinct_key(self, kind: str, x: str) -> str:
        return f"'{kind}' || CAST({x} AS VARCHAR)"

    def first_moment(self, candidates: Sequence[str], holds: Callable[[str], str]) -> str:
        if len(candidates) == 1:
            return f"CASE WHEN {holds(candidates[0])} THEN {candidates[0]} END"
        listed = ", ".join(candidates)
        return f"list_min(list_filter([{listed}], lambda moment: {holds('moment')}))"


def _portions(words: Sequence[str]) -> list[list[str]]:
    """The words in order, in portions that one pattern holds."""
    portions: list[list[str]] = [[]]
    for word in words:
        if portions[-1] and sum(map(len, portions[-1])) + len(word) > _LONGEST_PATTERN:
            portions.append([])
        portions[-1].append(word)
    return portions


def _written(x: str) -> str:
    """A JSON value as text, which costs nothing."""
    return f"CAST({x} AS VARCHAR)"


def _stands_plain(text: str) -> bool:
    """Whether the text stands in JSON as it is, no character of it escaped."""
    return all(character >= " " and character not in '"\\' for character in text)


def _scaled(text: str) -> str:
    """Millionths of decimal text. The cast rounds halves away from zero by the digits as written, and fails
    from 10^12 on; the second one makes room for the product."""
    return f"CAST(CAST(TRY_CAST({text} AS DECIMAL(18, 6)) AS DECIMAL(38, 6)) * {MILLION} AS BIGINT)"


def escape_regex(text: str) -> str:
    """The text as a pattern that matches just it, in RE2, PostgreSQL and Java alike."""
    return re.sub(r"([\\.^$|?*+()\[\]{}])", r"\\\1", text)


text_number = DuckDB().text_number
double_number = DuckDB().double_number
text_moment = DuckDB().text_moment
