"""What browsers load: how heavy it is, where it comes from, how long it may be kept."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import TemplateSyntaxError, engines
from django.test import Client

from firstcall.web import built

MOST = 200_000  # bytes of scripts and styles of a first page, packed


def first_page() -> list[str]:
    """The scripts and styles that every page names."""
    page = (Path(built.__file__).parent / "templates/web/page.html").read_text("utf-8")
    names = re.findall(r'<(?:script|link)[^>]*(?:src|href)="{% asset \'([\w.-]+\.(?:js|css))\' %}"', page)
    assert names
    return names


def page_scripts_and_styles() -> list[Path]:
    folder = Path(built.__file__).parent / "assets/pages"
    found = sorted([*folder.rglob("*.js"), *folder.rglob("*.css")])
    assert found
    return found


def test_the_first_page_is_light():
    files = [file for name in first_page() for file in (built.manifest()[name], *built.chunks(name))]
    packed = {file: (built.FOLDER / f"{file}.gz").read_bytes() for file in dict.fromkeys(files)}
    assert all(gzip.decompress(content) for content in packed.values())
    assert sum(map(len, packed.values())) < MOST, {name: len(content) for name, content in packed.items()}


def test_scripts_and_styles_of_one_page_are_files_of_their_own():
    names = [path.relative_to(path.parents[1]).as_posix() for path in page_scripts_and_styles()]
    assert {name for name in built.manifest() if name.startswith("pages/")} == set(names)
    for name in names:
        answer = Client().get(built.address(name))
        assert answer.status_code == 200
        assert "immutable" in answer["Cache-Control"]


def test_a_page_that_names_its_scripts_loads_them_before_the_script_of_all() -> None:
    text = "{% extends 'web/page.html' %}{% load web %}{% block assets %}{% page_assets 'builder' %}{% endblock %}"
    page = engines["django"].from_string(text).render({})
    style, script, all_pages = (
        page.index(f'"{built.address(name)}"') for name in ("pages/builder.css", "pages/builder.js", "app.js")
    )
    assert page.index(f'"{built.address("app.css")}"') < style < script < all_pages
    other = engines["django"].from_string("{% extends 'web/page.html' %}").render({})
    assert "builder" not in other


def test_what_several_scripts_use_is_fetched_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "app.js": "app-1.js",
        "app.js+": ["chunk-1.js"],
        "pages/x.js": "x-1.js",
        "pages/x.js+": ["chunk-1.js", "c-2.js"],
    }
    monkeypatch.setattr(built, "told", lambda: files)
    built.manifest.cache_clear()
    page = engines["django"].from_string("{% load web %}{% page_assets 'x' %}").render({})
    built.manifest.cache_clear()
    assert page.splitlines() == [
        '<script type="module" src="/static/web/x-1.js"></script>',
        '<link rel="modulepreload" href="/static/web/chunk-1.js">',
        '<link rel="modulepreload" href="/static/web/c-2.js">',
    ]


def test_a_script_that_is_not_there_is_a_fault_of_the_template():
    with pytest.raises(TemplateSyntaxError, match=r"neither assets/pages/nowhere\.js nor nowhere\.css"):
        engines["django"].from_string("{% load web %}{% page_assets 'nowhere' %}").render({})


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
    for kept in (built.manifest, built.told, built.address):
        kept.cache_clear()
    with pytest.raises(built.NotBuiltError, match="`make assets` builds them"):
        built.address("app.js")
