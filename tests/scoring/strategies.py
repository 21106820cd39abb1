"""Random rules, records and touchpoints that meet each other often, for the tests that engines agree.

Rules are plain JSON-able documents, all of them valid against `FIELDS`. Few types, properties, spans and texts,
and moments at the edges of the spans, so that what is looked for is found about as often as not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from firstcall.scoring.times import parse_duration, parse_moment
from firstcall.scoring.values import Kind
from tests.scoring.cases import RawTouchpoint

type Document = dict[str, Any]

AS_OF = 1_750_000_000_000_000  # 2025-06-15T15:06:40Z
FIELDS: dict[str, Kind] = {
    "job_title": Kind.TEXT,
    'a "field"; DROP TABLE records --': Kind.TEXT,
    "employees": Kind.NUMBER,
    "growth": Kind.NUMBER,
    "international": Kind.TRUTH,
    "signed_on": Kind.DATE,
    "renews_at": Kind.TIME,
    "created_at": Kind.TIME,
    "tags": Kind.LIST,
    "nothing": Kind.EMPTY,
}
# Fields of other records and the people of `of`, as in `worlds`, which needs this module.
REACHED_FIELDS: dict[str, Kind] = {
    "account.industry": Kind.TEXT,
    "account.renews_at": Kind.TIME,
    "account.city.name": Kind.TEXT,
    "account.parent.employees": Kind.NUMBER,
    "account.parent.parent.tags": Kind.LIST,
    "contact.job_title": Kind.TEXT,
    "contact.born_on": Kind.DATE,
    "contact.account.renews_at": Kind.TIME,
    "contact.account.parent.industry": Kind.TEXT,
}
PEOPLE = (
    *("guests", "guests.host", "contacts.lead", "contact", "account.contacts"),
    "account.parent.contacts.account",
)
TYPES = ("web.visited", "web.left", "email.clicked", "e_mail.clicked")
PATTERNS = (*TYPES, "web.visited", "web.visited", "web.*", "web.*", "email.*", "e_mail.*", "*", "*")
PROPERTIES = ("path", "n", 'it\'s "a".b[0]')
SPANS = ("1 minute", "90 minutes", "1 hour", "1 day", "3 days", "1 week", "30 days")
DAYS = ("2025-06-15", "2025-06-14", "2025-06-12", "2025-06-16", "2025-06-22", "1969-12-31")
TROUBLE = "aAbzİıIißẞςΣσ%_'\"`\\$ .,-+0127é\u0301\u212aǄǅ\t\n🚀яⅣ²{}[]:;"
TEXTS = (
    *("director", "Director", "DIRECTORS", "vp", "svp, vp", "/pricing", "/Pricing/a", "true", "FALSE", ""),
    *("5", "5.0", "+5", "05", "-1", "2.5", "1e3", " 5", "5.0000004", "999999999999", "1000000000000"),
    *("İstanbul", "istanbul", "ISTANBUL", "ısparta", "straße", "STRAẞE", "ΣΑΣ", "σας", "σασ", "\u212a", "k"),
    *("50%", "a_b", "a\\b", "it's", '"q"', "$1", "a\tb", "🚀", "e\u0301", "é", "ǅ", "ǆ"),
    *(
        "2025-06-14",
        "2025-06-14T15:06:40Z",
        "2025-06-14 15:06:40.000001",
        "2025-02-30",
        "2025-06-14T15:06:40+02:00",
    ),
)
NUMBERS = (
    0,
    1,
    2,
    3,
    5,
    -1,
    -7,
    100,
    2.5,
    0.1,
    0.3,
    1e-06,
    5e-07,
    4.9e-07,
    -5e-07,
    5.0000004,
    999999999999,
    1e3,
)


@cache
def texts() -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(TEXTS), st.text(TROUBLE, max_size=4))


@cache
def words() -> st.SearchStrategy[str]:
    """A text to look for: not empty, often a part or another case of one that there is."""
    parts = texts().flatmap(
        lambda text: st.sampled_from([text, text[:2], text[1:], text.upper(), text.lower()])
    )
    return parts.filter(bool)


@cache
def numbers() -> st.SearchStrategy[int | float]:
    return st.one_of(
        st.sampled_from(NUMBERS),
        st.integers(-20, 20),
        st.integers(-2_000_000, 2_000_000).map(lambda n: n / 1000),
    )


@cache
def moments() -> st.SearchStrategy[int]:
    """Moments about `AS_OF`: at whole spans before and after, a microsecond beside them, or anywhere near."""
    edge = st.builds(
        lambda span, steps, jitter: AS_OF + (parse_duration(span) or 0) * steps + jitter,
        st.sampled_from(SPANS),
        st.sampled_from((-1, -1, -1, -1, -1, -2, -2, -3, 0, 1)),
        st.sampled_from((0, 0, 1, -1)),
    )
    day = st.sampled_from(DAYS).map(lambda day: parse_moment(day) or 0)
    near = st.integers(AS_OF - 40 * 86_400_000_000, AS_OF)
    return st.one_of(edge, edge, edge, near, near, day, st.integers(AS_OF - 3, AS_OF + 1))


@cache
def times() -> st.SearchStrategy[datetime]:
    return moments().map(lambda moment: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment))


@cache
def field_values(kind: Kind) -> st.SearchStrategy[object]:
    """A typed value of a field of this kind, sometimes missing."""
    known: dict[Kind, st.SearchStrategy[object]] = {
        Kind.TEXT: texts(),
        Kind.NUMBER: numbers().map(lambda number: Decimal(str(number))),
        Kind.TRUTH: st.booleans(),
        Kind.DATE: st.one_of(st.sampled_from(DAYS).map(date.fromisoformat), times().map(datetime.date)),
        Kind.TIME: times(),
        Kind.LIST: st.lists(st.one_of(texts(), numbers(), st.booleans()), max_size=3),
        Kind.EMPTY: st.none(),
    }
    return st.one_of(known[kind], known[kind], known[kind], st.none())


def records(fields: Mapping[str, Kind] = FIELDS) -> st.SearchStrategy[dict[str, object]]:
    """The fields of a record: every name, None where missing."""
    return st.fixed_dictionaries({name: field_values(kind) for name, kind in fields.items()})


@cache
def property_values() -> st.SearchStrategy[object]:
    """What JSON may hold, of any type."""
    scalars = st.one_of(texts(), numbers(), numbers(), st.booleans())
    return st.one_of(
        scalars,
        scalars,
        scalars,
        st.none(),
        st.lists(st.one_of(scalars, st.none()), max_size=3),
        st.sampled_from(({}, {"n": 5}, 10**12, 1e15, -(10**12))),
    )


@st.composite
def touchpoints(draw: st.DrawFn, most: int = 8) -> list[RawTouchpoint]:
    """The touchpoints of one record, in any order, some at one moment, some after `AS_OF`.

    Of several lists or objects of one property at one moment no order is promised, so there is but one.
    """
    types = st.sampled_from((*TYPES, *TYPES[:1] * 4, "other.thing"))
    names = {name: property_values() for name in PROPERTIES}
    properties = st.one_of(st.fixed_dictionaries(names), st.fixed_dictionaries({}, optional=names))
    count = draw(st.sampled_from((*range(most + 1), *range(2, most + 1))))
    happened = st.builds(RawTouchpoint, types, moments(), properties)
    found = draw(st.lists(happened, min_size=count, max_size=count))
    if found and draw(st.integers(0, 2)) == 0:
        few = st.sampled_from([raw.occurred_at for raw in found[:2]])
        found = [raw._replace(occurred_at=draw(few)) for raw in found]
    return _one_without_order_a_moment(found)


def _one_without_order_a_moment(found: list[RawTouchpoint]) -> list[RawTouchpoint]:
    first: dict[tuple[int, str], object] = {}
    kept = []
    for raw in found:
        properties = {}
        for name, value in raw.properties.items():
            unordered = isinstance(value, list | dict) or (
                isinstance(value, int | float) and abs(value) >= 10**12
            )
            properties[name] = first.setdefault((raw.occurred_at, name), value) if unordered else value
        kept.append(raw._replace(properties=properties))
    return kept


@cache
def durations() -> st.SearchStrategy[str]:
    return st.sampled_from(SPANS)


@cache
def days_and_times() -> st.SearchStrategy[str]:
    written = st.sampled_from(
        ("2025-06-14T15:06:40Z", "2025-06-15 15:06:40.000001", "2025-06-15T17:06:40+02:00")
    )
    return st.one_of(st.sampled_from(DAYS), written)


def _ordered(pair: tuple[Any, Any], key: Any) -> list[Any]:
    return sorted(pair, key=key)


def _equality(operands: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    several = st.lists(operands, min_size=1, max_size=3)
    return {"is": operands, "is_not": operands, "in": several, "not_in": several}


def _size(bounds: st.SearchStrategy[Any], key: Any) -> dict[str, st.SearchStrategy[Any]]:
    ordered = st.tuples(bounds, bounds).map(lambda pair: _ordered(pair, key))
    return {"gt": bounds, "gte": bounds, "lt": bounds, "lte": bounds, "between": ordered}


def _looks() -> dict[str, st.SearchStrategy[Any]]:
    looked = st.one_of(words(), st.lists(words(), min_size=1, max_size=3))
    keys = ("contains", "starts_with", "ends_with", "has_word")
    return {negative + key: looked for key in keys for negative in ("", "not_")}


_MOVING_TESTS: dict[str, st.SearchStrategy[Any]] = {
    key: durations() for key in ("in_last", "in_next", "older_than")
}
_NUMBER_TESTS = _equality(numbers()) | _size(numbers(), float)
_DATES = {"before": days_and_times(), "after": days_and_times()}
_EMPTY: dict[str, st.SearchStrategy[Any]] = {"empty": st.booleans()}
_ANY_OPERAND = st.one_of(words(), numbers(), st.booleans())
_PROPERTY_TESTS = _equality(_ANY_OPERAND) | _looks() | _size(numbers(), float) | _DATES | _EMPTY
_MOMENT_TESTS = (
    _equality(days_and_times()) | _size(days_and_times(), parse_moment) | _DATES | _MOVING_TESTS | _EMPTY
)
_FIELD_TESTS: dict[Kind, dict[str, st.SearchStrategy[Any]]] = {
    Kind.TEXT: _equality(st.one_of(words(), words(), numbers())) | _looks() | _EMPTY,
    Kind.NUMBER: _equality(st.one_of(numbers(), st.just("5.0"))) | _size(numbers(), float) | _EMPTY,
    Kind.TRUTH: _equality(st.booleans()) | _EMPTY,
    Kind.DATE: _MOMENT_TESTS,
    Kind.TIME: _MOMENT_TESTS,
    Kind.LIST: _equality(_ANY_OPERAND) | _looks() | _size(numbers(), float) | _EMPTY,
    Kind.EMPTY: _PROPERTY_TESTS | _MOVING_TESTS,
}
_AGGREGATES = ("sum", "max", "min", "distinct", "distinct_days", "busiest", "latest")
_OPTIONAL_NUMBERS = ("max", "min", "days_since")


@st.composite
def checks(draw: st.DrawFn, measured: str, kind: Kind | None = None, least: int = 1) -> Document:
    """One or two tests that fit what is measured: `field` (of a kind), `touchpoint`, `sum`, `latest` …"""
    if kind is not None:
        fitting = _FIELD_TESTS[kind]
    elif measured in ("latest", "property"):
        fitting = _PROPERTY_TESTS
    else:
        fitting = _NUMBER_TESTS | (_EMPTY if measured in _OPTIONAL_NUMBERS else {})
    moving = sorted(_MOVING_TESTS.keys() & fitting.keys())
    count = draw(st.sampled_from((1, 1, 1, 2))) if least else draw(st.sampled_from((0, 0, 1)))
    keys = {draw(st.sampled_from(sorted(fitting) + moving * 4)) for _ in range(count)}
    return {key: draw(fitting[key]) for key in sorted(keys)}


@st.composite
def wheres(draw: st.DrawFn) -> Document | list[Document]:
    entries = [
        {"property": draw(st.sampled_from(PROPERTIES)), **draw(checks("property"))}
        for _ in range(draw(st.sampled_from((1, 1, 2))))
    ]
    return entries[0] if len(entries) == 1 and draw(st.booleans()) else entries


@st.composite
def windows(draw: st.DrawFn) -> Document:
    window: Document = {}
    if draw(st.booleans()):
        window["in_last"] = draw(durations())
    if draw(st.integers(0, 4)) == 0:
        window["older_than"] = draw(durations())
    if draw(st.integers(0, 7)) == 0:
        window["from"] = draw(st.one_of(st.sampled_from(("1969-12-31", "2025-06-12")), days_and_times()))
    if draw(st.integers(0, 7)) == 0:
        window["to"] = draw(st.one_of(st.just("2025-06-22"), days_and_times()))
    return window


@st.composite
def measures(draw: st.DrawFn) -> tuple[Document, str, Kind | None]:
    """The keys of a measure, what it measures, and a field's kind."""
    subject = draw(
        st.sampled_from(("field", "field", "touchpoint", "touchpoint", "touchpoint", "days_since"))
    )
    if subject == "field":
        timed = sorted(name for name, kind in FIELDS.items() if kind.is_moment)
        name = draw(st.sampled_from(sorted(FIELDS) + timed + sorted(REACHED_FIELDS)))
        return {"field": name}, "field", (FIELDS | REACHED_FIELDS)[name]
    patterns = st.sampled_from(PATTERNS)
    document: Document = {subject: draw(st.one_of(patterns, st.lists(patterns, min_size=1, max_size=3)))}
    if draw(st.integers(0, 3)) == 0:
        document["of"] = draw(st.sampled_from(PEOPLE))
    if draw(st.integers(0, 3)) == 0:
        document["where"] = draw(wheres())
    if subject == "days_since":
        return document, subject, None
    document |= draw(windows())
    if draw(st.booleans()):
        return document, subject, None
    aggregate = draw(st.sampled_from(_AGGREGATES))
    given_by: dict[str, st.SearchStrategy[Any]] = {"distinct_days": st.just(True), "busiest": durations()}
    document[aggregate] = draw(given_by.get(aggregate, st.sampled_from(PROPERTIES)))
    return document, aggregate, None


