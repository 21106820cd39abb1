"""Who asks, and whether they may: an API token, or a signed-in user of the pages.

What is hidden is not there (404): modules that may not be viewed, records that are not seen. What may be seen but not
done is forbidden (403), and the answer names the right that is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest
from ninja.security import HttpBearer
from ninja.utils import check_csrf

from firstcall.access.auditing.writing import tell_who
from firstcall.access.errors import ForbiddenError
from firstcall.access.models import Token, User
from firstcall.access.rights import Right
from firstcall.access.scopes import RIGHTS, Scope
from firstcall.access.tokens import find_token
from firstcall.access.viewer import Viewer
from firstcall.access.viewing import viewer_of
from firstcall.api.problems import Refused
from firstcall.moments import now

_READING = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who a request acts for; what the views find as `request.auth`.

    scopes  what may be done: within the token's scopes and the user's rights
    viewer  the user's rights and eyes
    """

    user: User
    scopes: frozenset[Scope]
    viewer: Viewer

    def needs_scope(self, scope: Scope) -> None:
        """Raises ForbiddenError, which says whether the right is missing, or the token's scope alone."""
        if scope in self.scopes:
            return
        if scope in RIGHTS:
            self.viewer.require_right(RIGHTS[scope])
        raise ForbiddenError(f"This needs {scope}, which this caller may not do.")


def actor_of(user: User, token: Token | None = None) -> Actor:
    """Of a token: within its scopes."""
    granted = frozenset(Scope) if token is None else token.granted()
    return Actor(user, frozenset(scope for scope in granted if user.may(scope)), viewer_of(user))


class Request(HttpRequest):
    """What a view gets once `needs` has let it through."""

    auth: Actor


class needs(HttpBearer):  # noqa: N801  reads as a word: auth=needs("records:read")
    """Lets a request through that may do what the scope says; without a scope, anyone who is known.

    right  what the user must have besides
    """

    is_watched = True  # what is done may come to stand in the audit log

    def __init__(self, scope: str | None = None, *, right: Right | None = None) -> None:
        super().__init__()
        self.scope = None if scope is None else Scope(scope)
        self.right = right

    def __call__(self, request: HttpRequest) -> Actor:
        actor = self._bearer(request) or self._signed_in(request)
        if actor is None:
            raise Refused(
                HTTPStatus.UNAUTHORIZED,
                "not-signed-in",
                "Say who you are: send an API token as `Authorization: Bearer …`, or sign in.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if self.is_watched:
            tell_who(request, actor.user)
        if self.scope is not None:
            actor.needs_scope(self.scope)
        if self.right is not None:
            actor.viewer.require_right(self.right)
        return actor

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        found = find_token(token, at=now())
        return None if found is None else actor_of(found.user, found)

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
        return actor_of(request.user)
