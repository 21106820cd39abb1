"""Bob sees to the scoring here."""

from __future__ import annotations

import pytest
from django.test import Client

from firstcall.access.models import Profile
from firstcall.access.rights import Right
from tests.web.conftest import Company


@pytest.fixture
def bob(company: Company) -> Client:
    Profile.objects.filter(name="Seller").update(rights=[Right.MANAGE_SCORING])
    company.bob.refresh_from_db()
    client = Client()
    client.force_login(company.bob)
    return client
