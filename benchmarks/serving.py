"""`python -m benchmarks.serving`: from HTTP request to committed score, through the real service's processes.

Touchpoints go to POST /v1/batch as trackers send them. How fresh scores are is asked from outside, by probes: a
touchpoint each, and a look at the database until its record's score is committed.
"""

from __future__ import annotations

import argparse
import base64
import gc
import http.client
import json
import multiprocessing
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.company import load, serve, site, soil, switch_on
from benchmarks.dataset import prepare
from benchmarks.keeping import FOLDER, TYPES, due, stream_of
from benchmarks.rules import write_rules

PROBES = 200
PROBE_EVERY = 0.05  # seconds
LOOK_EVERY = 0.1  # seconds; ten times as often it took a tenth of the processors
BACKLOG = 5_000  # records that wait to be scored: beyond it the senders wait


@dataclass(frozen=True)
class Web:
    """Where the service listens, and the key it takes touchpoints by."""

    port: int
    key: str

    def connect(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def send(self, connection: http.client.HTTPConnection, body: bytes) -> None:
        basic = base64.b64encode(f"{self.key}:".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
        connection.request("POST", "/v1/batch", body, headers)
        answer = connection.getresponse()
        said = answer.read()
        assert answer.status == 200, (answer.status, said)


def calls(people: Sequence[int], chance: random.Random, size: int) -> bytes:
    """A batch as an SDK sends it."""
    stamp = time.time_ns()
    batch = [
        {
            "type": "track",
            "event": chance.choice(TYPES),
            "userId": f"u{chance.choice(people)}",
            "messageId": f"b-{stamp}-{number}",
            "properties": {"path": chance.choice(("/pricing", "/features", "/blog")), "duration": 300},
        }
        for number in range(size)
    ]
    return json.dumps({"batch": batch}).encode()


@contextmanager
def service(dsn: str, port: int) -> Iterator[None]:
    """`firstcall up` on the loaded database: web server, keeper and jobs as they run everywhere."""
    command = [sys.executable, "-m", "firstcall", "up", "--port", str(port)]
    environment = {**os.environ, "DATABASE_URL": dsn, "FIRSTCALL_LOG_LEVEL": "warning"}
    with Path("build/bench/serving.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 120
        while time.monotonic() < end:
            with suppress(OSError):
                asking = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                asking.request("GET", "/readyz")
                if asking.getresponse().status == 200:
                    break
            time.sleep(0.2)
        _await_copy(end + 600)
        yield
    finally:
        process.terminate()
        process.wait()


def _await_copy(end: float) -> None:
    """The columnar copy is made once in a service's life: what is measured is one that is followed. And each stream begins
    where the one before it has left nothing to do."""
    from firstcall.columns.status import status
    from firstcall.moments import now

    while time.monotonic() < end:
        behind = status(now=now()).behind
        if behind is not None and behind < 5:
            return
        time.sleep(1)
    raise RuntimeError("the columnar copy did not catch up")


def know_everyone() -> None:
    """Each lead is known by a user id, as after months of `identify`."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM touchpoints_identity)")
        if cursor.fetchone() == (True,):
            return
        cursor.execute(
            "INSERT INTO touchpoints_person (id, record_id, is_named, traits, created_at)"
            " SELECT id, id, true, '{}', created_at FROM records_record"
        )
        cursor.execute(
            "INSERT INTO touchpoints_identity (person_id, namespace, kind, value, first_seen_at)"
            " SELECT id, 'shared', 'user_id', 'u' || id, created_at FROM records_record"
        )
        for table in ("touchpoints_person", "touchpoints_identity"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))"
            )
        cursor.execute("VACUUM ANALYZE touchpoints_person")
        cursor.execute("VACUUM ANALYZE touchpoints_identity")


def _sender(
    web: Web, people: Sequence[int], size: int, pause: float, end: float, sent: Any, waiting: Any, seed: int
) -> None:
    """Send batches until `end`; every `pause` seconds one, or with none as fast as they are answered."""
    chance, connection = random.Random(seed), web.connect()
    due_at = time.monotonic()
    while time.monotonic() < end:
        if waiting.value:
            time.sleep(0.005)
            continue
        web.send(connection, calls(people, chance, size))
        with sent.get_lock():
            sent.value += size
        if pause:
            due_at += pause
            time.sleep(max(0.0, due_at - time.monotonic()))


@dataclass
class Freshness:
    """Seconds from the beginning of a probe's request until its score is committed."""

    seconds: list[float] = field(default_factory=list)

    def told(self) -> str:
        if len(self.seconds) < 20:
            return "too few probes"
        cut = statistics.quantiles(self.seconds, n=100)
        return f"p50 {1_000 * cut[49]:.0f} ms, p99 {1_000 * cut[98]:.0f} ms of {len(self.seconds)}"


def probe(web: Web, dsn: str, probes: Sequence[int], stop: threading.Event, found: Freshness) -> None:
    """One probe after the other: a touchpoint, then a look until nothing of its record is due any more. What is due
    goes in the transaction that stores the score."""
    connection, chance = web.connect(), random.Random(3)
    due_of = "SELECT EXISTS (SELECT FROM records_dirtyrecord WHERE record_id = %s)"
    with psycopg.connect(dsn, autocommit=True) as database:
        while not stop.is_set():
            record = chance.choice(probes)
            start = time.perf_counter()
            web.send(connection, calls([record], chance, 1))
            while database.execute(due_of, [record]).fetchone() == (True,):
                time.sleep(0.002)
            found.seconds.append(time.perf_counter() - start)
            stop.wait(PROBE_EVERY)


def stream(
    web: Web,
    dsn: str,
    people: Sequence[int],
    probes: Sequence[int],
    *,
    size: int,
    rate: float,
    seconds: float,
) -> tuple[float, Freshness]:
    """Touchpoints a second until all is scored, and how fresh scores were meanwhile. `rate` 0: as many as it keeps."""
    context = multiprocessing.get_context("fork")
    sent: Synchronized[int] = context.Value("q", 0)
    waiting: Synchronized[int] = context.Value("b", 0)
    begin = time.monotonic()
    end, pause = begin + seconds, (size / rate if rate else 0.0)
    senders = [
        context.Process(
            target=_sender, args=(web, people, size, pause and 2 * pause, end, sent, waiting, seed)
        )
        for seed in range(2)
    ]
    stop, found = threading.Event(), Freshness()
    watching = threading.Thread(target=probe, args=(web, dsn, probes, stop, found))
    for sender in senders:
        sender.start()
    if rate:
        watching.start()
    while time.monotonic() < end:
        waiting.value = not rate and due(BACKLOG) > BACKLOG
        time.sleep(LOOK_EVERY)
    for sender in senders:
        sender.join()
    if rate:
        stop.set()
        watching.join()
    while due(0):
        time.sleep(0.02)
    return sent.value / (time.monotonic() - begin), found


def singles(web: Web, people: Sequence[int], rate: float, seconds: float) -> list[float]:
    """Seconds that each request of one touchpoint takes, sent at the rate by four connections in turns."""
    chance, taken = random.Random(5), list[float]()
    begin = time.monotonic()

    def send(number: int) -> None:
        connection = web.connect()
        turn = number
        while (at := begin + turn / rate) < begin + seconds:
            time.sleep(max(0.0, at - time.monotonic()))
            body = calls(people, chance, 1)
            # From when it was due, so that a stall counts for all that it held up.
            web.send(connection, body)
            taken.append(time.monotonic() - at)
            turn += 4

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def section(
    web: Web, dsn: str, people: Sequence[int], probes: Sequence[int], rules: int, seconds: float
) -> None:
    scale = f"{rules} rule{'s' if rules > 1 else ''}"
    best = 0.0
    for size in (100, 1_000):
        _await_copy(time.monotonic() + 600)
        stream(web, dsn, people, probes, size=size, rate=0, seconds=3)
        rate, _ = stream(web, dsn, people, probes, size=size, rate=0, seconds=seconds)
        best = max(best, rate) if size == 100 else best
        print(f"| {scale}: batches of {size:,} | {rate:,.0f} touchpoints/s sustained |", flush=True)
    for share in (0.1, 0.5, 0.9):
        _await_copy(time.monotonic() + 600)
        _, fresh = stream(web, dsn, people, probes, size=100, rate=share * best, seconds=seconds)
        print(
            f"| {scale}: freshness at {share:.0%} of {best:,.0f}/s | {fresh.told()} |",
            flush=True,
        )
    # The sender's own collector of garbage would look through all of the benchmark's data in the middle of it.
    _await_copy(time.monotonic() + 600)
    gc.disable()
    taken = singles(web, people, 300, seconds)
    gc.enable()
    cut = statistics.quantiles(taken, n=100)
    told = f"p50 {1_000 * cut[49]:.1f} ms, p99 {1_000 * cut[98]:.1f} ms, {len(taken) / seconds:.0f}/s"
    print(f"| {scale}: single requests at 300/s | {told} |", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=__doc__)
    parser.add_argument("--leads", type=int, default=200_000)
    parser.add_argument("--touchpoints", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=float, default=20, help="how long each stream lasts")
    parser.add_argument("--rules", type=int, action="append", help="with so many rules; may be given again")
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

        load(data, [files["twenty_five"], *(files[f"related_{n}"] for n in range(1, 5))], until=now())
        know_everyone()
        people = stream_of(data).leads
        probes = random.Random(9).sample(range(1, data.leads + 1), PROBES)
        web = Web(_free_port(), _key())
        for rules in chosen.rules or [1, 5]:
            switch_on(rules)
            soil()
            keep_all(now=now)
            with service(server.dsn, web.port):
                section(web, server.dsn, people, probes, rules, chosen.seconds)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _key() -> str:
    from firstcall.moments import now
    from firstcall.touchpoints.models import WriteKey
    from firstcall.touchpoints.sources import issue_key

    found = WriteKey.objects.filter(source=site()).first()
    return (found or issue_key(site(), at=now())).key


if __name__ == "__main__":
    main()
