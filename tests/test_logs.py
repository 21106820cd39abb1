"""Logs are for programs or for people, and say nothing about anybody."""

from __future__ import annotations

import json
import logging
import logging.config

import psycopg
import pytest
from django.test import RequestFactory
from django.urls import resolve

from firstcall.configuration import read_configuration
from firstcall.counts import tallying
from firstcall.logs import Failures, formatter, logging_for

EMAIL = "ada@example.com"


def record(
    message: str, *arguments: object, error: BaseException | None = None, **extra: object
) -> logging.LogRecord:
    info = None if error is None else (type(error), error, error.__traceback__)
    made = logging.LogRecord("firstcall.jobs.doing", logging.ERROR, __file__, 1, message, arguments, info)
    for name, value in extra.items():
        setattr(made, name, value)
    return made


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


def test_a_program_reads_a_line_of_json() -> None:
    line = formatter(as_json=True).format(record("job %s failed", 7, status=500))
    told = json.loads(line)
    assert told.pop("timestamp").endswith("Z")
    assert told == {
        "event": "job 7 failed",
        "level": "error",
        "logger": "firstcall.jobs.doing",
        "status": 500,
    }


def test_a_person_reads_a_short_line() -> None:
    line = formatter(as_json=False).format(record("job %s failed", 7, status=500))
    assert line.partition(" ")[2] == "error   jobs.doing: job 7 failed  status=500"


@pytest.mark.parametrize("as_json", [True, False])
def test_of_an_exception_its_kind_and_its_way_are_logged_and_not_its_words(as_json: bool) -> None:
    error = raised(psycopg.errors.UniqueViolation(f"Key (email)=({EMAIL}) already exists."))
    line = formatter(as_json).format(record("job %s failed", 7, error=error))
    assert "ada" not in line
    assert "UniqueViolation" in line
    assert "23505" in line
    assert "test_logs.py" in line
    assert "raised" in line


def test_objects_that_hold_a_whole_request_are_left_out() -> None:
    line = formatter(as_json=True).format(record("x", request={"email": EMAIL}, data=[EMAIL]))
    assert "ada" not in line


@pytest.mark.parametrize("as_json", [True, False])
def test_a_request_that_fails_is_logged_by_its_route(as_json: bool) -> None:
    """A path may hold somebody's address, or a write key."""
    request = RequestFactory().get("/v1/projects/ada-at-example/settings")
    failed = record("%s: %s", "Internal Server Error", request.path, request=request)
    assert "Internal Server Error: a path that leads nowhere" in formatter(as_json).format(failed)
    request.resolver_match = resolve(request.path)
    line = formatter(as_json).format(failed)
    assert "ada" not in line
    assert "Internal Server Error: ^v1/projects/" in line


def test_that_the_database_is_away_is_no_failure_of_the_product() -> None:
    assert not Failures().filter(record("Service Unavailable: /", status_code=503))
    assert Failures().filter(record("Internal Server Error: /", status_code=500))
    assert Failures().filter(record("job failed"))


def test_a_name_that_is_a_line_break_makes_no_other_line() -> None:
    assert "\n" not in formatter(as_json=True).format(record("got %s", "a\nb"))
    assert "\n" not in formatter(as_json=False).format(record("got %s", "a\nb"))


@pytest.mark.parametrize(("format", "as_json"), [("json", True), ("text", False)])
def test_the_setting_says_for_whom(format: str, as_json: bool) -> None:
    made = logging_for(read_configuration({"log_format": format, "log_level": "warning"}))
    assert made["formatters"]["entries"]["as_json"] is as_json
    assert made["root"]["level"] == "WARNING"


def test_errors_are_counted_by_room() -> None:
    handler = logging_for(read_configuration({}))["handlers"]["errors"]
    made = logging.config.DictConfigurator({"version": 1}).configure_handler(dict(handler))
    tallying._counts.clear()
    made.handle(record("job failed"))
    assert dict(tallying._counts) == {("errors", 'logger="firstcall.jobs"'): 1}
    tallying._counts.clear()


@pytest.mark.parametrize("name", ["psycopg.pool", "procrastinate.worker", "py4j.clientserver"])
def test_what_others_say_of_themselves_is_left_out(name: str) -> None:
    logger = logging.getLogger(name)
    assert logger.isEnabledFor(logging.WARNING)
    assert not logger.isEnabledFor(logging.INFO)
