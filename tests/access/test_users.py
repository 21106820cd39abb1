"""Users sign in with an e-mail address, however they write it."""

import os
import subprocess
import sys

import pytest
from django.db import IntegrityError

from firstcall.access.models import User

pytestmark = pytest.mark.django_db


def test_an_address_is_kept_in_small_letters_and_the_password_is_not_kept() -> None:
    user = User.objects.create_user("Ann@Example.COM", "correct horse", name="Ann")
    assert (user.email, str(user)) == ("ann@example.com", "Ann")
    assert user.check_password("correct horse")
    assert "correct horse" not in user.password


def test_one_address_is_one_user() -> None:
    User.objects.create_user("ann@example.com")
    with pytest.raises(IntegrityError):
        User.objects.create_user("ANN@example.com")


def test_outside_of_tests_passwords_are_hashed_slowly() -> None:
    script = (
        "import django; django.setup(); from django.contrib.auth.hashers import *; print(make_password('x'))"
    )
    settings = {**os.environ, "DJANGO_SETTINGS_MODULE": "firstcall.settings"}
    told = subprocess.run(
        [sys.executable, "-c", script], env=settings, capture_output=True, check=True, text=True
    )
    algorithm, rounds, *_ = told.stdout.split("$")
    assert algorithm == "pbkdf2_sha256"
    assert int(rounds) >= 600_000, "what OWASP asks for"
