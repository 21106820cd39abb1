"""Callers of the API: requests go through the whole of Django, middleware and all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from firstcall.access.models import Profile, User
from firstcall.access.rights import EVERY_OTHER, EVERYTHING
from firstcall.access.scopes import Scope
from firstcall.access.tokens import issue_token
from tests.records.importing.conftest import data_folder

__all__ = ["data_folder"]

AT = datetime(2026, 9, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def faults(self) -> dict[str, str]:
        return {fault["at"]: fault["says"] for fault in self.body["faults"]}


class Caller:
    """Calls the API with a token, or without one."""

    def __init__(self, secret: str | None = None) -> None:
        self.client = Client(raise_request_exception=True)
        self.secret = secret

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        if self.secret:
            headers.setdefault("Authorization", f"Bearer {self.secret}")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        response = self.client.generic(
            method, f"/api/v1{path}", content, content_type="application/json", headers=named
        )
        text = response.content
        is_json = "json" in response.headers.get("Content-Type", "")
        return Answer(
            response.status_code, json.loads(text) if is_json and text else text, dict(response.headers)
        )

    def get(self, path: str, **headers: str) -> Answer:
        return self("GET", path, **headers)

    def post(self, path: str, body: object = None, **headers: str) -> Answer:
        return self("POST", path, body, **headers)

    def put(self, path: str, body: object = None, **headers: str) -> Answer:
        return self("PUT", path, body, **headers)

    def patch(self, path: str, body: object = None, **headers: str) -> Answer:
        return self("PATCH", path, body, **headers)

    def delete(self, path: str, body: object = None, **headers: str) -> Answer:
        return self("DELETE", path, body, **headers)


@pytest.fixture
def alice(db: None) -> User:
    """May do everything."""
    return User.objects.create_administrator("alice@example.com", "a long enough password", name="Alice")


@pytest.fixture
def bob(db: None) -> User:
    """A rep who sees all records: no right to manage anything."""
    everything = {EVERY_OTHER: EVERYTHING.to_json()}
    profile = Profile.objects.create(name="Sees all records", grants=everything)
    return User.objects.create_user("bob@example.com", "another long password", name="Bob", profile=profile)


@pytest.fixture
def caller(alice: User) -> Callable[..., Caller]:
    """`caller("records:read")` has a token of Alice's with these scopes; `user=` names another's."""

    def make(*scopes: str, user: User = alice) -> Caller:
        name = f"token {user.tokens.count()}"
        _, secret = issue_token(user, name, [Scope(scope) for scope in scopes], at=AT)
        return Caller(secret)

    return make


@pytest.fixture
def api(caller: Callable[..., Caller]) -> Caller:
    """A caller that may do everything."""
    return caller(*Scope)


@pytest.fixture
def stranger(db: None) -> Caller:
    return Caller()
