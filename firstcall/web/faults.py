"""What a reader is told where there is no page to show."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext


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
    return _told(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        gettext("Something went wrong"),
        gettext("The fault is on our side and has been written into the log. Try again in a moment."),
    )


def _told(request: HttpRequest, status: HTTPStatus, title: str, says: str) -> HttpResponse:
    told = {"status": status.value, "title": title, "says": says}
    return render(request, "web/fault.html", told, status=status)
