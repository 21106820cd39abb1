"""Signing in and out with a cookie, for pages; programs use tokens."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from ninja import Router, Schema, Status
from pydantic import Field

from firstcall.access.auditing.writing import note_sign_in
from firstcall.access.models import User
from firstcall.access.rights import Right, Verb, Visibility
from firstcall.access.second_factor import check_code, has_second_factor
from firstcall.access.signing_in import WITHIN, TooManyFailedError, check_password, fail_sign_in
from firstcall.api.authority import Actor, Request, actor_of, needs
from firstcall.api.problems import Refused
from firstcall.api.types import Given
from firstcall.moments import now
from firstcall.records.seeing import seen_modules

router = Router(tags=["Signing in"])


class Credentials(Given):
    email: str = Field(max_length=320)
    password: str = Field(max_length=1_000)
    code: str = Field(
        "",
        max_length=20,
        description="The second factor, where the user has one: of the app, or for its loss.",
    )


class GrantOut(Schema):
    """`sees` whose records: one's own, those of one's team and the teams below it, all."""

    may: list[Verb]
    sees: Visibility


class SessionOut(Schema):
    """Who is signed in, and what they may do: `may` are the scopes, `modules` those that the caller may look into, with
    what may be done with whose records there."""

    id: int
    email: str
    name: str
    may: list[str]
    profile: str
    team: str | None
    rights: list[Right]
    modules: dict[str, GrantOut]


@router.post("/session", auth=None, response=SessionOut)
def sign_in(request: HttpRequest, given: Credentials, response: HttpResponse) -> SessionOut:
    """Sign in with e-mail address and password. The answer sets the session's cookie and that of the CSRF token."""
    try:
        user = check_password(request, given.email, given.password, at=now())
    except TooManyFailedError:
        raise Refused(
            HTTPStatus.TOO_MANY_REQUESTS,
            "too-many-failed",
            "Too many wrong passwords. Wait a while before the next.",
            headers={"Retry-After": str(int(WITHIN.total_seconds()))},
        ) from None
    if user is None:
        raise Refused(
            HTTPStatus.UNAUTHORIZED, "wrong-password", "The e-mail address or the password is wrong."
        )
    if has_second_factor(user):
        _check_second(request, user, given.code)
    login(request, user)
    note_sign_in(request, user, "signed_in", at=now())
    response.headers["Cache-Control"] = "no-store"
    get_token(request)
    return _who(actor_of(user))


@router.get("/session", auth=needs(), response=SessionOut)
def who_am_i(request: Request) -> SessionOut:
    return _who(request.auth)


@router.delete("/session", auth=needs(), response={204: None})
def sign_out(request: Request) -> Status[None]:
    logout(request)
    return Status(204, None)


def _check_second(request: HttpRequest, user: User, code: str) -> None:
    if not code:
        says = "This user has a second factor. Send its code too."
        raise Refused(HTTPStatus.UNAUTHORIZED, "code-needed", says)
    if not check_code(user, code):
        fail_sign_in(request, user.email, at=now())
        raise Refused(HTTPStatus.UNAUTHORIZED, "wrong-code", "The code is wrong, or has been used before.")


def _who(actor: Actor) -> SessionOut:
    user, viewer = actor.user, actor.viewer
    return SessionOut(
        id=user.pk,
        email=user.email,
        name=user.name,
        may=sorted(actor.scopes),
        profile=user.profile.name,
        team=user.team.name if user.team else None,
        rights=sorted(viewer.rights),
        modules={m.name: GrantOut(**viewer.grant(m.name).to_json()) for m in seen_modules(viewer)},
    )
