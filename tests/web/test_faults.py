"""Pages where there is nothing to show."""

from __future__ import annotations

import re

import psycopg
import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from firstcall.access.models import User
from firstcall.urls import handler403, handler404, handler500, urlpatterns

__all__ = ["handler403", "handler404", "handler500"]


def break_down(request: object) -> None:
    raise RuntimeError("the secret reason")


def lose(request: HttpRequest) -> HttpResponse:
    """The driver's error below Django's, as it comes."""
    raise OperationalError("it says something secret") from getattr(psycopg.errors, request.GET["as"])()


urlpatterns = [
    *urlpatterns,
    path("breaks", break_down),
    path("loses", lose),
    path("api/loses", lose),
    path("api/breaks", break_down),
]


def test_what_is_not_there_is_said_to_readers_as_a_page_and_to_programs_in_json(client: Client) -> None:
    page = client.get("/nothing")
    assert page.status_code == 404
    assert "There is nothing here" in page.text
    assert client.get("/api/v1/nothing")["Content-Type"] == "application/problem+json"


@override_settings(ROOT_URLCONF=__name__)
def test_a_fault_of_the_server_says_nothing_of_its_reason():
    answer = Client(raise_request_exception=False).get("/breaks")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "secret reason" not in answer.text


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize(
    "error", ["OperationalError", "AdminShutdown", "CannotConnectNow", "TooManyConnections"]
)
def test_a_database_that_is_away_is_told_in_the_language_of_the_browser(error: str) -> None:
    client = Client(raise_request_exception=False)
    page = client.get(f"/loses?as={error}", headers={"Accept-Language": "de"})
    assert (page.status_code, page["Retry-After"], page["Content-Language"]) == (503, "5", "de")
    assert "Die Datenbank antwortet nicht" in page.text
    assert f'href="/loses?as={error}"' in page.text
    assert "secret" not in page.text
    part = client.get(f"/loses?as={error}", headers={"HX-Request": "true", "Accept": "text/html"})
    assert (part.status_code, part["Content-Type"]) == (503, "text/plain; charset=utf-8")
    assert part.text == "The database does not answer. Try again in a moment."
    told = client.get(f"/api/loses?as={error}")
    assert (told.status_code, told["Retry-After"]) == (503, "5")
    assert told.json()["type"] == "urn:firstcall:database-away"


@override_settings(ROOT_URLCONF=__name__)
def test_what_is_sent_while_the_database_is_away_is_not_sent_again_by_itself() -> None:
    page = Client(raise_request_exception=False).post("/loses?as=AdminShutdown")
    assert page.status_code == 503
    assert "What you sent may not have been kept." in page.text
    assert "data-until-back" not in page.text


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("error", ["DeadlockDetected", "SerializationFailure", "LockNotAvailable"])
def test_a_statement_that_is_undone_for_others_is_told_as_that_and_can_be_tried_again(error: str) -> None:
    client = Client(raise_request_exception=False)
    page = client.get(f"/loses?as={error}", headers={"Accept-Language": "de"})
    assert (page.status_code, page["Retry-After"], page["Cache-Control"]) == (503, "1", "no-store")
    assert "Dies wurde nicht ausgeführt" in page.text
    assert f'href="/loses?as={error}"' in page.text
    assert "<h1>Die Datenbank antwortet nicht" not in page.text
    assert "secret" not in page.text
    sent = client.post(f"/loses?as={error}")
    assert sent.status_code == 503
    assert "Go back in your browser, and send it again." in sent.text
    assert f'href="/loses?as={error}"' not in sent.text
    part = client.post(f"/loses?as={error}", headers={"HX-Request": "true", "Accept": "text/html"})
    assert (part.status_code, part["Content-Type"]) == (503, "text/plain; charset=utf-8")
    assert part.text == "Something else was changed at the same moment, so this was not done. Try again."
    assert part["Firstcall-Undone"] == "1"
    told = client.get(f"/api/loses?as={error}")
    assert (told.status_code, told["Retry-After"]) == (503, "1")
    assert told.json()["type"] == "urn:firstcall:undone"


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("error", ["DiskFull", "QueryCanceled"])
def test_what_else_a_statement_dies_of_is_a_fault_and_not_a_database_that_is_away(error: str) -> None:
    client = Client(raise_request_exception=False)
    page = client.get(f"/loses?as={error}")
    assert page.status_code == 500
    assert "Something went wrong" in page.text
    told = client.get(f"/api/loses?as={error}")
    assert (told.status_code, told.json()["detail"]) == (500, "The request failed.")


@override_settings(ROOT_URLCONF=__name__)
def test_programs_are_told_of_a_fault_in_json() -> None:
    told = Client(raise_request_exception=False).get("/api/breaks")
    assert (told.status_code, told["Content-Type"]) == (500, "application/problem+json")
    assert told.json()["detail"] == "The request failed."


@pytest.mark.django_db
def test_a_form_of_another_session_is_refused_with_a_way_on():
    answer = Client(enforce_csrf_checks=True).post("/sign-in", {"username": "a@example.com"})
    assert answer.status_code == 403
    assert "Go back, load it again" in answer.text


@pytest.mark.django_db
class TestSigningIn:
    @pytest.fixture(autouse=True)
    def user(self) -> User:
        return User.objects.create_user("ann@example.com", "a long enough password", name="Ann")

    def test_with_the_right_password_leads_to_where_one_wanted_to_go(self, client: Client) -> None:
        given = {"username": "Ann@Example.com", "password": "a long enough password", "next": "/here"}
        answer = client.post("/sign-in", given)
        assert (answer.status_code, answer["Location"]) == (302, "/here")

    def test_never_leads_to_another_site(self, client: Client) -> None:
        given = {"username": "ann@example.com", "password": "a long enough password"}
        assert client.post("/sign-in", given | {"next": "https://example.net/"})["Location"] == "/"

    def test_a_wrong_password_keeps_the_address_and_says_so(self, client: Client) -> None:
        page = client.post("/sign-in", {"username": "ann@example.com", "password": "wrong"}).text
        assert "The e-mail address or the password is wrong." in page
        assert re.search(r'<input[^>]*value="ann@example.com"', page)
        assert "wrong" not in re.findall(r'<input[^>]*type="password"[^>]*>', page)[0]

    def test_guessing_is_made_slow(self, client: Client) -> None:
        given = {"username": "ann@example.com", "password": "wrong"}
        for _ in range(10):
            client.post("/sign-in", given)
        assert "Too many wrong passwords" in client.post("/sign-in", given).text

    def test_signing_out_ends_the_session(self, client: Client, user: User) -> None:
        client.force_login(user)
        assert client.post("/sign-out")["Location"] == "/sign-in"
        assert "_auth_user_id" not in client.session
