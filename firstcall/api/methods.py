"""Says in JSON which methods an address of the API takes, where another was used: the frameworks say it in HTML."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from firstcall.api.problems import Refused, answer

type GetResponse = Callable[[HttpRequest], HttpResponse]


def tell_methods(get_response: GetResponse) -> GetResponse:
    """Middleware."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or not request.path.startswith("/api/"):
            return response
        allowed = ", ".join(sorted(response.headers.get("Allow", "").split(", ")))
        says = f"{request.path} takes {allowed}, and not {request.method}."
        headers = {"Allow": allowed}
        return answer(Refused(HTTPStatus.METHOD_NOT_ALLOWED, "method-not-allowed", says, headers=headers))

    return respond
