"""Errors as the API tells them: `application/problem+json` (RFC 9457) with every fault, its place and its mend."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from firstcall.access.errors import (
    ChangedMeanwhileError,
    ConflictError,
    ForbiddenError,
    HiddenError,
    WeakPasswordError,
)
from firstcall.connecting.errors import RETRY_AWAY, RETRY_UNDONE, is_away, is_undone
from firstcall.followups.errors import UnfitError
from firstcall.records.errors import FaultCode, InvalidFilterError, InvalidModulesError, InvalidValuesError
from firstcall.saved_views.errors import InvalidViewError
from firstcall.scorekeeping.errors import InvalidRuleError
from firstcall.touchpoints.errors import InvalidSourceError

log = logging.getLogger(__name__)


class Fault(msgspec.Struct, omit_defaults=True):
    """One thing that is wrong with a request.

    at   where: a field, or a path such as criteria[3].points
    fix  what to do about it
    """

    at: str
    says: str
    fix: str = ""
    code: str = ""


class Refused(Exception):  # noqa: N818  a refusal is an answer, and no failure of the product
    """A request that is not done; becomes the answer."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        says: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(says)
        self.status, self.code, self.says = status, code, says
        self.faults = tuple(faults)
        self.headers = dict(headers or {})


def missing(what: str = "thing") -> Refused:
    """A stranger and a missing record look the same."""
    return Refused(HTTPStatus.NOT_FOUND, "not-found", f"There is no such {what}.")


def invalid(faults: Sequence[Fault], says: str = "") -> Refused:
    says = says or ("One thing is wrong." if len(faults) == 1 else f"{len(faults)} things are wrong.")
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", says, faults=faults)


def away() -> Refused:
    return Refused(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "database-away",
        "The database does not answer. Nothing of this request was kept; send it again.",
        headers={"Retry-After": str(RETRY_AWAY)},
    )


def undone() -> Refused:
    """503 and not 409: the same request is right in a moment, and programs that repeat those of 503 need no other rule."""
    return Refused(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "undone",
        "The database undid this for what others did at the same moment. Nothing of this request was kept; send it again.",
        headers={"Retry-After": str(RETRY_UNDONE)},
    )


def answer(refused: Refused) -> HttpResponse:
    content: dict[str, Any] = {
        "type": f"urn:firstcall:{refused.code}",
        "title": refused.status.phrase,
        "status": refused.status.value,
        "detail": refused.says,
    }
    if refused.faults:
        content["faults"] = refused.faults
    return HttpResponse(
        msgspec.json.encode(content),
        status=refused.status.value,
        content_type="application/problem+json",
        headers=refused.headers,
    )


def refusal_of(error: Exception) -> Refused | None:
    """How the API words an error of the floors below; None is a fault of the product."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, HiddenError):
        return missing(error.what)
    if isinstance(error, ForbiddenError):
        return Refused(HTTPStatus.FORBIDDEN, "not-allowed", str(error))
    if isinstance(error, ConflictError):
        return Refused(HTTPStatus.CONFLICT, error.code, str(error))
    if isinstance(error, InvalidSourceError):
        return invalid([Fault(fault.at, fault.says, fault.fix) for fault in error.faults])
    if isinstance(error, WeakPasswordError):
        return invalid([Fault("password", says) for says in error.faults])
    if isinstance(error, ChangedMeanwhileError):
        return Refused(HTTPStatus.PRECONDITION_FAILED, "changed-meanwhile", str(error))
    if isinstance(error, UnfitError):
        return invalid([Fault(error.at, error.says, error.fix)])
    if isinstance(error, InvalidViewError):
        return invalid([Fault(error.at, str(error))])
    if isinstance(error, InvalidValuesError):
        return _unfit_values(error)
    if isinstance(error, InvalidRuleError | InvalidModulesError | InvalidFilterError):
        return invalid([Fault(p.json_path, p.says, p.fix, p.code) for p in error.problems])
    if isinstance(error, ValidationError):
        return invalid([_fault_of(one) for one in error.errors])
    if isinstance(error, Http404):
        return missing()
    if isinstance(error, HttpError):
        if isinstance(error.__cause__, Refused):  # of the body's parser; ninja words it anew, and says less
            return error.__cause__
        status = HTTPStatus(error.status_code)
        return Refused(status, status.phrase.lower().replace(" ", "-"), error.message)
    if isinstance(error, RequestDataTooBig):
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return Refused(status, "too-large", "The request is too large. Send it in parts.")
    if isinstance(error, TooManyFieldsSent):
        return Refused(HTTPStatus.BAD_REQUEST, "malformed", "The query has too many parameters.")
    if isinstance(error, UnreadablePostError):
        return Refused(HTTPStatus.BAD_REQUEST, "malformed", "The request broke off.")
    if is_away(error):
        log.warning("the database does not answer: %s", type(error).__name__)
        return away()
    if is_undone(error):
        log.warning("the database undid a statement", exc_info=error)
        return undone()
    if isinstance(error, DataError):
        log.warning("the database refused a value", exc_info=error)
        return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "unfit-value", "A value cannot be kept.")
    return None


def _unfit_values(error: InvalidValuesError) -> Refused:
    faults = [Fault(fault.field, fault.says, code=fault.code) for fault in error.faults]
    if error.has(FaultCode.STALE):
        says = "The record has been changed since it was read. Read it again, and decide anew."
        return Refused(HTTPStatus.PRECONDITION_FAILED, "changed-meanwhile", says, faults=faults)
    if all(fault.code in (FaultCode.DUPLICATE, FaultCode.AMBIGUOUS) for fault in error.faults):
        return Refused(HTTPStatus.CONFLICT, "conflict", str(error), faults=faults)
    return invalid(faults)


def handle_problems(api: NinjaAPI) -> None:
    """Let the API answer every error in this form."""

    def handle(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
        refused = refusal_of(error) if isinstance(error, Exception) else None
        if refused is None:
            raise error
        return answer(refused)

    api.add_exception_handler(Exception, handle)
    for kind in (Http404, HttpError, ValidationError):
        api.add_exception_handler(kind, handle)


def _fault_of(error: Mapping[str, Any]) -> Fault:
    """Of one of pydantic's: `loc` begins with where the parameter stands and, for bodies, its name in the code."""
    place = list(error["loc"])
    steps = place[2:] if place and place[0] == "body" else place[1:]
    at = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
    says = str(error["msg"]).removeprefix("Value error, ")  # before what our own validators say
    return Fault(at or str(place[0]), says, code=str(error["type"]))
