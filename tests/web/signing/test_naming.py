"""Browsers and fields of one's own account are named for people."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.translation import override

from firstcall.web.templatetags.signing import browser, sentence
from tests.web.conftest import PASSWORD, Company

KIN = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (KIN.format("Windows NT 10.0; Win64; x64") + "Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        (KIN.format("Linux; Android 15; Pixel 9") + "Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        (KIN.format("iPhone; CPU iPhone OS 18_0 like Mac OS X") + "Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on Linux"),
        ("curl/8.14", "curl/8.14"),
        ("x" * 200, "x" * 60),
        ("", "An unknown browser"),
    ],
)  # fmt: skip
def test_a_browser_is_called_by_its_name(said: str, told: str) -> None:
    with override("en"):
        assert browser(said) == told


def test_labels_begin_with_one_capital() -> None:
    with override("en"):
        assert sentence("New Password (again)") == "New password (again)"
        assert sentence("") == ""
    with override("de"):
        assert sentence("Aktuelles Passwort") == "Aktuelles Passwort"


def test_the_pages_of_the_account_use_both(company: Company) -> None:
    agent = KIN.format("Macintosh; Intel Mac OS X 10_15_7") + "Version/18.0 Safari/605.1.15"
    client = Client(HTTP_USER_AGENT=agent)
    client.post("/sign-in", {"username": company.alice.email, "password": PASSWORD})
    assert "Safari on macOS" in client.get("/account/sessions/").text
    page = client.get("/account/password/change/").text
    assert "Current password" in page
    assert "placeholder=" not in page[page.index("<form method") :]
