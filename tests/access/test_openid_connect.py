"""Signing in by OpenID Connect, against a provider that runs beside the test."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from django.conf import settings
from django.test import Client
from oidc_provider_mock import User as Known
from oidc_provider_mock import run_server_in_thread

from firstcall.access.models import AuditEntry, User

pytestmark = pytest.mark.django_db

START = "/account/oidc/company/login/"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """It knows Ann by a confirmed address, Bob by one that is not, and Carl, who is no user."""
    known = [
        Known(
            sub=name, claims={"email": f"{name}@example.com", "email_verified": name != "bob", "name": name}
        )
        for name in ("ann", "bob", "carl")
    ]
    with run_server_in_thread(user_claims=known) as server:
        address = f"http://localhost:{server.server_port}"
        app = {
            "provider_id": "company",
            "name": "Our company",
            "client_id": "firstcall",
            "secret": "a secret of both",
            "settings": {"server_url": address},
        }
        told = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
        monkeypatch.setattr(settings, "SOCIALACCOUNT_PROVIDERS", told)
        yield address


def come_from(provider: str, name: str) -> tuple[Client, str]:
    """Go to the provider, say there who one is, and come back; where one is led then."""
    client = Client()
    there = client.get(START)
    assert (there.status_code, there.headers["Location"].startswith(provider)) == (302, True)
    assert "code_challenge=" in there.headers["Location"]
    back = httpx.post(there.headers["Location"], data={"sub": name}, follow_redirects=False)
    assert back.status_code == 302, back.text
    to = urlsplit(back.headers["Location"])
    assert to.path == f"{START}callback/"
    answer = client.get(f"{to.path}?{to.query}")
    return client, answer.headers.get("Location", "")


def test_a_user_whose_address_is_confirmed_is_signed_in(provider: str) -> None:
    User.objects.create_user("ann@example.com")
    for _ in range(2):  # the second time by what is known of the first
        client, _ = come_from(provider, "ann")
        assert client.get("/api/v1/session").json()["email"] == "ann@example.com"
    assert AuditEntry.objects.filter(did="signed_in").count() == 2


def test_an_address_that_is_not_confirmed_opens_nothing(provider: str) -> None:
    User.objects.create_user("bob@example.com")
    client, _ = come_from(provider, "bob")
    assert client.get("/api/v1/session").status_code == 401


def test_who_is_no_user_does_not_become_one(provider: str) -> None:
    client, _ = come_from(provider, "carl")
    assert client.get("/api/v1/session").status_code == 401
    assert not User.objects.exists()


def test_who_is_no_longer_active_stays_out(provider: str) -> None:
    User.objects.create_user("ann@example.com", is_active=False)
    client, _ = come_from(provider, "ann")
    assert client.get("/api/v1/session").status_code == 401


def test_an_answer_that_nobody_asked_for_is_refused(provider: str) -> None:
    User.objects.create_user("ann@example.com")
    client = Client()
    client.get(f"{START}callback/?code=x&state=y")
    assert client.get("/api/v1/session").status_code == 401
