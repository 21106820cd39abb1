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
def manifest() -> dict[str, str]:
    """The names of the files by those of their sources."""
    try:
        found: dict[str, str] = json.loads((FOLDER / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        raise NotBuiltError from None
    return found


def address(name: str) -> str:
    """
    name  that of the source: app.js, app.css, icons.svg
    """
    return static(f"web/{manifest()[name]}")