@st.composite
def conditions(draw: st.DrawFn, depth: int = 2) -> Document:
    """A measure with its tests, or all, any, not of such."""
    combination = draw(st.sampled_from(("all", "any", "not"))) if draw(st.integers(0, 3)) == 0 else None
    if depth == 0 or combination is None:
        document, measured, kind = draw(measures())
        return document | draw(checks(measured, kind, least=0 if measured == "touchpoint" else 1))
    return draw(combinations(combination, depth))


@st.composite
def combinations(draw: st.DrawFn, key: str, depth: int = 2) -> Document:
    if key == "not":
        return {"not": draw(conditions(depth - 1))}
    return {key: draw(st.lists(conditions(depth - 1), min_size=1, max_size=3))}


@cache
def points() -> st.SearchStrategy[int | float]:
    return st.one_of(
        st.sampled_from((1, 5, 10, -5, 0.01, -0.25, 12.5, 1_000_000)),
        st.integers(-5000, 5000).map(lambda n: n / 100),
        st.integers(-100, 100),
    )


@st.composite
def decays(draw: st.DrawFn, amount: float) -> Document:
    lose: st.SearchStrategy[Any] = st.sampled_from(("50%", "25%", "1%", "100%", "33.33%", "12.5%"))
    if abs(amount) <= 2000:
        lose = st.one_of(lose, st.sampled_from((1, 2, 2.5, 100)))
    return {"lose": draw(lose), "every": draw(durations())}


