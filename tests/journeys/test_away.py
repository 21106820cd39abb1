"""A database that goes away and comes back, as people at their pages and programs at the API meet it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from firstcall.engines.embedded_postgres import EmbeddedPostgres
from tests.journeys.upping import EMAIL, PASSWORD, environment, running, temporary_folder, until

PART = {"HX-Request": "true"}
# What those operations need that are asked before anybody is known.
BODIES: dict[str, Any] = {"/api/v1/session": {"email": EMAIL, "password": PASSWORD}}


def token_of(dsn: str) -> str:
    command = [sys.executable, "-m", "firstcall", "token", "tests", "--user", EMAIL]
    told = subprocess.run(
        command, env=environment(DATABASE_URL=dsn), capture_output=True, text=True, check=True, timeout=120
    )
    return told.stdout.strip()


def sign_in(client: httpx.Client) -> None:
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/sign-in").text)
    assert token
    fields = {"username": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    answer = client.post("/sign-in", data=fields, headers={"Referer": str(client.base_url)})
    assert answer.status_code == 302


def assert_pages_say_so(client: httpx.Client) -> None:
    for path in ("/", "/records/leads?sort=-id", "/rules/", "/set-up/", "/account/", "/admin/"):
        page = client.get(path, headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["Retry-After"]) == (503, "5"), path
        assert "no-store" in page.headers["Cache-Control"]
        assert "<h1>The database does not answer</h1>" in page.text
        assert f'href="{path}"' in page.text  # to try again
    page = client.get("/", headers={"Accept": "text/html", "Accept-Language": "de-AT, en;q=0.5"})
    assert (page.status_code, page.headers["Content-Language"]) == (503, "de")
    assert "<h1>Die Datenbank antwortet nicht</h1>" in page.text
    assert '<html lang="de">' in page.text
    for path, more in (("/search?q=ann", PART), ("/moved?ids=1&since=0", {"Accept": "text/event-stream"})):
        part = client.get(path, headers=more)
        assert (part.status_code, part.headers["Retry-After"]) == (503, "5"), path
        assert part.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert part.text.startswith("The database does not answer.")
    sent = {"csrfmiddlewaretoken": client.cookies["csrftoken"], "name": "Ada"}
    page = client.post(
        "/account/", data=sent, headers={"Accept": "text/html", "Referer": str(client.base_url)}
    )
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert "Go back" in page.text


def assert_the_api_says_so(client: httpx.Client, token: str, described: dict[str, Any]) -> None:
    asked = 0
    for pattern, operations in described["paths"].items():
        path = re.sub(r"\{\w+\}", "1", pattern)
        for method in operations.keys() & {"get", "post", "put", "patch", "delete"}:
            body = None if method == "get" else BODIES.get(pattern, {})
            answer = client.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})
            told = (answer.status_code, answer.headers.get("Retry-After"), answer.headers.get("Content-Type"))
            assert told == (503, "5", "application/problem+json"), (method, path, answer.text[:300])
            asked += 1
    assert asked > 100


def test_pages_and_the_api_say_that_the_database_is_away_and_go_on_when_it_is_back(folder: Path) -> None:
    cluster = folder / "postgres"
    with (
        temporary_folder() as empty,
        EmbeddedPostgres(cluster) as database,
        running(empty, DATABASE_URL=database.dsn) as service,
        service.client() as client,
    ):
        sign_in(client)
        token = token_of(database.dsn)
        described = client.get("/api/v1/openapi.json").json()
        assert client.get("/rules/").status_code == 200
        before = service.pids("web")
        server = int((cluster / "cluster" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(server, signal.SIGINT)
        until(lambda: not database.is_running())
        assert_pages_say_so(client)
        assert_the_api_says_so(client, token, described)
        database.revive()
        # At the first try, and with the same session: nothing was lost and nothing is started anew.
        assert client.get("/rules/").status_code == 200
        assert client.get("/api/v1/rules", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        assert service.pids("web") == before
        assert service.stop() == 0
        assert '"logger": "django.request"' not in service.output  # it is no fault of the product's
