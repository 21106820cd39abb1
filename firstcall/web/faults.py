"""What a reader is told where there is no page to show."""

from __future__ import annotations

import logging
import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_from_request, gettext, override

from firstcall.connecting.errors import RETRY_AWAY, RETRY_UNDONE, is_away, is_undone
from firstcall.web.frame import is_part

log = logging.getLogger(__name__)


def malformed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """No browser sends it by itself."""
    return _told(
        request,
        HTTPStatus.BAD_REQUEST,
        gettext("This cannot be read"),
        gettext("What was sent holds characters that nothing here can hold. Go back, and type it anew."),
    )


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """It is not there, or not for this reader: both look the same."""
    return _told(
        request,
        HTTPStatus.NOT_FOUND,
        gettext("There is nothing here"),
        gettext("The page has moved, or it was never there, or it is not for you to see."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _told(
        request,
        HTTPStatus.FORBIDDEN,
        gettext("You may not do this"),
        gettext("Ask whoever manages users here if you should be able to."),
    )


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is not that of the session: it was open when somebody signed in or out."""
    return _told(
        request,
        HTTPStatus.FORBIDDEN,
        gettext("This page was open for too long"),
        gettext("You have signed in or out since it was opened. Go back, load it again, and try once more."),
    )


def failed(request: HttpRequest) -> HttpResponse:
    """Django calls it while the error is being handled, be it of a view or of a middleware."""
    if is_away(sys.exception()):
        return away(request)
    if is_undone(sys.exception()):
        return undone(request)
    return _told(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        gettext("Something went wrong"),
        gettext("The fault is on our side and has been written into the log. Try again in a moment."),
    )


def away(request: HttpRequest) -> HttpResponse:
    """Nothing of it asks the database: no session, no user, no message that waits to be shown.

    In the language of the page that failed, or else in that which the browser asks for.
    """
    log.warning("the database does not answer: %s", type(sys.exception()).__name__)
    known = get_language() if hasattr(request, "LANGUAGE_CODE") else None
    language = known or get_language_from_request(request)
    with override(language):
        if _is_no_page(request):
            response = _plain(gettext("The database does not answer. Try again in a moment."))
        else:
            response = HttpResponse(render_to_string("web/away.html", {"again": _again(request)}))
    response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    response["Retry-After"], response["Cache-Control"] = str(RETRY_AWAY), "no-store"
    response["Content-Language"] = language
    return response


def undone(request: HttpRequest) -> HttpResponse:
    """The database is there, and undid what was asked for what others did at the same moment: all of it can be tried again.

    `assets/away.js` and `assets/toasts.js` know it by its header from a database that is away.
    """
    log.warning("the database undid a statement", exc_info=sys.exception())
    if _is_no_page(request):
        response = _plain(
            gettext("Something else was changed at the same moment, so this was not done. Try again.")
        )
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    else:
        again = _again(request)
        says = (
            gettext("Something else was changed at the same moment.")
            if again
            else gettext(
                "Something else was changed at the same moment. Go back in your browser, and send it again."
            )
        )
        title = gettext("This was not done")
        response = _told(request, HTTPStatus.SERVICE_UNAVAILABLE, title, says, again)
    response["Retry-After"], response["Cache-Control"] = str(RETRY_UNDONE), "no-store"
    response["Firstcall-Undone"] = "1"
    return response


def _is_no_page(request: HttpRequest) -> bool:
    return is_part(request) or not request.accepts("text/html")


def _again(request: HttpRequest) -> str:
    """The address that a reader may simply ask for once more; none for what was sent."""
    return request.get_full_path() if request.method in ("GET", "HEAD") else ""


def _plain(says: str) -> HttpResponse:
    return HttpResponse(says, content_type="text/plain; charset=utf-8")


def _told(request: HttpRequest, status: HTTPStatus, title: str, says: str, again: str = "") -> HttpResponse:
    told = {"status": status.value, "title": title, "says": says, "again": again}
    return render(request, "web/fault.html", told, status=status)
