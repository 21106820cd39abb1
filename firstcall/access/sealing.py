"""Texts that lie in the database encrypted with the secret key: who reads a backup without the key reads none of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from django.conf import settings

PREFIX = "sealed:"


def seal(text: str) -> str:
    from cryptography.fernet import Fernet

    return PREFIX + Fernet(_key()).encrypt(text.encode()).decode()


def open_sealed(text: str) -> str:
    """As it was. One that was never sealed is as it is; one sealed with another key opens nothing: what comes back is
    made up, so that no code ever fits it."""
    from cryptography.fernet import Fernet, InvalidToken

    if not text.startswith(PREFIX):
        return text
    try:
        return Fernet(_key()).decrypt(text.removeprefix(PREFIX).encode()).decode()
    except InvalidToken:
        return base64.b32encode(secrets.token_bytes(20)).decode()


def _key() -> bytes:
    digest = hmac.digest(settings.SECRET_KEY.encode(), b"firstcall.access.sealing", hashlib.sha256)
    return base64.urlsafe_b64encode(digest)
