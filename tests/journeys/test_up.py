"""`firstcall up`: from nothing to an address that answers, and again; whatever ends comes back."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.journeys.upping import (
    EMAIL,
    PASSWORD,
    Service,
    alive,
    descendants,
    environment,
    running,
    temporary_folder,
    until,
)
from tests.serving import free_port


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with temporary_folder() as made:
        yield made / "data"


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Service]:
    folder.mkdir(mode=0o755)
    with running(folder) as started:
        yield started


def signed_in(service: Service) -> bool:
    with service.client() as client:
        page = client.get("/sign-in")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token
        fields = {"username": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        answer = client.post("/sign-in?next=/admin/", data=fields, headers={"Referer": service.url})
        return answer.status_code == 302 and client.get("/admin/").status_code == 200


def answers(service: Service) -> bool:
    try:
        return httpx.get(f"{service.url}/sign-in", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def test_it_prints_one_address_and_the_administrator_can_sign_in(service: Service, folder: Path) -> None:
    told = [line for line in service.output.splitlines() if not line.startswith("{")]  # beside the logs
    assert told[:2] == [
        f"Made the administrator {EMAIL}, with the password you gave.",
        f"Firstcall runs at http://127.0.0.1:{service.port}/",
    ]
    assert f"  Its data are kept in {folder}." in service.output
    assert PASSWORD not in service.output
    assert signed_in(service)


def test_the_secret_key_is_its_owners_alone(service: Service, folder: Path) -> None:
    assert (folder / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["web", "keeper", "jobs", "postgres"])
def test_a_process_that_is_killed_comes_back(service: Service, name: str) -> None:
    until(lambda: service.pids(name))
    before = service.pids(name)
    os.kill(before[0], signal.SIGKILL)
    until(lambda: service.pids(name) and not set(before) & set(service.pids(name)), what=name)
    until(lambda: answers(service) and signed_in(service))


def test_json_of_any_depth_is_refused_and_stops_nothing(service: Service) -> None:
    """The threads of the web server have stack enough to notice."""
    before = service.pids("web")
    for depth in (1_000, 9_000, 200_000):
        deep = b'{"a": ' + b"[" * depth + b"]" * depth + b"}"
        for path in ("/v1/batch", "/api/v1/session"):
            answer = httpx.post(service.url + path, content=deep, timeout=30)
            assert 400 <= answer.status_code < 500, (depth, path, answer.text)
    assert service.pids("web") == before


def test_a_second_one_in_the_same_folder_or_at_the_same_port_is_refused(
    service: Service, folder: Path
) -> None:
    def refused(*options: str) -> str:
        command = [sys.executable, "-m", "firstcall", "up", *options]
        ended = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60)
        assert (ended.returncode, ended.stdout) == (1, "")
        return ended.stderr

    assert refused("--data", str(folder), "--port", str(free_port())) == (
        f"Another process is using the database in {folder}/postgres. Stop it first, or choose another folder.\n"
    )
    assert refused("--data", str(folder), "--port", str(service.port)) == (
        f"Port {service.port} is taken: another program listens there, perhaps another Firstcall. Stop it, or"
        f" choose another port: --port {service.port + 1}\n"
    )
    assert refused("--host", "192.0.2.1") == (
        "Nothing can listen at 192.0.2.1: Cannot assign requested address. Choose another address: --host 127.0.0.1\n"
    )


def test_wrong_settings_are_refused_by_name(folder: Path) -> None:
    command = [sys.executable, "-m", "firstcall", "up"]
    wrong = environment(FIRSTCALL_PORT="many", FIRSTCALL_KEPERS="2")
    ended = subprocess.run(command, env=wrong, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        "FIRSTCALL_KEPERS: there is no such setting. Did you mean FIRSTCALL_KEEPERS?",
        "FIRSTCALL_PORT: takes a whole number from 1 to 65535; 'many' is none.",
    ]


def test_it_stops_cleanly_and_everything_is_there_the_next_time(folder: Path, service: Service) -> None:
    below = descendants(service.process.pid)
    assert len(below) > 5
    assert service.stop() == 0
    assert [pid for pid in below if alive(pid)] == []
    assert not (folder / "postgres" / "cluster" / "postmaster.pid").exists()
    with running(folder, port=service.port) as again:
        assert "Made the administrator" not in again.output
        assert signed_in(again)
        # The supervisor killed hard: its children end, and the next start works at once at the same port.
        below = descendants(again.process.pid)
        again.process.kill()
        again.end()
        with running(folder, port=service.port) as third:
            assert signed_in(third)
            assert [pid for pid in below if alive(pid)] == []
            assert third.stop() == 0
