"""What django-allauth asks of the product: who may sign up (nobody by himself), who is signed in, from where."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from firstcall.access.auditing.writing import address_of, note_sign_in
from firstcall.access.models import User
from firstcall.access.sealing import open_sealed, seal
from firstcall.moments import now


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponseBase:
        """After every stage, so that a password without its second factor is no sign-in."""
        note_sign_in(request, user, "signed_in", at=now())
        response: HttpResponseBase = super().post_login(request, user, **how)
        return response

    def add_message(self, *what: Any, **how: Any) -> None:
        """Signing in says nothing beside the page that it leads to."""


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """A provider vouches for users that are there; it makes none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """What codes are made from lies in the database sealed with the secret key."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return open_sealed(encrypted_text)
