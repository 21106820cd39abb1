"""Visitors of a web site, whose tracker sends what they do until it is acknowledged, as the real ones do."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import httpx

logging.getLogger("httpx").setLevel(logging.WARNING)  # a line a request would drown what a test says

EVENTS = {"Page Viewed": {"path": "/pricing"}, "Form Submitted": {"form": "demo"}, "Email Replied": {}}
PEOPLE = 40


class Tracker(threading.Thread):
    """One site's. `acknowledged` are the messages that were answered with 200; each may have been sent several times."""

    def __init__(self, url: str, key: str, seed: int) -> None:
        super().__init__(name=f"tracker {seed}")
        self.acknowledged: list[str] = []
        self.given_up: list[str] = []
        self.answers: Counter[str] = Counter()
        self.retry_after: set[str | None] = set()
        self.stop = threading.Event()
        self._chance = random.Random(seed)
        self._client = httpx.Client(base_url=url, auth=(key, ""), timeout=20)
        self._seed = seed

    def run(self) -> None:
        number = 0
        while not self.stop.is_set():
            number += 1
            batch = [self._call(f"{self._seed}.{number}.{i}") for i in range(self._chance.randrange(1, 20))]
            self._deliver(batch)
            time.sleep(0.02)
        self._client.close()

    def _deliver(self, batch: list[dict[str, Any]]) -> None:
        """The same bytes again until they are acknowledged; some senders lose patience."""
        patient = self._chance.random() < 0.95
        ids = [call["messageId"] for call in batch]
        while True:
            if self._send({"batch": batch}):
                self.acknowledged += ids
                return
            if not patient:
                self.given_up += ids
                return
            time.sleep(0.1)

    def _send(self, body: dict[str, Any]) -> bool:
        try:
            answer = self._client.post("/v1/batch", json=body)
        except httpx.HTTPError as error:
            self.answers[type(error).__name__] += 1
            return False
        self.answers[str(answer.status_code)] += 1
        if answer.status_code == 503:
            self.retry_after.add(answer.headers.get("Retry-After"))
        return answer.status_code == 200

    def _call(self, id: str) -> dict[str, Any]:
        person = f"u{self._chance.randrange(PEOPLE)}"
        said = datetime.now(UTC).isoformat()
        event, properties = self._chance.choice(list(EVENTS.items()))
        return {
            "type": "track", "messageId": id, "userId": person, "event": event, "properties": properties,
            "timestamp": said, "sentAt": said,
        }  # fmt: skip


def introduce(url: str, key: str) -> None:
    """Say who the people are: each becomes a lead."""
    calls = [
        {
            "type": "identify",
            "messageId": f"hello {n}",
            "userId": f"u{n}",
            "traits": {"email": f"u{n}@visitors.example"},
        }
        for n in range(PEOPLE)
    ]
    httpx.post(f"{url}/v1/batch", json={"batch": calls}, auth=(key, ""), timeout=60).raise_for_status()
