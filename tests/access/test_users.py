"""Users sign in with an e-mail address, however they write it."""

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
