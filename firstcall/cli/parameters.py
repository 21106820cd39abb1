"""What stands after options, read and refused in plain words: moments, lists of ids, sizes of memory."""

from __future__ import annotations

import re
from pathlib import Path

import click

from firstcall.scoring.times import parse_moment

MEMORY = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([KMGT]i?B)", re.IGNORECASE)


class Moment(click.ParamType[int]):
    """A date or an RFC 3339 time as microseconds."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        moment = parse_moment(str(value).strip())
        if moment is None:
            self.fail(
                f"{value!r} is no date or time. Write 2026-09-01, 2026-09-01T08:30:00Z"
                " or 2026-09-01T08:30:00+02:00 (without a zone it is UTC).",
                param,
                ctx,
            )
        return moment


class Ids(click.ParamType[tuple[str, ...]]):
    """Ids between commas, or the lines of a file after `@`."""

    name = "a,b|@file"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        text = str(value)
        parts = self._lines(text[1:], param, ctx) if text.startswith("@") else text.split(",")
        ids = tuple(dict.fromkeys(id for part in parts if (id := part.strip())))
        if not ids:
            self.fail("there is no id in it. Write --ids a,b or --ids @file with an id a line.", param, ctx)
        return ids

    def _lines(self, name: str, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        try:
            return Path(name).read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            self.fail(f"cannot read {name}: {reason}.", param, ctx)


class Memory(click.ParamType[str]):
    """How much DuckDB may hold in memory, such as 4GB."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        match = MEMORY.fullmatch(str(value).strip())
        if match is None or float(match[1]) == 0:
            self.fail(f"{value!r} is no size of memory. Write 500MB or 4GB.", param, ctx)
        return f"{match[1]}{match[2]}"


class RelatedFile(click.ParamType[tuple[str, str]]):
    """A kind of records and their file: contacts=contacts.csv."""

    name = "name=file"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        name, equals, file = str(value).partition("=")
        if not name.strip() or not equals or not file:
            self.fail(
                f"{value!r} names no kind of records and file. Write contacts=contacts.csv.", param, ctx
            )
        return name.strip(), file
