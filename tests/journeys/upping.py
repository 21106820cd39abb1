"""`firstcall up` as people run it: a real process with real children, in a folder of its own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.serving import free_port

EMAIL, PASSWORD = "ada@example.com", "analytical-engine"


def until(holds: Callable[[], object], seconds: float = 90, what: str = "it") -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"{what} did not come to be in time"
        time.sleep(0.05)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """One that the database's user can reach; pytest's own are closed to it where the tests run as root."""
    made = Path(tempfile.mkdtemp(prefix="firstcall-test-"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def environment(**more: str) -> dict[str, str]:
    """That of the tests without any setting of Firstcall's."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("FIRSTCALL_")}
    bare.pop("DATABASE_URL", None)
    bare.pop("DJANGO_SETTINGS_MODULE", None)
    return {**bare, **more}


class Service:
    """One run of it; `output` is all that it printed so far."""

    def __init__(self, folder: Path, port: int, *options: str, **settings: str) -> None:
        self.folder, self.port = folder, port
        self.output = ""
        given = {"FIRSTCALL_ADMIN_EMAIL": EMAIL, "FIRSTCALL_ADMIN_PASSWORD": PASSWORD, **settings}
        command = [sys.executable, "-m", "firstcall", "up", "--data", str(folder), "--port", str(port)]
        self.process = subprocess.Popen(
            [*command, *options],
            cwd=folder,
            env=environment(**given),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=30)

    def wait_until_it_runs(self) -> None:
        until(lambda: "Firstcall runs at" in self.output or self.process.poll() is not None, what=self.output)
        assert self.process.poll() is None, self.output

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.end()

    def end(self) -> int:
        code = self.process.wait(timeout=60)
        self._reader.join(timeout=60)
        return code

    def pids(self, name: str) -> list[int]:
        """The processes of one kind: web, keeper, jobs, columns (and their own children) or postgres."""
        words = {
            "web": ["web"],
            "keeper": ["worker", "--only", "keeper"],
            "jobs": ["worker", "--only", "jobs"],
            "columns": ["worker", "--only", "columns"],
        }
        if name == "postgres":
            file = self.folder / "postgres" / "cluster" / "postmaster.pid"
            lines = file.read_text().splitlines() if file.exists() else []
            return [int(lines[0])] if lines else []
        wanted = ["-m", "firstcall", *words[name]]
        return [
            pid for pid in descendants(self.process.pid) if (line := command_line(pid)) and line[1:] == wanted
        ]


def command_line(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
    except OSError:
        return []


def descendants(pid: int) -> list[int]:
    """All processes below this one."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            found = re.search(r"^PPid:\t(\d+)", status.read_text(), re.MULTILINE)
        except OSError:
            continue
        if found:
            parents[int(status.parent.name)] = int(found[1])
    below, level = [], {pid}
    while level:
        level = {child for child, parent in parents.items() if parent in level}
        below += sorted(level)
    return below


def alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@contextmanager
def running(folder: Path, *options: str, port: int | None = None, **settings: str) -> Iterator[Service]:
    """A service that answers; in the end nothing of it is left, whatever became of it."""
    service = Service(folder, port or free_port(), *options, **settings)
    try:
        service.wait_until_it_runs()
        yield service
    finally:
        below = descendants(service.process.pid)
        if service.process.poll() is None:
            service.process.kill()
        service.end()
        until(lambda: not any(alive(pid) for pid in below), what="the end of its processes")
