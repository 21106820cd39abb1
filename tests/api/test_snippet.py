"""The script for web pages: small, kept by browsers, asked for again by its tag."""

from __future__ import annotations

import gzip

from django.test import Client


def test_it_is_small_and_kept_by_browsers() -> None:
    plain = Client().get("/firstcall.js", headers={"Origin": "https://shop.example"})
    packed = Client().get("/firstcall.js", headers={"Accept-Encoding": "gzip, br"})
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < 2_500
    assert plain["Content-Type"] == "text/javascript; charset=utf-8"
    assert plain["Cache-Control"].startswith("public, max-age=86400")
    assert "Accept-Encoding" in plain["Vary"]
    assert plain["Access-Control-Allow-Origin"] == "https://shop.example"
    assert plain["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_what_has_not_changed_is_not_sent_again() -> None:
    tag = Client().get("/firstcall.js")["ETag"]
    again = Client().get("/firstcall.js", headers={"If-None-Match": f"W/{tag}"})
    assert (again.status_code, again.content) == (304, b"")
    assert Client().get("/firstcall.js", headers={"If-None-Match": '"other"'}).status_code == 200
