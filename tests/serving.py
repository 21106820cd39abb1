"""The product as a server of its own on the tests' database, a browser, and sites of others to visit: one server and one
browser for all tests of a worker."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 60  # seconds


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server keeps files; whoever does its jobs keeps them there too."""
    return tmp_path_factory.mktemp("served")


_servers: list[int] = []


@pytest.fixture(scope="session")
def server(django_db_setup: None, server_folder: Path) -> Iterator[str]:
    """The product under granian, on the tests' database; its address."""
    from django.db import connection
    from psycopg.conninfo import make_conninfo

    told, port = connection.settings_dict, free_port()
    dsn = make_conninfo(host=told["HOST"], user=told["USER"], dbname=told["NAME"])
    running = subprocess.Popen(
        [sys.executable, "-m", "firstcall", "web", "--port", f"{port}"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": dsn, "FIRSTCALL_SECRET_KEY": "a key for tests alone, long enough",
             "FIRSTCALL_DATA_FOLDER": str(server_folder)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    _servers.append(running.pid)
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: httpx.options(f"{url}/v1/batch").is_success)
        yield url
    finally:
        _servers.remove(running.pid)
        running.terminate()
        running.wait(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Playwright runs an event loop in this thread, where Django otherwise refuses to speak with the database, and there
    can be one of it."""
    if not CHROMIUM.exists():
        pytest.skip(
            "There is no Chromium here: nothing is tried in a browser. `apt-get install chromium` brings it."
        )
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield launched
        launched.close()


class _Site(SimpleHTTPRequestHandler):
    files: dict[str, bytes]

    def do_GET(self) -> None:
        content = self.files.get(urlsplit(self.path).path, self.files["/"])
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if self.path.endswith(".js") else "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Callable[[dict[str, bytes]], str]]:
    """Serves files on an origin of their own; says which."""
    servers = []

    def serve(files: dict[str, bytes]) -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Site", (_Site,), {"files": files}))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def at_rest(transactional_db: None) -> Iterator[None]:
    """Once a test's browser is closed the server may still answer what it asked last; the tables are emptied after that.
    What opens a browser's context asks for this, so that it is closed before."""
    yield
    until(lambda: not _at_work())


@pytest.fixture
def alone(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody else writes to the database: a server and a worker of earlier tests go on writing their counts."""
    monkeypatch.setattr("firstcall.counts.tallying.flush", lambda _: None)
    until(_stand_still)
    yield
    for pid in _servers:
        os.killpg(pid, signal.SIGCONT)


def _stand_still() -> bool:
    """Never within a transaction, whose locks would stay."""
    for pid in _servers:
        os.killpg(pid, signal.SIGSTOP)
    if not _at_work():
        return True
    for pid in _servers:
        os.killpg(pid, signal.SIGCONT)
    return False


def _at_work() -> list[tuple[object, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, query FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'"
        )
        return cursor.fetchall()


def until(holds: Callable[[], object], *, pause: Callable[[float], object] | None = None) -> None:
    """Waits until it holds; what fails meanwhile does not hold yet.

    pause  of some milliseconds; a browser's lets it call back meanwhile
    """
    from django.core.exceptions import ObjectDoesNotExist

    end = time.monotonic() + PATIENCE
    while True:
        try:
            if holds():
                return
        except (httpx.TransportError, AssertionError, ObjectDoesNotExist):
            pass
        assert time.monotonic() < end, "it did not come to be in time"
        pause(100) if pause else time.sleep(0.1)
