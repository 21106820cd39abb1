"""What every operation of the API has in common: who may, how errors are told, pages, repeated requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import OperationalError
from django.test import Client
from ninja import Schema

from firstcall.access.forgetting import KEPT_FOR, forget_answers
from firstcall.access.models import FailedSignIn, KeptAnswer, Token, User
from firstcall.access.signing_in import MOST_FAILED
from firstcall.access.tokens import digest_of, find_token, issue_token, revoke_token
from firstcall.api.paging import write_cursor
from tests.api.conftest import AT, Caller

NEW = {"name": "Warehouse", "scopes": ["records:read"]}


def test_a_stranger_is_asked_who_they_are(stranger: Caller) -> None:
    answer = stranger.get("/tokens")
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body == {
        "type": "urn:firstcall:not-signed-in",
        "title": "Unauthorized",
        "status": 401,
        "detail": "Say who you are: send an API token as `Authorization: Bearer …`, or sign in.",
    }


@pytest.mark.parametrize("secret", ["fc_wrong", "", "\N{SNOWMAN}", "a b c"])
def test_a_wrong_token_opens_nothing(db: None, secret: str) -> None:
    assert Client().get("/api/v1/tokens", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_a_token_ends_when_it_expires_is_revoked_or_its_user_leaves(alice: User) -> None:
    token, secret = issue_token(alice, "short", [], at=AT, expires_at=AT + timedelta(days=1))
    assert find_token(secret, at=AT + timedelta(hours=23)) == token
    assert find_token(secret, at=AT + timedelta(days=1)) is None
    lasting, other = issue_token(alice, "lasting", [], at=AT)
    revoke_token(lasting, at=AT)
    assert find_token(other, at=AT) is None
    _, third = issue_token(alice, "third", [], at=AT)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert find_token(third, at=AT) is None


def test_the_secret_is_kept_nowhere(api: Caller) -> None:
    secret = api.post("/tokens", NEW, Idempotency_Key="one").body["secret"]
    assert not KeptAnswer.objects.exists()
    row = Token.objects.get(name="Warehouse")
    assert row.digest == digest_of(secret)
    assert not any(secret in str(value) for value in Token.objects.values_list())
    assert secret not in str(api.get("/tokens").body)


def test_nobody_gives_away_more_than_they_have(bob: User, caller: Callable[..., Caller]) -> None:
    rep = caller("records:read", "rules:write", user=bob)
    answer = rep.post("/tokens", {"name": "more", "scopes": ["records:write", "rules:write", "records:read"]})
    assert answer.status == 422
    assert [fault["says"] for fault in answer.body["faults"]] == [
        "holds records:write, which this caller may not do.",
        "holds rules:write, which this caller may not do.",
    ]


def test_a_token_of_another_looks_missing(bob: User, caller: Callable[..., Caller]) -> None:
    theirs = caller("records:read").get("/tokens").body["items"][0]["id"]
    rep = caller("records:read", user=bob)
    assert rep.delete(f"/tokens/{theirs}").status == rep.delete("/tokens/999999").status == 404
    assert rep.delete(f"/tokens/{theirs}").body == rep.delete("/tokens/999999").body


def test_all_faults_are_told_at_once(api: Caller) -> None:
    answer = api.post("/tokens", {"name": " ", "scopes": ["all"], "expires_at": "tomorrow"})
    assert answer.status == 422
    assert sorted(answer.faults) == ["expires_at", "name", "scopes[0]"]
    assert "2026-09-01T12:00:00Z" in answer.faults["expires_at"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b" ", "The request has no body. Send JSON."),
        (b"{", "The body is no JSON: Input data was truncated."),
        (b'{"name": NaN}', "The body is no JSON: JSON is malformed: invalid character (byte 9)."),
        (b"[" * 100_000, "The JSON is nested more than 64 levels deep."),
        (b"[" * 65 + b"]" * 65, "The JSON is nested more than 64 levels deep."),
        (b'"\xff"', "The body is no UTF-8 text: byte 1 is 0xff."),
        ('"x"'.encode("utf-16"), "The body is no UTF-8 text: byte 0 is 0xff."),
    ],
)
def test_what_is_no_json_is_told_so(api: Caller, body: bytes, says: str) -> None:
    answer = api.post("/tokens", body)
    assert (answer.status, answer.body["detail"]) == (400, says)


@pytest.mark.parametrize("body", [b'{"name": "\\u0000"}', b'{"\\u0000": 1}'])
def test_what_cannot_be_kept_is_told_so(api: Caller, body: bytes) -> None:
    answer = api.post("/tokens", body)
    says = "The JSON holds the character NUL, which cannot be kept."
    assert (answer.status, answer.body["detail"]) == (422, says)


def test_a_request_of_ten_megabytes_is_refused(api: Caller) -> None:
    answer = api.post("/tokens", b'{"name": "' + b"x" * 10_000_000 + b'"}')
    assert (answer.status, answer.body["detail"]) == (413, "The request is too large. Send it in parts.")
    kept = api.post("/tokens", b'{"name": "' + b"x" * 10_000_000 + b'"}', Idempotency_Key="k")
    assert kept.status == 413


def test_an_address_that_leads_nowhere_is_told_in_json(api: Caller) -> None:
    answer = api.get("/nothing/here")
    assert (answer.status, answer.body["detail"]) == (404, "There is nothing at /api/v1/nothing/here.")


def test_pages_go_on_where_they_ended(api: Caller) -> None:
    for name in "abcde":
        api.post("/tokens", {**NEW, "name": name})
    first = api.get("/tokens?limit=4").body
    second = api.get(f"/tokens?limit=4&after={first['next']}").body
    assert [row["name"] for row in first["items"] + second["items"]] == ["token 0", *"abcde"]
    assert (len(first["items"]), second["next"]) == (4, None)


@pytest.mark.parametrize(
    "after", ["x", "W10", "WzFd0", write_cursor(["x"]), write_cursor([10**30]), write_cursor([True])]
)
def test_what_is_no_cursor_is_told_so(api: Caller, after: str) -> None:
    answer = api.get(f"/tokens?after={after}")
    assert (answer.status, answer.faults) == (422, {"after": "is not the `next` of a page."})


def test_what_is_not_known_is_told_so(api: Caller) -> None:
    answer = api.get("/tokens?limt=5")
    assert (answer.status, answer.faults) == (422, {"limt": "is no parameter of this."})
    assert answer.body["faults"][0]["fix"] == "Did you mean limit?"
    assert api.get("/tokens?after=%00").faults == {"after": "holds the character NUL."}
    assert api.get("/tokens?limit=5&limit=500").faults == {"limit": "is given more than once."}
    assert api.post("/tokens", {**NEW, "nmae": "x"}).faults == {"nmae": "Extra inputs are not permitted"}


def test_a_page_has_bounds(api: Caller) -> None:
    assert api.get("/tokens?limit=1001").faults == {"limit": "Input should be less than or equal to 1000"}


def test_a_repeated_request_is_done_once(api: Caller) -> None:
    token = api.post("/tokens", NEW).body["id"]
    first = api.delete(f"/tokens/{token}", Idempotency_Key="one")
    revoked_at = Token.objects.get(pk=token).revoked_at
    Token.objects.filter(pk=token).delete()
    again = api.delete(f"/tokens/{token}", Idempotency_Key="one")
    assert (first.status, again.status, again.headers["Idempotent-Replayed"]) == (204, 204, "true")
    assert revoked_at is not None
    # Without the key it is another request.
    assert api.delete(f"/tokens/{token}").status == 404


def test_a_key_belongs_to_one_request_and_one_caller(api: Caller, caller: Callable[..., Caller]) -> None:
    assert api.delete("/tokens/999998", Idempotency_Key="one").status == 404
    other = api.delete("/tokens/999999", Idempotency_Key="one")
    assert (other.status, other.body["type"]) == (422, "urn:firstcall:idempotency-key-used")
    assert caller("records:read").delete("/tokens/999999", Idempotency_Key="one").status == 404


def test_a_refusal_that_may_be_bettered_is_not_kept(stranger: Caller, api: Caller) -> None:
    assert stranger.post("/tokens", NEW, Idempotency_Key="one").status == 401
    assert KeptAnswer.objects.count() == 0


def test_kept_answers_are_forgotten_in_time(api: Caller) -> None:
    api.delete("/tokens/999998", Idempotency_Key="one")
    kept = KeptAnswer.objects.get()
    assert forget_answers(at=kept.at + KEPT_FOR - timedelta(seconds=1)) == 0
    assert forget_answers(at=kept.at + KEPT_FOR) == 1


def test_signing_in_and_out_with_a_cookie(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    given = {"email": "Alice@Example.com", "password": "a long enough password"}
    answer = client.post("/api/v1/session", given, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["email"] == "alice@example.com"
    assert "rules:write" in answer.json()["may"]
    assert client.get("/api/v1/session").status_code == 200
    refused = client.delete("/api/v1/session")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:firstcall:csrf")
    token = client.cookies["csrftoken"].value
    assert client.delete("/api/v1/session", headers={"X-CSRFToken": token}).status_code == 204
    assert client.get("/api/v1/session").status_code == 401


def test_guessing_passwords_is_stopped(alice: User, stranger: Caller) -> None:
    wrong = {"email": "alice@example.com", "password": "guess"}
    for _ in range(MOST_FAILED):
        assert stranger.post("/session", wrong).status == 401
    right = {"email": "alice@example.com", "password": "a long enough password"}
    answer = stranger.post("/session", right)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "900")
    FailedSignIn.objects.update(at=datetime(2020, 1, 1, tzinfo=UTC))
    assert stranger.post("/session", right).status == 200


def test_the_documentation_opens_and_needs_nothing_from_elsewhere(db: None) -> None:
    client = Client()
    described = client.get("/api/v1/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert "/api/v1/tokens" in described["paths"]
    page = client.get("/api/v1/docs").content.decode()
    assert "/static/ninja/swagger-ui-bundle.js" in page
    assert "https://" not in page
    assert client.get("/static/ninja/swagger-ui-bundle.js").status_code == 200


def test_bodies_and_answers_are_described_under_names_of_their_own(db: None) -> None:
    """Of two classes of one name the description would show one alone, for both."""
    described = Client().get("/api/v1/openapi.json").json()
    schemas = described["components"]["schemas"]

    def properties(path: str, method: str = "post") -> set[str]:
        [content] = described["paths"][path][method]["requestBody"]["content"].values()
        return set(schemas[content["schema"]["$ref"].rpartition("/")[2]]["properties"])

    assert properties("/api/v1/tokens") >= {"name", "scopes"}
    assert properties("/api/v1/sources") >= {"name", "mapping"}
    assert "reason" in properties("/api/v1/revocations")
    named = [schema.__name__ for schema in _subclasses(Schema) if schema.__module__.startswith("firstcall.")]
    assert [name for name, times in Counter(named).items() if times > 1] == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_method_that_an_address_does_not_take_is_refused_in_json(api: Caller, method: str) -> None:
    answer = api(method, "/rules")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["detail"] == f"/api/v1/rules takes GET, POST, and not {method}."


@pytest.mark.parametrize("away", [OperationalError, psycopg.OperationalError, psycopg.InterfaceError])
def test_without_the_database_a_request_is_worth_another_try(
    api: Caller, monkeypatch: pytest.MonkeyPatch, away: type[Exception]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise away("the connection is lost")

    monkeypatch.setattr("firstcall.api.scores.get_any_record", broken)
    answer = api.get("/records/1/scores")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert answer.body["detail"].startswith("The database does not answer.")


@pytest.mark.parametrize("key", [{}, {"Idempotency_Key": "k"}], ids=["once", "with-a-key"])
@pytest.mark.parametrize("error", [psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure])
def test_a_request_that_is_undone_for_others_is_told_so_and_done_when_it_comes_again(
    api: Caller, monkeypatch: pytest.MonkeyPatch, error: type[Exception], key: dict[str, str]
) -> None:
    def undone(*_: object, **__: object) -> None:
        raise OperationalError("something secret of others") from error("something secret of others")

    with monkeypatch.context() as patch:
        patch.setattr("firstcall.api.tokens.issue_token", undone)
        answer = api.post("/tokens", NEW, **key)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["type"] == "urn:firstcall:undone"
    assert answer.body["detail"] == (
        "The database undid this for what others did at the same moment."
        " Nothing of this request was kept; send it again."
    )
    again = api.post("/tokens", NEW, **key)
    assert (again.status, "Idempotent-Replayed" in again.headers) == (201, False)


@pytest.mark.parametrize("key", [{}, {"Idempotency_Key": "k"}], ids=["once", "with-a-key"])
def test_a_full_disk_is_no_database_that_is_away(
    api: Caller, monkeypatch: pytest.MonkeyPatch, key: dict[str, str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OperationalError("no space") from psycopg.errors.DiskFull("no space")

    monkeypatch.setattr("firstcall.api.tokens.issue_token", full)
    api.client.raise_request_exception = False
    answer = api.post("/tokens", NEW, **key)
    assert (answer.status, answer.body["type"]) == (500, "urn:firstcall:failed")
    assert "Retry-After" not in answer.headers


def test_a_key_whose_row_cannot_be_written_is_a_fault(api: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OperationalError("no space") from psycopg.errors.DiskFull("no space")

    monkeypatch.setattr(KeptAnswer.objects, "get_or_create", full)
    api.client.raise_request_exception = False
    assert api.post("/tokens", NEW, Idempotency_Key="k").status == 500


def test_what_our_own_checks_say_is_told_as_it_is(api: Caller) -> None:
    answer = api.get("/modules/leads/records/1?as_of=2026-09-01")
    assert answer.faults == {"as_of": "must be a date and time with its offset, such as 2026-09-01T12:00:00Z"}


def _subclasses(of: type) -> set[type]:
    found = set(of.__subclasses__())
    return found.union(*(_subclasses(sub) for sub in found))


@pytest.mark.parametrize(
    ("path", "body", "at"),
    [
        ("/sources", {"name": "x", "is_active": 0}, "is_active"),
        ("/exports", {"module": "leads", "owner": "7"}, "owner"),
        ("/revocations", {"source": "1"}, "source"),
        ("/sources", {"name": "   "}, "name"),
        ("/sources", {"name": " " + "x" * 100}, "name"),
    ],
)
def test_bodies_hold_what_is_described_and_not_what_could_be_taken_for_it(
    api: Caller, path: str, body: object, at: str
) -> None:
    answer = api.post(path, body)
    assert answer.status == 422
    assert at in answer.faults
