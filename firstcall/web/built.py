"""Where the scripts, styles and icons are that `make assets` has built."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from django.templatetags.static import static

FOLDER = Path(__file__).parent / "static" / "web"


class NotBuiltError(RuntimeError):
    def __init__(self) -> None:
        super().__init__("The scripts and styles of the pages are not built. `make assets` builds them.")


@cache
def told() -> dict[str, str | list[str]]:
    """The manifest as it is written."""
    try:
        found: dict[str, str | list[str]] = json.loads((FOLDER / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        raise NotBuiltError from None
    return found


@cache
def manifest() -> dict[str, str]:
    """The names of the files by those of their sources."""
    return {name: file for name, file in told().items() if isinstance(file, str)}


def chunks(name: str) -> list[str]:
    """The names of the files that a script reads before it begins."""
    return [file for file in told().get(f"{name}+", ()) if file]


@cache
def address(name: str) -> str:
    """
    name  that of the source: app.js, app.css, icons.svg, pages/builder.js
    """
    return static(f"web/{manifest()[name]}")


def chunk_addresses(*names: str) -> list[str]:
    """What the scripts read before they begin, each once."""
    return [static(f"web/{file}") for file in dict.fromkeys(f for name in names for f in chunks(name))]
