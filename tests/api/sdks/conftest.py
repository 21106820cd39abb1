"""A source at the server, a line to it that can be made bad, and the SDKs of Node."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from firstcall.touchpoints.models import Source
from tests.api.trackers import a_source
from tests.serving import PATIENCE

ROOT = Path(__file__).parents[3]
SDKS = ROOT / "build" / "sdks"


@dataclass(frozen=True)
class Served:
    url: str
    key: str
    source: Source


@pytest.fixture
def served(transactional_db: None, server: str) -> Served:
    source, key = a_source()
    return Served(server, key, source)


@dataclass
class BadLine:
    """A proxy that does what it is told with the requests that pay for something: `refuse` answers 503; `swallow`
    passes the request on and loses the answer. What is left passes."""

    to: str
    plan: list[str]
    retries: list[str] = field(default_factory=list)
    url: str = ""

    def __enter__(self) -> BadLine:
        line = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                line.retries.append(self.headers.get("X-Retry-Count", "0"))
                what = line.plan.pop(0) if line.plan else "pass"
                if what == "refuse":
                    self.send_response(503)
                    self.send_header("Retry-After", "1")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                headers = {n: v for n, v in self.headers.items() if n.lower() not in ("host", "connection")}
                answer = httpx.post(line.to + self.path, content=body, headers=headers)
                if what == "swallow":
                    self.connection.close()
                    return
                self.send_response(answer.status_code)
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="session")
def node_sdks() -> Path:
    """The folder where the SDKs of package.json are installed, each in its exact version."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        pytest.skip("There is no Node here: the SDKs of Node and of browsers are not tried.")
    SDKS.mkdir(parents=True, exist_ok=True)
    wanted = (Path(__file__).parent / "package.json").read_bytes()
    done = SDKS / ".installed"
    with (SDKS / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # workers of the tests run at once
        _install(npm, wanted, done)
    return SDKS


def _install(npm: str, wanted: bytes, done: Path) -> None:
    if not done.exists() or done.read_bytes() != wanted:
        (SDKS / "package.json").write_bytes(wanted)
        install = [npm, "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
        installed = subprocess.run(
            install, cwd=SDKS, capture_output=True, text=True, timeout=300, check=False
        )
        if installed.returncode != 0:
            pytest.skip(f"The SDKs cannot be installed: {installed.stderr[-300:]}")
        done.write_bytes(wanted)


@pytest.fixture
def node(node_sdks: Path) -> Callable[..., str]:
    """`node("segment_node.mjs", url, key)` runs a script beside the SDKs."""

    def run(script: str, *arguments: str) -> str:
        shutil.copy(Path(__file__).parent / script, node_sdks / script)
        ran = subprocess.run(
            ["node", script, *arguments],
            cwd=node_sdks,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    return run
