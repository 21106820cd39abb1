"""What a criterion is worth: `points`, `each` or `table`, with `every`, `at_most` and `decay`."""

from __future__ import annotations

from firstcall.scoring.documents import Scalar
from firstcall.scoring.numbers import MILLION
from firstcall.scoring.reading.amounts import read_duration, read_every, read_points, read_share
from firstcall.scoring.reading.conditions import require_tests
from firstcall.scoring.reading.fitting import read_tests
from firstcall.scoring.reading.parts import Parts
from firstcall.scoring.reading.remarks import remark_rows
from firstcall.scoring.reading.spots import Spot
from firstcall.scoring.reading.vocabulary import EACH_KEYS, MOVING_TESTS, TEST_KEYS, WORTHS
from firstcall.scoring.rules import MOST_STEPS, Decay, Each, Points, Row, Table, Worth
from firstcall.scoring.saying import Pattern, said, whole

_DECAY_EXAMPLE = Pattern("Write {{lose: 50%, every: 30 days}}.")


def read_worth(parts: Parts, children: dict[str, Spot]) -> Worth | None:
    """The worth of a criterion; None, with problems, where it is wrong."""
    given = [children[key] for key in WORTHS if key in children]
    for extra in given[1:]:
        says = said(
            "`{key}` does not go with `{other}`: a criterion has one of them.",
            key=extra.key,
            other=given[0].key,
        )
        extra.refuse_key("several", says, said("Keep one."))
    if not given and not parts.may_have_meant & {*WORTHS}:
        fix = said("Add one of `points`, `each`, `table`.")
        parts.spot.refuse("no-worth", said("The criterion is worth nothing."), fix)
    worth = given[0].key if len(given) == 1 else None
    _refuse_without_each(worth, children)
    decay = _read_decay(parts, worth, children)
    points: dict[str, int | None] = {
        key: read_points(children[key]) for key in ("points", "each") if key in children
    }
    table = _read_table(children["table"], parts) if "table" in children else None
    every = read_every(children["every"]) if "every" in children else MILLION
    at_most = read_points(children["at_most"], least=0) if "at_most" in children else None
    if worth in ("each", "table"):
        _refuse_tests(worth, parts)
    elif worth == "points" and not parts.is_combination:
        require_tests(parts)
    if worth == "table":
        return table
    if worth is None or (amount := points[worth]) is None:
        return None
    _check_steps(children, decay, amount)
    if worth == "points":
        return Points(amount, decay)
    return Each(amount, every or MILLION, at_most, decay)


def _refuse_without_each(worth: str | None, children: dict[str, Spot]) -> None:
    if worth in ("points", "table"):
        for key in EACH_KEYS:
            if key in children:
                says = said("`{key}` goes with `each`, not with `{worth}`.", key=key, worth=worth)
                children[key].refuse_key(
                    "misplaced", says, said("Remove it, or use `each` in place of `{worth}`.", worth=worth)
                )


def _refuse_tests(worth: str, parts: Parts) -> None:
    """`each` and `table` stand without tests beside them, and not on what has no number or no rows."""
    for spot in parts.tests.values():
        if worth == "table":
            says = said("`{key}` does not go with `table`: the tests stand in its rows.", key=spot.key)
            spot.refuse_key("misplaced", says, said("Move it into the rows."))
        else:
            says = said("`{key}` does not go with `each`, which counts without a test.", key=spot.key)
            spot.refuse_key(
                "misplaced", says, said("Remove `{key}`, or use `points` in place of `each`.", key=spot.key)
            )
    if parts.is_combination and parts.subject:
        says = said("`{key}` takes `points` only, not `{worth}`.", key=parts.subject.key, worth=worth)
        parts.spot.refuse("combination-worth", says, said("Use `points` in place of `{worth}`.", worth=worth))
    elif worth == "each" and parts.measured in ("field", "latest"):
        says = said("`each` counts, and `{measured}` is no count.", measured=parts.measured)
        parts.spot.refuse("each-needs-count", says, said("Use `points` with a test, or a `table`."))


def _read_decay(parts: Parts, worth: str | None, children: dict[str, Spot]) -> Decay | None:
    spot = children.get("decay")
    if spot is None:
        return None
    trouble = _decay_trouble(parts, worth, children)
    if trouble:
        spot.refuse_key("decay", *trouble)
    keys = spot.children(fix=_DECAY_EXAMPLE())
    if keys is None:
        return None
    for key in keys:
        if key not in ("lose", "every"):
            keys[key].refuse_unknown(("lose", "every"), "`decay`")
    for key in ("lose", "every"):
        if key not in keys:
            spot.refuse("missing-key", said("`decay` needs `{key}`.", key=key), _DECAY_EXAMPLE())
    every = read_duration(keys["every"]) if "every" in keys else None
    share, points = _read_lose(keys["lose"]) if "lose" in keys else (None, None)
    if every is None or (share is None and points is None):
        return None
    return Decay(every, share, points)


