"""What browsers load: how heavy it is, where it comes from, how long it may be kept."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from firstcall.web import built

MOST = 200_000  # bytes of scripts and styles of a first page, packed


def first_page() -> list[str]:
    """The scripts and styles that every page names."""
    page = (Path(built.__file__).parent / "templates/web/page.html").read_text("utf-8")
    names = re.findall(r'<(?:script|link)[^>]*(?:src|href)="{% asset \'([\w.-]+\.(?:js|css))\' %}"', page)
    assert names
    return names


def test_the_first_page_is_light():
    packed = {name: (built.FOLDER / f"{built.manifest()[name]}.gz").read_bytes() for name in first_page()}
    assert all(gzip.decompress(content) for content in packed.values())
    assert sum(map(len, packed.values())) < MOST, {name: len(content) for name, content in packed.items()}


def test_what_is_built_asks_no_other_host_for_anything():
    """Names of XML's languages are no hosts, and what a licence says is not loaded."""
    for path in built.FOLDER.glob("*.[cjs][sv]*"):
        if path.suffix in (".js", ".css", ".svg"):
            text = path.read_text("utf-8")
            assert not re.search(r"(?:url\(|@import|import\(|fetch\()\s*['\"]?(?:https?:)?//", text), (
                path.name
            )
            assert "sourceMappingURL" not in text, path.name
            assert (
                not re.search(r"\bnew Function\b|\beval\(", re.sub(r'"[^"]*"', "", text))
                or path.suffix != ".js"
            )


@pytest.mark.parametrize("name", ["app.js", "app.css", "icons.svg", "inter-latin-wght-normal.woff2"])
def test_built_files_are_kept_by_browsers_for_years(name: str) -> None:
    answer = Client().get(built.address(name), headers={"Accept-Encoding": "br, gzip"})
    assert answer.status_code == 200
    assert "immutable" in answer["Cache-Control"]
    if not name.endswith("woff2"):
        assert answer["Content-Encoding"] in ("br", "gzip")


def test_no_script_or_style_may_stand_in_a_page():
    policy = settings.SECURE_CSP
    assert not {source for sources in policy.values() for source in sources} & {
        "'unsafe-inline'",
        "'unsafe-eval'",
        "*",
    }


def test_a_build_that_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(built, "FOLDER", tmp_path)
    built.manifest.cache_clear()
    with pytest.raises(built.NotBuiltError, match="`make assets` builds them"):
        built.address("app.js")
    built.manifest.cache_clear()
