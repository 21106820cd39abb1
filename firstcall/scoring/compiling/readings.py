"""A stored value in SQL, read as number, text, true/false or moment: what the tests of the language look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firstcall.scoring.columns import Storage
from firstcall.scoring.compiling import coded
from firstcall.scoring.compiling.dialect import Dialect
from firstcall.scoring.operators import among


@dataclass(frozen=True)
class Reading:
    """A stored value in SQL with its readings: the `operators.Subject` of every dialect."""

    dialect: Dialect
    x: str
    storage: Storage
    element: Storage | None = None
    own_column: bool = False

    @property
    def is_listed(self) -> bool:
        return self.storage is Storage.LIST

    @property
    def is_mixed(self) -> bool:
        """Whether it may hold a value of any type."""
        return self.storage in (Storage.JSON, Storage.CODED)

    @property
    def is_list(self) -> str:
        """Of a mixed one: whether this value is a list."""
        if self.storage is Storage.CODED:
            return coded.is_list(self.dialect, self.x)
        return self.dialect.json_is_list(self.x)

    @property
    def json(self) -> str:
        """A mixed one as a JSON value."""
        return coded.json(self.dialect, self.x) if self.storage is Storage.CODED else self.x

    @property
    def typed_number(self) -> str | None:
        match self.storage:
            case Storage.MILLIONTHS:
                return self.x
            case Storage.INTEGER:
                return self.dialect.integer_number(self.x)
            case Storage.DOUBLE:
                return self.dialect.double_number(self.x)
            case Storage.DECIMAL:
                return self.dialect.decimal_number(self.x)
            case Storage.JSON:
                return self.dialect.json_typed_number(self.x)
            case Storage.CODED:
                return coded.number(self.dialect, self.x)
        return None

    @property
    def number(self) -> str | None:
        if self.storage is Storage.TEXT:
            return self.dialect.text_number(self.x)
        if self.is_mixed:
            return f"COALESCE({self.typed_number}, {self.dialect.text_number(self.text or 'NULL')})"
        return self.typed_number

    @property
    def text(self) -> str | None:
        """The text as written."""
        if self.storage is Storage.TEXT:
            return self.x
        if self.storage is Storage.CODED:
            return coded.text(self.dialect, self.x)
        return self.dialect.json_text(self.x) if self.storage is Storage.JSON else None

    @property
    def folded(self) -> str | None:
        return None if self.text is None else self.dialect.fold(self.text)

    @property
    def typed_truth(self) -> str | None:
        """A boolean, of true/false by type."""
        if self.storage is Storage.TRUTH:
            return self.x
        if self.storage is Storage.CODED:
            return coded.truth(self.dialect, self.x)
        return self.dialect.json_truth(self.x) if self.storage is Storage.JSON else None

    @property
    def truth(self) -> str | None:
        if not self.own_column or self.folded is None:
            return self.typed_truth
        written = f"CASE {self.folded} WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END"
        return written if self.typed_truth is None else f"COALESCE({self.typed_truth}, {written})"

    @property
    def moment(self) -> str | None:
        match self.storage:
            case Storage.MICROSECONDS:
                return self.x
            case Storage.DATE:
                return self.dialect.date_moment(self.x)
            case Storage.TIMESTAMP:
                return self.dialect.timestamp_moment(self.x)
            case Storage.TIMESTAMPTZ:
                return self.dialect.timestamptz_moment(self.x)
        return None

    @property
    def written_moment(self) -> str | None:
        return self.moment if self.text is None else self.dialect.text_moment(self.text)

    @property
    def emptiness(self) -> str:
        match self.storage:
            case Storage.TEXT:
                return f"({self.x} IS NULL OR {self.x} = '')"
            case Storage.JSON:
                return f"({self.x} IS NULL OR {self.dialect.json_is_empty(self.x)})"
            case Storage.CODED:
                return f"({self.x} IS NULL OR {coded.is_empty(self.dialect, self.x)})"
            case Storage.LIST:
                return f"({self.x} IS NULL OR {self.dialect.list_is_empty(self.x)})"
        return f"{self.x} IS NULL"

    def is_among(self, texts: Sequence[str]) -> str:
        if self.storage is Storage.JSON:
            return self.dialect.json_is_among(self.x, texts)
        if self.storage is Storage.CODED and coded.are_plain(texts):
            return among(self.dialect.fold(self.x), [self.dialect.literal(text) for text in texts])
        return among(self._text, [self.dialect.literal(text) for text in texts])

    def contains(self, part: str) -> str:
        return self.dialect.contains(self._text, part)

    def starts_with(self, part: str) -> str:
        if self.storage is Storage.JSON:
            return self.dialect.json_starts_with(self.x, part)
        if self.storage is Storage.CODED and coded.are_plain([part]):
            return self.dialect.starts_with(self.dialect.fold(self.x), part)
        return self.dialect.starts_with(self._text, part)

    def ends_with(self, part: str) -> str:
        return self.dialect.ends_with(self._text, part)

    def has_words(self, words: Sequence[str]) -> str:
        return self.dialect.has_words(self._text, words)

    @property
    def _text(self) -> str:
        return self.folded or "NULL"