def _decay_trouble(parts: Parts, worth: str | None, children: dict[str, Spot]) -> tuple[str, str] | None:
    if worth == "table":
        return said("`decay` does not go with `table`."), said("Remove it, or use `each` or `points`.")
    if parts.measured not in ("touchpoint", None):
        says = said(
            "`decay` goes with a plain count of touchpoints, not with `{measured}`.", measured=parts.measured
        )
        return says, said("Remove `decay`, or count with `touchpoint` alone.")
    if worth == "each" and "every" in children:
        fix = said("Remove the `every` beside `each`, or `decay`.")
        return said("`decay` goes with `each` only where there is no `every`."), fix
    if worth == "points" and parts.tests:
        test = next(iter(parts.tests))
        says = said("`decay` goes with `points` only without tests, and here is `{test}`.", test=test)
        return says, said("Remove `{test}`, or `decay`.", test=test)
    return None


def _read_lose(spot: Spot) -> tuple[int | None, int | None]:
    """The share lost (hundredths of a percent), or the points lost (hundredths)."""
    if isinstance(spot.node, Scalar) and isinstance(spot.node.value, str):
        return read_share(spot, spot.node.value), None
    points = read_points(spot)
    if points is not None and points <= 0:
        spot.refuse(
            "out-of-bounds",
            said("`lose` is above 0."),
            said("Write a percentage such as 50%, or points above 0."),
        )
        return None, None
    return None, points


def _check_steps(children: dict[str, Spot], decay: Decay | None, points: int) -> None:
    """Bound the steps to nothing; a share of 1% or more always gets there in fewer."""
    if decay is None or decay.lose_points is None:
        return
    steps = -(-abs(points) // decay.lose_points)
    if steps > MOST_STEPS:
        spot = (children["decay"].children() or {})["lose"]
        says = said(
            "It takes {steps} steps to lose all points; {most} are the most.",
            steps=whole(steps),
            most=whole(MOST_STEPS),
        )
        spot.refuse("too-many-steps", says, said("Lose more at each step, or write a percentage."))


def _read_table(spot: Spot, parts: Parts) -> Table | None:
    entries = spot.items(fix=said("Write rows such as [{{gte: 100, points: 10}}].")) or []
    rows = [
        (entry, row)
        for index, entry in enumerate(entries)
        if (row := _read_row(entry, parts.measured, is_last=index == len(entries) - 1))
    ]
    remark_rows([(entry, row.tests) for entry, row in rows], parts.measured)
    return Table(tuple(row for _, row in rows)) if rows else None


def _read_row(spot: Spot, measured: str | None, *, is_last: bool) -> Row | None:
    keys = spot.children(fix=said("Write a row such as {{gte: 100, points: 10}}."))
    if keys is None:
        return None
    misplaced = () if measured in ("field", None) else MOVING_TESTS
    unknown = [key for key in keys if key != "points" and key not in TEST_KEYS]
    for key in unknown:
        keys[key].refuse_unknown(("points", *TEST_KEYS), Pattern("a row", "a key of")())
    for key in misplaced:
        if key in keys:
            _refuse_moving_test(keys[key], measured)
    tests = read_tests((keys[key] for key in keys if key in TEST_KEYS and key not in misplaced), measured)
    if "points" not in keys:
        spot.refuse("missing-key", said("The row has no `points`."), said("Add them; 0 is allowed."))
        return None
    if not is_last and len(keys) == 1:
        says = said("A row without tests always holds, so it comes last.")
        spot.refuse("default-not-last", says, said("Give it a test, or move it to the end."))
    points = read_points(keys["points"])
    return None if points is None else Row(tests, points)


def _refuse_moving_test(spot: Spot, measured: str | None) -> None:
    if measured == "days_since":
        says, fix = said("No window goes with `days_since`."), said("Compare the days: `lt: 30`.")
    elif spot.key == "in_next":
        says, fix = said("`in_next` is a test for fields with dates."), said("Remove it.")
    else:
        says = said(
            "`{key}` is the window of a touchpoint, and that stands on the criterion, not in a row.",
            key=spot.key,
        )
        fix = said("Move `{key}` beside `touchpoint`.", key=spot.key)
    spot.refuse_key("misplaced", says, fix)
