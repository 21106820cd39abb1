"""The administration pages of users and tokens, through the browser's requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from firstcall.access.addresses import addresses_as_of
from firstcall.access.models import Token, User
from firstcall.access.tokens import find_token, issue_token

AT = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture
def administrator(db: None) -> Client:
    User.objects.create_administrator("alice@example.com", "a long enough password")
    client = Client()
    assert client.login(username="Alice@example.com", password="a long enough password")
    return client


def test_every_page_opens(administrator: Client) -> None:
    issue_token(User.objects.get(), "shop", [], at=AT)
    for path in ("", "access/user/", "access/token/"):
        assert administrator.get(f"/admin/{path}").status_code == 200, path
    assert administrator.get(f"/admin/access/user/{User.objects.get().pk}/change/").status_code == 200
    assert administrator.get(f"/admin/access/token/{Token.objects.get().pk}/change/").status_code == 200


def test_users_are_shown_there_and_not_changed(administrator: Client) -> None:
    alice = User.objects.get()
    assert administrator.get("/admin/access/user/add/").status_code == 403
    changed = {"email": "bob@example.com", "name": "Bob", "is_active": "on"}
    assert administrator.post(f"/admin/access/user/{alice.pk}/change/", changed).status_code == 403
    assert User.objects.get().email == "alice@example.com"


def test_after_ten_wrong_passwords_the_next_are_not_looked_at(db: None) -> None:
    User.objects.create_administrator("alice@example.com", "a long enough password")
    client = Client()

    def sign_in(password: str, email: str = "Alice@example.com") -> str:
        answer = client.post("/sign-in", {"username": email, "password": password})
        return "" if answer.status_code == 302 else answer.content.decode()

    assert sign_in("a long enough password") == ""
    client.logout()
    for _ in range(10):
        assert "is wrong" in sign_in("wrong")
    assert "Too many wrong passwords." in sign_in("a long enough password")
    assert "Too many wrong passwords." in sign_in("any", "bob@example.com")
    told = {"email": "alice@example.com", "password": "a long enough password"}
    refused = client.post("/api/v1/session", told, content_type="application/json")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "900")


def test_the_administration_pages_have_no_door_of_their_own(db: None) -> None:
    answer = Client().post("/admin/login/?next=/admin/", {"username": "a", "password": "b"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in?next=/admin/")


def test_a_browser_that_asks_for_an_icon_is_answered(client: Client) -> None:
    assert client.get("/favicon.ico").status_code == 204


def test_nobody_is_deleted_there(administrator: Client) -> None:
    bob = User.objects.create_user("bob@example.com", "another long password")
    assert administrator.post(f"/admin/access/user/{bob.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=bob.pk).exists()


def test_an_address_that_a_user_had_is_kept(db: None) -> None:
    bob = User.objects.create_user("bob@example.com", "another long password")
    for _ in range(2):
        User.objects.filter(pk=bob.pk).update(email="bob.lee@example.com")
    [former] = bob.former_addresses.all()
    before = former.until - timedelta(microseconds=1)
    assert addresses_as_of([bob.pk], before) == {bob.pk: "bob@example.com"}
    assert addresses_as_of([bob.pk, 999], former.until) == {bob.pk: "bob.lee@example.com"}


def test_a_token_is_taken_back(administrator: Client) -> None:
    token, secret = issue_token(User.objects.get(), "shop", [], at=AT)
    chosen = {"action": "revoke", "_selected_action": [token.pk]}
    assert administrator.post("/admin/access/token/", chosen).status_code == 302
    assert find_token(secret, at=AT) is None


def test_a_user_without_the_right_sees_no_administration(db: None) -> None:
    User.objects.create_user("bob@example.com", "another long password")
    client = Client()
    client.login(username="bob@example.com", password="another long password")
    assert client.get("/admin/access/user/").status_code == 302
