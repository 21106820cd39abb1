"""Who asks, and whether they may: an API token, or a signed-in user of the pages."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest
from ninja.security import HttpBearer
from ninja.utils import check_csrf

from firstcall.access.models import User
from firstcall.access.scopes import Scope
from firstcall.access.tokens import find_token
from firstcall.api.problems import Refused
from firstcall.moments import now

_READING = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who a request acts for; what the views find as `request.auth`.

    scopes  what may be done: within the token's scopes and the user's rights
    """

    user: User
    scopes: frozenset[Scope]


class Request(HttpRequest):
    """What a view gets once `needs` has let it through."""

    auth: Actor


class needs(HttpBearer):  # noqa: N801  reads as a word: auth=needs("records:read")
    """Lets a request through that may do what the scope says; without a scope, anyone who is known."""

    def __init__(self, scope: str | None = None) -> None:
        super().__init__()
        self.scope = None if scope is None else Scope(scope)

    def __call__(self, request: HttpRequest) -> Actor:
        actor = self._bearer(request) or self._signed_in(request)
        if actor is None:
            raise Refused(
                HTTPStatus.UNAUTHORIZED,
                "not-signed-in",
                "Say who you are: send an API token as `Authorization: Bearer …`, or sign in.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if self.scope is not None and self.scope not in actor.scopes:
            raise Refused(
                HTTPStatus.FORBIDDEN, "not-allowed", f"This needs {self.scope}, which this caller may not do."
            )
        return actor

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        found = find_token(token, at=now())
        if found is None:
            return None
        return Actor(found.user, frozenset(scope for scope in found.granted() if found.user.may(scope)))

    def _bearer(self, request: HttpRequest) -> Actor | None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        return self.authenticate(request, secret.strip()) if scheme.lower() == "bearer" else None

    def _signed_in(self, request: HttpRequest) -> Actor | None:
        # A wrong token is not made good by a cookie that happens to be there.
        if "Authorization" in request.headers or not isinstance(request.user, User):
            return None
        if request.method not in _READING and check_csrf(request) is not None:
            raise Refused(
                HTTPStatus.FORBIDDEN,
                "csrf",
                "Send the token of the csrftoken cookie as the header X-CSRFToken too.",
            )
        user = request.user
        return Actor(user, frozenset(scope for scope in Scope if user.may(scope)))
