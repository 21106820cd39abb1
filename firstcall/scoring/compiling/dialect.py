"""What differs between SQL engines: literals, functions, and how each storage reads as number, text or moment.

A dialect returns SQL text and decides nothing about rules. All dialects give the same answers as
`text`, `numbers` and `times`; `tests/scoring/compiling/test_dialects.py` holds them to it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from firstcall.scoring.columns import Storage
from firstcall.scoring.numbers import MILLION
from firstcall.scoring.operators import among


class Dialect(ABC):
    """One SQL engine. `x` stands for an expression; every expression returned may stand inside another."""

    name: str
    # The moment the score is for, and the records it is restricted to, as parameters of the statement.
    as_of_parameter: str
    # A type wide enough for sums of millionths and unbounded points: 38 decimal digits.
    wide_type: str
    narrow_type = "BIGINT"
    # Says of a common table expression that it is computed once and kept.
    materialized = "MATERIALIZED "
    # Whether columns of a sub-select are computed anew wherever they are used, and what, at its end, prevents it.
    computes_anew = False
    fence = ""
    # Whether sums of fading points come cheaper from how many touchpoints are at which stage.
    counts_stages = False

    @property
    def prelude(self) -> Mapping[str, str]:
        """Common table expressions that this dialect's expressions may read, whole, by name; a statement
        puts those that it uses first."""
        return {}

    # --- names and literals
    @abstractmethod
    def literal(self, text: str) -> str:
        """A text literal that nothing can break out of, on one line: statements are indented."""

    @abstractmethod
    def in_ids(self, x: str) -> str:
        """A condition: x is among the ids given as parameter (texts, or integers where ids are integers)."""

    def in_list_of(self, x: str, ids: str) -> str | None:
        """A condition: x is among those that the query `ids` gives; for engines that find few rows of a large
        relation only where the ids are computed first, None for others."""
        return None

    def by_code_point(self, x: str) -> str:
        """Text x as a key to order by, by code point."""
        return x

    # --- text; `text` is folded text, `part` a folded Python text
    @abstractmethod
    def fold(self, x: str) -> str:
        """`text.fold`."""

    @abstractmethod
    def contains(self, text: str, part: str) -> str: ...
    @abstractmethod
    def starts_with(self, text: str, part: str) -> str: ...
    @abstractmethod
    def ends_with(self, text: str, part: str) -> str: ...
    def has_words(self, text: str, words: Sequence[str]) -> str:
        """Whether the text has any of the words, each as a whole."""
        # A plain search is much faster than one for whole words, and most texts do not hold a word at all.
        found = " OR ".join(self.contains(text, word) for word in words)
        return f"(({found}) AND {self.has_whole(text, words)})"

    @abstractmethod
    def has_whole(self, text: str, words: Sequence[str]) -> str:
        """As `has_words`, of texts that are sure to contain one of them somewhere."""

    # --- numbers, as BIGINT millionths or NULL
    @abstractmethod
    def text_number(self, x: str) -> str:
        """`numbers.millionths` of a text."""

    @abstractmethod
    def double_number(self, x: str) -> str:
        """`numbers.millionths` of a double: by the shortest decimal that reads back the same."""

    @abstractmethod
    def decimal_number(self, x: str) -> str:
        """`numbers.millionths` of an exact decimal or a whole number wider than 64 bits."""

    def integer_number(self, x: str) -> str:
        """`numbers.millionths` of a whole number of at most 64 bits."""
        return (
            f"CASE WHEN {x} BETWEEN -999999999999 AND 999999999999"
            f" THEN CAST({x} AS {self.narrow_type}) * {MILLION} END"
        )

    # --- moments, as BIGINT microseconds since 1970 UTC or NULL
    @abstractmethod
    def text_moment(self, x: str) -> str:
        """`times.parse_moment`: a date or an RFC 3339 time as text."""

    @abstractmethod
    def date_moment(self, x: str) -> str: ...
    @abstractmethod
    def timestamp_moment(self, x: str) -> str: ...
    @abstractmethod
    def timestamptz_moment(self, x: str) -> str: ...

    @abstractmethod
    def later_than(self, storage: Storage, x: str, moment: str) -> str:
        """The stored x > moment, written so that the engine can skip files and rows by it."""

    @abstractmethod
    def not_later_than(self, storage: Storage, x: str, moment: str) -> str:
        """The stored x <= moment, written so that the engine can skip files and rows by it."""

    # --- JSON values; x is one JSON value without space around it, SQL NULL for what is missing
    @abstractmethod
    def json_property(self, x: str, key: str) -> str:
        """The value at an arbitrary key of the JSON object x; SQL NULL where absent or JSON null."""

    @abstractmethod
    def json_text(self, x: str) -> str:
        """The text of a JSON text, else NULL."""

    @abstractmethod
    def json_typed_number(self, x: str) -> str:
        """Millionths of a JSON number, else NULL."""

    @abstractmethod
    def json_truth(self, x: str) -> str: ...
    @abstractmethod
    def json_is_list(self, x: str) -> str: ...
    @abstractmethod
    def json_is_empty(self, x: str) -> str:
        """Whether the JSON value (not SQL NULL) is the empty text or the empty list."""

    @abstractmethod
    def json_any_element(self, x: str, holds: Callable[[str], str]) -> str:
        """Whether any element of the JSON list x meets `holds(element)`, elements being JSON values."""

    @abstractmethod
    def json_list_key(self, x: str, key: Callable[[str], str]) -> str:
        """`key(element)`, a text, of all elements of the JSON list x, in order, each with END_OF_ELEMENT after it."""

    def json_is_among(self, x: str, texts: Sequence[str]) -> str:
        """Whether the JSON value is a text that folded is one of `texts`."""
        return among(self.fold(self.json_text(x)), [self.literal(text) for text in texts])

    def json_starts_with(self, x: str, part: str) -> str:
        """Whether the JSON value is a text that folded starts with `part`."""
        return self.starts_with(self.fold(self.json_text(x)), part)

    def json_written(self, x: str) -> str:
        """The JSON value as JSON text."""
        return f"CAST({x} AS VARCHAR)"

    def json_of(self, x: str) -> str:
        """The text or number x as a JSON value; for dialects that know coded columns."""
        raise NotImplementedError

    def json_parsed(self, x: str) -> str:
        """The JSON text x as a JSON value; for dialects that know coded columns."""
        raise NotImplementedError

    # --- native lists
    @abstractmethod
    def any_element(self, x: str, holds: Callable[[str], str]) -> str: ...
    @abstractmethod
    def list_key(self, x: str, key: Callable[[str], str]) -> str:
        """As `json_list_key`, of a native list."""

    @abstractmethod
    def list_is_empty(self, x: str) -> str: ...

    # --- arithmetic and aggregates
    @abstractmethod
    def floor_divide(self, x: str, divisor: str) -> str:
        """Whole x >= 0 by a whole divisor > 0, rounded down; both 64-bit."""

    @abstractmethod
    def wide_floor_divide(self, x: str, divisor: int) -> str:
        """The same of a wide x >= 0."""

    def widen(self, x: str) -> str:
        return f"CAST({x} AS {self.wide_type})"

    def narrow(self, x: str) -> str:
        return f"CAST({x} AS {self.narrow_type})"

    @abstractmethod
    def pick(self, values: Sequence[int], index: str) -> str:
        """The index-th (from 0) of constant 64-bit values; the index is within bounds."""

    @abstractmethod
    def sum_wide(self, x: str, condition: str) -> str:
        """The wide sum of BIGINT x over the rows that meet the condition; NULL over none."""

    def sum_narrow(self, x: str, condition: str) -> str:
        return self.narrow(f"SUM({x}) FILTER (WHERE {condition})")

    @abstractmethod
    def newest_times(self, x: str, count: int, condition: str) -> str:
        """An aggregate: the `count` greatest x among the rows that meet the condition, greatest first."""

    @abstractmethod
    def oldest_times(self, x: str, count: int, condition: str) -> str:
        """The same of the `count` least, least first."""

    @abstractmethod
    def item(self, x: str, position: int | str) -> str:
        """The position-th (from 1) element of a list made by `newest_times` or `oldest_times`; NULL beyond its
        end and where the position is NULL."""

    @abstractmethod
    def first_by(self, x: str, order: Sequence[str], condition: str) -> str:
        """An aggregate: x of the row, among those that meet the condition, with the greatest `order` keys,
        compared one after the other, NULL below all else, texts by code point."""

    @abstractmethod
    def distinct_key(self, kind: str, x: str) -> str:
        """One comparable text for `COUNT(DISTINCT …)`: the kind's one letter before x as text."""

    @abstractmethod
    def first_moment(self, candidates: Sequence[str], holds: Callable[[str], str]) -> str:
        """The least of the candidate moments that meets `holds(moment)`; NULL ones are passed over."""