@st.composite
def worths(draw: st.DrawFn, measured: str, kind: Kind | None) -> Document:
    """`points` with tests, `each`, or `table`, for what is measured."""
    ways = ["points", "points", "table"] + (["each", "each"] if measured not in ("field", "latest") else [])
    if measured == "touchpoint":
        ways += ["fading", "fading each"]
    way, amount = draw(st.sampled_from(ways)), draw(points())
    match way:
        case "points":
            return {"points": amount, **draw(checks(measured, kind, least=measured != "touchpoint"))}
        case "fading":
            return {"points": amount, "decay": draw(decays(amount))}
        case "table":
            return {"table": draw(tables(measured, kind))}
    document: Document = {"each": amount}
    if draw(st.booleans()):
        document["at_most"] = draw(st.sampled_from((0, 0.5, 7, 20, 1_000_000)))
    if way == "fading each":
        document["decay"] = draw(decays(amount))
    elif draw(st.booleans()):
        document["every"] = draw(st.sampled_from((1, 2, 3, 0.01, 0.5, 2.5, 7)))
    return document


@st.composite
def tables(draw: st.DrawFn, measured: str, kind: Kind | None) -> list[Document]:
    rows = [
        {**draw(checks(measured, kind)), "points": draw(points())} for _ in range(draw(st.integers(1, 3)))
    ]
    if draw(st.booleans()):
        rows.append({"points": draw(points())})
    return rows


