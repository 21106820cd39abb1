"""Counts what is logged as an error, by the room that logged it."""

from __future__ import annotations

import logging

from firstcall.counts.tallying import count


class CountErrors(logging.Handler):
    """A handler of the root logger."""

    def emit(self, record: logging.LogRecord) -> None:
        count("errors", logger=".".join(record.name.split(".")[:2]))
