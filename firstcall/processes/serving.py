"""The web server: granian's processes around `firstcall.wsgi`, behind `front`."""

from __future__ import annotations

import errno
import multiprocessing
import os
import resource
import socket
import time
from importlib import import_module
from typing import Any

from firstcall.configuration import Configuration, configuration
from firstcall.connecting.watching import answers_at, watch
from firstcall.processes.collecting import pass_over_what_is_there
from firstcall.processes.ending import end_with_parent
from firstcall.processes.errors import CannotRunError

APPLICATION = "firstcall.wsgi:application"
_DRAIN = 10  # seconds for requests under way
_CONNECTIONS = 4_096  # of a process; whoever trickles a body in has one, and no thread
_PATIENCE = 5.0  # seconds; a server that was just killed gives its port back within them


def address_of(host: str, port: int) -> str:
    """What to open in a browser on this machine."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}/"


def refuse_taken_port(host: str, port: int) -> None:
    """Raises CannotRunError. granian shares a port with any other granian, so it would not notice."""
    deadline = time.monotonic() + _PATIENCE
    while (error := _try_port(host, port)) is not None:
        if error.errno == errno.EADDRINUSE and time.monotonic() < deadline:
            time.sleep(0.2)
            continue
        raise CannotRunError(_why_not(error, host, port))


def _try_port(host: str, port: int) -> OSError | None:
    try:
        [(family, kind, proto, _, where), *_] = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        with socket.socket(family, kind, proto) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(where)
            tried.listen(1)
    except OSError as error:
        return error
    return None


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is taken: another program listens there, perhaps another Firstcall. Stop it, or choose"
            f" another port: --port {port + 1 if port < 65535 else 8000}"
        )
    if error.errno == errno.EACCES:
        return f"Port {port} is only for root. Choose one above 1023: --port 8000"
    return (
        f"Nothing can listen at {host}: {error.strerror or error}. Choose another address: --host 127.0.0.1"
    )


def serve(settings: Configuration) -> None:
    """Answer requests until SIGTERM; those under way are answered first."""
    from granian.constants import Interfaces
    from granian.server import Server

    end_with_parent()
    _allow_files()
    # A fork would copy the threads' locks as they happen to be.
    multiprocessing.set_start_method("spawn", force=True)
    server = Server(
        APPLICATION,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        workers=settings.web_processes,
        backpressure=_CONNECTIONS,
        websockets=False,
        workers_kill_timeout=_DRAIN,
        log_enabled=False,
    )
    server.serve(target_loader=_Loader(os.getpid()), wrap_loader=True)


def _allow_files() -> None:
    """Each connection is an open file, and a body may be another; many systems allow 1,024 unless asked for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 3 * _CONNECTIONS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class _Loader:
    """Loads the application in a worker process, which is to end with the one that it belongs to."""

    def __init__(self, parent: int) -> None:
        self._parent = parent

    def __call__(self, target: str) -> Any:
        end_with_parent(self._parent)
        module, _, name = target.partition(":")
        application = getattr(import_module(module), name)
        from django.urls import get_resolver

        from firstcall.counts.tallying import start_flushing
        from firstcall.moments import now
        from firstcall.processes.front import Front
        from firstcall.processes.news import follow

        get_resolver().url_patterns  # noqa: B018  all pages, which the first request would load
        pass_over_what_is_there()
        start_flushing(now)
        watch.start(answers_at(configuration().database_url.get_secret_value()))
        return Front(application, threads=configuration().web_threads, follow=follow)
