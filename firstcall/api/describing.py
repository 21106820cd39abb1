"""The API's description (OpenAPI 3.1): what every operation may answer besides what it is for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property, wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from firstcall.api.bodies import JsonParser
from firstcall.api.problems import Fault, handle_problems, invalid
from firstcall.scoring.problems import nearest

_REFUSALS = {
    HTTPStatus.BAD_REQUEST: "The request cannot be read.",
    HTTPStatus.UNAUTHORIZED: "Nobody is signed in, and no token that is known came along.",
    HTTPStatus.FORBIDDEN: "The caller may not do this.",
    HTTPStatus.NOT_FOUND: "There is no such thing, or none that the caller may see.",
    HTTPStatus.CONFLICT: "It does not go together with what is there.",
    HTTPStatus.PRECONDITION_FAILED: "It has been changed since it was read.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request is too large.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Something in the request is wrong; `faults` says all of it.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests; Retry-After says when to try again.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database is away, or undid this; Retry-After says when to try again.",
}
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457, with every fault: where it is, what it is, how to mend it.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "faults": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["at", "says"],
                "properties": {name: {"type": "string"} for name in ("at", "says", "fix", "code")},
            },
        },
    },
}
_ROUTE_PART = re.compile(r"<(?:\w+:)?(\w+)>")
_CONTENT = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


class DescribedAPI(NinjaAPI):
    """Operations need to name only what they answer when all is well, and take only the parameters they describe."""

    def check_parameters(self, request: HttpRequest) -> None:
        """Refuse query parameters that the operation does not have: a filter misspelt would find everything."""
        assert request.resolver_match is not None  # noqa: S101
        operations = self._parameters[_ROUTE_PART.sub(r"{\1}", "/" + request.resolver_match.route)]
        known = operations.get(request.method or "", {})
        faults = []
        for name in request.GET:
            if name not in known:
                near = nearest(name, known)
                faults.append(
                    Fault(name, "is no parameter of this.", f"Did you mean {near}?" if near else "")
                )
            elif any("\0" in value for value in request.GET.getlist(name)):
                faults.append(Fault(name, "holds the character NUL."))
            elif not known[name] and len(request.GET.getlist(name)) > 1:
                faults.append(Fault(name, "is given more than once.", "Give it once."))
        if "\0" in request.path:
            faults.append(Fault("path", "holds the character NUL."))
        if faults:
            raise invalid(faults)

    @cached_property
    def _parameters(self) -> Mapping[str, Mapping[str, Mapping[str, bool]]]:
        """By path and method, the names of the query's parameters, and whether they take several values."""
        return {
            path: {
                method.upper(): {
                    parameter["name"]: _is_array(parameter["schema"])
                    for parameter in operation.get("parameters", ())
                    if parameter["in"] == "query"
                }
                for method, operation in operations.items()
            }
            for path, operations in self.get_openapi_schema()["paths"].items()
        }

    def get_openapi_schema(self, **how: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**how)
        schema.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status, says in _REFUSALS.items():
                    operation["responses"][status.value] = {"description": says, "content": _CONTENT}
        return schema


def _is_array(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "array" or any(map(_is_array, schema.get("anyOf", ())))


def _with_styles(view: Callable[..., Any]) -> Callable[..., Any]:
    """The page of the documentation sets styles by script."""
    policy: dict[str, Any] = {**settings.SECURE_CSP, "style-src": [CSP.SELF, CSP.UNSAFE_INLINE]}
    return csp_override(policy)(view)


def make_api(**how: Any) -> DescribedAPI:
    """The API without operations: its parser, its errors, its checks."""
    api = DescribedAPI(parser=JsonParser(), docs_decorator=_with_styles, **how)
    handle_problems(api)

    def checked(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def run(request: HttpRequest, *args: Any, **parameters: Any) -> Any:
            api.check_parameters(request)
            return view(request, *args, **parameters)

        return run

    api.add_decorator(checked)
    return api
