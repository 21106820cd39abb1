"""Tests of a rule as rows of a form, and rows as they were filled in as tests again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.http import QueryDict

from firstcall.scoring.documents.from_yaml import resolve
from firstcall.scoring.documents.plain import Plain
from firstcall.scoring.documents.writing import on_one_line
from firstcall.web.building.offering import (
    DURATIONS,
    EVERY_TEST,
    FILLED,
    MANY,
    NO,
    UNITS,
    WITHOUT_VALUE,
    YES,
    Word,
)

MOST_ROWS = 100
_DURATION = re.compile(r"(\S+) (minute|hour|day|week)s?")


@dataclass(frozen=True, slots=True)
class Duration:
    """As it is filled in; `unit` is empty where the text is no duration, which then stands in `size` whole."""

    size: str = ""
    unit: str = "days"

    @property
    def units(self) -> dict[str, Word]:
        return UNITS if self.unit else {"": "–", **UNITS}

    def plain(self) -> Plain:
        if not self.size:
            return None
        return f"{self.size} {self.unit[:-1] if self.size == '1' else self.unit}" if self.unit else self.size


NO_DURATION = Duration()


def duration_of(value: Plain) -> Duration | None:
    """
    >>> duration_of("30 days"), duration_of("1 week"), duration_of("soon")
    (Duration(size='30', unit='days'), Duration(size='1', unit='weeks'), Duration(size='soon', unit=''))
    """
    if isinstance(value, dict | list):
        return None
    if value is None:
        return Duration()
    found = _DURATION.fullmatch(str(value))
    return Duration(found[1], f"{found[2]}s") if found else Duration(shown(value), "")


def read_duration(given: QueryDict, name: str) -> Duration:
    unit = given.get(f"{name}_unit", "days")
    return Duration(given.get(f"{name}_size", "").strip(), unit if unit in UNITS else "")


@dataclass(frozen=True, slots=True)
class Row:
    """A test as it is filled in. `about` what: a property of a touchpoint, or a field; `points` of a row of a table."""

    test: str = ""
    values: tuple[str, ...] = ()
    duration: Duration = NO_DURATION
    about: str = ""
    points: str = ""
    is_number: bool = False
    is_text: bool = False
    choices: tuple[str, ...] = ()
    options: Mapping[str, Word] | None = None
    at: int = 0
    faults: tuple[object, ...] = ()

    @property
    def widget(self) -> str:
        if not self.test or self.test in WITHOUT_VALUE:
            return "none"
        if self.test in DURATIONS:
            return "duration"
        if self.test == "between":
            return "two"
        if self.choices and self.test in ("in", "not_in"):
            return "boxes"
        if self.test in MANY:
            return "lines"
        if self.choices and self.test in ("is", "is_not"):
            return "choice"
        return "date" if self.test in ("before", "after") else "value"

    @property
    def numbered(self) -> str:
        """Its place, as the names of its inputs have it."""
        return str(self.at)

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def second(self) -> str:
        return self.values[1] if len(self.values) > 1 else ""

    @property
    def lines(self) -> str:
        return "\n".join(self.values)

    @property
    def tall(self) -> int:
        return min(max(len(self.values), 1), 6)

    @property
    def words(self) -> dict[str, Word]:
        """The tests to choose from, its own among them whatever it is."""
        words = dict(self.options or EVERY_TEST)
        if self.test and self.test not in words:
            words[self.test] = EVERY_TEST.get(self.test, self.test)
        return words

    @property
    def offered(self) -> list[str]:
        """The choices, and what was chosen that is none of them."""
        return [*self.choices, *(value for value in self.values if value and value not in self.choices)]

    def same_as(self, other: Row) -> bool:
        """Whether the same is filled in."""
        return self.filled == other.filled

    @property
    def filled(self) -> object:
        values = [value for value in self.values if value]
        # Of several that one may be, their order says nothing.
        held: object = sorted(values) if self.test in ("in", "not_in") else values
        if self.widget in ("none", "duration"):
            held = self.duration if self.widget == "duration" else ()
        return self.test, held, self.about, self.points

    def plain(self) -> tuple[str, Plain]:
        """The key and the value that a rule has for it."""
        match self.test:
            case "empty" | "filled":
                return "empty", self.test != FILLED
            case "yes" | "no":
                return "is", self.test == YES
        if self.test in DURATIONS:
            return self.test, self.duration.plain()
        values = [self._typed(value) for value in self.values if value != ""]
        if self.test == "between":
            return self.test, [self._typed(value) if value else None for value in (self.value, self.second)]
        if self.test in MANY and (len(values) > 1 or self.test in ("in", "not_in")):
            return self.test, list(values) or None
        return self.test, values[0] if values else None

    def _typed(self, value: str) -> Plain:
        if not self.is_text and self.test in ("is", "is_not") and value in ("true", "false"):
            return value == "true"
        if not self.is_number:
            return value
        read = resolve(value.strip())
        return read if isinstance(read, int | Decimal) and not isinstance(read, bool) else value


def shown(value: Plain) -> str:
    """A value as it stands in an input."""
    if value is None:
        return ""
    return value if isinstance(value, str) else on_one_line(value)


def row_of(key: str, value: Plain) -> Row | None:
    """None for what no row can show."""
    if key == "empty" and isinstance(value, bool):
        return Row("empty" if value else FILLED)
    if key == "is" and isinstance(value, bool):
        return Row(YES if value else NO)
    if key in DURATIONS:
        duration = duration_of(value)
        return None if duration is None else Row(key, duration=duration)
    values = value if isinstance(value, list) else [value]
    if key not in EVERY_TEST or any(isinstance(one, list | dict) for one in values):
        return None
    if any(isinstance(one, str) and ("\n" in one or one != one.strip() or not one) for one in values):
        return None
    if isinstance(value, list) and not (key in MANY or (key == "between" and len(values) == 2)):
        return None
    return Row(key, tuple(map(shown, values)))


def entry_like(row: Row, was: Sequence[Row], held: Plain) -> Plain:
    """What stands for a row that says the same; None where there is none."""
    entries = held if isinstance(held, list) else [held]
    return next((entry for old, entry in zip(was, entries, strict=False) if old.same_as(row)), None)


def read_rows(given: QueryDict, prefix: str, *, with_default: bool = False) -> list[Row]:
    """As they were filled in, in their order; numbers of rows that were taken away are left out, and tests that
    there are not. `with_default` has rows without a test, of a table."""
    rows = []
    for at in range(MOST_ROWS):
        name = f"{prefix}{at}"
        if f"{name}_test" not in given and f"{name}_points" not in given:
            continue
        values = [
            line for typed in given.getlist(f"{name}_value") for line in typed.replace("\r", "").split("\n")
        ]
        test = given.get(f"{name}_test", "")
        if test not in EVERY_TEST and not (with_default and not test):
            continue
        kept = [value.strip() for value in values]
        rows.append(
            Row(
                test,
                tuple(kept if test == "between" else [value for value in kept if value]),
                read_duration(given, name),
                given.get(f"{name}_about", "").strip(),
                given.get(f"{name}_points", "").strip(),
            )
        )
    return rows


def dressed(
    rows: Sequence[Row],
    options: Mapping[str, Word],
    *,
    is_number: bool = False,
    is_text: bool = False,
    choices: Sequence[str] = (),
) -> list[Row]:
    """The rows with what can be chosen in them."""
    return [
        replace(row, options=options, is_number=is_number, is_text=is_text, choices=tuple(choices), at=at)
        for at, row in enumerate(rows)
    ]


def number_of(typed: str) -> Plain:
    """A number where it is one, else what was typed, to be told what is wrong with it; a decimal comma is understood.

    >>> number_of("2,5"), number_of("50%"), number_of("")
    (Decimal('2.5'), '50%', None)
    """
    if not typed:
        return None
    text = typed.replace("−", "-")
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    read = resolve(text)
    return read if isinstance(read, int | Decimal) and not isinstance(read, bool) else typed
