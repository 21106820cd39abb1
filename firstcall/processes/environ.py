"""The environ of a request as PEP 3333 wants it."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import Any

from granian.rsgi import Scope

Environ = dict[str, Any]


def environ_of(scope: Scope) -> Environ:
    """The request as PEP 3333 wants it, but for its body."""
    server, _, port = scope.server.rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": "HTTP/1.0" if scope.http_version == "1" else f"HTTP/{scope.http_version}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "wsgi.file_wrapper": File,
    }
    if scope.authority:
        environ["HTTP_HOST"] = scope.authority
    for name, value in scope.headers.items():
        key = name.upper().replace("-", "_")
        # X_Forwarded_For would pass for X-Forwarded-For.
        if "_" in name or (key == "HOST" and scope.authority):
            continue
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        separator = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
    return environ


class File:
    """An answer that is a file: where it has a path, granian sends it and no thread waits for who reads it."""

    def __init__(self, file: Any, size: int = 2**16) -> None:
        self._file, self._size = file, size
        self.close = file.close

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self._file.read(self._size), b"")

    @property
    def path(self) -> str | None:
        is_plain = isinstance(self._file, io.BufferedReader) and isinstance(self._file.name, str)
        return self._file.name if is_plain and not self._file.tell() else None
