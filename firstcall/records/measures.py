"""What a filter may ask of a record beside its fields: rooms above say here how SQL reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from firstcall.access.viewer import Viewer
from firstcall.records.models import Module
from firstcall.scoring.problems import Problem
from firstcall.scoring.rules import Measured


@dataclass(frozen=True)
class Asked:
    """A condition that is none of the rule language.

    sql  whether a record of `records_record` meets it, with nothing in it that people wrote but quoted
    """

    sql: str


type Reader = Callable[[Module, Viewer, Mapping[str, object]], Asked | list[Problem]]
"""Of a condition as it is written: what it asks, or all that is wrong with it, by paths within it."""

type ToSql = Callable[[Measured, str], str]
"""Whether a record of `records_record` meets a measure of touchpoints, as of a moment (SQL)."""

_readers: dict[str, Reader] = {}
_of_touchpoints: list[ToSql] = []


def tell_condition(key: str) -> Callable[[Reader], Reader]:
    """Decorator: conditions that have this key are read by the function."""

    def keep(reader: Reader) -> Reader:
        _readers[key] = reader
        return reader

    return keep


def tell_touchpoints(to_sql: ToSql) -> ToSql:
    """Decorator: the function puts measures of touchpoints into SQL."""
    _of_touchpoints[:] = [to_sql]
    return to_sql


def reader_of(condition: object) -> Reader | None:
    """Of a condition that is no rule's."""
    if not isinstance(condition, dict):
        return None
    return next((reader for key, reader in _readers.items() if key in condition), None)


def touchpoints_sql(measured: Measured, as_of: str) -> str:
    [to_sql] = _of_touchpoints
    return to_sql(measured, as_of)
