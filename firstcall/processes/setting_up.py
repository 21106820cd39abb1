"""Sets Django up in a command's process, once the database is known."""

from __future__ import annotations

import os

from firstcall.configuration import Configuration
from firstcall.secret_key import keep_secret_key


def set_up(settings: Configuration) -> None:
    """The secret key is there from now on, and models can be imported."""
    keep_secret_key(settings)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "firstcall.settings")
    import django

    django.setup()