@st.composite
def criteria(draw: st.DrawFn, name: str) -> Document:
    if draw(st.integers(0, 3)) == 0:
        combination = draw(combinations(draw(st.sampled_from(("all", "any", "not")))))
        return {"name": name, **combination, "points": draw(points())}
    document, measured, kind = draw(measures())
    return {"name": name, **document, **draw(worths(measured, kind))}


def reads_touchpoints(condition: Document) -> bool:
    """Whether the criterion or condition measures touchpoints anywhere."""
    inner = [
        *condition.get("all", ()),
        *condition.get("any", ()),
        *([condition["not"]] if "not" in condition else ()),
    ]
    return "touchpoint" in condition or "days_since" in condition or any(map(reads_touchpoints, inner))


@st.composite
def rules(draw: st.DrawFn, most: int = 5) -> Document:
    """A valid rule as a plain document; `json.dumps` makes the text of it."""
    count = draw(st.integers(1, most))
    listed = [draw(criteria(f"{i} {draw(texts())}")) for i in range(count)]
    for document in listed[1:]:
        if draw(st.integers(0, 9)) == 0:
            document["enabled"] = False
    rule: Document = {"name": draw(words()), "module": "leads"}
    if draw(st.integers(0, 3)) == 0:
        rule["applies_to"] = draw(st.lists(conditions(), min_size=1, max_size=2))
    rule["criteria"] = listed
    if groups := draw(_groups(listed)):
        rule["groups"] = groups
    if draw(st.booleans()):
        rule["limits"] = draw(_limits())
    if draw(st.booleans()):
        rule["grades"] = draw(_grades())
    return rule


