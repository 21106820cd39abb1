"""One's own API tokens."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpResponse
from ninja import Router, Schema, Status
from pydantic import Field

from firstcall.access.models import Token
from firstcall.access.scopes import Scope
from firstcall.access.tokens import NameTakenError, issue_token, revoke_token
from firstcall.api.authority import Request, needs
from firstcall.api.paging import Page, Paging, page
from firstcall.api.problems import Fault, Refused, invalid, missing
from firstcall.api.types import Given, Id, Moment, Name
from firstcall.moments import now

router = Router(tags=["API tokens"])


class TokenGiven(Given):
    name: Name
    scopes: list[Scope] = Field(min_length=1)
    expires_at: Moment | None = None


class TokenOut(Schema):
    """`start` are the first characters of the secret, to tell tokens apart."""

    id: int
    name: str
    start: str
    scopes: list[str]
    created_at: Moment
    expires_at: Moment | None
    revoked_at: Moment | None
    used_at: Moment | None


class NewToken(TokenOut):
    """`secret` is shown this once."""

    secret: str


@router.get("/tokens", auth=needs(), response=Page[TokenOut])
def list_tokens(request: Request, paging: Paging) -> Page[TokenOut]:
    rows, following = page(Token.objects.filter(user=request.auth.user), paging)
    return Page[TokenOut](items=[TokenOut.from_orm(row) for row in rows], next=following)


@router.post(
    "/tokens",
    auth=needs(),
    response={201: NewToken},
)
def create_token(request: Request, wanted: TokenGiven, response: HttpResponse) -> Status[NewToken]:
    """A token may do what its scopes say and its user may; nobody gives away more than they have.

    The answer is not kept for an Idempotency-Key: a repetition is told that the name is taken.
    """
    at = now()
    beyond = sorted(set(wanted.scopes) - request.auth.scopes)
    faults = [Fault("scopes", f"holds {scope}, which this caller may not do.") for scope in beyond]
    if wanted.expires_at is not None and wanted.expires_at <= at:
        faults.append(Fault("expires_at", "has passed."))
    if faults:
        raise invalid(faults)
    try:
        token, secret = issue_token(
            request.auth.user, wanted.name, wanted.scopes, at=at, expires_at=wanted.expires_at
        )
    except NameTakenError as error:
        raise Refused(HTTPStatus.CONFLICT, "name-taken", str(error)) from None
    response.headers["Cache-Control"] = "no-store"
    return Status(201, NewToken(**TokenOut.from_orm(token).model_dump(), secret=secret))


@router.delete("/tokens/{id}", auth=needs(), response={204: None})
def revoke(request: Request, id: Id) -> Status[None]:
    token = Token.objects.filter(user=request.auth.user, pk=id).first()
    if token is None:
        raise missing("token")
    revoke_token(token, at=now())
    return Status(204, None)
