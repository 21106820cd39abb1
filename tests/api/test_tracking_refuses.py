"""What cannot be taken from a tracker is refused with a clear word, within bounded memory, and is never a failure."""

from __future__ import annotations

import gzip
import json
import tracemalloc

import pytest
from django.db import OperationalError
from django.test import Client

from firstcall.api import tracking
from firstcall.touchpoints.models import Touchpoint
from firstcall.touchpoints.sightings import list_sightings
from tests.api.trackers import Tracker, a_source

pytestmark = pytest.mark.django_db
PAGE = {"type": "page", "userId": "u"}


@pytest.fixture
def track() -> Tracker:
    return Tracker(a_source()[1])


def batch_of(*items: object) -> bytes:
    return json.dumps({"batch": items}).encode()


def page_of(size: int) -> dict[str, object]:
    return {**PAGE, "properties": {"x": "y" * size}}


TOO_LARGE = "The request is larger than 500 KB. Send it in parts."


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "The request has no body. Send JSON."),
        (b"hello", "The body is no JSON of this kind: JSON is malformed"),
        (b"[]", "The body is no JSON of this kind: Expected `object`, got `array`"),
        (b"null", "The body is no JSON of this kind: Expected `object`, got `null`"),
        (b"{}", "The request has no `batch`: a list of calls."),
        (b'{"batch": {}}', "The body is no JSON of this kind: Expected `array | null`, got `object` - at `$.batch`"),
        (b'{"batch": [', "The body is no JSON of this kind: Input data was truncated"),
        (b'{"batch": [{"type": "page", "userId": NaN}]}', "The body is no JSON of this kind"),
        (b'{"batch": [{"type": "page", "userId": "\xff"}]}', "batch[0] cannot be read"),
        (json.dumps({"batch": [PAGE]}).encode("utf-16"), "The body is no"),
        (json.dumps({"batch": [PAGE]}).encode("utf-16-le"), "The body is no"),
        (b"\x1f\x8bnot gzip", "The body is no gzip, or is cut off."),
        (gzip.compress(batch_of(PAGE))[:-9], "The body is no gzip, or is cut off."),
        (gzip.compress(b"\0" * 50_000_000), TOO_LARGE),
        (gzip.compress(batch_of(page_of(600_000))), TOO_LARGE),
        (b'{"batch": [' + b"[" * 10_000 + b"]" * 10_000 + b"]}", "deep"),
        (b'{"x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", "deep"),
        (batch_of(*[page_of(20_000)] * 26), TOO_LARGE),
        (b" " * 10_000_000, TOO_LARGE),
        (batch_of(*[0] * 100_000), "The batch has 100,000 calls; it may have 2,500. Send it in parts."),
        (b'{"batch": [' + b"0," * 999_999 + b"0]}", TOO_LARGE),
        (batch_of(page_of(40_000)), "batch[0] cannot be read: it has 39 KB, and a call may have 32."),
    ],
)  # fmt: skip
def test_a_batch_that_is_none(track: Tracker, body: bytes, says: str) -> None:
    answer = track("batch", body)
    assert answer.status_code == 400
    assert says in answer.json()["message"]
    assert answer.json()["success"] is False
    assert not Touchpoint.objects.exists()


@pytest.mark.parametrize(
    ("item", "says"),
    [
        (7, "batch[0] is no object."),
        ({}, "batch[0].type is missing; it takes identify, track, page, screen, group, alias."),
        ({"type": "pgae", "userId": "u"}, "Did you mean page?"),
        ({"type": "track", "event": " "}, "batch[0].event is missing: a track says what happened. batch[0].userId is"),
        ({"type": "page", "userId": None, "anonymousId": ""}, "batch[0].userId is missing: give userId or anonymousId."),
        ({"type": "page", "userId": "undefined"}, "batch[0].userId is missing: give userId or anonymousId."),
        ({"type": "group", "userId": "u"}, "batch[0].groupId is missing: a group says which company."),
        ({"type": "alias", "userId": "u"}, "batch[0].previousId is missing: an alias names both ids."),
        ({**PAGE, "messageId": "m" * 100}, "batch[0].messageId takes at most 99 characters; this has 100."),
        ({**PAGE, "properties": [], "context": "x"}, "batch[0].context takes an object. batch[0].properties takes"),
        ({**PAGE, "properties": {"a": {"b": ["\0"]}}}, "batch[0] holds the character NUL, which cannot be kept."),
        ({**PAGE, "properties": {"a\0": 1}}, "batch[0] holds the character NUL, which cannot be kept."),
    ],
)  # fmt: skip
def test_a_call_that_is_none(track: Tracker, item: object, says: str) -> None:
    answer = track("batch", batch_of(item))
    assert answer.status_code == 400
    assert says in answer.json()["message"]


