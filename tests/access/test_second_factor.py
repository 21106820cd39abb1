"""A second factor, once somebody has one, is asked for at every door."""

from __future__ import annotations

import base64
import hmac
import time

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache, caches
from django.test import Client, override_settings

from firstcall.access.models import AuditEntry, User
from firstcall.access.scopes import Scope
from firstcall.access.second_factor import check_code
from firstcall.access.tokens import issue_token
from firstcall.moments import now

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password"


def code_of(secret: str, steps: int = 0) -> str:
    """As RFC 6238 has it, for now."""
    counter = int(time.time()) // 30 + steps
    digest = hmac.digest(base64.b32decode(secret), counter.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


@pytest.fixture
def secret(db: None) -> str:
    """Of Ann, who has switched the second factor on through the pages."""
    cache.clear()
    User.objects.create_user("ann@example.com", PASSWORD)
    client = Client()
    assert client.post("/sign-in", {"username": "ann@example.com", "password": PASSWORD}).status_code == 302
    assert (
        client.get("/account/2fa/totp/activate/").headers["Location"].startswith("/account/reauthenticate/")
    )
    assert client.post("/account/reauthenticate/", {"password": "wrong"}).status_code == 200
    assert client.post("/account/reauthenticate/", {"password": PASSWORD}).status_code == 302
    page = client.get("/account/2fa/totp/activate/")
    assert (page.status_code, "<script>" in page.content.decode()) == (200, False)
    made = str(page.context["form"].secret)
    assert client.post("/account/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    assert client.post("/account/2fa/totp/activate/", {"code": code_of(made)}).status_code == 302
    cache.clear()  # so that the code of this half minute is good once more
    return made


def test_the_page_asks_for_it_after_the_password(secret: str) -> None:
    client = Client()
    answer = client.post("/sign-in?next=/today", {"username": "ann@example.com", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (
        302,
        "/account/2fa/authenticate/",
    )
    assert client.get("/api/v1/session").status_code == 401
    assert AuditEntry.objects.filter(did="signed_in").count() == 1
    assert client.post("/account/2fa/authenticate/", {"code": "123"}).status_code == 200
    assert client.get("/api/v1/session").status_code == 401
    assert client.post("/account/2fa/authenticate/", {"code": code_of(secret)}).status_code == 302
    assert client.get("/api/v1/session").json()["email"] == "ann@example.com"
    assert AuditEntry.objects.filter(did="signed_in").count() == 2


def test_the_api_asks_for_it_and_takes_each_code_once(secret: str) -> None:
    def sign_in(**more: str) -> tuple[int, str]:
        given = {"email": "ann@example.com", "password": PASSWORD, **more}
        answer = Client().post("/api/v1/session", given, content_type="application/json")
        return answer.status_code, answer.json().get("type", "")

    assert sign_in() == (401, "urn:firstcall:code-needed")
    assert sign_in(code="000000") == (401, "urn:firstcall:wrong-code")
    code = code_of(secret)
    assert sign_in(code=code) == (200, "")
    assert sign_in(code=code) == (401, "urn:firstcall:wrong-code")
    for _ in range(10):
        sign_in(code="000000")
    assert sign_in(code=code_of(secret, 1))[0] == 429


def test_codes_for_the_loss_of_the_app_are_good_once_each(secret: str) -> None:
    kept = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES)
    [first, second, *_] = kept.wrap().get_unused_codes()
    for code, status in ((first, 200), (first, 401), (second, 200)):
        given = {"email": "ann@example.com", "password": PASSWORD, "code": code}
        answer = Client().post("/api/v1/session", given, content_type="application/json")
        assert answer.status_code == status


def test_one_sees_ones_sessions_and_ends_the_others(db: None) -> None:
    User.objects.create_user("ann@example.com", PASSWORD)
    here, there = Client(), Client(HTTP_USER_AGENT="Another browser")
    for client in (here, there):
        client.post("/sign-in", {"username": "ann@example.com", "password": PASSWORD})
        assert client.get("/account/sessions/").status_code == 200
    assert "Another browser" in here.get("/account/sessions/").content.decode()
    assert here.post("/account/sessions/").status_code == 302
    assert [client.get("/api/v1/session").status_code for client in (here, there)] == [200, 401]


@pytest.mark.parametrize("path", ["/account/email/", "/account/password/reset/"])
def test_what_the_product_does_otherwise_is_not_there(db: None, path: str) -> None:
    assert Client().get(path).status_code == 404


def test_nobody_signs_up(db: None) -> None:
    given = {"email": "eve@example.com", "password1": PASSWORD}
    assert "closed" in Client().post("/account/signup/", given).content.decode().lower()
    assert not User.objects.exists()


def test_what_codes_are_made_from_is_sealed(secret: str) -> None:
    kept = [str(row.data) for row in Authenticator.objects.all()]
    assert len(kept) == 2
    assert all("sealed:" in data and secret not in data for data in kept)
    ann = User.objects.get()
    with override_settings(SECRET_KEY="another key, and long enough"):
        assert not check_code(ann, code_of(secret))
    assert check_code(ann, code_of(secret))


def test_one_that_was_kept_before_it_was_sealed_goes_on(secret: str) -> None:
    Authenticator.objects.filter(type="totp").update(data={"secret": secret})
    assert check_code(User.objects.get(), code_of(secret))


def test_a_code_is_used_for_every_process(secret: str) -> None:
    """Another process has another cache of its own; the table is one."""
    ann, code = User.objects.get(), code_of(secret)
    assert check_code(ann, code)
    elsewhere = caches.create_connection("default")
    assert elsewhere is not cache
    assert not elsewhere.add(f"allauth.mfa.totp.used?user={ann.pk}&code={code}", "y")
    assert not check_code(ann, code)


def test_its_changes_stand_in_the_audit_log_and_what_it_is_made_from_does_not(secret: str) -> None:
    ann = User.objects.get()
    rows = AuditEntry.objects.filter(kind="second_factor").order_by("pk")
    assert [(row.user, row.did, row.after["type"]) for row in rows] == [
        (ann.pk, "created", "totp"),
        (ann.pk, "created", "recovery_codes"),
    ]
    boss = User.objects.create_administrator("boss@example.com", PASSWORD)
    headers = {"Authorization": f"Bearer {issue_token(boss, 'x', [Scope.ADMIN], at=now())[1]}"}
    path = f"/api/v1/users/{ann.pk}/second-factor"
    assert Client().delete(path, headers=headers).status_code == 204
    assert Client().delete(path, headers=headers).status_code == 404
    gone = AuditEntry.objects.filter(kind="second_factor", did="deleted")
    assert {row.user for row in gone} == {boss.pk}
    assert "sealed:" not in str(list(AuditEntry.objects.values()))
    given = {"email": "ann@example.com", "password": PASSWORD}
    assert Client().post("/api/v1/session", given, content_type="application/json").status_code == 200
