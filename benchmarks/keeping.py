"""`python -m benchmarks.keeping`: how many touchpoints a second the service takes in and keeps scores right for."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import resource
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import django
import duckdb

from benchmarks.company import load, serve, site, soil, switch_on, worked
from benchmarks.dataset import Dataset, prepare
from benchmarks.rules import write_rules

FOLDER = Path("/var/lib/firstcall-bench") if os.geteuid() == 0 else Path("build/bench/postgres")
TYPES = (
    "web.visited",
    "email.opened",
    "email.clicked",
    "email.replied",
    "call.attended",
    "web.form_submitted",
)
BACKLOG = 2_000  # due records at which the sender waits: what comes in must be kept, not piled up


@dataclass(frozen=True)
class Stream:
    """Touchpoints as they come in: leads that did much do more."""

    leads: Sequence[int]
    chance: random.Random

    def batch(self, size: int) -> list[Any]:
        from firstcall.moments import now
        from firstcall.touchpoints.intake import Arrival

        return [
            Arrival(
                f"{time.time_ns()}.{i}",
                self.chance.choice(TYPES),
                now(),
                self.chance.choice(self.leads),
                {"path": self.chance.choice(("/pricing", "/features", "/blog")), "duration": 300},
            )
            for i in range(size)
        ]


def stream_of(data: Dataset, sample: int = 100_000) -> Stream:
    sql = f"SELECT record_id + 1 FROM '{data.by_record}' USING SAMPLE {sample} ROWS (reservoir, 1)"
    with duckdb.connect() as db:
        return Stream([id for (id,) in db.execute(sql).fetchall()], random.Random(1))


def _keeper(stop: Event) -> None:
    django.setup()
    from firstcall.moments import now
    from firstcall.scorekeeping.work import work

    ended = threading.Event()

    def pass_on() -> None:
        stop.wait()
        ended.set()

    threading.Thread(target=pass_on, daemon=True).start()
    work(now=now, stop=ended)


@contextmanager
def keepers(count: int) -> Iterator[None]:
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    processes = [context.Process(target=_keeper, args=(stop,)) for _ in range(count)]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        stop.set()
        for process in processes:
            process.join()


def due(most: int) -> int:
    """Rows of records that wait to be scored, counted up to one more than `most`."""
    from firstcall.records.models import DirtyRecord

    return len(DirtyRecord.objects.values_list("pk")[: most + 1])


def drain() -> None:
    while due(0):
        time.sleep(0.005)


def sustained(stream: Stream, size: int, seconds: float) -> int:
    """Send batches for so long, and wait until all is kept; says how many touchpoints."""
    from firstcall.moments import now
    from firstcall.touchpoints.intake import accept

    source, sent, end = site(), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        accept(source, stream.batch(size), received_at=now())
        sent += size
        while due(BACKLOG) > BACKLOG:
            time.sleep(0.002)
    drain()
    return sent


def singles(stream: Stream, count: int) -> tuple[list[float], list[float]]:
    """Of single touchpoints, one after the other: seconds to take one in, and until its scores are right."""
    from firstcall.moments import now
    from firstcall.touchpoints.intake import accept

    source, taken, kept = site(), list[float](), list[float]()
    for _ in range(count):
        [arrival] = stream.batch(1)
        start = time.perf_counter()
        accept(source, [arrival], received_at=now())
        taken.append(time.perf_counter() - start)
        while due(0):
            time.sleep(0.001)
        kept.append(time.perf_counter() - start)
    return taken, kept


def score_all() -> int:
    from firstcall.moments import now
    from firstcall.scorekeeping.keeper import keep_all

    soil()
    return keep_all(now=now)


def hour(after: int) -> int:
    """The changes of one hour to come that time alone brings."""
    from firstcall.moments import now
    from firstcall.scorekeeping.keeper import keep_all

    moment = now() + timedelta(hours=after)
    return keep_all(now=lambda: moment)


def naive(stream: Stream, count: int) -> int:
    """The plain way: for each touchpoint an INSERT and a query of its own over the JSON, and its score written."""
    from firstcall.moments import now
    from firstcall.records.models import Module
    from firstcall.records.statements import run, server_major
    from firstcall.scorekeeping.compiled import compile_for, module_columns, rule_of
    from firstcall.scorekeeping.models import StoredRule, StoredScore
    from firstcall.scoring.times import moment_of
    from firstcall.touchpoints.models import Touchpoint

    module, source = Module.objects.get(name="leads"), site()
    rules = list(StoredRule.objects.filter(active__isnull=False))
    columns = module_columns(module)
    statements = [compile_for(rule_of(rule.newest), columns, major=server_major()).sql for rule in rules]
    for arrival in stream.batch(count):
        Touchpoint.objects.create(
            source=source,
            message_id=arrival.message_id,
            type=arrival.type,
            record_id=arrival.record_id,
            occurred_at=arrival.occurred_at,
            received_at=now(),
            properties=dict(arrival.properties),
        )
        for rule, sql in zip(rules, statements, strict=True):
            for row in run(sql, moment_of(now()), [arrival.record_id]).fetchall():
                StoredScore.objects.filter(record=arrival.record_id, rule=rule).update(total=row[6])
    return count


def measured(name: str, work: Callable[[], int], what: str = "touchpoints") -> float:
    """Print what one did a second and of processors' time; says how many a second."""
    start, server, here = time.perf_counter(), worked(), resource.getrusage(resource.RUSAGE_SELF)
    count = work()
    seconds, server = time.perf_counter() - start, worked() - server
    spent = resource.getrusage(resource.RUSAGE_SELF)
    here_worked = spent.ru_utime + spent.ru_stime - here.ru_utime - here.ru_stime
    print(
        f"| {name} | {count:,} {what} | {count / seconds:,.0f} | {1_000 * server / max(count, 1):.3f} |"
        f" {1_000 * here_worked / max(count, 1):.3f} |",
        flush=True,
    )
    return count / seconds


