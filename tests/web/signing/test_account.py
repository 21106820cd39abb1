"""One's own account on pages: profile, tokens, second factor, sessions, and a forgotten password by real mail."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.cache import cache
from django.template.defaultfilters import date as formatted
from django.test import Client
from pydantic import SecretStr

from firstcall.access.models import Token, User
from tests.access.test_second_factor import code_of
from tests.web.conftest import PASSWORD, Company


class Mailbox(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as it takes to receive a letter."""

    def handle(self) -> None:
        letters = self.server.letters  # type: ignore[attr-defined]
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                letters.append(
                    b"".join(line.removeprefix(b".") if line[:2] == b".." else line for line in lines)
                )
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """What a mail server that runs beside the test has received."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox) as server:
        server.letters = []  # type: ignore[attr-defined]
        host, port = server.server_address[:2]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        smtp = {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": host, "port": port},
        }
        monkeypatch.setattr(settings, "MAILERS", {"default": smtp})
        changed = settings.CONFIGURATION.model_copy(update={"smtp_url": SecretStr(f"smtp://{host}:{port}")})
        monkeypatch.setattr(settings, "CONFIGURATION", changed)
        yield server.letters  # type: ignore[attr-defined]
        server.shutdown()


def text_of(letter: bytes) -> tuple[str, str]:
    """Whom it is to, and what it says."""
    read = message_from_bytes(letter, policy=default)
    body = read.get_body(("plain",))
    assert body is not None
    return str(read["To"]), body.get_content()


def test_a_forgotten_password_is_reset_by_mail(company: Company, letters: list[bytes]) -> None:
    cache.clear()
    browser = Client()
    assert "Password forgotten?" in browser.get("/sign-in").text
    assert browser.post("/account/password/reset/", {"email": "bob@example.com"}).status_code == 302
    [letter] = letters
    to, says = text_of(letter)
    assert to == "bob@example.com"
    link = re.search(r"http://testserver(/account/password/reset/key/\S+)", says)
    assert link, says
    form = browser.get(link[1], follow=True)
    assert "A new password" in form.text
    path = form.redirect_chain[-1][0]
    weak = browser.post(path, {"password1": "short", "password2": "short"})
    assert (weak.status_code, "too short" in weak.text) == (200, True)
    new = "another long enough secret"
    assert browser.post(path, {"password1": new, "password2": new}).status_code == 302
    assert User.objects.get(pk=company.bob.pk).check_password(new)
    other = Client()
    assert "good no longer" in other.get(link[1], follow=True).text
    assert "Send the link" in other.get(ahead(other.get(link[1]).text)).text


def ahead(page: str) -> str:
    """Where the one link in the middle of a page leads."""
    [found] = re.findall(r'class="door-foot"><a href="([^"]+)"', page)
    return str(found)


def tokyo(page: str) -> str:
    """The first moment of a page, as it is written there."""
    at = re.search(r'<time datetime="([^"]+)"', page)
    assert at
    local = datetime.fromisoformat(at[1]).astimezone(ZoneInfo("Asia/Tokyo"))
    return formatted(local, "DATETIME_FORMAT")


def test_who_has_no_account_gets_the_same_answer(company: Company, letters: list[bytes]) -> None:
    cache.clear()
    answer = Client().post("/account/password/reset/", {"email": "nobody@example.com"})
    assert (answer.status_code, answer["Location"]) == (302, "/account/password/reset/done/")
    assert all("/password/reset/key/" not in text_of(letter)[1] for letter in letters)


def test_time_zones_are_read_from_the_disk_once(bob: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Asia/Tokyo" in bob.get("/account/").text

    def refuse(*given: object) -> None:
        raise AssertionError("The folders of time zones are read again.")

    monkeypatch.setattr("os.walk", refuse)
    assert "Asia/Tokyo" in bob.get("/account/").text


def test_without_a_mail_server_there_is_no_such_page(company: Company) -> None:
    assert Client().get("/account/password/reset/").status_code == 404
    assert "Password forgotten?" not in Client().get("/sign-in").text
    late = Client().get("/account/password/reset/key/1-not-good/")
    assert "Whoever manages users here can give you a new password." in late.text
    assert Client().get(ahead(late.text)).status_code == 200


def test_ones_name_zone_and_language_are_kept_and_hold_in_every_browser(
    company: Company, bob: Client
) -> None:
    given = {"name": "Bobby", "time_zone": "Asia/Tokyo", "language": "en"}
    assert bob.post("/account/", given).status_code == 302
    bob_now = User.objects.get(pk=company.bob.pk)
    assert (bob_now.name, bob_now.time_zone, bob_now.language) == ("Bobby", "Asia/Tokyo", "en")
    elsewhere = Client()
    elsewhere.cookies["zone"] = "Europe/Berlin"
    assert (
        elsewhere.post("/sign-in", {"username": "bob@example.com", "password": PASSWORD}).status_code == 302
    )
    for client in (bob, elsewhere):
        page = client.get("/account/sessions/").text
        assert f'title="{tokyo(page)}"' in page
    wrong = bob.post("/account/", {**given, "time_zone": "Mars/Olympus"})
    assert (wrong.status_code, 'value="Bobby"' in wrong.text) == (422, True)


def test_a_token_is_shown_once_and_does_what_it_may(company: Company, bob: Client) -> None:
    given = {"name": "sync", "expires": "30", "scopes": ["records:read"]}
    page = bob.post("/account/tokens/", given)
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
    secret = re.search(r"fc_[\w-]{40,}", page.text)
    assert secret
    headers = {"Authorization": f"Bearer {secret[0]}"}
    assert Client().get("/api/v1/session", headers=headers).json()["may"] == ["records:read"]
    assert secret[0] not in bob.get("/account/tokens/").text
    again = bob.post("/account/tokens/", given)
    assert (again.status_code, "There is a token sync already." in again.text) == (422, True)
    beyond = bob.post("/account/tokens/", {"name": "more", "scopes": ["admin"]})
    assert (beyond.status_code, Token.objects.count()) == (422, 1)
    token = Token.objects.get()
    other = Client()
    other.force_login(company.alice)
    assert other.post(f"/account/tokens/{token.pk}/revoke").status_code == 404
    assert bob.post(f"/account/tokens/{token.pk}/revoke").status_code == 302
    assert Client().get("/api/v1/session", headers=headers).status_code == 401


def test_a_second_factor_is_switched_on_and_off_on_our_pages(company: Company) -> None:
    cache.clear()
    bob = Client()
    bob.post("/sign-in", {"username": "bob@example.com", "password": PASSWORD})
    assert "Not switched on" in bob.get("/account/2fa/").text
    again = bob.get("/account/2fa/totp/activate/", follow=True)
    assert "It is you, is it?" in again.text
    assert bob.post(again.redirect_chain[-1][0], {"password": PASSWORD}).status_code == 302
    page = bob.get("/account/2fa/totp/activate/")
    secret = str(page.context["form"].secret)
    assert 'class="qr" src="data:image/svg+xml' in page.text
    assert secret in page.text
    assert 'aria-invalid="true"' in bob.post("/account/2fa/totp/activate/", {"code": "000000"}).text
    bob.post("/account/2fa/totp/activate/", {"code": code_of(secret)})
    assert "It is switched on" in bob.get("/account/2fa/").text
    codes = bob.get("/account/2fa/recovery-codes/")
    shown = re.search(r'<pre id="codes"[^>]*><code>(.*?)</code>', codes.text, re.DOTALL)
    assert shown
    assert len(shown[1].split()) == 10
    entering = Client()
    entering.post("/sign-in", {"username": "bob@example.com", "password": PASSWORD})
    asked = entering.get("/account/2fa/authenticate/")
    assert "One more step" in asked.text
    assert entering.post("/account/2fa/authenticate/", {"code": shown[1].split()[0]}).status_code == 302
    assert entering.get("/").status_code == 200
    assert "Where you are signed in" in entering.get("/account/sessions/").text
    assert bob.post("/account/2fa/totp/deactivate/").status_code == 302
    assert "Not switched on" in bob.get("/account/2fa/").text


@pytest.mark.parametrize(
    "path",
    ["/account/", "/account/tokens/", "/account/2fa/", "/account/sessions/", "/account/password/change/"],
)
def test_account_pages_stand_in_the_frame_and_are_for_those_who_are_signed_in(bob: Client, path: str) -> None:
    page = bob.get(path).text
    assert 'href="/records/leads"' in page
    assert 'href="/account/" aria-current="page"' in page or path != "/account/"
    assert Client().get(path).status_code == 302
