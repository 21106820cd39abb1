"""Warnings: what a rule may say, and what surely has no effect."""

from __future__ import annotations

from collections.abc import Sequence

from firstcall.scoring.reading.certainty import always_holds, exclude_each_other, implies, never_holds
from firstcall.scoring.reading.spots import Spot
from firstcall.scoring.rules import Each, Points, Table, Test, Worth
from firstcall.scoring.saying import said

# Each row is compared with all before it: enough for tables that people write, and quick for those they do not.
_MOST_COMPARED = 40


def remark_tests(spots: Sequence[Spot], tests: Sequence[Test], measured: str | None) -> None:
    """Warn of tests that hold never or always, alone or together."""
    never = False
    for spot, test in zip(spots, tests, strict=True):
        if never_holds(test, measured):
            never = True
            spot.warn(
                "never-holds",
                said("`{key}` never holds: {nature}.", key=spot.key, nature=_nature(measured)),
                said("Change or remove it."),
            )
        elif always_holds(test, measured):
            spot.warn(
                "always-holds",
                said("`{key}` always holds: {nature}.", key=spot.key, nature=_nature(measured)),
                said("Change or remove it."),
            )
    if not never and exclude_each_other(tuple(tests), measured):
        spots[-1].warn(
            "never-holds", said("These tests never hold together."), said("Change or remove one of them.")
        )


def _nature(measured: str | None) -> str:
    return said("{name} is a whole number from 0 up", name=named(measured))


def named(measured: str | None) -> str:
    """What is measured, as a sentence calls it."""
    return said("a count") if measured == "touchpoint" else f"`{measured}`"


def remark_rows(rows: Sequence[tuple[Spot, tuple[Test, ...]]], measured: str | None) -> None:
    """Warn of rows that no value reaches because an earlier row always takes it."""
    for index, (spot, tests) in enumerate(rows[:_MOST_COMPARED]):
        for earlier, (_, conditions) in enumerate(rows[:index]):
            needed = [condition for condition in conditions if not always_holds(condition, measured)]
            if conditions and all(any(implies(test, condition) for test in tests) for condition in needed):
                says = said(
                    "This row is never reached: row {earlier} holds wherever it would.",
                    earlier=str(earlier + 1),
                )
                spot.warn("unreachable", says, said("Put the narrower row first, or remove it."))
                break


def remark_worth(children: dict[str, Spot], worth: Worth) -> None:
    """Warn of a criterion that can never move a score."""
    match worth:
        case Points(0) | Each(0):
            spot = children["points" if isinstance(worth, Points) else "each"]
        case Each(at_most=0):
            spot = children["at_most"]
        case Table(rows) if all(row.points == 0 for row in rows):
            spot = children["table"]
        case _:
            return
    spot.warn(
        "no-points",
        said("This criterion is worth 0 points whatever happens."),
        said("Change the points, or remove it."),
    )
