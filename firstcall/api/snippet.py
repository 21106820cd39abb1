"""Serves firstcall.js: the script by which web pages send their touchpoints."""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import cache
from importlib.resources import files

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.cache import patch_vary_headers

from firstcall.api.tracking import tracking


@cache
def _script() -> tuple[bytes, bytes, str]:
    """As it is, packed, and its ETag. Lines are not indented on their way: no text in the script goes over lines."""
    text = files("firstcall.api").joinpath("firstcall.js").read_text("utf-8")
    plain = re.sub(r"^[ ]+", "", text, flags=re.MULTILINE).encode()
    return plain, gzip.compress(plain, mtime=0), f'"{hashlib.sha256(plain).hexdigest()[:32]}"'


@tracking
def script(request: HttpRequest) -> HttpResponse:
    plain, packed, tag = _script()
    headers = {"ETag": tag, "Cache-Control": "public, max-age=86400, stale-while-revalidate=604800"}
    if tag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers=headers)
    is_packed = "gzip" in request.headers.get("Accept-Encoding", "")
    if is_packed:
        headers["Content-Encoding"] = "gzip"
    response = HttpResponse(packed if is_packed else plain, headers=headers)
    response["Content-Type"] = "text/javascript; charset=utf-8"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


urlpatterns: list[URLPattern] = [path("firstcall.js", script, name="script")]
