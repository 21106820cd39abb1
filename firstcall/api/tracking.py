"""What the SDKs of Segment and RudderStack speak: POST /v1/{identify,track,page,screen,group,alias,batch,import}.

Plain views and no part of the API under /api/v1: their answers are those that the SDKs know, a write key is their only
credential, and no cookie counts.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, URLPattern, re_path, resolve
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from firstcall.api.bytes_in import read_bytes
from firstcall.api.problems import Fault, Refused, refusal_of
from firstcall.api.surrogates import mend_halves
from firstcall.api.tracking_settings import rudderstack_settings, segment_settings
from firstcall.moments import now
from firstcall.touchpoints.calls import Call
from firstcall.touchpoints.intake import accept
from firstcall.touchpoints.models import Source
from firstcall.touchpoints.segment import Around, read_call
from firstcall.touchpoints.sightings import REFUSED, Sightings
from firstcall.touchpoints.sources import find_source

log = logging.getLogger(__name__)

LARGEST_CALL, LARGEST_BATCH, MOST_CALLS = 32 * 1024, 500 * 1024, 2_500
_SHORT = {"i": "identify", "t": "track", "p": "page", "s": "screen", "g": "group", "a": "alias"}
_MOST_TOLD = 100  # faults in an answer

type View = Callable[..., HttpResponse]


class Envelope(msgspec.Struct):
    """A request: a batch, or a call that is all of it."""

    batch: list[msgspec.Raw] | None = None
    context: Any = None
    sentAt: Any = None  # noqa: N815  as it is called there
    writeKey: Any = None  # noqa: N815


_read_envelope = msgspec.json.Decoder(Envelope).decode


def tracking(view: View) -> View:
    """A view for trackers in other people's pages: any origin may call it, and hears what came of it."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **names: Any) -> HttpResponse:
        try:
            response = _preflight(request) if request.method == "OPTIONS" else view(request, *args, **names)
        except Exception as error:
            refused = refusal_of(error)
            if refused is None:
                raise
            response = _refusal(refused)
        return _opened(request, response)

    return answer


@tracking
def take(request: HttpRequest, kind: str) -> HttpResponse:
    """One call, or a batch of them."""
    _only(request, "POST")
    is_batch = kind in ("batch", "import", "b")
    body = mend_halves(read_bytes(request, LARGEST_BATCH if is_batch else LARGEST_CALL))
    envelope = _decode(body)
    source = _source_of(request, envelope)
    received_at = now()
    context = envelope.context if is_batch and isinstance(envelope.context, dict) else {}
    around = Around(received_at, source.mapping, context, envelope.sentAt)
    if is_batch:
        calls, faults = _read_batch(envelope, around)
    else:
        calls, faults = _read_all([(0, msgspec.Raw(body))], around, _SHORT.get(kind, kind), "")
    if faults and not calls:
        raise Refused(HTTPStatus.BAD_REQUEST, "invalid", _told(faults), faults=faults[:_MOST_TOLD])
    accept(source, calls, received_at=received_at)
    if not faults:
        return _json({"success": True})
    _note(source, faults)
    return _json({"success": True, "rejected": faults[:_MOST_TOLD]})


@tracking
def settings_for_segment(request: HttpRequest, key: str) -> HttpResponse:
    _only(request, "GET")
    if find_source(key) is None:
        raise Refused(HTTPStatus.NOT_FOUND, "unknown-write-key", "There is no such write key.")
    return _json(segment_settings(request, key), cached=True)


@tracking
def settings_for_rudderstack(request: HttpRequest) -> HttpResponse:
    _only(request, "GET")
    source = _source_of(request, Envelope())
    return _json(rudderstack_settings(request, source, request.GET.get("writeKey", "")), cached=True)


def _decode(body: bytes) -> Envelope:
    body = body.removeprefix(b"\xef\xbb\xbf")
    if not body.strip():
        raise _malformed("The request has no body. Send JSON.")
    try:
        return _read_envelope(body)
    except RecursionError:
        raise _malformed("The JSON is nested too deeply.") from None
    except UnicodeDecodeError as error:
        raise _malformed(f"The body is no UTF-8 text: byte {error.start} is wrong.") from None
    except ValueError as error:
        raise _malformed(f"The body is no JSON of this kind: {error}.") from None


def _read_batch(envelope: Envelope, around: Around) -> tuple[list[Call], list[Fault]]:
    if envelope.batch is None:
        raise _malformed("The request has no `batch`: a list of calls.")
    if len(envelope.batch) > MOST_CALLS:
        says = f"The batch has {len(envelope.batch):,} calls; it may have {MOST_CALLS:,}. Send it in parts."
        raise Refused(HTTPStatus.BAD_REQUEST, "too-many", says)
    return _read_all(enumerate(envelope.batch), around, None, "batch")


