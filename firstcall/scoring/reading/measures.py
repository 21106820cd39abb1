"""Measures: fields, counted touchpoints and days since the last one, with `where` and the window."""

from __future__ import annotations

from firstcall.scoring.documents import Entries, Scalar
from firstcall.scoring.reading.amounts import read_duration, read_moment
from firstcall.scoring.reading.fitting import read_tests
from firstcall.scoring.reading.parts import Parts
from firstcall.scoring.reading.spots import Spot, kind_of, nearest_word, quoting
from firstcall.scoring.reading.vocabulary import (
    AGGREGATES,
    COMBINATIONS,
    MOVING_TESTS,
    PEOPLE,
    PROPERTY_TEST_KEYS,
    TYPE,
)
from firstcall.scoring.rules import (
    MOST_LOOKUPS,
    Aggregate,
    DaysSinceMeasure,
    FieldMeasure,
    Measure,
    PropertyTest,
    TouchpointMeasure,
    Window,
)
from firstcall.scoring.saying import said, whole


def read_measure(parts: Parts) -> Measure | None:
    """The measure of a condition that is no combination; None, with problems, where it is wrong."""
    where = _read_where(parts.where)
    of = _read_of(parts.of)
    subject = parts.subject
    if subject is None:
        return None
    if subject.key == "field":
        name = subject.text(said("the name of a field"))
        return FieldMeasure(name) if name else None
    types = _read_types(subject)
    if subject.key == "days_since":
        return DaysSinceMeasure(types, where, of) if types else None
    return _read_touchpoint(parts, types, where, of)


def _read_of(spot: Spot | None) -> str | None:
    """Whose touchpoints are meant; where the path leads is known only with the columns."""
    text = spot.text(said("the name of related records")) if spot else None
    if spot is None or text is None:
        return None
    if not PEOPLE.fullmatch(text):
        says = said("`of` takes names with a dot between them, not {kind}.", kind=kind_of(spot.node))
        spot.refuse("people", says, said("Write `of: contacts`, or the way to them: `of: account.contacts`."))
        return None
    if text.count(".") > MOST_LOOKUPS:
        spot.refuse(
            "too-far",
            said("`of` reaches through {most} look-ups at most.", most=whole(MOST_LOOKUPS)),
            said("Take a shorter way."),
        )
        return None
    return text


def _read_touchpoint(
    parts: Parts, types: tuple[str, ...], where: tuple[PropertyTest, ...], of: str | None
) -> TouchpointMeasure | None:
    window = _read_window(parts.window)
    aggregate, name, span = Aggregate.COUNT, None, None
    spot = parts.aggregate
    if spot is not None:
        aggregate = AGGREGATES[spot.key]
        match aggregate:
            case Aggregate.BUSIEST:
                span = read_duration(spot)
            case Aggregate.DISTINCT_DAYS:
                _read_distinct_days(spot)
            case _:
                name = spot.text(said("the name of a property"))
    return TouchpointMeasure(types, where, window, aggregate, name, span, of) if types else None


def _read_distinct_days(spot: Spot) -> None:
    if isinstance(spot.node, Scalar) and spot.node.value is False:
        spot.refuse(
            "distinct-days",
            said("`distinct_days` can only be true."),
            said("Remove it to count touchpoints."),
        )
    else:
        spot.truth()


def _read_types(spot: Spot) -> tuple[str, ...]:
    types = []
    for entry in spot.items_or_self() or ():
        node = entry.node
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            entry.refuse_type(said("a type such as web.visited"), quoting(node))
        elif not TYPE.fullmatch(node.value):
            says = said(
                "{label} takes a type such as web.visited, not {kind}.", label=entry.label, kind=kind_of(node)
            )
            entry.refuse("type", says, _type_fix(node.value))
        else:
            types.append(node.value)
    return tuple(types)


def _type_fix(text: str) -> str:
    plain = text.strip().lower().replace(" ", "_").replace("-", "_")
    if TYPE.fullmatch(plain):
        return said("Did you mean `{plain}`? Types are small letters, digits and _.", plain=plain)
    if plain and plain.replace("_", "a").isalnum() and plain.isascii():
        return said(
            "Write the channel and the event, such as `{plain}.opened`, or `{plain}.*` for all of a channel.",
            plain=plain,
        )
    return said('Write `channel.event`, `channel.*` for all of a channel, or "*" for every touchpoint.')


def _read_window(keys: dict[str, Spot]) -> Window:
    spans = {key: read_duration(keys[key]) for key in ("in_last", "older_than") if key in keys}
    ends = {key: read_moment(keys[key]) for key in ("from", "to") if key in keys}
    window = Window(spans.get("in_last"), spans.get("older_than"), ends.get("from"), ends.get("to"))
    _warn_of_empty_window(window, keys)
    return window


def _warn_of_empty_window(window: Window, keys: dict[str, Spot]) -> None:
    if window.in_last is not None and window.older_than is not None and window.in_last <= window.older_than:
        says = said(
            "No touchpoint is both within `in_last` and older than `older_than`, so none ever counts."
        )
        keys["older_than"].warn("empty-window", says, said("Make `in_last` longer than `older_than`."))
    if window.start is not None and window.end is not None and window.start >= window.end:
        says = said("The window ends before it begins, so no touchpoint ever counts.")
        keys["to"].warn("empty-window", says, said("Make `to` later than `from`."))


def _read_where(spot: Spot | None) -> tuple[PropertyTest, ...]:
    if spot is None or spot.is_broken:
        return ()
    tests = [_read_property_test(entry) for entry in spot.items_or_self() or ()]
    return tuple(test for test in tests if test)


def _read_property_test(spot: Spot) -> PropertyTest | None:
    example = said("Write {{property: path, starts_with: /pricing}}.")
    children = spot.children(fix=example if not isinstance(spot.node, Entries) else "")
    if children is None:
        return None
    known = ("property", *PROPERTY_TEST_KEYS)
    keys = [key for key in children if key in PROPERTY_TEST_KEYS]
    unknown = [key for key in children if key not in known]
    for key in unknown:
        _refuse_in_where(children[key], known)
    tests = read_tests([children[key] for key in keys])
    name = children.get("property")
    combined = any(key in COMBINATIONS for key in unknown)
    if name is None and not combined and not any(nearest_word(key, ("property",)) for key in unknown):
        spot.refuse("no-property", said("This condition names no property."), example)
    if (
        not keys
        and not combined
        and not any(key in MOVING_TESTS or nearest_word(key, known) for key in unknown)
    ):
        spot.refuse(
            "no-test",
            said("A property needs a test."),
            said("Add one, such as `is: demo` or `empty: false`."),
        )
    text = name.text(said("the name of a property")) if name else None
    return PropertyTest(text, tests) if text else None


def _refuse_in_where(spot: Spot, known: tuple[str, ...]) -> None:
    if spot.key in MOVING_TESTS:
        says = said("`{key}` is not for properties.", key=spot.key)
        spot.refuse_key(
            "misplaced", says, said("Use `before` or `after`, or put a window beside `touchpoint`.")
        )
    elif spot.key in COMBINATIONS:
        says = said("`{key}` cannot stand in `where`: all of its entries must hold.", key=spot.key)
        fix = said("Use a list with a test, or two conditions under `any` or `not`.")
        spot.refuse_key("misplaced", says, fix)
    else:
        spot.refuse_unknown(known, "`where`")
