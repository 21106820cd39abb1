"""How processes log: JSON lines for programs, one readable line for people; ids and counts, never what people are.

Messages of exceptions may hold values of the database, so what is logged of one is its kind and where it came from.
"""

from __future__ import annotations

import logging
import sys
import traceback
from http import HTTPStatus
from typing import Any

import structlog

from firstcall.configuration import Configuration

type Entry = structlog.typing.EventDict


def logging_for(configuration: Configuration) -> dict[str, Any]:
    """The argument of `logging.config.dictConfig`; on standard error."""
    as_json = configuration.log_format == "json" or (
        configuration.log_format == "auto" and not sys.stderr.isatty()
    )
    level = configuration.log_level.upper()
    # What others say of themselves at INFO is of no use to an administrator.
    others = ("procrastinate", "asyncio", "psycopg", "psycopg.pool", "py4j")
    quiet = {name: {"level": "WARNING"} for name in others}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"entries": {"()": formatter, "as_json": as_json}},
        "filters": {"failures": {"()": "firstcall.logs.Failures"}},
        "handlers": {
            "lines": {"class": "logging.StreamHandler", "formatter": "entries", "stream": "ext://sys.stderr"},
            "errors": {"class": "firstcall.counts.failures.CountErrors", "level": "ERROR"},
        },
        "root": {"handlers": ["lines", "errors"], "level": level},
        "loggers": {
            **quiet,
            # Every request is logged by its route already.
            "django.request": {"level": "ERROR", "filters": ["failures"]},
            "django.security": {"level": "ERROR"},
        },
    }


class Failures(logging.Filter):
    """Leaves out that the database is away: an answer like others, of which nothing is to be mended here."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", None) != HTTPStatus.SERVICE_UNAVAILABLE


def formatter(as_json: bool) -> logging.Formatter:
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_messages,
        _without_path,
        _without_request,
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(default=lambda value: type(value).__name__) if as_json else _line
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
    )


def _without_messages(logger: Any, method: str, entry: Entry) -> Entry:
    """An exception as its kind, its code in the database, and its way through the program."""
    given = entry.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        entry["error"] = type(error).__name__
        entry["at"] = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
        if state := getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None):
            entry["sqlstate"] = state
    return entry


def _without_path(logger: Any, method: str, entry: Entry) -> Entry:
    """Django's messages hold the path, in which somebody's address or a write key may stand."""
    request = entry.get("request")
    path = getattr(request, "path", "")
    if isinstance(path, str) and len(path) > 1:
        route = getattr(getattr(request, "resolver_match", None), "route", "a path that leads nowhere")
        entry["event"] = str(entry.get("event", "")).replace(path, str(route))
    return entry


def _without_request(logger: Any, method: str, entry: Entry) -> Entry:
    """Django and others attach objects that hold all of a request, or of a job."""
    plain = (str, int, float, bool, type(None))
    return {
        name: value
        for name, value in entry.items()
        if name.startswith("_") or name == "at" or isinstance(value, plain)
    }


def _line(logger: Any, method: str, entry: Entry) -> str:
    shown = dict(entry)
    time, level, name = (str(shown.pop(key, "")) for key in ("timestamp", "level", "logger"))
    said = _plain(shown.pop("event", ""))
    where = shown.pop("at", ())
    more = "".join(f"  {key}={_plain(value)}" for key, value in shown.items())
    trace = "".join(f"\n    {step}" for step in where)
    return f"{time[11:23]} {level:7} {name.removeprefix('firstcall.')}: {said}{more}{trace}"


def _plain(value: object) -> str:
    """Without line ends and what else could command a terminal."""
    text = str(value)
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
