"""What a criterion measures, asks and brings, as a form shows it. What no form shows stays in the YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.http import QueryDict

from firstcall.scoring.documents.plain import Plain
from firstcall.scoring.reading.vocabulary import AGGREGATES as AGGREGATE_KEYS
from firstcall.scoring.reading.vocabulary import CRITERION_KEYS, TEST_KEYS, WORTHS
from firstcall.scoring.values import Kind
from firstcall.touchpoints.catalogue import PropertyKind
from firstcall.web.building.offering import COUNTS, PROPERTIES, TESTS, WITH_PROPERTY, Offer, Word
from firstcall.web.building.rows import (
    NO_DURATION,
    Duration,
    Row,
    dressed,
    duration_of,
    read_duration,
    read_rows,
    row_of,
    shown,
)

type Criterion = dict[str, Plain]

SUBJECTS = ("field", "touchpoint", "days_since")
WINDOW = ("in_last", "older_than", "from", "to")


class UnshownError(ValueError):
    """It is written in a way that no card shows."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a criterion measures, asks and brings, as it is filled in.

    worth   points, each or table; `points` of the first two
    window  by its key: two durations, two moments
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
    subjects = [key for key in ("field", "touchpoint", "days_since", "all", "any", "not") if key in criterion]
    worths = [key for key in WORTHS if key in criterion]
    aggregates = [key for key in AGGREGATE_KEYS if key in criterion]
    if len(subjects) != 1 or subjects[0] not in SUBJECTS or len(worths) > 1 or len(aggregates) > 1:
        raise UnshownError
    if not criterion.keys() <= set(CRITERION_KEYS):
        raise UnshownError
    subject = subjects[0]
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
    body = _measured(body, criterion, aggregates)
    return _worthy(body, criterion)


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


@dataclass(frozen=True)
class Dressed:
    """A body with what can be chosen in it."""

    body: Body
    kind: Kind | None
    options: Mapping[str, Word]
    choices: Sequence[str]
    properties: Mapping[str, PropertyKind]
    tests: Sequence[Row] = field(default=())
    where: Sequence[Row] = field(default=())
    rows: Sequence[Row] = field(default=())


def dress(body: Body, offer: Offer) -> Dressed:
    offered = offer.fields.get(body.field) if body.subject == "field" else None
    kind = offered.kind if offered is not None else None
    options: Mapping[str, Word] = COUNTS
    if body.subject == "field":
        options = TESTS.get(kind, PROPERTIES) if kind is not None else PROPERTIES
    elif body.aggregate == "latest":
        options = PROPERTIES
    is_number = kind is Kind.NUMBER or body.kind == "number"
    is_text = kind is Kind.TEXT
    choices = offered.choices if offered is not None else ()
    known = offer.known_properties(body.types)
    where = [
        replace(
            row, options=PROPERTIES, at=at, is_number=_is_number(row, known), is_text=_is_text(row, known)
        )
        for at, row in enumerate(body.where)
    ]
    return Dressed(
        body,
        kind,
        options,
        choices,
        known,
        dressed(body.tests, options, is_number=is_number, is_text=is_text, choices=choices),
        where,
        dressed(body.rows, options, is_number=is_number, is_text=is_text, choices=choices),
    )


def _is_number(row: Row, known: Mapping[str, PropertyKind]) -> bool:
    compares = row.test in ("gt", "gte", "lt", "lte", "between")
    return compares or known.get(row.about) is PropertyKind.NUMBER


def _is_text(row: Row, known: Mapping[str, PropertyKind]) -> bool:
    return known.get(row.about) is PropertyKind.TEXT


def read_body(given: QueryDict) -> Body:
    """As the form was filled in."""
    types = tuple(type for type in given.getlist("type") if type)
    return Body(
        given.get("subject", "field"),
        given.get("field", ""),
        types,
        given.get("of", "").strip(),
        given.get("aggregate", "count"),
        given.get("property", "").strip(),
        read_duration(given, "span"),
        tuple(read_rows(given, "w")),
        tuple(read_rows(given, "t")),
        read_duration(given, "in_last"),
        read_duration(given, "older_than"),
        given.get("from", "").strip(),
        given.get("to", "").strip(),
        given.get("worth", "points"),
        given.get("points", "").strip(),
        given.get("every", "").strip(),
        given.get("at_most", "").strip(),
        given.get("lose", "").strip(),
        read_duration(given, "lose_every"),
        tuple(read_rows(given, "r")),
        given.get("group", "").strip(),
    )
