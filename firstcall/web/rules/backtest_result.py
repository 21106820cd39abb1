"""What came of a backtest, for its page: shares in percent, and the columns of a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from firstcall.web.rules.picture import HEIGHT, WIDTH
from firstcall.web.templatetags.web import points as said_points

_GAP = 4


@dataclass(frozen=True, slots=True)
class Row:
    """Records with a grade or a score, and how many of them were won.

    rate, low, high  in percent
    lift             how many times the share of all that is
    """

    name: str
    records: int
    won: int
    rate: Decimal | None
    low: Decimal | None
    high: Decimal | None
    lift: Decimal | None


@dataclass(frozen=True, slots=True)
class Column:
    """A bar of the picture, with the line of its interval."""

    says: str
    x: float
    y: float
    width: float
    height: float
    middle: float
    low: float
    high: float


def drawn(result: Mapping[str, Any]) -> dict[str, object]:
    """By the names that the page knows it by; `result` as `backtest_object` has it."""
    everyone = result["conversion"]
    brackets = [_row(_span(one), one, everyone) for one in result["brackets"]]
    return {
        "result": result,
        "width": WIDTH,
        "height": HEIGHT,
        "rate": _percent(result["conversion"]),
        "chance": _chance(result),
        "often": None if result["auc"] is None else round(100 * result["auc"]),
        "columns": _columns(result["brackets"], brackets),
        "brackets": brackets[::-1],
        "top": _percent(_highest(result["brackets"])),
        "grades": [_row(one["grade"] or gettext("no grade"), one, everyone) for one in result["grades"]],
        "best_fifth": _percent(result["deciles"][1]["won_so_far"]) if result["deciles"] else None,
        "criteria": [
            {"name": one["criterion"], "backwards": move["backwards"], "points": _hundredths(move["average_points"]),
             "with": _percent(move["with"]["conversion"]), "records": move["with"]["records"],
             "without": _percent(move["without"]["conversion"])}
            for one in result["criteria"]
            for move in one["moves"]
        ],
        "unmoved": [one["criterion"] for one in result["criteria"] if not one["moves"]],
    }  # fmt: skip


def _chance(result: Mapping[str, Any]) -> str:
    """Whether the area under the curve is `better` than chance, `worse`, or neither; empty without one."""
    if result["auc_interval"] is None:
        return ""
    low, high = result["auc_interval"]
    return "better" if low > 0.5 else "worse" if high < 0.5 else "none"


def _row(name: str, of: Mapping[str, Any], everyone: float | None) -> Row:
    low, high = of["interval"] or (None, None)
    rate = of["conversion"]
    lift = round(Decimal(rate / everyone), 1) if rate is not None and everyone else None
    return Row(name, of["records"], of["won"], _percent(rate), _percent(low), _percent(high), lift)


def _highest(rows: Sequence[Mapping[str, Any]]) -> float:
    """Of the upper ends of the intervals, above 0."""
    return max([0.0001, *(float(one["interval"][1]) for one in rows if one["interval"])])


def _columns(brackets: Sequence[Mapping[str, Any]], rows: Sequence[Row]) -> list[Column]:
    highest = _highest(brackets)
    across = WIDTH / max(len(brackets), 1)
    columns = []
    for n, (one, row) in enumerate(zip(brackets, rows, strict=True)):
        if one["interval"] is None:
            continue
        rate, low, high = (HEIGHT * of / highest for of in (one["conversion"], *one["interval"]))
        says = gettext("%(score)s: %(won)s of %(records)s won, %(rate)s %%") % {
            "score": row.name,
            "won": row.won,
            "records": row.records,
            "rate": row.rate,
        }
        x = n * across + _GAP / 2
        columns.append(
            Column(
                says, x, HEIGHT - rate, across - _GAP, rate, (n + 0.5) * across, HEIGHT - low, HEIGHT - high
            )
        )
    return columns


def _span(of: Mapping[str, Any]) -> str:
    low, high = of["from"], of["below"]
    if low is None and high is None:
        return gettext("all")
    if low is None:
        return gettext("below %(high)s") % {"high": _plain(high)}
    if high is None:
        return gettext("%(low)s or more") % {"low": _plain(low)}
    return gettext("%(low)s to below %(high)s") % {"low": _plain(low), "high": _plain(high)}


def _plain(points: float) -> str:
    return said_points(_hundredths(points))


def _hundredths(points: float) -> int:
    return round(points * 100)


def _percent(share: float | None) -> Decimal | None:
    return None if share is None else round(Decimal(100 * share), 1)