def section(data: Dataset, rules: int, seconds: float, *, only_clock: bool) -> None:
    stream, scale = stream_of(data), f"{rules} rule{'s' if rules > 1 else ''}"
    switch_on(rules)
    measured(f"{scale}: first scoring", score_all, "records")
    measured(f"{scale}: all again, nothing differs", score_all, "records")
    for after in (1, 2, 3):
        measured(f"{scale}: the clock, hour {after}", partial(hour, after), "records")
    if only_clock:
        return
    with keepers(1):
        for size in (100, 1_000):
            sustained(stream, size, 2)
            measured(f"{scale}: batches of {size:,}", partial(sustained, stream, size, seconds))
        taken, kept = singles(stream, max(20, int(seconds * 20)))
    for name, times in (("single taken in", taken), ("single kept", kept)):
        told = statistics.quantiles(times, n=100)
        print(
            f"| {scale}: {name}, ms | p50 {1_000 * told[49]:.1f} | p99 {1_000 * told[98]:.1f} | | |",
            flush=True,
        )
    measured(f"{scale}: the naive way", lambda: naive(stream, max(10, int(seconds * 3))))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.keeping", description=__doc__)
    parser.add_argument("--leads", type=int, default=200_000)
    parser.add_argument("--touchpoints", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=float, default=20, help="how long each stream lasts")
    parser.add_argument("--rules", type=int, action="append", help="with so many rules; may be given again")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the database is kept")
    parser.add_argument("--clock", action="store_true", help="only scoring all, and the clock")
    parser.add_argument(
        "--temporary", action="store_true", help="a database that is neither kept nor durable"
    )
    parser.add_argument(
        "--cache", type=Path, default=Path("build/bench"), help="where the made-up data is kept"
    )
    chosen = parser.parse_args(arguments)
    chosen.cache.mkdir(parents=True, exist_ok=True)
    files = write_rules(chosen.cache / "rules")
    data = prepare(chosen.leads, chosen.touchpoints, chosen.cache)
    folder = chosen.folder / f"{chosen.leads}x{chosen.touchpoints}"
    with serve(None if chosen.temporary else folder):
        from firstcall.moments import now

        load(data, [files["twenty_five"], *(files[f"related_{n}"] for n in range(1, 5))], until=now())
        print(
            f"| {data.leads:,} leads, {data.touchpoints:,} touchpoints | | a second | server ms each | Python ms each |"
        )
        print("| --- | ---: | ---: | ---: | ---: |")
        for rules in chosen.rules or [1, 5]:
            section(data, rules, chosen.seconds, only_clock=chosen.clock)


if __name__ == "__main__":
    main()
