"""What the made-up company's buyers do once their deal is won or lost: the deal itself, use, tickets, a look at more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

type Done = tuple[datetime, str, Mapping[str, Any]]
"""When, of which type, with which properties."""

_FEATURES = ("board", "routes", "mobile", "stock", "reports")
_KEEN = {"sentiment": "positive", "intent": "purchase", "keywords": ["more seats", "rollout"]}
_ANGRY = {"sentiment": "negative", "intent": "complaint", "emotion": "disappointment"}


def after_the_deal(
    number: int, *, won: bool, amount: int, decided_at: datetime, until: datetime
) -> Iterator[Done]:
    """In no order; nothing of `until` or later. `number` is the buyer's, and decides all that differs."""
    for when, type, properties in _all(number, won, amount, decided_at, until):
        if decided_at <= when < until:
            yield when, type, properties


def _all(number: int, won: bool, amount: int, decided_at: datetime, until: datetime) -> Iterator[Done]:
    if not won:
        yield (
            decided_at,
            "deal.lost",
            {"amount": amount, "reason": ("price", "no budget", "other")[number % 3]},
        )
        return
    yield decided_at, "deal.won", {"amount": amount, "stage": "Closed won"}
    # Most stay; one in seven stops after a while.
    stays_until = decided_at + timedelta(days=40 + number % 90) if number % 7 == 0 else until
    yield from _uses(number, decided_at, min(stays_until, until))
    if number % 4 == 0:
        yield from _wants_more(number, until)
    if number % 6 == 0:
        ticket = {"ticket": f"T-{5_000 + number}", "priority": "high" if number % 12 == 0 else "normal"}
        opened_at = until - timedelta(days=3 + number % 150, hours=number % 9)
        yield opened_at, "desk.ticket_opened", ticket
        yield opened_at + timedelta(hours=2), "desk.commented", {**ticket, **_ANGRY}


def _uses(number: int, since: datetime, until: datetime) -> Iterator[Done]:
    when = since + timedelta(hours=20)
    while when < until:
        turn = int((when - since).days)
        yield when, "product.used", {"feature": _FEATURES[(number + turn) % len(_FEATURES)]}
        when += timedelta(days=4 + (number + turn) % 9, minutes=number % 60)


def _wants_more(number: int, until: datetime) -> Iterator[Done]:
    first = until - timedelta(days=2 + number % 25)
    for visit, path in enumerate(("/features/reports", "/pricing", "/pricing/teams")):
        yield first + timedelta(minutes=7 * visit), "web.visited", {"path": path}
    if number % 8 == 0:
        call = {"duration": 300 + number % 900, "direction": "inbound", **_KEEN}
        yield first + timedelta(hours=26), "call.received", call