@pytest.mark.parametrize("text", [b'"a\x01b"', b"1e999", b'"\xed\xa0\x80"'])
def test_texts_and_numbers_that_are_none(track: Tracker, text: bytes) -> None:
    answer = track(
        "batch", b'{"batch": [{"type": "page", "userId": "u", "properties": {"x": ' + text + b"}}]}"
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (rb"cut \ud83d", "cut \ufffd"),
        (rb"\udc00\ud83d\ude00\uD800\uD83D\uDE00", "\ufffd\N{GRINNING FACE}\ufffd\N{GRINNING FACE}"),
        (rb"\\ud83d \\\ud83d", "\\ud83d \\\ufffd"),
    ],
)
def test_half_a_character_costs_neither_its_call_nor_the_batch(
    track: Tracker, text: bytes, kept: str
) -> None:
    cut = b'{"type": "page", "userId": "u", "properties": {"title": "' + text + b'"}}'
    answer = track("batch", b'{"batch": [' + cut + b", " + json.dumps(PAGE).encode() + b"]}")
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert track("page", cut).status_code == 200
    titles = [touchpoint.properties.get("title", "") for touchpoint in Touchpoint.objects.all()]
    assert sorted(titles) == ["", kept, kept]


def test_a_deep_property_is_told(track: Tracker) -> None:
    deep = b"[" * 100 + b"]" * 100
    answer = track(
        "batch", b'{"batch": [{"type": "page", "userId": "u", "properties": {"x": ' + deep + b"}}]}"
    )
    assert "nested more than 64 levels deep" in answer.json()["message"]


def test_the_good_ones_of_a_batch_are_taken_and_the_others_told_and_noted(track: Tracker) -> None:
    answer = track("batch", batch_of(PAGE, {"type": "page"}, PAGE))
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "rejected": [{"at": "batch[1].userId", "says": "is missing: give userId or anonymousId."}],
    }
    assert Touchpoint.objects.count() == 2
    [seen] = list_sightings(kind="refused")
    assert (seen.name, seen.count) == ("userId", 1)


def test_a_single_call_is_bounded(track: Tracker) -> None:
    assert track("page", {**PAGE, "properties": {"x": "y" * 32_000}}).status_code == 200
    answer = track("page", {**PAGE, "properties": {"x": "y" * 33_000}})
    assert (answer.status_code, answer.json()["code"]) == (400, "too-large")


@pytest.mark.parametrize("body", [gzip.compress(b" " * 200_000_000), b" " * 20_000_000])
def test_a_bomb_takes_no_memory(track: Tracker, body: bytes) -> None:
    track("batch", batch_of(PAGE))
    tracemalloc.start()
    try:
        assert track("batch", body).status_code == 400
        assert tracemalloc.get_traced_memory()[1] < len(body) + 5_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("coding", ["br", "zstd", "compress"])
def test_other_codings_are_refused_by_name(track: Tracker, coding: str) -> None:
    answer = track("batch", b"xyz", Content_Encoding=coding)
    assert answer.status_code == 415
    assert answer.json()["message"] == f"The body is packed as {coding}. Send it as gzip, or as it is."


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + batch_of(PAGE),
        gzip.compress(batch_of(PAGE)[:20]) + gzip.compress(batch_of(PAGE)[20:]),
    ],
)
def test_what_is_odd_but_right_is_taken(track: Tracker, body: bytes) -> None:
    assert track("batch", body).status_code == 200