def _read_all(
    raws: Iterator[tuple[int, msgspec.Raw]] | list[tuple[int, msgspec.Raw]],
    around: Around,
    kind: str | None,
    name: str,
) -> tuple[list[Call], list[Fault]]:
    """The calls that can be taken, and what is wrong with the others."""
    calls: list[Call] = []
    faults: list[Fault] = []
    for number, raw in raws:
        place = f"{name}[{number}]" if name else ""
        try:
            read = _read_one(bytes(raw), around, number, kind)
        except RecursionError:
            faults.append(Fault(place, "is nested too deeply."))
            continue
        except ValueError as error:
            faults.append(Fault(place, f"cannot be read: {error}."))
            continue
        if isinstance(read, list):
            faults += [Fault(".".join(filter(None, (place, flaw.at))), flaw.says) for flaw in read]
        elif read is not None:
            calls.append(read)
    return calls, faults


def _read_one(raw: bytes, around: Around, number: int, kind: str | None) -> Any:
    if len(raw) > LARGEST_CALL:
        raise ValueError(f"it has {len(raw) // 1024} KB, and a call may have {LARGEST_CALL // 1024}")
    return read_call(raw, around, number=number, kind=kind)


def _source_of(request: HttpRequest, envelope: Envelope) -> Source:
    """The source of the first write key that is one; trackers say it in one of several places."""
    for key in _keys_of(request, envelope):
        if (source := find_source(key)) is not None:
            return source
    says = "No write key of an active source came with the request: as the user name of Basic, as Bearer, or as writeKey."
    raise Refused(HTTPStatus.UNAUTHORIZED, "invalid-write-key", says)


def _keys_of(request: HttpRequest, envelope: Envelope) -> Iterator[str]:
    scheme, _, said = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            yield base64.b64decode(said.strip(), validate=True).decode().partition(":")[0]
        except (binascii.Error, ValueError):
            yield said.strip().partition(":")[0]
    elif scheme.lower() == "bearer":
        yield said.strip()
    if isinstance(envelope.writeKey, str):
        yield envelope.writeKey
    yield request.GET.get("writeKey", "")


def _only(request: HttpRequest, method: str) -> None:
    if request.method != method:
        says = f"This address takes {method} and OPTIONS."
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "method", says, headers={"Allow": f"{method}, OPTIONS"})


def _note(source: Source, faults: list[Fault]) -> None:
    """What is thrown away while the rest is taken must be seen somewhere: most senders read no answers."""
    sightings = Sightings(source, now())
    for fault in faults:
        name = fault.at.partition("].")[2] or "call"
        sightings.add(REFUSED, name, fault.says, None)
    sightings.write()


def _told(faults: list[Fault]) -> str:
    told = " ".join(f"{fault.at or 'The call'} {fault.says}" for fault in faults[:5])
    return told if len(faults) <= 5 else f"{told} And {len(faults) - 5:,} more."


def _malformed(says: str) -> Refused:
    return Refused(HTTPStatus.BAD_REQUEST, "malformed", says)


def _refusal(refused: Refused) -> HttpResponse:
    """With `code` and `message`: some SDKs look for them, and fail on their absence."""
    content = {"success": False, "code": refused.code, "message": refused.says, "faults": refused.faults}
    return _json(content, status=refused.status, headers=refused.headers)


def _json(
    content: object,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
    cached: bool = False,
) -> HttpResponse:
    """Success is exactly 200: there are SDKs that take no other for it."""
    return HttpResponse(
        msgspec.json.encode(content),
        status=status.value,
        content_type="application/json",
        headers={"Cache-Control": "public, max-age=120" if cached else "no-store", **(headers or {})},
    )


def _preflight(request: HttpRequest) -> HttpResponse:
    asked = request.headers.get("Access-Control-Request-Headers", "")
    return HttpResponse(
        status=204,
        headers={
            "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
            "Access-Control-Allow-Headers": asked or "authorization, content-type",
            "Access-Control-Max-Age": "86400",
        },
    )


def _opened(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The origin itself and not *: a beacon brings the browser's cookies along, and * does not go with them."""
    if origin := request.headers.get("Origin"):
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Allow-Credentials"] = "true"
        response["Access-Control-Expose-Headers"] = "Retry-After"
    patch_vary_headers(response, ["Origin", "Access-Control-Request-Headers"])
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


_KINDS = "identify|track|page|screen|group|alias|batch|import|[itpsgab]"

urlpatterns: list[URLPattern] = [
    re_path(rf"^(?:beacon/)?v1/(?P<kind>{_KINDS})/?$", take, name="take"),
    re_path(
        r"^v1/projects/(?P<key>[A-Za-z0-9_-]+)/settings/?$", settings_for_segment, name="segment-settings"
    ),
    re_path(r"^sourceConfig/?$", settings_for_rudderstack, name="rudderstack-settings"),
]


def answer_trackers(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: what trackers send goes no further. It is most of what comes, and of people, pages and languages,
    which the later ones ask about, it has none."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(("/v1/", "/beacon/")):
            return get_response(request)
        try:
            match = resolve(request.path_info, __name__)
        except Resolver404:
            return get_response(request)
        request.resolver_match = match
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        return response

    return respond
