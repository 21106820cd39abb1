"""What the SDKs of Segment and RudderStack send becomes touchpoints and leads."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from firstcall.moments import now
from firstcall.records.models import Record
from firstcall.touchpoints.models import Source, Touchpoint
from firstcall.touchpoints.sources import issue_key, revoke_key
from tests.api.trackers import START, Tracker, a_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> Source:
    return a_source()[0]


@pytest.fixture
def track(source: Source) -> Tracker:
    return Tracker(source.write_keys.get().key)


def the_touchpoint() -> Touchpoint:
    return Touchpoint.objects.get()


def test_success_is_what_the_sdks_know(track: Tracker) -> None:
    answer = track("track", {"userId": "u1", "event": "Report Exported", "properties": {"pages": 3}})
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    kept = the_touchpoint()
    assert kept.type == "product.used"
    assert kept.properties == {"event": "Report Exported", "feature": "Report Exported", "pages": 3}


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Basic {colon}"}, {"Authorization": "Basic {plain}"}, {"Authorization": "Bearer {key}"},
        {"Authorization": "basic {colon}"}, {},
    ],
)  # fmt: skip
def test_the_write_key_may_come_in_any_of_their_ways(source: Source, headers: dict[str, str]) -> None:
    key = source.write_keys.get().key
    forms = {
        "key": key,
        "plain": base64.b64encode(key.encode()).decode(),
        "colon": base64.b64encode(f"{key}:".encode()).decode(),
    }
    body = {"userId": "u1", "type": "page", **({} if headers else {"writeKey": key})}
    named = {name: value.format(**forms) for name, value in headers.items()}
    answer = Client().post("/v1/page", json.dumps(body), content_type="text/plain", headers=named)
    assert answer.status_code == 200


def test_a_token_of_someone_elses_beside_a_write_key_does_no_harm(source: Source, track: Tracker) -> None:
    body = {"batch": [{"type": "page", "userId": "u1"}], "writeKey": track.key}
    assert track("batch", body, Authorization="Bearer an-oauth-token").status_code == 200


@pytest.mark.parametrize("change", ["unknown", "revoked", "inactive", "NUL"])
def test_without_a_key_that_counts_nothing_comes_in(source: Source, change: str) -> None:
    track = Tracker(source.write_keys.get().key)
    if change == "unknown":
        track.key = "x" * 32
    if change == "NUL":
        track.key = "\0"
    if change == "revoked":
        revoke_key(source.write_keys.get(), at=START)
    if change == "inactive":
        Source.objects.update(is_active=False)
    answer = track("track", {"userId": "u1", "event": "X"})
    assert answer.status_code == 401
    assert answer.json()["message"].startswith("No write key of an active source came with the request")
    assert not Touchpoint.objects.exists()


def test_a_key_is_changed_without_losing_anything(source: Source, track: Tracker) -> None:
    new = Tracker(issue_key(source, at=START).key)
    assert track("page", {"userId": "u"}).status_code == new("page", {"userId": "u"}).status_code == 200
    revoke_key(source.write_keys.get(key=track.key), at=START)
    assert track("page", {"userId": "u"}).status_code == 401
    assert new("page", {"userId": "u"}).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/v1/batch", "/v1/import", "/v1/b", "/beacon/v1/batch", "/v1/batch/"],
)
def test_batches_come_by_many_addresses(source: Source, path: str) -> None:
    batch = [{"type": "page", "anonymousId": "a", "messageId": f"m{i}"} for i in range(3)]
    key = source.write_keys.get().key
    answer = Client().post(f"{path}?writeKey={key}", json.dumps({"batch": batch}), content_type="text/plain")
    assert (answer.status_code, Touchpoint.objects.count()) == (200, 3)


@pytest.mark.parametrize("short", ["i", "t", "p", "s", "g", "a"])
def test_the_short_paths_of_browsers(track: Tracker, short: str) -> None:
    body = {
        "userId": "u1",
        "anonymousId": "a1",
        "event": "X",
        "groupId": "g",
        "previousId": "a1",
        "traits": {},
    }
    assert track(short, body).json() == {"success": True}


@pytest.mark.parametrize("header", ["gzip", "", "GZIP", "deflate"])
@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", "text/plain", "image/png"]
)
def test_packed_bodies_are_known_by_header_or_by_their_first_bytes(
    track: Tracker, header: str, content_type: str
) -> None:
    body = gzip.compress(json.dumps({"batch": [{"type": "page", "userId": "u"}]}).encode())
    answer = track("batch", body, Content_Encoding=header, Content_Type=content_type)
    assert (answer.status_code, Touchpoint.objects.count()) == (200, 1)


def test_a_page_has_its_address_and_its_campaign(track: Tracker) -> None:
    page = {
        "path": "/pricing",
        "url": "https://x.example/pricing?utm_medium=cpc",
        "title": "Prices",
        "referrer": "",
    }
    context = {"page": page, "campaign": {"name": "spring", "source": "news"}}
    track(
        "page",
        {"anonymousId": "a", "name": "Pricing", "properties": {"title": "Our prices"}, "context": context},
    )
    assert the_touchpoint().type == "web.visited"
    assert the_touchpoint().properties == {
        "name": "Pricing", "path": "/pricing", "url": "https://x.example/pricing?utm_medium=cpc", "referrer": "",
        "title": "Our prices", "utm_campaign": "spring", "utm_source": "news", "utm_medium": "cpc",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("event", "properties", "type", "derived"),
    [
        ("Email Opened", {"campaign_id": "c1", "email_id": "e1"}, "email.opened", {"campaign": "c1", "message": "e1"}),
        ("Email Link Clicked", {"link_url": "https://x.example"}, "email.clicked", {"url": "https://x.example"}),
        ("Email Bounced", {"type": "hard"}, "email.bounced", {"kind": "hard"}),
        ("Email Marked as Spam", {}, "email.complained", {}),
        ("Unsubscribed", {}, "email.unsubscribed", {}),
        ("Email Delivered", {}, "email.delivered", {}),
        ("Order Completed", {"total": 9.5, "products": [{"name": "Pen"}]}, "product.purchased",
         {"amount": 9.5, "product": "Pen"}),
        ("Signed Up", {}, "product.signed_up", {}),
        ("webinar.attended", {"minutes": 40}, "webinar.attended", {"minutes": 40}),
        ("Form Submitted", {"form_name": "demo"}, "web.form_submitted", {"form": "demo"}),
        ("Größe gewählt", {}, "product.used", {"feature": "Größe gewählt"}),
        ("Checked In", {"event": "Fair"}, "product.used", {"event_name": "Checked In", "feature": "Checked In"}),
    ],
)  # fmt: skip
def test_events_that_people_know_get_the_types_of_the_catalogue(
    track: Tracker, event: str, properties: dict[str, Any], type: str, derived: dict[str, Any]
) -> None:
    track(
        "track",
        {"context": {"traits": {"email": "ann@example.com"}}, "event": event, "properties": properties},
    )
    kept = the_touchpoint()
    assert kept.type == type
    assert kept.properties == {"event": event, **derived, **properties}


def test_a_sources_mapping_goes_before_the_defaults(source: Source, track: Tracker) -> None:
    source.mapping = {
        "events": {"Demo Asked": "web.form_submitted", "Ping": None, "*": "app.*", "(screen)": "app.screen"},
        "traits": {"firma": "company", "email_2": None},
    }
    source.save()
    for event in ("Demo Asked", "Ping", "Report Exported"):
        track("track", {"userId": "u", "event": event})
    track("screen", {"userId": "u", "name": "Home"})
    assert list(Touchpoint.objects.order_by("pk").values_list("type", flat=True)) == [
        "web.form_submitted", "app.report_exported", "app.screen",
    ]  # fmt: skip
    track("identify", {"userId": "u", "traits": {"firma": "Acme", "email_2": "x"}})
    assert Record.objects.get().values == {"company": "Acme"}


def test_rudderstack_puts_traits_into_the_context(track: Tracker) -> None:
    track(
        "batch",
        {"batch": [{"type": "identify", "userId": "u", "context": {"traits": {"email": "ann@example.com"}}}]},
    )
    assert Record.objects.get().values == {"email": "ann@example.com"}


def test_a_user_id_that_is_an_address_is_one(track: Tracker) -> None:
    track("identify", {"userId": "ann@example.com", "traits": {"title": "CEO"}})
    assert Record.objects.get().values == {"email": "ann@example.com", "job_title": "CEO"}


def test_the_context_of_a_batch_is_that_of_its_calls(track: Tracker) -> None:
    context = {"traits": {"email": "ann@example.com"}, "page": {"path": "/a"}}
    track(
        "batch",
        {
            "batch": [{"type": "page", "context": {"page": {"path": "/b"}}}, {"type": "page"}],
            "context": context,
        },
    )
    assert sorted(t.properties["path"] for t in Touchpoint.objects.all()) == ["/a", "/b"]


def test_a_values_that_fits_not_keeps_the_others_from_nothing(track: Tracker) -> None:
    traits = {
        "email": "no address",
        "firstName": "Ann",
        "employees": "many",
        "phone": [1],
        "lastName": {"a": 1},
        "Title": "CEO",
    }
    assert track("identify", {"userId": "u", "traits": traits}).json() == {"success": True}
    assert Record.objects.get().values == {"first_name": "Ann", "job_title": "CEO"}


def test_the_same_request_twice_is_once(track: Tracker) -> None:
    sent = {"batch": [{"type": "track", "userId": "u", "event": "X", "messageId": f"m{i}"} for i in range(3)]}
    for _ in range(3):
        assert track("batch", sent, X_Retry_Count="1").status_code == 200
    assert Touchpoint.objects.count() == 3


def test_a_repeated_request_without_message_ids_is_known_by_its_bytes(track: Tracker) -> None:
    one = {"type": "track", "userId": "u", "event": "X"}
    body = {"batch": [one, one], "sentAt": "2026-09-01T00:00:00Z"}
    track("batch", body)
    track("batch", body)
    assert Touchpoint.objects.count() == 2, "two alike in one batch are two; the batch again is nothing"
    track("track", one)
    track("track", one)
    assert Touchpoint.objects.count() == 4, "nothing says when they were: each is one"


class TestTime:
    def occurred(self, track: Tracker, item: dict[str, Any], **around: Any) -> timedelta:
        """How long before it was received."""
        before = now()
        track("batch", {"batch": [{"type": "page", "userId": "u", **item}], **around})
        kept = the_touchpoint()
        assert before <= kept.received_at <= now()
        return kept.received_at - kept.occurred_at

    def test_is_corrected_by_the_senders_own_clock(self, track: Tracker) -> None:
        ago = self.occurred(
            track, {"timestamp": "2020-01-01T00:00:00.000Z"}, sentAt="2020-01-01T00:00:07.500Z"
        )
        assert ago == timedelta(seconds=7.5)

    def test_of_rudderstack(self, track: Tracker) -> None:
        item = {"originalTimestamp": "2020-01-01T00:00:00.000+00:00", "sentAt": "2020-01-01T00:01:00Z"}
        assert self.occurred(track, item) == timedelta(minutes=1)

    @pytest.mark.parametrize("offset", ["-0130", "-01:30"])
    def test_with_an_offset_as_it_comes(self, track: Tracker, offset: str) -> None:
        self.occurred(track, {"timestamp": f"2020-02-29T23:00:00{offset}"})
        assert the_touchpoint().occurred_at == datetime(2020, 3, 1, 0, 30, tzinfo=UTC)

    def test_with_an_offset_of_hours_alone(self, track: Tracker) -> None:
        self.occurred(track, {"timestamp": "2020-02-29T23:00:00.5+02"})
        assert the_touchpoint().occurred_at == datetime(2020, 2, 29, 21, 0, 0, 500_000, tzinfo=UTC)

    def test_of_history_stays(self, track: Tracker) -> None:
        self.occurred(track, {"timestamp": "2020-02-29T23:00:00-01:00"})
        assert the_touchpoint().occurred_at == datetime(2020, 3, 1, tzinfo=UTC)

    def test_in_the_future_stays(self, track: Tracker) -> None:
        self.occurred(track, {"timestamp": "2199-01-01T00:00:00Z"})
        assert the_touchpoint().occurred_at == datetime(2199, 1, 1, tzinfo=UTC)

    @pytest.mark.parametrize("timestamp", [None, "", "yesterday", [], -1, True, "0000-01-01T00:00:00Z"])
    def test_that_says_nothing_is_now(self, track: Tracker, timestamp: object) -> None:
        assert self.occurred(track, {"timestamp": timestamp}, sentAt="2020-01-01T00:00:07Z") == timedelta()

    @pytest.mark.parametrize("timestamp", [1_577_836_800, 1_577_836_800_000, 1_577_836_800_000.0])
    def test_as_a_number(self, track: Tracker, timestamp: float) -> None:
        self.occurred(track, {"timestamp": timestamp})
        assert the_touchpoint().occurred_at == datetime(2020, 1, 1, tzinfo=UTC)

    def test_that_no_calendar_holds_is_taken_as_said(self, track: Tracker) -> None:
        self.occurred(track, {"timestamp": "2020-01-01T00:00:00Z"}, sentAt="9999-12-31T00:00:00Z")
        assert the_touchpoint().occurred_at == datetime(2020, 1, 1, tzinfo=UTC)
