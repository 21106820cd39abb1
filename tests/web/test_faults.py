"""Pages where there is nothing to show."""

from __future__ import annotations

import re

import pytest
from django.test import Client, override_settings
from django.urls import path

from firstcall.access.models import User
from firstcall.urls import handler403, handler404, handler500, urlpatterns

__all__ = ["handler403", "handler404", "handler500"]


def break_down(request: object) -> None:
    raise RuntimeError("the secret reason")


urlpatterns = [*urlpatterns, path("breaks", break_down)]


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
