"""`python -m benchmarks.pages`: how long the server takes for the pages that people open all day.

Asked over HTTP of `firstcall up`, by somebody who may see everything and is the only one there. The database is the one
that `benchmarks.keeping` keeps.
"""

from __future__ import annotations

import argparse
import http.client
import random
import secrets
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.company import load, serve, soil, switch_on
from benchmarks.dataset import prepare
from benchmarks.keeping import FOLDER
from benchmarks.rules import write_rules
from benchmarks.serving import _free_port, service


def signed_in() -> str:
    """The cookie of a new session."""
    from django.conf import settings
    from django.test import Client

    from firstcall.access.models import User

    email = "pages@example.com"
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_administrator(email, secrets.token_hex())
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def asked(leads: int, chance: random.Random) -> Iterator[tuple[str, Callable[[], str]]]:
    """What is asked, and each time another address of it."""
    from firstcall.scorekeeping.models import StoredRule, StoredScore

    rule = StoredRule.objects.filter(active__isnull=False).order_by("pk")[0]
    best = list(
        StoredScore.objects.filter(rule=rule).order_by("-total")[:500].values_list("record_id", flat=True)
    )
    list_ = "/records/leads"
    yield "Today", lambda: "/?whose=all"
    yield "a list, by score", lambda: list_
    yield "a list, the newest first", lambda: f"{list_}?sort=-id"
    yield "a list by one grade", lambda: f"{list_}?grade=Hot"
    yield (
        "a list by a condition on a field",
        lambda: f"{list_}?f=industry&t=is&v={chance.choice(('IT', 'Retail', 'Finance'))}",
    )
    for says, conditions in _conditions(rule.pk).items():
        yield f"a list by {says}", lambda asked=conditions: f"{list_}?{asked}"
        yield f"how many: {says}", lambda asked=conditions: f"{list_}?{asked}&part=count"
    yield "the record of a hot lead", lambda: f"{list_}/{chance.choice(best)}"
    yield "the record of any lead", lambda: f"{list_}/{chance.randint(1, leads)}"
    yield "search", lambda: f"/search?q=u{chance.randint(1, leads)}"


def _conditions(rule: int) -> dict[str, str]:
    """What is asked of touchpoints and scores, of few and of many."""
    return {
        "who clicked in 7 days": "f=did:email.clicked&t=within&v=7",
        "who clicked in 1 day": "f=did:email.clicked&t=within&v=1",
        "who did anything in 30 days": "f=did:*&t=within&v=30",
        "who did nothing in 30 days": "f=did:*&t=not_within&v=30",
        "who never clicked": "f=did:email.clicked&t=never",
        "who came 3 times in 7 days": "f=did:web.*&t=in_7&v=3",
        "who came 10 times in 7 days": "f=did:web.*&t=in_7&v=10",
        "a score of 10 or more": f"f=score:{rule}&t=gte&v=10",
        "a score of 60 or more": f"f=score:{rule}&t=gte&v=60",
    }


def measured(port: int, cookie: str, address: Callable[[], str], times: int) -> tuple[list[float], int]:
    """Seconds until the whole page is here, and the octets of the last one."""
    connection, taken, size = http.client.HTTPConnection("127.0.0.1", port, timeout=60), list[float](), 0
    for _ in range(times):
        path = address()
        began = time.perf_counter()
        connection.request(
            "GET", path, headers={"Cookie": cookie, **({"HX-Request": "true"} if "part=" in path else {})}
        )
        answer = connection.getresponse()
        size = len(answer.read())
        taken.append(time.perf_counter() - began)
        assert answer.status == 200, (answer.status, path)
    return taken, size


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--touchpoints", type=int, default=10_000_000)
    parser.add_argument("--times", type=int, default=60, help="how often each page is asked for")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the database is kept")
    parser.add_argument(
        "--cache", type=Path, default=Path("build/bench"), help="where the made-up data is kept"
    )
    chosen = parser.parse_args(arguments)
    chosen.cache.mkdir(parents=True, exist_ok=True)
    files = write_rules(chosen.cache / "rules")
    data = prepare(chosen.leads, chosen.touchpoints, chosen.cache)
    with serve(chosen.folder / f"{chosen.leads}x{chosen.touchpoints}") as server:
        from firstcall.moments import now
        from firstcall.scorekeeping.keeper import keep_all
        from firstcall.scorekeeping.models import StoredScore

        load(data, [files["twenty_five"]], until=now())
        switch_on(1)
        if not StoredScore.objects.exists():
            soil()
            keep_all(now=now)
        cookie, port, chance = signed_in(), _free_port(), random.Random(3)
        print(f"| {data.leads:,} leads, {data.touchpoints:,} touchpoints | p50 ms | p95 ms | KB |")
        print("| --- | ---: | ---: | ---: |")
        with service(server.dsn, port):
            for name, address in asked(data.leads, chance):
                measured(port, cookie, address, 5)
                taken, size = measured(port, cookie, address, chosen.times)
                cut = statistics.quantiles(taken, n=20)
                print(
                    f"| {name} | {1_000 * cut[9]:.0f} | {1_000 * cut[18]:.0f} | {size / 1_000:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
