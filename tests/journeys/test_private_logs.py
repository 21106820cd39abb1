"""The logs of all processes, from intake to score, through mistakes and faults, say nothing about anybody."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import httpx

from firstcall.engines.embedded_postgres import find_running
from tests.journeys.test_faults import ask, settled
from tests.journeys.upping import EMAIL, PASSWORD, running, until

PERSON = {
    "email": "grace.hopper@navy.example",
    "firstName": "Gracehopper",
    "lastName": "Murrayhopper",
    "phone": "+1 202 555 0143",
    "job_title": "Rear Admiral of the Fleet",
}
SEARCHED = "/whitepaper-on-cobol-for-grace"
SECRETS = ["not-a-real-token-4711", PASSWORD]


def call(kind: str, id: str, **more: object) -> dict[str, object]:
    return {"type": kind, "messageId": id, "userId": "user-of-grace", **more}


def test_nothing_that_says_who_somebody_is_or_lets_anybody_in_is_logged(folder: Path) -> None:
    settings = {
        "FIRSTCALL_LOG_FORMAT": "json",
        "FIRSTCALL_LOG_LEVEL": "debug",
        "FIRSTCALL_METRICS_TOKEN": SECRETS[0],
    }
    with running(folder, **settings) as service:
        dsn = find_running(folder / "postgres")
        assert dsn is not None
        key = ask(dsn, "found")["key"]

        def send(body: object, path: str = "/v1/batch", **more: object) -> int:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            return httpx.post(f"{service.url}{path}", content=content, timeout=60, **more).status_code

        batch = [
            call("identify", "1", traits=PERSON),
            call(
                "track",
                "2",
                event="Form Submitted",
                properties={"path": SEARCHED, "text": PERSON["email"]},
            ),
            call("page", "3", properties={"url": f"https://shop.example{SEARCHED}?q={PERSON['email']}"}),
        ]
        assert send({"batch": batch}, auth=(key, "")) == 200
        # Mistakes of all kinds, with the same words in them.
        assert send(json.dumps(batch).encode()[:-9], auth=(key, "")) == 400
        assert (
            send(
                {"batch": [call("identify", "4", traits={**PERSON, "email": "grace.hopper@"})]},
                auth=(key, ""),
            )
            == 200
        )
        assert send({"batch": batch}, auth=(SECRETS[0], "")) == 401
        for path in (
            f"/no/{PERSON['email']}",
            f"/api/v1/records/{PERSON['email']}",
            f"/sign-in?next={PERSON['email']}",
        ):
            headers = {"Authorization": f"Bearer {SECRETS[0]}", "Cookie": f"sessionid={SECRETS[0]}"}
            httpx.get(f"{service.url}{path}", headers=headers, timeout=60)
        send({"email": PERSON["email"], "password": PASSWORD}, "/api/v1/session")
        stored = settled(dsn)
        assert (len(stored["touchpoints"]), stored["scores"]) == (2, 2)
        # And what a fault makes processes say.
        os.kill(service.pids("postgres")[0], signal.SIGKILL)
        until(lambda: send({"batch": [call("page", "5")]}, auth=(key, "")) == 200)
        assert service.stop() == 0
    lines = service.output.splitlines()
    logged = [json.loads(line) for line in lines if line.startswith("{")]
    assert {"web", "keeper", "jobs"} <= {str(entry["event"]).split()[0] for entry in logged}
    requests = [entry for entry in logged if entry["event"] == "request"]
    assert {entry["status"] for entry in requests} >= {200, 400, 401, 404}
    said = service.output.lower()
    words = [*PERSON.values(), SEARCHED, *SECRETS, key, "user-of-grace", "grace", "2025550143"]
    assert [word for word in words if word.lower() in said] == []
    # The administrator's address is told to who started it, on the first line, and never logged.
    assert EMAIL not in "\n".join(lines[1:])