@pytest.mark.parametrize(
    "properties",
    [
        {"n": 10**400}, {"n": 2**70}, {"n": 1e308}, {"é": "ü\u2028🙂"}, {"": ""}, {"a" * 1_000: 1}, {"x": [[[[{}]]]]},
        {"event": {"a": 1}}, {"name": {"a": 1}}, {"url": "http://[bad", "path": 7}, {"products": [7], "total": []},
    ],
)  # fmt: skip
def test_odd_properties_are_kept(track: Tracker, properties: dict[str, object]) -> None:
    body = (
        b'{"userId": "u", "event": "Order Completed", "properties": ' + json.dumps(properties).encode() + b"}"
    )
    answer = track("track", body)
    assert answer.status_code in (200, 400)
    assert answer.status_code == 200 or "out of range" in answer.json()["message"]
    answer = track("page", body)


@pytest.mark.parametrize("odd", [True, 7, 1.5, [], {}, "x" * 10_000, "ü🙂", " ", "\u2028", -0.0])
@pytest.mark.parametrize(
    "name",
    [
        "userId",
        "anonymousId",
        "messageId",
        "groupId",
        "previousId",
        "event",
        "type",
        "context",
        "traits",
        "timestamp",
        "sentAt",
        "writeKey",
        "name",
    ],
)
def test_odd_values_anywhere_are_never_a_failure(track: Tracker, name: str, odd: object) -> None:
    for kind in ("identify", "track", "page", "group", "alias"):
        body = {
            "userId": "u",
            "event": "X",
            "groupId": "g",
            "previousId": "p",
            "traits": {"email": odd},
            name: odd,
        }
        assert track(kind, body).status_code in (200, 400)
    assert track("batch", {"batch": [{**PAGE, name: odd}], name: odd}).status_code in (200, 400)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_only_post_is_taken(method: str) -> None:
    answer = Client().generic(method, "/v1/batch")
    assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS")


def test_a_database_that_is_away_is_worth_another_try(
    track: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("the connection is lost")

    for name in ("accept", "find_source"):
        with monkeypatch.context() as patch:
            patch.setattr(tracking, name, fail)
            answer = track("batch", batch_of(PAGE))
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert "send it again" in answer.json()["message"]


class TestBrowsers:
    def test_are_told_what_they_may_send(self) -> None:
        asked = {
            "Origin": "https://shop.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "anonymousid, authorization, content-type, sentat",
        }
        answer = Client().options("/v1/track", headers=asked)
        assert answer.status_code == 204
        assert answer["Access-Control-Allow-Origin"] == "https://shop.example"
        assert answer["Access-Control-Allow-Headers"] == "anonymousid, authorization, content-type, sentat"
        assert "POST" in answer["Access-Control-Allow-Methods"]

    @pytest.mark.parametrize("key", ["right", "wrong"])
    def test_may_read_every_answer(self, track: Tracker, key: str) -> None:
        track.key = track.key if key == "right" else "wrong"
        answer = track("page", PAGE, Origin="https://shop.example")
        assert answer["Access-Control-Allow-Origin"] == "https://shop.example"

    def test_get_the_settings_of_segment(self, track: Tracker) -> None:
        answer = Client().get(
            f"/v1/projects/{track.key}/settings", headers={"Origin": "https://shop.example"}
        )
        told = answer.json()
        assert told["integrations"]["Segment.io"]["apiHost"] == "testserver/v1"
        assert told["integrations"]["Segment.io"]["protocol"] == "http"
        assert told["metrics"] == {"sampleRate": 0}
        assert answer["Access-Control-Allow-Origin"] == "https://shop.example"

    def test_get_the_settings_of_rudderstack(self, track: Tracker) -> None:
        for path in ("/sourceConfig/", "/sourceConfig"):
            answer = Client().get(f"{path}?p=cdn&writeKey={track.key}")
            assert answer.json()["source"]["writeKey"] == track.key

    @pytest.mark.parametrize(
        "path", ["/v1/projects/nokey/settings", "/sourceConfig/?writeKey=nokey", "/sourceConfig/"]
    )
    def test_with_no_key_get_none(self, path: str) -> None:
        assert Client().get(path).status_code in (401, 404)


def test_no_cookie_and_no_token_of_forms_is_asked_for(track: Tracker) -> None:
    basic = {"Authorization": f"Bearer {track.key}"}
    strict = Client(enforce_csrf_checks=True)
    assert (
        strict.post("/v1/page", json.dumps(PAGE), content_type="text/plain", headers=basic).status_code == 200
    )