@st.composite
def _groups(draw: st.DrawFn, listed: list[Document]) -> Document:
    """Puts some of the enabled criteria into a group of their kind, and gives the groups that are used."""
    groups: Document = {}
    for document in listed:
        if document.get("enabled", True) and draw(st.booleans()):
            name = "it's 'touch'" if reads_touchpoints(document) else "fit"
            document["group"] = name
            if name not in groups:
                bounds = (
                    {"at_most": draw(st.sampled_from((0, 2.5, 20)))},
                    {"at_least": draw(st.sampled_from((0, -7)))},
                )
                groups[name] = draw(st.sampled_from((*bounds, bounds[0] | bounds[1])))
    return groups


@st.composite
def _limits(draw: st.DrawFn) -> Document:
    low, high = sorted(draw(st.tuples(points(), points())))
    return draw(st.sampled_from(({"minimum": low, "maximum": high}, {"minimum": low}, {"maximum": high})))


@st.composite
def _grades(draw: st.DrawFn) -> Document:
    if draw(st.booleans()):
        return draw(_grade_table(("Hot", "Warm", "Cold", "no")))
    return {
        "fit": draw(_grade_table(("A", "B", "C"))),
        "touchpoints": draw(_grade_table(("1", "2", "3"))),
    }


@st.composite
def _grade_table(draw: st.DrawFn, names: tuple[str, ...]) -> Document:
    thresholds = draw(
        st.lists(
            st.sampled_from((-100, -5, 0, 0.01, 5, 12.5, 100)), min_size=1, max_size=len(names), unique=True
        )
    )
    return dict(zip(names, thresholds, strict=False))
