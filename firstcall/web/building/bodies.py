"""What a criterion measures, asks and brings, as a form shows it. What no form shows stays in the YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as attribute

from firstcall.scoring.documents.plain import Plain
from firstcall.scoring.documents.writing import on_one_line
from firstcall.scoring.reading.vocabulary import AGGREGATES as AGGREGATE_KEYS
from firstcall.scoring.reading.vocabulary import (
    COMBINATIONS,
    CRITERION_KEYS,
    CRITERION_ONLY_KEYS,
    TEST_KEYS,
    WORTHS,
)
from firstcall.web.building.offering import WITH_PROPERTY
from firstcall.web.building.rows import MOST_ROWS, NO_DURATION, Duration, Row, duration_of, row_of, shown

type Criterion = dict[str, Plain]

SUBJECTS = ("field", "touchpoint", "days_since")
WINDOW = ("in_last", "older_than", "from", "to")
KEPT = "kept"
DEEPEST = 4
"""How many groups within each other a card shows; the language has more."""


class UnshownError(ValueError):
    """It is written in a way that no card shows."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a criterion measures, asks and brings, as it is filled in.

    worth    points, each or table; `points` of the first two
    window   by its key: two durations, two moments
    members  of `all`, `any` and `not`: bodies without worth, of which `kept` is as YAML what no form shows
    place    which member of its group it was when it was shown
    """

    subject: str = "field"
    field: str = ""
    types: tuple[str, ...] = ()
    of: str = ""
    aggregate: str = "count"
    about: str = ""
    span: Duration = NO_DURATION
    where: tuple[Row, ...] = ()
    tests: tuple[Row, ...] = ()
    in_last: Duration = NO_DURATION
    older_than: Duration = NO_DURATION
    from_: str = ""
    to: str = ""
    worth: str = "points"
    points: str = ""
    every: str = ""
    at_most: str = ""
    lose: str = ""
    lose_every: Duration = NO_DURATION
    rows: tuple[Row, ...] = ()
    group: str = ""
    members: tuple[Body, ...] = ()
    kept: str = ""
    place: int = attribute(default=-1, compare=False)

    @property
    def is_group(self) -> bool:
        return self.subject in COMBINATIONS

    @property
    def may_join(self) -> bool:
        """Whether it can become one of several conditions: these bring points once."""
        return self.worth == "points" and not self.lose

    @property
    def filled(self) -> object:
        """What is asked, as a form has it."""
        what = (
            self.subject,
            self.field,
            self.types,
            self.of,
            self.aggregate,
            self.about,
            self.span,
            self.kept,
        )
        when = (self.in_last, self.older_than, self.from_, self.to)
        rows = ([row.filled for row in self.where], [row.filled for row in self.tests])
        return what, when, rows, [member.filled for member in self.members]

    @property
    def kind(self) -> str:
        """`number` of what is counted; of a field what its kind says."""
        is_other = self.subject == "field" or self.aggregate == "latest"
        return "" if is_other else "number"

    @property
    def has_window(self) -> bool:
        return self.subject == "touchpoint"

    @property
    def may_fade(self) -> bool:
        """Whether decay goes with it."""
        plain = self.subject == "touchpoint" and self.aggregate == "count"
        return plain and (
            (self.worth == "each" and not self.every) or (self.worth == "points" and not self.tests)
        )

    @property
    def may_each(self) -> bool:
        return self.subject != "field" and self.aggregate != "latest"


def body_of(criterion: Criterion) -> Body:
    """Raises UnshownError."""
    subjects = [key for key in (*SUBJECTS, *COMBINATIONS) if key in criterion]
    worths = [key for key in WORTHS if key in criterion]
    aggregates = [key for key in AGGREGATE_KEYS if key in criterion]
    if len(subjects) != 1 or len(worths) > 1 or len(aggregates) > 1:
        raise UnshownError
    if not criterion.keys() <= set(CRITERION_KEYS):
        raise UnshownError
    subject = subjects[0]
    if subject in COMBINATIONS:
        return _group(criterion, subject)
    tests = [key for key in criterion if key in TEST_KEYS and not (subject == "touchpoint" and key in WINDOW)]
    if subject != "touchpoint" and ({*WINDOW[2:], *AGGREGATE_KEYS} & criterion.keys()):
        raise UnshownError
    body = Body(
        subject,
        of=_scalar(criterion, "of"),
        where=tuple(_where_rows(criterion.get("where"))),
        tests=tuple(_row(key, criterion[key]) for key in tests),
        worth=worths[0] if worths else "points",
        every=_scalar(criterion, "every"),
        at_most=_scalar(criterion, "at_most"),
        group=_scalar(criterion, "group"),
    )
    body = _worthy(_measured(body, criterion, aggregates), criterion)
    if max(map(len, (body.where, body.tests, body.rows, body.types))) > MOST_ROWS:
        raise UnshownError
    return body


def _group(criterion: Criterion, subject: str) -> Body:
    if not criterion.keys() <= {"name", "enabled", subject, "points", "group"}:
        raise UnshownError
    members = _members(subject, criterion[subject], 1)
    if _count(members) > MOST_ROWS:
        raise UnshownError
    return Body(
        subject, points=_scalar(criterion, "points"), group=_scalar(criterion, "group"), members=members
    )


def _members(subject: str, held: Plain, deep: int) -> tuple[Body, ...]:
    entries = [held] if subject == "not" and held is not None else [] if held is None else held
    if not isinstance(entries, list):
        raise UnshownError
    return tuple(replace(_member(entry, deep), place=place) for place, entry in enumerate(entries))


def _member(held: Plain, deep: int) -> Body:
    try:
        if not isinstance(held, dict) or held.keys() & set(CRITERION_ONLY_KEYS):
            raise UnshownError
        subject = next((key for key in COMBINATIONS if key in held), None)
        if subject is None:
            return body_of(held)
        if len(held) > 1 or deep >= DEEPEST:
            raise UnshownError
        return Body(subject, members=_members(subject, held[subject], deep + 1))
    except UnshownError:
        return Body(KEPT, kept=on_one_line(held))


def _count(members: Sequence[Body]) -> int:
    return sum(1 + _count(member.members) for member in members)


def _measured(body: Body, criterion: Criterion, aggregates: Sequence[str]) -> Body:
    if body.subject == "field":
        return replace(body, field=_scalar(criterion, "field"))
    held = criterion[body.subject]
    types = held if isinstance(held, list) else [held]
    if not all(isinstance(one, str) or one is None for one in types):
        raise UnshownError
    body = replace(body, types=tuple(map(shown, types)))
    if body.subject == "days_since":
        return body
    key = aggregates[0] if aggregates else "count"
    told = criterion.get(key)
    if key == "distinct_days" and told is not True:
        raise UnshownError
    return replace(
        body,
        aggregate=key,
        about=_scalar(criterion, key) if key in WITH_PROPERTY else "",
        span=_duration(criterion, key) if key == "busiest" else Duration(),
        in_last=_duration(criterion, "in_last"),
        older_than=_duration(criterion, "older_than"),
        from_=_scalar(criterion, "from"),
        to=_scalar(criterion, "to"),
    )


def _worthy(body: Body, criterion: Criterion) -> Body:
    decay = criterion.get("decay")
    if decay is not None and not (isinstance(decay, dict) and decay.keys() <= {"lose", "every"}):
        raise UnshownError
    if isinstance(decay, dict):
        body = replace(body, lose=_scalar(decay, "lose"), lose_every=_duration(decay, "every"))
    if body.worth != "table":
        return replace(body, points=_scalar(criterion, body.worth))
    table = criterion["table"]
    if not isinstance(table, list) or not all(isinstance(entry, dict) for entry in table):
        raise UnshownError
    return replace(body, rows=tuple(_table_row(entry) for entry in table if isinstance(entry, dict)))


def _table_row(entry: Criterion) -> Row:
    keys = [key for key in entry if key != "points"]
    if len(keys) > 1:
        raise UnshownError
    row = _row(keys[0], entry[keys[0]]) if keys else Row()
    return replace(row, points=_scalar(entry, "points"))


def _where_rows(where: Plain) -> list[Row]:
    entries = where if isinstance(where, list) else [] if where is None else [where]
    rows = []
    for entry in entries:
        if not isinstance(entry, dict) or "property" not in entry or len(entry) != 2:
            raise UnshownError
        [key] = [key for key in entry if key != "property"]
        rows.append(replace(_row(key, entry[key]), about=_scalar(entry, "property")))
    return rows


def _row(key: str, value: Plain) -> Row:
    row = row_of(key, value)
    if row is None:
        raise UnshownError
    return row


def _scalar(held: Mapping[str, Plain], key: str) -> str:
    value = held.get(key)
    text = shown(value)
    if isinstance(value, dict | list) or "\n" in text or text != text.strip():
        raise UnshownError
    return text


def _duration(held: Mapping[str, Plain], key: str) -> Duration:
    found = duration_of(held.get(key))
    if found is None or "\n" in found.size:
        raise UnshownError
    return found
