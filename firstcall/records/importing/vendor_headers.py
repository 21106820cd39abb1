"""The headers of other systems' exports, by module: reads `vendor_headers.txt`, which says where they are from."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

EXTERNAL_ID, OWNER, TAGS, CREATED_AT, FULL_NAME = (
    "@external_id",
    "@owner",
    "@tags",
    "@created_at",
    "@full_name",
)
RECORD_ID, SKIP, NEW = "@id", "@skip", "@new"


def table_of(module: str) -> dict[str, tuple[str, ...]]:
    """Header -> candidates; of a header that stands twice the first counts."""
    sections = _sections()
    table: dict[str, tuple[str, ...]] = {}
    for section in (module,) if module in sections else ("people", "company"):
        _take_in(table, sections, section)
    _take_in(table, sections, "any")
    return table


def _take_in(table: dict[str, tuple[str, ...]], sections: dict[str, list[str]], name: str) -> None:
    for line in sections[name]:
        if line.startswith("+ "):
            _take_in(table, sections, line.removeprefix("+ "))
            continue
        names, _, headers = line.partition(": ")
        for header in headers.split(", "):
            table.setdefault(header, tuple(names.split()))


@lru_cache(maxsize=1)
def _sections() -> dict[str, list[str]]:
    """The lines of each section; a line that goes on in the next is one."""
    sections: dict[str, list[str]] = {}
    lines: list[str] = []
    text = files(__package__).joinpath("vendor_headers.txt").read_text("utf-8")
    for line in text.splitlines():
        if line.startswith("["):
            lines = sections.setdefault(line.strip("[]"), [])
        elif line.startswith("  "):
            lines[-1] += f" {line.strip()}"
        elif line and not line.startswith("#"):
            lines.append(line)
    return sections
